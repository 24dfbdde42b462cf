"""What the protocols of venues have in common."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

from liqmap.formats.market import binance_sizes, bybit_size_unit
from liqmap.live.play.channel import Channel, Played
from liqmap.live.play.connection import Connection
from liqmap.live.play.tape import Tape
from liqmap.schema import LiqmapError

if TYPE_CHECKING:
    from liqmap.live.play.exchange import Exchange

_QUOTE = re.compile(r"(.+?)(USDT|USDC|FDUSD|TUSD|BUSD|USDE|USD|EUR|GBP|JPY|TRY|BRL|AUD|CHF|BTC|XBT|ETH|BNB)")


class Venue:
    """One exchange's protocol.

    Attributes
    ----------
    family : how the ids of its markets begin. sockets : paths of its WebSockets. checksums : whether its
    messages have them.
    """

    family = ""
    sockets: tuple[str, ...] = ()
    checksums = False

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange

    @staticmethod
    def market(tape: Tape, asked: str) -> tuple[str, str]:
        """The venue's id (as Tardis has it) and symbol of a recorded market that is served as ``asked``."""
        raise NotImplementedError

    def paths(self) -> tuple[str, ...]:
        """Those of its WebSockets on which there is something, as users are told of them."""
        return self.sockets

    def rest(self) -> list[Any]:
        """Routes of what is asked over HTTP."""
        return []

    def opened(self, connection: Connection, streams: str) -> None:
        """A client has connected; its address may name ``streams``."""

    async def beat(self, connection: Connection) -> None:
        """Say from time to time that the connection stands, until it does not."""

    def hear(self, connection: Connection, text: str) -> None:
        """A client says something."""
        raise NotImplementedError

    def restart(self, played: Played, empty: bool, seconds: float) -> None:
        """The service begins anew: all connections are closed, and new ones taken after so many seconds."""
        self.exchange.close_all(1012, "service restart")
        self.exchange.refuse(seconds)

    async def known(self, played: Played) -> None:
        """The book of a market has become known."""


def family(venue: str) -> str:
    """What all markets of an exchange have in common: ``bybit`` of ``bybit-spot``."""
    return venue.partition("-")[0]


def check_sizes(tape: Tape, venue: str, symbol: str) -> None:
    """That sizes of a recording mean the same where it is served as a market of another venue.

    Raises
    ------
    LiqmapError : they count something else there: what is recorded of it would be wrong.
    """
    if tape.venue == venue:
        return
    there: dict[str, Any] = {"size_unit": "coins"}
    if family(venue) == "bybit":
        there = {"size_unit": bybit_size_unit(venue, symbol)}
    elif family(venue) == "binance":
        there = binance_sizes(venue, symbol)
    meta = tape.meta
    counted = there["size_unit"], there.get("contract_value", 1.0)
    if (meta.size_unit, meta.contract_value) != counted:
        raise LiqmapError(
            where=f"{tape.venue}/{tape.symbol}",
            argument="venue",
            expected=f"one that counts {_units(meta.size_unit, meta.contract_value)}, as the recording does",
            got=f"{venue}, whose {symbol} counts {_units(*counted)}",
        )


def _units(unit: str, value: float) -> str:
    return unit if value == 1.0 else f"{unit} worth {value:g}"


def split(symbol: str) -> tuple[str, str]:
    """Base and quote of a symbol: ``BTCUSDT``, ``BTC/USD``, ``BTC-USDT-SWAP``, ``BTCUSD_PERP``; the whole and
    ``USD`` where it does not say."""
    bare = re.split(r"[-_](?:PERP|PERPETUAL|SWAP|\d{6}|\d{2}[A-Z]{3}\d{2})\b", symbol.upper())[0]
    if found := re.fullmatch(r"([A-Z0-9]+)[/_-]([A-Z0-9]+)", bare):
        return found[1], found[2]
    found = _QUOTE.fullmatch(bare)
    return (found[1], found[2]) if found else (bare, "USD")


def parsed(text: str) -> dict[str, Any] | None:
    """A client's message; None where it is no JSON object."""
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return message if isinstance(message, dict) else None


def json_text(value: Any) -> str:
    """Compact JSON."""
    return orjson.dumps(value).decode()


def last_u(played: Played) -> int:
    """The id of the last message of a book; 0 before the first."""
    return max(played.seq, 0)


def channel_of(played: Played, name: str, make: type[Channel], *options: Any) -> Channel:
    """The channel of a market by its name, made where there is none yet."""
    if name not in played.channels:
        played.channels[name] = make(played, name, *options)
    return played.channels[name]

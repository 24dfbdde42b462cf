"""Binance: spot, USD-M and COIN-M futures.

Diffs of the whole book (``@depth@100ms``) and single trades (``@trade``) come as one combined stream, named
in the address. The book itself is asked for by REST once diffs are heard, and belongs before the first diff
with ``u > lastUpdateId``; a diff then follows where ``pu`` (futures), or ``U - 1`` (spot), is the ``u``
before it. A stream of a symbol that does not exist is not refused, and says nothing: the REST call is what
refuses it. Pings are those of the protocol, and answered below. A connection lives for 24 hours at most; of
spot a ``serverShutdown`` says that it ends soon.

Since 2026 the streams of USD-M have two paths: ``/public`` has books and trades, ``/market`` the rest,
aggregate trades too. COIN-M and spot have one.
Source: https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams,
.../docs/derivatives/usds-margined-futures/websocket-market-streams/Important-WebSocket-Change-Notice and
.../docs/derivatives/coin-margined-futures/websocket-market-streams
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from liqmap.live.feeds.feed import CONTROL, DirectFeed, Heard, Listener, inside, parsed, words
from liqmap.live.feeds.registry import register
from liqmap.live.market import Market
from liqmap.schema import LiveError

LEVELS = 1_000
"""A side, of the snapshot."""

LIFETIME_S = 23.5 * 3_600

_SPEED = re.compile(r"depth(@\d{1,5}ms)?")


class _Host(NamedTuple):
    """Where the streams of a market are, and its REST calls."""

    streams: str
    calls: str


_HOSTS = {
    "binance": _Host("wss://stream.binance.com:9443", "https://api.binance.com/api/v3"),
    "binance-futures": _Host("wss://fstream.binance.com/public", "https://fapi.binance.com/fapi/v1"),
    "binance-delivery": _Host("wss://dstream.binance.com", "https://dapi.binance.com/dapi/v1"),
}


class BinanceFeed(DirectFeed):
    """Diffs and trades of one symbol. A feed may name the speed of the diffs: ``depth@500ms``; of futures
    ``depth@0ms`` sends each change, though it is not documented."""

    lifetime_s = LIFETIME_S

    def __init__(self, market: Market) -> None:
        super().__init__(market)
        host, symbol = _HOSTS[market.venue], market.symbol
        self.name = market.feed or "full"
        self.streams = f"{symbol.lower()}@{_speed(market)}", f"{symbol.lower()}@trade"
        self.url = f"{host.streams}/stream?streams={'/'.join(self.streams)}"
        self.snapshot_url = f"{host.calls}/depth?symbol={symbol}&limit={LEVELS}"
        self.time_url = f"{host.calls}/time"

    def subscribe(self) -> tuple[str, ...]:
        return ()

    def listener(self) -> BinanceListener:
        return BinanceListener(self.market.symbol)

    def time_ms(self, body: bytes) -> float | None:
        time = inside(parsed(body), "serverTime")
        return float(time) if type(time) is int else None

    def refusal(self, status: int, body: bytes) -> str:
        """400 says that there is no such symbol, 451 that Binance does not serve this place."""
        why = inside(parsed(body), "msg")
        return f"{status} {words(why) if why else 'without a reason'}" if status in (400, 451) else ""


class BinanceListener(Listener):
    """Follows the ids of the diffs: ``_first`` is what the first of an unbroken row follows, ``_last`` the
    last one's own."""

    def __init__(self, symbol: str) -> None:
        super().__init__()
        self._symbol = symbol
        self._first: int | None = None
        self._last = -1
        self._snapshot = -1

    def hear(self, message: bytes) -> Heard:
        told = parsed(message)
        if not isinstance(told, dict):
            return self.garbled()
        event = told.get("data", told)
        kind = inside(event, "e")
        if kind == "depthUpdate":
            return self._diff(event)
        if isinstance(kind, str):
            time = event.get("E")
            is_trade = kind in ("trade", "aggTrade")
            return Heard("trades" if is_trade else "control", time, ends_soon=kind == "serverShutdown")
        if "error" in told:
            return Heard("refused", why=words(inside(told, "error", "msg") or told["error"]), lasting=False)
        return CONTROL if "result" in told else self.garbled()

    def snapshot(self, body: bytes) -> Heard:
        """One from before the first diff that was heard is of no use: what lies between is not known."""
        told = parsed(body)
        number = inside(told, "lastUpdateId")
        if type(number) is not int:
            return self.garbled()
        self._snapshot = number
        self.known = self._first is None or self._first <= number
        return Heard("depth", inside(told, "E"), snapshot=True, asks=not self.known)

    def _diff(self, event: dict[str, Any]) -> Heard:
        last, time = event.get("u"), event.get("E")
        before = event.get("pu")
        if before is None and type(begins := event.get("U")) is int:
            before = begins - 1
        if type(last) is not int or type(before) is not int:
            return self.garbled()
        broken = ""
        if self._first is None:
            self._first, self._last = before, last
            if self.known and before > self._snapshot:
                self.known, broken = False, f"a diff that follows {before} after snapshot {self._snapshot}"
        elif last > self._last:
            if before != self._last:
                broken = f"u {self._last}, then a diff that follows {before}" if self.known else ""
                self.known, self._first = False, before
            self._last = last
        return Heard("depth", time, last, False, not self.known, broken)

    def garbled(self) -> Heard:
        """The next diff begins a new row, for the reader takes none for known after a broken line."""
        self._first = None
        return super().garbled()


def _speed(market: Market) -> str:
    """The stream of diffs that is wanted.

    Raises
    ------
    LiveError : there is no such feed.
    """
    if market.feed in (None, "full"):
        return "depth@100ms"
    if _SPEED.fullmatch(market.feed or "") is None:
        raise LiveError(
            where=market,
            argument="feed",
            expected="full, or diffs of a speed such as depth@500ms",
            got=repr(market.feed),
        )
    return str(market.feed)


for _venue in _HOSTS:
    register(_venue, BinanceFeed)

"""Kraken, version 2 of its WebSocket interface: ``book`` and ``trade``.

Depths are 10, 25, 100, 500 and 1,000 levels a side, by default the deepest. After a subscription comes a
snapshot. There are no ids; each message has a checksum of the best 10 levels, and each update a
``timestamp``. Trades begin with the last 50, which fill what a reconnect missed. A connection that says
nothing else sends a heartbeat every second. An answer to a ping says when the ping came and the answer left.
Source: https://docs.kraken.com/exchange/api-reference/spot-websocket-v2/book, .../trade, .../ping and
.../heartbeat
"""

from __future__ import annotations

from typing import Any

import orjson

from liqmap.formats.kraken.book import KrakenBook
from liqmap.formats.kraken.number_texts import with_texts
from liqmap.formats.text.times import iso_to_ns
from liqmap.live.feeds.feed import CONTROL, PONG, DirectFeed, Heard, Listener, levels_of, parsed, words
from liqmap.live.feeds.registry import register
from liqmap.live.market import Market

DEPTHS = (10, 25, 100, 500, 1000)

_SIDES = ("bids", "asks")


class KrakenFeed(DirectFeed):
    """``book`` and ``trade`` of one symbol, such as BTC/USD."""

    url = "wss://ws.kraken.com/v2"
    ping = '{"method":"ping"}'

    def __init__(self, market: Market) -> None:
        super().__init__(market)
        self.depth = levels_of(market, DEPTHS)
        self.name = f"ob{self.depth}"

    def subscribe(self) -> tuple[str, ...]:
        trades = {"channel": "trade", "symbol": [self.market.symbol], "snapshot": True}
        return _request("subscribe", _book(self.market.symbol, self.depth)), _request("subscribe", trades)

    def listener(self) -> KrakenListener:
        return KrakenListener(self.market.symbol, self.depth)


class KrakenListener(Listener):
    """Keeps the book, and holds it against the checksums."""

    def __init__(self, symbol: str, depth: int) -> None:
        super().__init__()
        self._symbol, self._depth = symbol, depth
        self._book = KrakenBook(depth)

    def hear(self, message: bytes) -> Heard:
        told = parsed(with_texts(message))
        if not isinstance(told, dict):
            return self.garbled()
        channel, data = told.get("channel"), told.get("data")
        if channel in ("book", "trade"):
            try:
                one = data[0 if channel == "book" else -1]  # type: ignore[index]
                return self._of_book(told["type"] == "snapshot", one) if channel == "book" else _trades(one)
            except (KeyError, IndexError, TypeError, ValueError):
                return self.garbled()
        if told.get("method") == "pong":
            return _pong(told)
        if told.get("success") is False or "error" in told:
            return _refused(words(told.get("error") or told))
        return CONTROL if isinstance(channel, str) or "method" in told else self.garbled()

    def refresh(self) -> tuple[str, ...]:
        book = _book(self._symbol, self._depth)
        unwanted = {name: book[name] for name in ("channel", "symbol", "depth")}
        return _request("unsubscribe", unwanted), _request("subscribe", book)

    def _of_book(self, snapshot: bool, book: dict[str, Any]) -> Heard:
        """Take a message of the book, whose numbers are texts."""
        stamp, checksum = book.get("timestamp"), book.get("checksum")
        if snapshot:
            self._book, self.known = KrakenBook(self._depth), True
        checked, broken = None, ""
        if self.known:
            levels = [
                (side, float(level["price"]), float(level["qty"]), level["price"], level["qty"])
                for side, name in enumerate(_SIDES)
                for level in book[name]
            ]
            self._book.apply([level[:3] for level in levels], [level[3:] for level in levels])
            if checksum is not None:
                checked = self._book.agrees(checksum)
            if checked is False:
                self.known, broken = False, "a checksum that the book contradicts"
        return Heard("depth", _ms(stamp), (stamp, checksum), snapshot, not self.known, broken, checked)


def _book(symbol: str, depth: int) -> dict[str, Any]:
    return {"channel": "book", "symbol": [symbol], "depth": depth, "snapshot": True}


def _request(method: str, params: dict[str, Any]) -> str:
    return orjson.dumps({"method": method, "params": params}).decode()


def _trades(last: dict[str, Any]) -> Heard:
    return Heard("trades", _ms(last["timestamp"]))


def _pong(told: dict[str, Any]) -> Heard:
    """The venue's clock is that of the middle of its answering."""
    came, left = _ms(told.get("time_in")), _ms(told.get("time_out"))
    return PONG if came is None or left is None else Heard("pong", (came + left) / 2)


def _refused(why: str) -> Heard:
    """An answer that is no; what is subscribed already needs no other."""
    if "already" in why.lower():
        return CONTROL
    lasting = any(part in why.lower() for part in ("not supported", "not found", "invalid", "malformed"))
    return Heard("refused", why=why, lasting=lasting)


def _ms(stamp: Any) -> float | None:
    """A time in UTC, ms since the epoch."""
    ns = iso_to_ns(stamp) if isinstance(stamp, str) else None
    return None if ns is None else ns / 1e6


register("kraken", KrakenFeed)

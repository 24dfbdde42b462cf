"""Bybit v5: spot, linear and inverse contracts.

Depths are 1, 50, 200 and 1,000 levels in all three categories; the deepest is pushed every 200 ms, 200 levels
every 100 ms, 50 every 20 ms. After a subscription comes a snapshot; another replaces the book. ``u`` rises by
1 a message, ``u == 1`` after a restart of the service; an id that is not new, at a later time, tells of a
restart that was not heard. A connection without a ping for long is closed, and 20 s are recommended. One
unknown topic refuses the whole subscription.
Source: https://bybit-exchange.github.io/docs/v5/websocket/public/orderbook, .../v5/ws/connect and
.../v5/market/time
"""

from __future__ import annotations

from liqmap.formats.market import bybit_size_unit
from liqmap.live.feeds.feed import (
    CONTROL,
    PONG,
    DirectFeed,
    Heard,
    Listener,
    inside,
    levels_of,
    parsed,
    words,
)
from liqmap.live.feeds.registry import register
from liqmap.live.market import Market

DEPTHS = (1, 50, 200, 1000)

_HOST = "wss://stream.bybit.com/v5/public"
_TIME = "https://api.bybit.com/v5/market/time"


class BybitFeed(DirectFeed):
    """``orderbook.N`` and ``publicTrade`` of one symbol."""

    ping = '{"op":"ping"}'
    time_url = _TIME

    def __init__(self, market: Market) -> None:
        super().__init__(market)
        depth = levels_of(market, DEPTHS)
        self.name = f"ob{depth}"
        self.url = f"{_HOST}/{_category(market)}"
        self.depth_topic = f"orderbook.{depth}.{market.symbol}"
        self.trade_topic = f"publicTrade.{market.symbol}"

    def subscribe(self) -> tuple[str, ...]:
        return (f'{{"op":"subscribe","args":["{self.depth_topic}","{self.trade_topic}"]}}',)

    def listener(self) -> BybitListener:
        return BybitListener(self.depth_topic)

    def time_ms(self, body: bytes) -> float | None:
        nano = inside(parsed(body), "result", "timeNano")
        return int(nano) / 1e6 if isinstance(nano, str) and nano.isdecimal() else None


class BybitListener(Listener):
    """Follows ``u`` of one topic, and the engine's time: ``_u`` and ``_at`` are of the last message."""

    def __init__(self, depth_topic: str) -> None:
        super().__init__()
        self._topic = depth_topic
        self._u, self._at = -1, 0

    def hear(self, message: bytes) -> Heard:
        told = parsed(message)
        if not isinstance(told, dict):
            return self.garbled()
        topic, ts, data = told.get("topic"), told.get("ts"), told.get("data")
        if topic == self._topic:
            u = inside(data, "u")
            if type(u) is not int or type(ts) is not int:
                return self.garbled()
            filled = bool(inside(data, "b") or inside(data, "a"))
            at = told["cts"] if type(told.get("cts")) is int else ts
            return self._depth(told.get("type") == "snapshot", u, ts, at, filled)
        if isinstance(topic, str):
            is_trades = topic.startswith("publicTrade.") and type(ts) is int
            return Heard("trades", ts) if is_trades else CONTROL
        if told.get("ret_msg") == "pong" or told.get("op") == "pong":
            return PONG
        if told.get("success") is False:
            return self._refused(words(told.get("ret_msg") or told))
        return CONTROL if "op" in told or "success" in told else self.garbled()

    def refresh(self) -> tuple[str, ...]:
        return tuple(f'{{"op":"{op}","args":["{self._topic}"]}}' for op in ("unsubscribe", "subscribe"))

    def _depth(self, snapshot: bool, u: int, ts: int, at: int, filled: bool) -> Heard:
        """Take a message of the book. One without levels that begins anew says that the book is lost."""
        broken = ""
        if snapshot or u == 1:
            self.known, self._u, self._at = filled, u, at
            broken = "" if filled else "a restart of the service without a book"
            return Heard("depth", ts, u, filled, not filled, broken)
        is_new, restarted = u > self._u, u <= self._u and at > self._at
        if self.known and (restarted or u > self._u + 1):
            self.known, broken = False, f"u {u} after {self._u}"
        if is_new or not self.known:
            self._u, self._at = u, at
        return Heard("depth", ts, u, False, not self.known, broken)

    @staticmethod
    def _refused(why: str) -> Heard:
        """An answer that is no: for good where it is the topic that is wrong, as ``error:handler not
        found,topic:orderbook.200.FOO`` says."""
        lasting = any(part in why.lower() for part in ("not found", "invalid", "not exist", "topic:"))
        return Heard("refused", why=why, lasting=lasting)


def _category(market: Market) -> str:
    if market.venue == "bybit-spot":
        return "spot"
    return "inverse" if bybit_size_unit(market.venue, market.symbol) == "contracts" else "linear"


for _venue in ("bybit", "bybit-spot"):
    register(_venue, BybitFeed)

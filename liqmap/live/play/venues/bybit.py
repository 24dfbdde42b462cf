"""Bybit v5: ``orderbook.N`` and ``publicTrade`` of spot, linear and inverse markets.

A subscription is acknowledged; then comes a snapshot of N levels a side, then deltas, ``u`` one more each
time. ``u = 1`` says that the service began anew. ``cts`` is the engine's time; ``ts``, the push time, is sent
as the same.
Source: https://bybit-exchange.github.io/docs/v5/websocket/public/orderbook, .../public/trade, and
https://bybit-exchange.github.io/docs/v5/ws/connect
"""

from __future__ import annotations

from typing import Any

from liqmap.formats.market import bybit_size_unit
from liqmap.live.play.book import Cut
from liqmap.live.play.channel import Channel, Played, Told
from liqmap.live.play.connection import Connection
from liqmap.live.play.tape import Level, Step, Tape
from liqmap.live.play.venues.venue import Venue, channel_of, family, json_text, last_u, parsed, split
from liqmap.schema import BID, GAP, HEARD, SNAPSHOT
from liqmap.schema.meta import decimals

DEPTHS = (1, 50, 200, 1000)
CATEGORIES = ("spot", "linear", "inverse")


class Bybit(Venue):
    """Subscriptions, heartbeats, the time and the table of instruments."""

    family = "bybit"
    sockets = tuple(f"/v5/public/{category}" for category in CATEGORIES)

    @staticmethod
    def market(tape: Tape, asked: str) -> tuple[str, str]:
        if tape.venue in ("bybit", "bybit-spot") and asked == "bybit":
            return tape.venue, tape.symbol
        return asked, tape.symbol if family(tape.venue) == "bybit" else "".join(split(tape.symbol))

    def paths(self) -> tuple[str, ...]:
        found = {self._category(played) for played in self.exchange.markets.values()}
        return tuple(f"/v5/public/{category}" for category in CATEGORIES if category in found)

    def rest(self) -> list[Any]:
        from aiohttp import web

        return [
            web.get("/v5/market/time", self._time),
            web.get("/v5/market/instruments-info", self._instruments),
            web.get("/v5/market/orderbook", self._orderbook),
        ]

    def hear(self, connection: Connection, text: str) -> None:
        message = parsed(text) or {}
        op, arguments = message.get("op"), message.get("args")
        if op == "ping":
            self._answer(connection, message, "pong")
        elif op in ("subscribe", "unsubscribe") and isinstance(arguments, list):
            self._subscribe(connection, message, [str(topic) for topic in arguments], op == "subscribe")
        else:
            self._answer(connection, message, "error:Request params error", success=False)

    def restart(self, played: Played, empty: bool, seconds: float) -> None:
        """Connections stay: each book is sent anew, with ``u = 1``."""
        for channel in played.channels.values():
            for told in channel.restart(empty):
                self.exchange.send(channel, told, 0, channel.subscribers)

    def _subscribe(
        self, connection: Connection, message: dict[str, Any], topics: list[str], on: bool
    ) -> None:
        channels = [self._channel(connection, topic) for topic in topics]
        for topic, channel in zip(topics, channels):
            if channel is None:
                self._answer(connection, message, f"error:handler not found,topic:{topic}", success=False)
                return
            if on and topic in connection.channels:
                self._answer(connection, message, f"error:already subscribed,topic:{topic}", success=False)
                return
        self._answer(connection, message, "subscribe" if on and connection.path.endswith("spot") else "")
        for channel in channels:
            assert channel is not None
            if on:
                self.exchange.subscribe(connection, channel)
            else:
                self.exchange.unsubscribe(connection, channel.name)

    @staticmethod
    def _answer(connection: Connection, message: dict[str, Any], said: str, success: bool = True) -> None:
        answer = {
            "success": success,
            "ret_msg": said,
            "conn_id": f"play-{connection.number}",
            "req_id": str(message.get("req_id", "")),
            "op": str(message.get("op", "")),
        }
        connection.send(json_text(answer))

    def _channel(self, connection: Connection, topic: str) -> Channel | None:
        """The channel of a topic, on the path of its category; None where there is none."""
        kind, _, rest = topic.partition(".")
        depth, _, symbol = rest.partition(".") if kind == "orderbook" else ("", "", rest)
        played = self.exchange.markets.get(symbol)
        if played is None or not connection.path.split("?")[0].endswith(self._category(played)):
            return None
        if kind == "publicTrade":
            return channel_of(played, topic, _Trades)
        if kind != "orderbook" or not depth.isdecimal() or int(depth) not in self._depths(played):
            return None
        return channel_of(played, topic, _Book, int(depth))

    def _category(self, played: Played) -> str:
        venue = self.exchange.venues[played.symbol]
        if venue == "bybit-spot":
            return "spot"
        return "inverse" if bybit_size_unit(venue, played.symbol) == "contracts" else "linear"

    @staticmethod
    def _depths(played: Played) -> list[int]:
        """What can be subscribed: never more levels than the recording shows."""
        most = played.levels
        if played.tape.depth is None:
            return []
        return list(DEPTHS) if most is None else sorted({n for n in DEPTHS if n <= most} | {most})

    async def _time(self, request: Any) -> Any:
        now = self.exchange.clock.now()
        return self._json({"timeSecond": str(now // 10**9), "timeNano": str(now)})

    async def _instruments(self, request: Any) -> Any:
        category = request.query.get("category", "linear")
        wanted = request.query.get("symbol")
        mine = [p for p in self.exchange.markets.values() if self._category(p) == category]
        if request.query.get("status", "Trading") != "Trading":
            mine = []
        listed = [self._instrument(p, category) for p in mine if wanted in (None, p.symbol)]
        return self._json({"category": category, "list": listed, "nextPageCursor": ""})

    @staticmethod
    def _instrument(played: Played, category: str) -> dict[str, Any]:
        digits, tick = played.tape.digits, played.tape.meta.tick_size or 0.01
        step = f"{10.0**-digits.size_decimals:.{digits.size_decimals}f}"
        base, quote = split(played.symbol)
        instrument = {
            "symbol": played.symbol,
            "baseCoin": base,
            "quoteCoin": quote,
            "status": "Trading",
            "priceFilter": {
                "minPrice": digits.price(tick),
                "maxPrice": "1999999",
                "tickSize": digits.price(tick),
            },
        }
        if category == "spot":
            lots = {
                "basePrecision": step,
                "quotePrecision": "0.0000001",
                "minOrderQty": step,
                "maxOrderQty": "1000",
            }
            return instrument | {"innovation": "0", "marginTrading": "none", "lotSizeFilter": lots}
        return instrument | {
            "contractType": "LinearPerpetual" if category == "linear" else "InversePerpetual",
            "launchTime": "1585526400000",
            "deliveryTime": "0",
            "deliveryFeeRate": "",
            "priceScale": str(decimals(tick)),
            "leverageFilter": {"minLeverage": "1", "maxLeverage": "100.00", "leverageStep": "0.01"},
            "lotSizeFilter": {"maxOrderQty": "100000", "minOrderQty": step, "qtyStep": step},
            "unifiedMarginTrade": True,
            "fundingInterval": 480,
            "settleCoin": quote if category == "linear" else base,
        }

    async def _orderbook(self, request: Any) -> Any:
        played = self.exchange.markets.get(request.query.get("symbol", ""))
        if played is None or not played.book.known:
            return self._json({}, 10001, "params error: symbol invalid")
        limit = int(request.query.get("limit", "25"))
        limit = min(limit, played.levels or limit)
        digits, ms = played.tape.digits, played.ts // 1_000_000
        bids, asks = (
            [[digits.price(p), digits.size(q)] for p, q in played.book.best(side, limit)] for side in (0, 1)
        )
        u = last_u(played)
        return self._json({"s": played.symbol, "b": bids, "a": asks, "ts": ms, "u": u, "seq": u, "cts": ms})

    def _json(self, result: dict[str, Any], code: int = 0, said: str = "OK") -> Any:
        from aiohttp import web

        answer = {"retCode": code, "retMsg": said, "result": result, "retExtInfo": {}}
        answer["time"] = self.exchange.clock.now() // 1_000_000
        return web.Response(text=json_text(answer), content_type="application/json")


class _Book(Channel):
    """``orderbook.N``. Where the recording shows N levels itself, its messages and ids are sent as they are;
    of one that shows more, what changes among its best N."""

    def __init__(self, played: Played, name: str, levels: int) -> None:
        super().__init__(played, name)
        self._levels = levels
        self._as_recorded = played.policy == "top_n" and played.levels == levels
        self._cut = Cut(levels, truncates=False)
        self._cut.see(played.book)
        self._u = played.number
        self._less = 0

    def beginning(self, connection: Any) -> list[Told]:
        return [self._message("snapshot", self.played.book.top(self._levels))]

    def tell(self, step: Step, levels: list[Level]) -> list[Told]:
        if step.event == GAP:
            self._u += 1  # one that nobody hears
            return []
        anew = step.event == SNAPSHOT and (self.played.policy != "snapshots" or self._u == 0)
        if not self._as_recorded:
            changes = self._cut.see(self.played.book)
            levels = self.played.book.top(self._levels) if anew else changes
            if not levels and step.event != HEARD:
                return []
        self._u += 1
        return [self._message("snapshot" if anew else "delta", levels)]

    def restart(self, empty: bool) -> list[Told]:
        self._less += self._id() - 1
        return [self._message("snapshot", [] if empty else self.played.book.top(self._levels))]

    def _id(self) -> int:
        return (last_u(self.played) if self._as_recorded else self._u) - self._less

    def _message(self, kind: str, levels: list[Level]) -> Told:
        digits, u, ms = self.played.tape.digits, self._id(), self.played.ts // 1_000_000
        sides: dict[str, list[str]] = (
            {"b": [], "a": []} if not levels or levels[0][0] == BID else {"a": [], "b": []}
        )
        for side, price, size in levels:
            text = digits.size(size) if size else "0"
            sides["ba"[side]].append(f'["{digits.price(price)}","{text}"]')
        rows = ",".join(f'"{key}":[{",".join(found)}]' for key, found in sides.items())
        return Told(
            f'{{"topic":"{self.name}","type":"{kind}","ts":{ms},"data":{{"s":"{self.played.symbol}",{rows},'
            f'"u":{u},"seq":{u}}},"cts":{ms}}}',
            u,
        )


class _Trades(Channel):
    """``publicTrade``. A trade whose aggressor is not known cannot be said, and is left out."""

    kind = "trades"

    def __init__(self, played: Played, name: str) -> None:
        super().__init__(played, name)
        self._last, self._moved = 0.0, "ZeroPlusTick"

    def tell(self, step: Step, levels: list[Level]) -> list[Told]:
        digits, symbol = self.played.tape.digits, self.played.symbol
        data = []
        for trade in self.played.traded(step):
            if trade.aggressor is None:
                continue
            if trade.price != self._last:
                self._moved = "PlusTick" if trade.price > self._last else "MinusTick"
            elif not self._moved.startswith("Zero"):
                self._moved = f"Zero{self._moved}"
            self._last = trade.price
            data.append(
                {
                    "T": (trade.ts + self.played.shift) // 1_000_000,
                    "s": symbol,
                    "S": trade.aggressor.capitalize(),
                    "v": digits.size(trade.size),
                    "p": digits.price(trade.price),
                    "L": self._moved,
                    "i": trade.id or "",
                    "BT": trade.flag == "block",
                    "RPI": trade.flag == "rpi",
                }
            )
        if not data:
            return []
        ms = (step.ts + self.played.shift) // 1_000_000
        return [Told(json_text({"topic": self.name, "type": "snapshot", "ts": ms, "data": data}), -1)]

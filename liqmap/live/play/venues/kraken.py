"""Kraken's WebSocket version 2: ``book`` with checksums, ``trade``, ``instrument``, heartbeats.

Numbers are written with all decimals of the market, and a message has the CRC32 of the digits of the best
10 asks, then bids: it is computed here, from what is sent. Nothing is said of a level that leaves the depth.
A message has one ``timestamp``: ``ts`` of the recorded message, which for one of version 1 is the newest time
of its levels that are not republished. Snapshots have it too.
Source: https://docs.kraken.com/exchange/api-reference/spot-websocket-v2/book and
https://docs.kraken.com/exchange/guides/websockets/book-checksum-v2
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from liqmap.live.play.channel import Channel, Played
from liqmap.live.play.connection import Connection
from liqmap.live.play.tape import Tape
from liqmap.live.play.venues.kraken_streams import Book, Trades, iso, size_decimals
from liqmap.live.play.venues.venue import Venue, channel_of, family, json_text, parsed, split

DEPTHS = (10, 25, 100, 500, 1000)
HEARTBEAT_S = 1.0
"""Real seconds between heartbeats of a connection that is subscribed to something."""


class Kraken(Venue):
    """Subscriptions, pings, and the REST calls that clients make first."""

    family = "kraken"
    sockets = ("/v2",)
    checksums = True

    @staticmethod
    def market(tape: Tape, asked: str) -> tuple[str, str]:
        if family(tape.venue) == "kraken":
            return tape.venue, tape.symbol
        return asked, "/".join(split(tape.symbol))

    def rest(self) -> list[Any]:
        from aiohttp import web

        return [
            web.get("/0/public/Time", self._time),
            web.get("/0/public/SystemStatus", self._status),
            web.get("/0/public/Assets", self._assets),
            web.get("/0/public/AssetPairs", self._pairs),
        ]

    def opened(self, connection: Connection, streams: str) -> None:
        connection.send(self._system("online", connection.number))

    async def beat(self, connection: Connection) -> None:
        while not connection.ended:
            await asyncio.sleep(HEARTBEAT_S)
            if connection.channels:
                connection.send('{"channel":"heartbeat"}')

    def restart(self, played: Played, empty: bool, seconds: float) -> None:
        for connection in self.exchange.connections:
            connection.send(self._system("maintenance", connection.number))
        super().restart(played, empty, seconds)

    def hear(self, connection: Connection, text: str) -> None:
        message = parsed(text)
        method = message.get("method") if message is not None else None
        if message is None or method not in ("ping", "subscribe", "unsubscribe"):
            self._answer(connection, message or {}, {"error": "Malformed request"}, success=False)
        elif method == "ping":
            self._answer(connection, message, {}, method="pong")
        else:
            self._subscribe(connection, message, method == "subscribe")

    def _subscribe(self, connection: Connection, message: dict[str, Any], on: bool) -> None:
        """Each symbol is answered for itself."""
        wanted = message.get("params")
        wanted = wanted if isinstance(wanted, dict) else {}
        name = wanted.get("channel")
        if name == "instrument":
            self._answer(connection, message, {"result": {"channel": name, "snapshot": True}})
            if on:
                connection.send(self._instruments())
            return
        symbols = wanted.get("symbol")
        for symbol in symbols if isinstance(symbols, list) else []:
            played = self._named(str(symbol))
            snapshot, depth = bool(wanted.get("snapshot", True)), wanted.get("depth", 10)
            if wrong := _wrong(played, name, depth):
                said = {"error": wrong, "symbol": symbol}
                self._answer(connection, message, said, success=False)
                continue
            assert played is not None
            result: dict[str, Any] = {"channel": name, "symbol": symbol}
            if name == "book":
                result |= {"depth": depth}
            self._answer(connection, message, {"result": result | ({"snapshot": snapshot} if on else {})})
            path = f"book-{depth}/{symbol}" if name == "book" else f"trade/{symbol}"
            if not on:
                self.exchange.unsubscribe(connection, path)
                continue
            channel = self._channel(played, path, str(symbol), depth)
            self.exchange.subscribe(connection, channel, snapshot=snapshot)

    @staticmethod
    def _channel(played: Played, path: str, symbol: str, depth: int) -> Channel:
        if path.startswith("book"):
            return channel_of(played, path, Book, symbol, depth)
        return channel_of(played, path, Trades, symbol)

    def _named(self, symbol: str) -> Played | None:
        """A market by its name; bitcoin is BTC here and was XBT in version 1."""
        markets = self.exchange.markets
        names = (symbol, symbol.replace("BTC", "XBT"), symbol.replace("XBT", "BTC"))
        return next((markets[name] for name in names if name in markets), None)

    def _answer(
        self,
        connection: Connection,
        message: dict[str, Any],
        said: dict[str, Any],
        method: str = "",
        success: bool = True,
    ) -> None:
        now = iso(self.exchange.clock.now())
        answer = {"method": method or message.get("method"), **said}
        if not method:
            answer["success"] = success
        answer |= {"time_in": now, "time_out": now}
        if "req_id" in message:
            answer["req_id"] = message["req_id"]
        connection.send(json_text(answer))

    @staticmethod
    def _system(state: str, connection: int) -> str:
        system = {"api_version": "v2", "connection_id": connection, "system": state, "version": "2.0.0"}
        return json_text({"channel": "status", "type": "update", "data": [system]})

    def _instruments(self) -> str:
        pairs, coins = [], []
        for played in self.exchange.markets.values():
            base, quote = split(played.symbol)
            coins += [base, quote]
            price, size = played.tape.digits.price_decimals, size_decimals(played)
            pairs.append(
                {
                    "symbol": played.symbol,
                    "base": base,
                    "quote": quote,
                    "status": "online",
                    "qty_precision": size,
                    "qty_increment": 10.0**-size,
                    "price_precision": price,
                    "price_increment": played.tape.meta.tick_size,
                    "qty_min": 10.0**-size,
                    "marginable": False,
                    "has_index": True,
                }
            )
        assets = [{"id": coin, "status": "enabled", "precision": 10} for coin in dict.fromkeys(coins)]
        data = {"assets": assets, "pairs": pairs}
        return json_text({"channel": "instrument", "type": "snapshot", "data": data})

    async def _time(self, request: Any) -> Any:
        now = self.exchange.clock.now() // 10**9
        words = time.strftime("%a, %d %b %y %H:%M:%S +0000", time.gmtime(now))
        return _json({"unixtime": now, "rfc1123": words})

    async def _status(self, request: Any) -> Any:
        return _json({"status": "online", "timestamp": iso(self.exchange.clock.now())})

    async def _assets(self, request: Any) -> Any:
        coins = dict.fromkeys(coin for symbol in self.exchange.markets for coin in split(symbol))
        asset = {"aclass": "currency", "decimals": 10, "display_decimals": 5, "status": "enabled"}
        return _json({coin: asset | {"altname": coin} for coin in coins})

    async def _pairs(self, request: Any) -> Any:
        found = {}
        for played in self.exchange.markets.values():
            base, quote = split(played.symbol)
            found[base + quote] = {
                "altname": base + quote,
                "wsname": f"{base}/{quote}",
                "aclass_base": "currency",
                "base": base,
                "aclass_quote": "currency",
                "quote": quote,
                "lot": "unit",
                "pair_decimals": played.tape.digits.price_decimals,
                "lot_decimals": size_decimals(played),
                "lot_multiplier": 1,
                "leverage_buy": [],
                "leverage_sell": [],
                "fees": [[0, 0.26]],
                "fees_maker": [[0, 0.16]],
                "fee_volume_currency": "ZUSD",
                "margin_call": 80,
                "margin_stop": 40,
                "ordermin": "0.0001",
                "tick_size": played.tape.digits.price(played.tape.meta.tick_size or 0.01),
                "status": "online",
            }
        return _json(found)


def _wrong(played: Played | None, name: Any, depth: Any) -> str:
    """Why a subscription is refused; empty where it is not. No more levels than the recording shows."""
    if name not in ("book", "trade"):
        return "Channel not supported"
    if played is None or (name == "book" and played.tape.depth is None):
        return "Currency pair not supported"
    if name == "book" and (depth not in DEPTHS or (played.levels is not None and depth > played.levels)):
        return "Depth not supported"
    return ""


def _json(result: Any) -> Any:
    from aiohttp import web

    return web.Response(text=json_text({"error": [], "result": result}), content_type="application/json")

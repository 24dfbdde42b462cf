"""Binance spot, USD-M and COIN-M: diffs, trades and book tickers as streams, snapshots of the book over REST.

A diff says from which id to which it goes (``U``, ``u``), on futures also the last id of the one before
(``pu``). A client asks for a snapshot and goes on from its ``lastUpdateId``. All speeds (``@depth``,
``@depth@100ms``, ...) tell every diff of the recording. A recording that begins with diffs and has its
snapshot after them stops the clock there until each client has asked for it: so what is recorded from here
has it at its place.
Source: https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams and
https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter, defaultdict
from typing import Any

from liqmap.live.play.channel import Channel, Played
from liqmap.live.play.connection import Connection
from liqmap.live.play.tape import Tape
from liqmap.live.play.venues.binance_streams import Diffs, Tickers, Trades
from liqmap.live.play.venues.venue import Venue, channel_of, family, json_text, last_u, parsed, split

SPOT, USD_M, COIN_M = "binance", "binance-futures", "binance-delivery"
REST = {SPOT: "/api/v3", USD_M: "/fapi/v1", COIN_M: "/dapi/v1"}
DEFAULT_LEVELS = {SPOT: 100, USD_M: 500, COIN_M: 500}
SPOT_LIKE = ("kraken", "coinbase", "bitstamp", "bitfinex", "gemini")
PATIENCE_S = 10.0
"""Real seconds that a request waits for the book to be known, and the clock for a request."""

PING_S, PONG_S = 20.0, 60.0
"""Real seconds between pings of the server, and until a client that does not answer is dropped."""

_STREAM = re.compile(r"([^@]+)@(depth(?:@\d{1,5}ms)?|trade|aggTrade|bookTicker)")
_KINDS: dict[str, type[Channel]] = {"trade": Trades, "aggTrade": Trades, "bookTicker": Tickers}


class Binance(Venue):
    """Streams by address or subscription, and the REST calls that clients make first."""

    family = "binance"
    sockets = tuple(
        f"{prefix}{path}"
        for prefix in ("", "/public", "/market")
        for path in ("/ws", "/ws/{streams:.+}", "/stream")
    )

    def __init__(self, exchange: Any) -> None:
        super().__init__(exchange)
        self._asking: defaultdict[str, list[tuple[asyncio.Future[str], int]]] = defaultdict(list)
        self._asked: Counter[str] = Counter()

    @staticmethod
    def market(tape: Tape, asked: str) -> tuple[str, str]:
        if family(tape.venue) == "binance":
            return (tape.venue if asked == "binance" else asked), tape.symbol
        is_spot = "spot" in tape.venue or tape.venue in SPOT_LIKE
        venue = asked if asked != "binance" or is_spot else USD_M
        return venue, "".join(split(tape.symbol)) + ("_PERP" if venue == COIN_M else "")

    def paths(self) -> tuple[str, ...]:
        return "/ws", "/stream"

    def rest(self) -> list[Any]:
        from aiohttp import web

        calls = {
            "depth": self._depth,
            "time": self._time,
            "ping": self._ping,
            "exchangeInfo": self._instruments,
        }
        return [web.get(f"{root}/{name}", call) for root in REST.values() for name, call in calls.items()]

    def opened(self, connection: Connection, streams: str) -> None:
        if connection.path.endswith("/stream"):
            connection.envelope = _wrapped
        for stream in streams.split("/"):
            if (channel := self._channel(stream)) is not None:
                self.exchange.subscribe(connection, channel)

    async def beat(self, connection: Connection) -> None:
        while not connection.ended:
            await asyncio.sleep(PING_S)
            if time.monotonic() - connection.answered > PONG_S + PING_S:
                connection.drop("no pong")
            await connection.ping()

    def hear(self, connection: Connection, text: str) -> None:
        message = parsed(text)
        if message is None:
            _fail(connection, None, 3, "Invalid JSON")
            return
        method, name = message.get("method"), message.get("id")
        streams = [str(stream) for stream in message.get("params") or () if not isinstance(stream, bool)]
        if method in ("SUBSCRIBE", "UNSUBSCRIBE"):
            self._subscribe(connection, name, streams, method == "SUBSCRIBE")
        elif method == "LIST_SUBSCRIPTIONS":
            connection.send(json_text({"result": list(connection.channels), "id": name}))
        elif method == "SET_PROPERTY" and streams[:1] == ["combined"]:
            connection.envelope = _wrapped if message["params"][1:] == [True] else None
            connection.send(json_text({"result": None, "id": name}))
        else:
            _fail(connection, name, 2, "Invalid request: unknown method")

    async def known(self, played: Played) -> None:
        """Answer those who wait for a snapshot; where diffs came before it, once every client asks."""
        asking, clock = self._asking[played.symbol], self.exchange.clock
        diffs = [c for c in played.channels.values() if c.kind == "depth"]
        until = time.monotonic() + PATIENCE_S
        if played.policy == "full" and played.streamed >= 0 and played.snapshots == 1:
            clock.stop()
            while self._asked[played.symbol] < len({c.number for chan in diffs for c in chan.subscribers}):
                if time.monotonic() > until:
                    break
                await asyncio.sleep(0.002)
            clock.start()
        for future, levels in asking:
            if not future.done():
                future.set_result(self._snapshot(played, levels))
        asking.clear()

    def _subscribe(self, connection: Connection, name: Any, streams: list[str], on: bool) -> None:
        channels = [self._channel(stream) for stream in streams]
        if on and None in channels:
            _fail(
                connection, name, 2, f"Invalid request: stream {streams[channels.index(None)]} is not played"
            )
            return
        connection.send(json_text({"result": None, "id": name}))
        for stream, channel in zip(streams, channels):
            if on and channel is not None:
                self.exchange.subscribe(connection, channel)
            elif not on:
                self.exchange.unsubscribe(connection, stream)

    def _channel(self, stream: str) -> Channel | None:
        found = _STREAM.fullmatch(stream)
        played = self.exchange.markets.get(found[1].upper()) if found else None
        if found is None or played is None:
            return None
        make = _KINDS.get(found[2], Diffs)
        return channel_of(played, stream, make, self.exchange.venues[played.symbol])

    def _snapshot(self, played: Played, levels: int) -> str:
        digits, ms = played.tape.digits, played.ts // 1_000_000
        sides = [
            ",".join(f'["{digits.price(p)}","{digits.size(q)}"]' for p, q in played.book.best(side, levels))
            for side in (0, 1)
        ]
        venue = self.exchange.venues[played.symbol]
        times = "" if venue == SPOT else f'"E":{ms},"T":{ms},'
        if venue == COIN_M:
            times = f'"symbol":"{played.symbol}","pair":"{played.symbol.split("_")[0]}",' + times
        return f'{{"lastUpdateId":{last_u(played)},{times}"bids":[{sides[0]}],"asks":[{sides[1]}]}}'

    async def _depth(self, request: Any) -> Any:
        """The book as it stands; where it is not known yet, as soon as it is."""
        venue = _venue_of(request)
        played = self.exchange.markets.get(request.query.get("symbol", "").upper())
        if played is None or self.exchange.venues[played.symbol] != venue or played.tape.depth is None:
            return _json({"code": -1121, "msg": "Invalid symbol."}, 400)
        limit = request.query.get("limit", str(DEFAULT_LEVELS[venue]))
        if not limit.isdecimal() or not 0 < int(limit) <= 5000:
            return _json({"code": -1130, "msg": "Data sent for parameter 'limit' is not valid."}, 400)
        self._asked[played.symbol] += 1
        if played.book.known:
            return _json(self._snapshot(played, int(limit)))
        waiting: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._asking[played.symbol].append((waiting, int(limit)))
        try:
            return _json(await asyncio.wait_for(waiting, PATIENCE_S))
        except TimeoutError:
            return _json({"code": -1001, "msg": "Internal error; the book is not known."}, 503)

    async def _time(self, request: Any) -> Any:
        return _json({"serverTime": self.exchange.clock.now() // 1_000_000})

    async def _ping(self, request: Any) -> Any:
        return _json({})

    async def _instruments(self, request: Any) -> Any:
        venue = _venue_of(request)
        mine = [p for p in self.exchange.markets.values() if self.exchange.venues[p.symbol] == venue]
        now = self.exchange.clock.now() // 1_000_000
        listed = [_instrument(played, venue) for played in mine]
        return _json({"timezone": "UTC", "serverTime": now, "rateLimits": [], "symbols": listed})


def _wrapped(stream: str, text: str) -> str:
    return f'{{"stream":"{stream}","data":{text}}}'


def _fail(connection: Connection, name: Any, code: int, words: str) -> None:
    connection.send(json_text({"error": {"code": code, "msg": words}, "id": name}))


def _venue_of(request: Any) -> str:
    return next(venue for venue, root in REST.items() if request.path.startswith(root))


def _json(value: Any, status: int = 200) -> Any:
    from aiohttp import web

    text = value if isinstance(value, str) else json_text(value)
    return web.Response(text=text, status=status, content_type="application/json")


def _instrument(played: Played, venue: str) -> dict[str, Any]:
    base, quote = split(played.symbol)
    digits, tick = played.tape.digits, played.tape.meta.tick_size or 0.01
    step = f"{10.0**-digits.size_decimals:.{digits.size_decimals}f}"
    filters = [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": digits.price(tick),
            "maxPrice": "1000000",
            "tickSize": digits.price(tick),
        },
        {"filterType": "LOT_SIZE", "minQty": step, "maxQty": "1000000", "stepSize": step},
    ]
    instrument: dict[str, Any] = {
        "symbol": played.symbol,
        "baseAsset": base,
        "quoteAsset": quote,
        "status": "TRADING",
        "contractStatus": "TRADING",
        "filters": filters,
        "orderTypes": ["LIMIT", "MARKET"],
    }
    if venue == SPOT:
        del instrument["contractStatus"]
        return instrument | {
            "baseAssetPrecision": 8,
            "quotePrecision": 8,
            "permissions": ["SPOT"],
            "isSpotTradingAllowed": True,
        }
    if venue == COIN_M:
        instrument |= {"contractSize": played.tape.meta.contract_value}
    return instrument | {
        "pair": played.symbol.split("_")[0],
        "contractType": "PERPETUAL",
        "deliveryDate": 4133404800000,
        "onboardDate": 1569398400000,
        "marginAsset": base if venue == COIN_M else quote,
        "pricePrecision": digits.price_decimals,
        "quantityPrecision": digits.size_decimals,
    }

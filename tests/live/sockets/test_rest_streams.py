"""Streams of Binance, whose book comes by REST, and of Kraken, whose book is held against checksums."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import web

import liqmap as lm
from liqmap.live.feeds import feed_of
from liqmap.live.market import Market
from liqmap.schema import LiveError
from tests.live.feeds.test_binance import book, diff
from tests.live.feeds.test_kraken import ASKS, BIDS, checksum
from tests.live.feeds.test_kraken import book as kraken_book
from tests.live.sockets.listening import Ear, listen
from tests.live.sockets.venue import Socket, Venue

BINANCE = Market("binance-futures", "BTCUSDT")


def run(venue: Venue, market: Market, until: Callable[[Ear], bool], **options: Any) -> Ear:
    async def all_of_it() -> Ear:
        async with venue:
            feed = feed_of(market)
            feed.lifetime_s = options.pop("lifetime_s", None)  # type: ignore[attr-defined]
            return await listen(feed, venue.url, until, **options)

    return asyncio.run(all_of_it())


class Answers:
    """REST answers: the clock, and those of the depth one after the other, the last again and again."""

    def __init__(self, *depth: web.Response | bytes) -> None:
        self._depth = list(depth)
        self.asked = 0

    def __call__(self, path: str) -> web.Response:
        if path == "/fapi/v1/time":
            return web.json_response({"serverTime": 1_000})
        assert path == "/fapi/v1/depth?symbol=BTCUSDT&limit=1000"
        answer = self._depth[min(self.asked, len(self._depth) - 1)]
        self.asked += 1
        if isinstance(answer, bytes):
            return web.Response(body=answer)
        return web.Response(status=answer.status, body=answer.body, headers=answer.headers)


async def row(socket: Socket) -> None:
    """Diffs of 3 ids each, without end."""
    u = 9
    while True:
        await socket.send(diff(u, u - 3).decode())
        u += 3
        await asyncio.sleep(0.005)


def after_snapshot(number: int) -> Callable[[Ear], bool]:
    """So many lines after the first snapshot that is of use."""

    def enough(ear: Ear) -> bool:
        at = [i for i, text in enumerate(ear.texts) if "lastUpdateId" in text]
        return bool(at) and len(ear.lines) > at[-1] + number and ear.status.state == "live"

    return enough


def test_binance__snapshot_stands_among_the_diffs(tmp_path: Any) -> None:
    answers = Answers(book(10))
    venue = Venue(row, rest=answers)
    ear = run(venue, BINANCE, after_snapshot(5))
    assert venue.sockets[0].path == "/public/stream?streams=btcusdt@depth@100ms/btcusdt@trade"
    assert answers.asked == 1
    assert "depthUpdate" in ear.texts[0]
    path = tmp_path / "binance-futures" / "heard.ndjson"
    path.parent.mkdir()
    path.write_bytes(b"".join(b"%d %s\n" % both for both in zip(ear.times, ear.lines)))
    events = lm.read(path).depth["event"].to_pylist()
    assert "snapshot" in events
    assert "gap" not in events[events.index("snapshot") :]
    assert (ear.status.gaps, ear.status.reconnects) == (0, 0)
    assert ear.status.clock_offset_ms is not None
    assert ear.status.clock_offset_ms > 0


def test_binance__snapshot_that_is_too_old_is_asked_for_again() -> None:
    answers = Answers(book(2), book(10_000))
    ear = run(Venue(row, rest=answers), BINANCE, after_snapshot(3))
    assert answers.asked >= 2
    assert ear.status.reconnects == 0


def test_binance__rate_limit_is_obeyed() -> None:
    limited = web.Response(status=429, body=b'{"code":-1003}', headers={"Retry-After": "1"})
    answers = Answers(limited, web.Response(status=503), book(10))
    ear = run(Venue(row, rest=answers), BINANCE, after_snapshot(3))
    at = next(i for i, text in enumerate(ear.texts) if "lastUpdateId" in text)
    assert answers.asked == 3
    assert ear.times[at] - ear.times[0] >= 1_000_000_000
    assert ear.status.reconnects == 0


def test_binance__unknown_symbol_is_refused_by_rest() -> None:
    answers = Answers(web.Response(status=400, body=b'{"code":-1121,"msg":"Invalid symbol."}'))
    with pytest.raises(LiveError, match=r"binance-futures:BTCUSDT: .*Invalid symbol"):
        run(Venue(Socket.forever, rest=answers), BINANCE, lambda ear: False)


def test_binance__handover_needs_no_other_snapshot() -> None:
    begun: list[float] = []

    async def feed_of_time(socket: Socket) -> None:
        """A diff every 5 ms, on each connection that of the time; later connections lag by one."""
        clock = asyncio.get_running_loop().time
        begun.append(clock())
        sent = int((clock() - begun[0]) / 0.005) - (socket.number > 0)
        while True:
            for k in range(sent, int((clock() - begun[0]) / 0.005) - (socket.number > 0)):
                await socket.send(diff(9 + 3 * k, 6 + 3 * k).decode())
                sent = k + 1
            await asyncio.sleep(0.002)

    answers = Answers(book(10))
    venue = Venue(feed_of_time, rest=answers)
    ear = run(venue, BINANCE, lambda ear: len(ear.lines) > 150, lifetime_s=0.2)
    assert len(venue.sockets) > 1
    ids = [json.loads(text)["data"]["u"] for text in ear.texts if "depthUpdate" in text]
    assert ids == list(range(9, ids[-1] + 3, 3))
    assert answers.asked == 1
    assert (ear.status.gaps, ear.status.reconnects, ear.status.error) == (0, 0, "")


def test_kraken__wrong_checksum_takes_the_book_anew(tmp_path: Any) -> None:
    good = checksum(BIDS, ASKS)

    async def script(socket: Socket) -> None:
        await socket.until("book")
        ack = {"channel": "book", "depth": 10, "snapshot": True, "symbol": "BTC/USD"}
        await socket.send(json.dumps({"method": "subscribe", "result": ack, "success": True}))
        await socket.send(kraken_book("snapshot", BIDS, ASKS, good).decode())
        await socket.send(kraken_book("update", {"45283.5": "0.2"}, {}, good, 1).decode())
        await socket.until("unsubscribe")
        await socket.until('"subscribe"', 3)
        await socket.send(kraken_book("snapshot", BIDS, ASKS, good, 2).decode())
        await socket.forever()

    venue = Venue(script)
    ear = run(venue, Market("kraken", "BTC/USD", "ob10"), lambda ear: ear.last.count("35:02.44") == 1)
    assert len(venue.sockets) == 1
    assert venue.sockets[0].path == "/v2"
    status = ear.status
    assert (status.checksums, status.verified, status.gaps, status.reconnects) == (3, 2, 1, 0)
    path = tmp_path / "kraken" / "heard.ndjson"
    path.parent.mkdir()
    path.write_bytes(b"".join(b"%d %s\n" % both for both in zip(ear.times, ear.lines)))
    assert lm.read(path).depth["event"].to_pylist().count("gap") == 1


def test_kraken__clock_is_that_of_its_pongs() -> None:
    pong = {"method": "pong", "time_in": "2023-09-24T14:10:23.799Z", "time_out": "2023-09-24T14:10:23.801Z"}

    async def script(socket: Socket) -> None:
        await socket.until("ping")
        await socket.send(json.dumps(pong), "no JSON")
        await socket.forever()

    ear = run(Venue(script), Market("kraken", "BTC/USD"), lambda ear: len(ear.lines) == 2)
    offset = ear.times[0] / 1e6 - 1695564623800
    assert ear.status.clock_offset_ms == pytest.approx(offset, abs=5_000)

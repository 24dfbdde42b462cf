"""Streams of Bybit, over a venue on loopback that misbehaves."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

import liqmap as lm
from liqmap.live.feeds import feed_of
from liqmap.live.market import Market
from liqmap.schema import LiveError
from tests.conftest import real_data_folder
from tests.live.sockets.listening import QUICK, listen
from tests.live.sockets.venue import Socket, Venue

MARKET = Market("bybit", "BTCUSDT", "ob200")
ACK = '{"success":true,"ret_msg":"","conn_id":"3cd84cb1","req_id":"","op":"subscribe"}'


def depth(u: int, *, snapshot: bool = False, ts: int = 1786310818129) -> str:
    levels = {"s": "BTCUSDT", "b": [["65114.20", str(u)]], "a": [["65114.30", "1"]] if snapshot else []}
    data = levels | {"u": u, "seq": 7 * u}
    kind = "snapshot" if snapshot else "delta"
    return json.dumps({"topic": "orderbook.200.BTCUSDT", "type": kind, "ts": ts, "data": data, "cts": ts - 1})


def trade(number: int) -> str:
    one = {"T": 1786310819680, "s": "BTCUSDT", "S": "Sell", "v": "0.004", "p": "65114.20", "i": f"id{number}"}
    return json.dumps(
        {"topic": "publicTrade.BTCUSDT", "type": "snapshot", "ts": 1786310819681, "data": [one]}
    )


def ids(lines: list[str]) -> list[int]:
    """``u`` of the messages of the book."""
    return [json.loads(line)["data"]["u"] for line in lines if "orderbook" in line and '"data"' in line]


def run(venue: Venue, until: int, **options):  # type: ignore[no-untyped-def]
    """Listen until a message of the book with this ``u`` was heard."""

    async def all_of_it():  # type: ignore[no-untyped-def]
        async with venue:
            feed = options.pop("feed", None) or feed_of(MARKET)
            return await listen(feed, venue.url, lambda ear: until in ids([ear.last]), **options)

    return asyncio.run(all_of_it())


async def subscribed(socket: Socket, times: int = 1) -> None:
    await socket.until('"subscribe"', times)
    await socket.send(ACK)


def test_stream__hears_all_as_it_came() -> None:
    sent = [depth(5, snapshot=True), depth(6), trade(1), depth(7)]

    async def script(socket: Socket) -> None:
        await subscribed(socket)
        await socket.send(*sent)
        await socket.forever()

    venue = Venue(script)
    ear = run(venue, 7)
    assert ear.texts == [ACK, *sent]
    assert venue.sockets[0].path == "/v5/public/linear"
    assert json.loads(venue.sockets[0].heard[0]) == {
        "op": "subscribe",
        "args": ["orderbook.200.BTCUSDT", "publicTrade.BTCUSDT"],
    }
    assert ear.status.messages == 5
    assert ear.status.bytes == sum(map(len, ear.lines))
    assert ear.status.last_ns == ear.times[-1]
    assert (ear.status.gaps, ear.status.reconnects, ear.status.error) == (0, 0, "")


def test_stream__dropped_connection_is_made_anew() -> None:
    async def first(socket: Socket) -> None:
        await subscribed(socket)
        await socket.send(depth(5, snapshot=True), depth(6))

    async def second(socket: Socket) -> None:
        await subscribed(socket)
        await socket.send(depth(9, snapshot=True), depth(10))
        await socket.forever()

    ear = run(Venue(first, second), 10)
    assert ids(ear.texts) == [5, 6, 9, 10]
    assert ear.status.reconnects == 1


def test_stream__broken_sequence_asks_for_a_snapshot() -> None:
    async def script(socket: Socket) -> None:
        await subscribed(socket)
        await socket.send(depth(5, snapshot=True), depth(6), depth(8), depth(9))
        await socket.until('"unsubscribe"')
        await subscribed(socket, 2)
        await socket.send(depth(12, snapshot=True), depth(13))
        await socket.forever()

    venue = Venue(script)
    ear = run(venue, 13)
    assert ids(ear.texts) == [5, 6, 8, 9, 12, 13]
    assert len(venue.sockets) == 1
    assert (ear.status.gaps, ear.status.reconnects) == (1, 0)
    assert ear.status.error == "u 8 after 6"


def test_stream__snapshots_that_come_and_are_lost_again_at_once_are_no_reason_to_leave() -> None:
    async def script(socket: Socket) -> None:
        for number in range(6):
            await subscribed(socket, number + 1)
            await socket.send(depth(10 * number + 5, snapshot=True), depth(10 * number + 7))
        await subscribed(socket, 7)
        await socket.send(depth(90, snapshot=True), depth(91))
        await socket.forever()

    venue = Venue(script)
    ear = run(venue, 91)
    assert len(venue.sockets) == 1
    assert (ear.status.gaps, ear.status.reconnects) == (6, 0)


@pytest.mark.parametrize("garbage", ['{"topic":"orderbook.200.BTCUSDT","type":"del', b"\x00\x01\n\xff", "[]"])
def test_stream__malformed_message_is_heard_and_the_book_fetched_anew(garbage: str | bytes) -> None:
    async def script(socket: Socket) -> None:
        await subscribed(socket)
        await socket.send(depth(5, snapshot=True), garbage)
        await subscribed(socket, 2)
        await socket.send(depth(12, snapshot=True), depth(13))
        await socket.forever()

    ear = run(Venue(script), 13)
    raw = garbage if isinstance(garbage, bytes) else garbage.encode()
    assert raw.replace(b"\n", b" ") in ear.lines
    assert ear.status.gaps == 1


def test_stream__newlines_in_a_message_are_spaces() -> None:
    async def script(socket: Socket) -> None:
        await subscribed(socket)
        await socket.send(json.dumps(json.loads(depth(5, snapshot=True)), indent=1))
        await socket.forever()

    ear = run(Venue(script), 5)
    assert json.loads(ear.lines[-1]) == json.loads(depth(5, snapshot=True))
    assert not any(b"\n" in line for line in ear.lines)


def test_stream__refused_symbol_raises() -> None:
    async def script(socket: Socket) -> None:
        await socket.until("subscribe")
        why = "error:handler not found,topic:orderbook.200.NONE"
        await socket.send(json.dumps({"success": False, "ret_msg": why, "conn_id": "", "op": "subscribe"}))
        await socket.forever()

    with pytest.raises(LiveError, match=r"bybit:NONE: .*handler not found"):
        run(Venue(script), 1, feed=feed_of(Market("bybit", "NONE")))


def test_stream__silent_connection_is_given_up() -> None:
    async def first(socket: Socket) -> None:
        await subscribed(socket)
        await socket.send(depth(5, snapshot=True), depth(6))
        await socket.forever()

    async def second(socket: Socket) -> None:
        await subscribed(socket)
        await socket.send(depth(9, snapshot=True))
        await socket.forever()

    ear = run(Venue(first, second), 9, silence_s=0.2)
    assert ids(ear.texts) == [5, 6, 9]
    assert "nothing came" in ear.status.error


def test_stream__planned_handover_loses_and_doubles_nothing() -> None:
    async def old(socket: Socket) -> None:
        await subscribed(socket)
        await socket.send(depth(5, snapshot=True))
        u = 6
        while True:
            await socket.send(depth(u), trade(u))
            at["old"] = u
            u += 1
            await asyncio.sleep(0.005)

    async def new(socket: Socket) -> None:
        await subscribed(socket)
        u = at["old"] - 1  # it lags behind
        await socket.send(depth(u, snapshot=True))
        while True:
            u += 1
            await socket.send(depth(u), trade(u))
            await asyncio.sleep(0.005)

    at: dict[str, int] = {}
    feed = feed_of(MARKET)
    feed.lifetime_s = 0.1
    venue = Venue(old, new)
    ear = run(venue, 60, feed=feed)
    assert len(venue.sockets) >= 2
    assert ids(ear.texts) == list(range(5, 61))
    told = [int(json.loads(line)["data"][0]["i"][2:]) for line in ear.texts if "publicTrade" in line]
    assert set(told) >= set(range(6, 60))
    assert (ear.status.reconnects, ear.status.gaps, ear.status.error) == (0, 0, "")


def test_stream__handover_without_common_ids_begins_with_the_snapshot() -> None:
    async def old(socket: Socket) -> None:
        await subscribed(socket)
        await socket.send(depth(5, snapshot=True), depth(6))
        await socket.forever()

    async def new(socket: Socket) -> None:
        await subscribed(socket)
        await socket.send(depth(1005, snapshot=True), depth(1006))
        await socket.forever()

    feed = feed_of(MARKET)
    feed.lifetime_s = 0.05
    ear = run(Venue(old, new), 1006, feed=feed, limits=replace(QUICK, handover_s=0.1))
    assert ids(ear.texts) == [5, 6, 1005, 1006]


def test_stream__replayed_capture_reads_as_the_file(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = real_data_folder() / "bybit" / "linear_BTCUSDT_ob200.ndjson"
    sent = path.read_text().splitlines()

    async def script(socket: Socket) -> None:
        await subscribed(socket)
        await socket.send(*sent)
        await socket.forever()

    last = json.loads(sent[-1])["data"]["u"]
    ear = run(Venue(script), last)
    assert ear.texts[1:] == sent
    raw = tmp_path / "bybit" / "heard.ndjson"
    raw.parent.mkdir()
    raw.write_bytes(b"".join(b"%d %s\n" % both for both in zip(ear.times, ear.lines)))
    heard, original = lm.read(raw, venue="bybit").depth, lm.read(path, venue="bybit").depth
    assert heard.drop(["ts_recv"]).equals(original.drop(["ts_recv"]))
    assert heard["ts_recv"].null_count == 0
    assert ear.status.gaps == 0

"""Whenever a client comes, and whatever depth it asks for, its book is the exchange's after each message."""

from __future__ import annotations

import asyncio
import json
from functools import cache
from typing import Any

import aiohttp
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import liqmap as lm
from liqmap.live.play import Exchange
from liqmap.live.play.book import Book, Cut
from liqmap.live.play.channel import Played
from liqmap.live.play.tape import Tape
from liqmap.schema import Capture
from tests.live.play.client import best, books, bybit_books, heard, kraken_books, play, put

INF = float("inf")


@cache
def market() -> Capture:
    """Ten seconds of a simulated market of 200 levels, with its trades."""
    return lm.simulate(minutes=0.2, seed=9, keep_truth=False)


async def after(exchange: Exchange, count: int) -> None:
    """Until so many messages were sent."""
    while exchange.count < count and not exchange.done.is_set():
        await asyncio.sleep(0)


LEVELS = st.lists(
    st.lists(st.tuples(st.sampled_from([0, 1]), st.integers(1, 12), st.integers(0, 3)), max_size=6),
    max_size=8,
)


@given(messages=LEVELS, levels=st.integers(1, 4), truncates=st.booleans())
def test_cut_tells_all_that_a_client_needs(messages: list[Any], levels: int, truncates: bool) -> None:
    book, cut = Book(), Cut(levels, truncates)
    client: dict[str, dict[float, float]] = {"bid": {}, "ask": {}}
    whole: dict[str, dict[float, float]] = {"bid": {}, "ask": {}}
    for message in messages:
        book.apply(message)
        for side, price, size in message:
            put(whole["bid" if side == 0 else "ask"], price, size)
        for side, price, size in cut.see(book):
            put(client["bid" if side == 0 else "ask"], price, size)
        if truncates:
            client = best(client, levels)
        assert client == best(whole, levels)


@pytest.mark.parametrize("depth", [1, 50, 200])
@pytest.mark.parametrize("begin", [0, 40])
def test_bybit(depth: int, begin: int) -> None:
    symbol, truth = market().meta.symbol, books(market())
    exchange = Exchange(market(), "bybit", INF, ending="close", wait_for=1)
    topic = {"op": "subscribe", "args": [f"orderbook.{depth}.{symbol}"]}
    clients = [lambda e: heard(e, "/v5/public/linear", topic)]
    if begin:
        clients.append(lambda e: heard(e, "/v5/public/linear", topic, after=lambda: after(e, begin)))
    texts = play(exchange, *clients)[-1]
    found = bybit_books(texts)
    known = [best(book, depth) for book in truth.values()]
    assert len(found) > 10
    assert found[-1][1] == known[-1]
    at = 0
    for _, book in found:  # each is one of the market's, in their order; none is passed over unseen
        at = known.index(book, at)
    if depth == 200:
        assert [u for u, _ in found] == list(truth)[-len(found) :]
        assert all(book == truth[u] for u, book in found)


@pytest.mark.parametrize("depth", [10, 100])
@pytest.mark.parametrize("begin", [0, 40])
def test_kraken_with_checksums(depth: int, begin: int) -> None:
    symbol = "/".join(("SIM", "USDT"))
    known = [best(book, depth) for book in books(market()).values()]
    exchange = Exchange(market(), "kraken", INF, ending="close", wait_for=1)
    assert list(exchange.markets) == [symbol]
    params = {"channel": "book", "symbol": [symbol], "depth": depth}
    request = {"method": "subscribe", "params": params}
    clients = [lambda e: heard(e, "/v2", request)]
    if begin:
        clients.append(lambda e: heard(e, "/v2", request, after=lambda: after(e, begin)))
    found = kraken_books(play(exchange, *clients)[-1], depth)
    assert len(found) > 10
    assert found[-1] == known[-1]
    at = 0
    for book in found:
        at = known.index(book, at)


def test_binance_snapshot_and_diffs_chain() -> None:
    """From the first on, and by whoever asks anew in the middle."""
    known = list(books(market()).values())

    async def client(exchange: Exchange) -> None:
        async with aiohttp.ClientSession() as session:  # noqa: SIM117
            async with session.ws_connect(exchange.url + "/ws/simusdt@depth") as socket:
                diffs = [(await socket.receive_json()) for _ in range(3)]
                url = exchange.rest_url + "/fapi/v1/depth?symbol=SIMUSDT&limit=1000"
                async with session.get(url) as answer:
                    snapshot = await answer.json()
                diffs += [json.loads(message.data) async for message in socket]
        book = {
            side: {float(p): float(q) for p, q in snapshot[key]}
            for side, key in (("bid", "bids"), ("ask", "asks"))
        }
        last, at = snapshot["lastUpdateId"], known.index(book)
        for before, diff in zip(diffs, diffs[1:]):
            assert diff["pu"] == before["u"]
        after_it = [diff for diff in diffs if diff["u"] > last]
        assert len(after_it) > 10
        assert after_it[0]["U"] <= last + 1
        for diff in after_it:
            for side, key in (("bid", "b"), ("ask", "a")):
                for price, size in diff[key]:
                    put(book[side], float(price), float(size))
            at = known.index(book, at)
        assert book == known[-1]

    play(Exchange(market(), "binance", INF, ending="close", wait_for=1), client)


@pytest.mark.parametrize("form", ["{}", "t-{}"], ids=["numbers", "words"])
def test_trades_have_other_ids_each_time_that_the_recording_begins_anew(form: str) -> None:
    table = market().trades.slice(0, 20)
    names = pa.array([form.format(7 + number) for number in range(table.num_rows)])
    tape = Tape("bybit", "SIMUSDT", trades=table.set_column(1, "id", names))
    played, found = Played(tape, "SIMUSDT", [], counted=False), []
    for _ in range(3):
        found += [trade.id for step in tape.steps for trade in played.traded(step)]
        played.begin_anew(10**9)
    assert len(found) == len(set(found)) == 3 * table.num_rows
    assert found[: table.num_rows] == names.to_pylist()

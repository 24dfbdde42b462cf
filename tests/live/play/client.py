"""Clients of an exchange in a box, and their books: plain Python that shares no code with the package."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterable
from heapq import nlargest, nsmallest
from itertools import groupby
from typing import Any
from zlib import crc32

import aiohttp

from liqmap.live.play import Exchange
from liqmap.schema import Capture

COLUMNS = ["ts", "seq", "event", "side", "price", "size"]
"""Of depth rows that a recording of what is served has as the recording that is served."""

Book = dict[str, dict[float, float]]


async def heard(
    exchange: Exchange,
    path: str,
    *requests: dict[str, Any],
    snapshot: str = "",
    after: Callable[[], Any] | None = None,
) -> list[str]:
    """What a client hears from its first word to the end, which closes it; a ``snapshot`` is asked for over
    REST at the first message of the book, and stands where it came. ``after`` is waited for before."""
    texts: list[str] = []
    async with aiohttp.ClientSession() as session:

        async def ask() -> None:
            async with session.get(exchange.rest_url + snapshot) as answer:
                assert answer.status == 200
                texts.append(await answer.text())

        if after is not None:
            await after()
        asking = None
        async with session.ws_connect(exchange.url + path, max_msg_size=0) as socket:
            for request in requests:
                await socket.send_json(request)
            async for message in socket:
                texts.append(message.data)
                if snapshot and asking is None and "depthUpdate" in message.data:
                    asking = asyncio.create_task(ask())
        if asking is not None:
            await asking
    return texts


def play(exchange: Exchange, *clients: Callable[[Exchange], Any]) -> list[Any]:
    """Serve clients until all have come to their end."""

    async def serve() -> list[Any]:
        async with exchange:
            return await asyncio.gather(*(client(exchange) for client in clients))

    return asyncio.run(serve())


def captured(texts: Iterable[str]) -> bytes:
    """Lines of a raw log."""
    return b"".join(b"%d %s\n" % (time.time_ns(), text.encode()) for text in texts)


def books(capture: Capture, levels: int | None = None) -> dict[int, Book]:
    """The book after each message, or its best levels, by its id; of one id, after the last."""
    found: dict[int, Book] = {}
    book: Book = {"bid": {}, "ask": {}}
    rows = capture.depth.select(COLUMNS).to_pylist()
    for (_, seq, event), message in groupby(rows, key=lambda row: (row["ts"], row["seq"], row["event"])):
        if event == "snapshot":
            book = {"bid": {}, "ask": {}}
        for row in message:
            if row["side"] is not None:
                put(book[row["side"]], row["price"], row["size"])
        found[seq] = best(book, levels) if levels else {side: dict(book[side]) for side in book}
    return found


def put(levels: dict[float, float], price: float, size: float) -> None:
    if size:
        levels[price] = size
    else:
        levels.pop(price, None)


def best(book: Book, levels: int) -> Book:
    """Its best so many levels a side."""
    bids, asks = nlargest(levels, book["bid"]), nsmallest(levels, book["ask"])
    return {"bid": {p: book["bid"][p] for p in bids}, "ask": {p: book["ask"][p] for p in asks}}


def bybit_books(texts: Iterable[str]) -> list[tuple[int, Book]]:
    """The book of a Bybit client after each message of it, with its id and what chains it."""
    found: list[tuple[int, Book]] = []
    book: Book = {}
    for message in map(json.loads, texts):
        if not message.get("topic", "").startswith("orderbook"):
            continue
        data = message["data"]
        if message["type"] == "snapshot":
            book = {"bid": {}, "ask": {}}
        else:
            assert data["u"] == found[-1][0] + 1
        for side, key in (("bid", "b"), ("ask", "a")):
            for price, size in data[key]:
                put(book[side], float(price), float(size))
        found.append((data["u"], {side: dict(levels) for side, levels in book.items()}))
    return found


def kraken_books(texts: Iterable[str], levels: int) -> list[Book]:
    """The book of a Kraken client after each message of it, held against the checksums."""
    found: list[Book] = []
    book: Book = {}
    written: dict[tuple[str, float], str] = {}
    for message in (json.loads(text, parse_float=str, parse_int=str) for text in texts):
        if message.get("channel") != "book":
            continue
        (data,) = message["data"]
        if message["type"] == "snapshot":
            book, written = {"bid": {}, "ask": {}}, {}
        for side, key in (("bid", "bids"), ("ask", "asks")):
            for level in data[key]:
                price = float(level["price"])
                put(book[side], price, float(level["qty"]))
                written[side, price] = "".join(
                    level[n].replace(".", "").lstrip("0") for n in ("price", "qty")
                )
        book = best(book, levels)
        top = best(book, 10)
        order = [("ask", p) for p in sorted(top["ask"])]
        order += [("bid", p) for p in sorted(top["bid"], reverse=True)]
        digits = "".join(written[level] for level in order)
        assert int(data["checksum"]) == crc32(digits.encode())
        found.append({side: dict(levels_) for side, levels_ in book.items()})
    return found

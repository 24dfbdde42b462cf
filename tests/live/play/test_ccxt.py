"""The real ccxt client, unmodified but for its addresses: every book that it hands out is ours."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from liqmap.live.play import Exchange
from tests.live.play.client import Book, books

pytestmark = [
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore"),  # ccxt's own
]


COMPARED = 100
"""Levels a side. Of Binance's 1,000 the client knows fewer once some of them are gone."""


def redirected(addresses: Any, exchange: Exchange) -> Any:
    """The same paths at the exchange in a box."""
    if isinstance(addresses, dict):
        return {name: redirected(value, exchange) for name, value in addresses.items()}
    if not isinstance(addresses, str):
        return addresses
    return re.sub("^https://[^/]+", exchange.rest_url, re.sub("^wss://[^/]+", exchange.url, addresses))


async def watched(exchange: Exchange, name: str, symbol: str, limit: int) -> list[Any]:
    """Time (ms), id and the best levels of each book that ccxt hands out."""
    import ccxt.pro

    client = getattr(ccxt.pro, name)({"enableRateLimit": False})
    found = []
    async with exchange:
        client.urls["api"] = redirected(client.urls["api"], exchange)
        ended = asyncio.create_task(exchange.done.wait())
        try:
            while not ended.done():
                book = asyncio.create_task(client.watch_order_book(symbol, limit))
                await asyncio.wait([book, ended], return_when=asyncio.FIRST_COMPLETED)
                if not book.done():
                    book.cancel()
                    break
                had = book.result()
                sides = {side: dict(map(tuple, had[f"{side}s"][:COMPARED])) for side in ("bid", "ask")}
                found.append((had["timestamp"], had["nonce"], sides))
        finally:
            await client.close()
    return found


@pytest.mark.parametrize(
    ("venue", "file", "symbol", "ours", "limit", "speed"),
    [
        ("bybit", "derived-usdm-btc/2024-08-08_BTCUSDT_ob50.data.zip", "BTC/USDT:USDT", "BTCUSDT", 50, 60),
        ("binance", "binance/usdm_btcusdt_20240808.gz", "BTC/USDT:USDT", "BTCUSDT", 1000, 60),
        ("kraken", "kraken/KRAKEN.ws.50.0", "XMR/USD", "XMR/USD", 100, 10),
    ],
)
def test_every_book_is_ours(
    real_data: Path, venue: str, file: str, symbol: str, ours: str, limit: int, speed: float
) -> None:
    exchange = Exchange(real_data / file, venue, speed, wait_for=1, market=ours)
    found = asyncio.run(watched(exchange, venue, symbol, limit))
    assert len(found) > 200
    truth = books_at(exchange.truth[ours], min(limit, COMPARED))
    for ms, nonce, book in found:
        if ms is not None:  # ccxt gives a Kraken snapshot no time
            assert book in (truth[nonce] if nonce is not None else truth[ms])


def books_at(truth: Any, limit: int) -> dict[int, list[Book]]:
    """The best levels after each message, by its id, and by its time in ms."""
    found: dict[int, list[Book]] = {}
    times = dict(zip(truth.depth["seq"].to_pylist(), truth.depth["ts"].cast("int64").to_pylist()))
    for seq, cut in books(truth, limit).items():
        found.setdefault(seq, []).append(cut)
        found.setdefault(times[seq] // 1_000_000, []).append(cut)
    return found

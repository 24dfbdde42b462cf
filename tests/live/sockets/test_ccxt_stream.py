"""Streams of what ccxt hands out, by a client that does what ccxt documents."""

from __future__ import annotations

import asyncio
from typing import Any

import ccxt
import pytest

import liqmap as lm
from liqmap.live.feeds import feed_of
from liqmap.live.feeds.library import CcxtFeed
from liqmap.live.market import Market
from liqmap.schema import LiveError
from tests.live.sockets.listening import Ear, listen

MS = 1_700_000_000_000


class Client:
    """Hands out books one by one; an exception among them is raised. ``made``: all of them."""

    made: list[Client]
    books: list[Any]
    has = {"watchOrderBook": True, "watchTrades": True}  # noqa: RUF012
    markets = {"BTC/USDT": {"symbol": "BTC/USDT", "contract": False}}  # noqa: RUF012
    markets_by_id = {"BTC_USDT": [markets["BTC/USDT"]]}  # noqa: RUF012

    def __init__(self) -> None:
        self.urls: dict[str, Any] = {
            "api": {"ws": {"spot": "wss://ws.gate.io/v4"}, "rest": "https://{hostname}/api"}
        }
        self.closed = False
        type(self).made.append(self)

    async def load_markets(self) -> None:
        """It knows them."""

    async def watch_order_book(self, symbol: str) -> dict[str, Any]:
        assert symbol == "BTC/USDT"
        if not self.books:
            await asyncio.Event().wait()
        book = self.books.pop(0)
        if isinstance(book, Exception):
            raise book
        return book

    async def watch_trades(self, symbol: str) -> list[dict[str, Any]]:
        await asyncio.Event().wait()
        raise AssertionError

    async def close(self) -> None:
        self.closed = True


def book(k: int) -> dict[str, Any]:
    return {
        "symbol": "BTC/USDT",
        "timestamp": MS + 100 * k,
        "nonce": k,
        "bids": [[99.5, 1.0 + k, 3]],
        "asks": [[100.5, 2.0], [101.0, 4.0]],
    }


def run(
    monkeypatch: pytest.MonkeyPatch, books: list[Any], until: int, symbol: str = "BTC_USDT", **options: Any
) -> Ear:
    Client.books, Client.made = list(books), []
    monkeypatch.setattr(CcxtFeed, "client", lambda self: Client())
    feed = feed_of(Market("gate-io", symbol))
    return asyncio.run(listen(feed, "ws://127.0.0.1:9", lambda ear: len(ear.lines) == until, **options))


def test_stream__writes_lines_that_ingest_reads(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    ear = run(monkeypatch, [book(1), book(1), book(2)], 3)
    path = tmp_path / "gate-io" / "heard.ndjson"
    path.parent.mkdir()
    path.write_bytes(b"".join(b"%d %s\n" % both for both in zip(ear.times, ear.lines)))
    depth = lm.read(path).depth
    assert depth["size"].to_pylist() == [2.0, 2.0, 4.0, 3.0, 2.0, 4.0]
    assert depth["ts"][0].value == (MS + 100) * 1_000_000
    assert (ear.status.state, ear.status.messages) == ("stopped", 3)
    assert all(client.closed for client in Client.made)


def test_stream__goes_to_the_host_that_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    run(monkeypatch, [book(1)], 2)
    assert Client.made[0].urls["api"] == {
        "ws": {"spot": "ws://127.0.0.1:9/v4"},
        "rest": "http://127.0.0.1:9/api",
    }


def test_stream__that_breaks_begins_anew_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    ear = run(monkeypatch, [book(1), ccxt.NetworkError("it\nbroke"), book(2)], 5)
    assert ['"book"' in text or '"lost"' in text for text in ear.texts] == [False, True, True, False, True]
    assert ear.status.reconnects == 1
    assert ear.status.error == "it broke"


def test_stream__silence_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    ear = run(monkeypatch, [book(1)], 4, silence_s=0.05)
    assert '"lost"' in ear.texts[2]
    assert ear.status.error == "no book came for long"


def test_stream__unknown_symbol_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LiveError, match=r"gate-io:BTC/USDC: symbol.* Did you mean BTC/USDT"):
        run(monkeypatch, [], 1, symbol="BTC/USDC")


def test_feed__unknown_exchange_raises() -> None:
    feed = feed_of(Market("bitstmp", "BTC/USD"))
    assert isinstance(feed, CcxtFeed)
    with pytest.raises(LiveError, match="Did you mean bitstamp"):
        feed.client()


def test_feed__of_a_real_client_streams_books() -> None:
    client = CcxtFeed(Market("okex", "BTC/USDT")).client()
    assert client.id == "okx"
    assert client.has["watchOrderBook"]


def test_feed__has_no_other_depth() -> None:
    with pytest.raises(LiveError, match="'ccxt'"):
        feed_of(Market("okex", "BTC/USDT", "ob50"))

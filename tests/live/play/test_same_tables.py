"""What is recorded of a served recording is that recording: tables, spans, grids."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest

import liqmap as lm
from liqmap.live.play import Exchange
from liqmap.schema import Capture
from tests.live.play.client import COLUMNS, captured, heard, play

INF = float("inf")


def served(exchange: Exchange, path: str, *requests: dict[str, Any], to: Path, snapshot: str = "") -> Path:
    """A raw log of all that a client hears."""
    (texts,) = play(
        exchange, partial(heard, path=path, snapshot=snapshot) if not requests else _client(path, requests)
    )
    to.write_bytes(captured(texts))
    return to


def _client(path: str, requests: tuple[dict[str, Any], ...]) -> Any:
    return lambda exchange: heard(exchange, path, *requests)


def assert_same_book(got: Capture, want: Capture) -> None:
    """Rows, in their order, spans, window and a grid are equal."""
    rows, expected = (
        c.depth.select(COLUMNS).to_pandas().astype({"side": str, "event": str}) for c in (got, want)
    )
    assert rows.equals(expected)
    assert got.meta.tick_size == want.meta.tick_size
    spans, others = lm.replay(got.depth), lm.replay(want.depth)
    assert spans.to_arrow().equals(others.to_arrow())
    assert spans.window.equals(others.window)
    begin, end = (expected["ts"].iloc[i] for i in (0, -1))
    times = [begin + k * (end - begin) / 20 for k in range(21)]
    middle, tick = spans.to_arrow()["price"].to_numpy().mean(), want.meta.tick_size
    prices = [middle + k * 20 * tick for k in range(-10, 11)]
    assert lm.rasterize(spans, times, prices).equals(lm.rasterize(others, times, prices))


def bybit_topics(depth: int, symbol: str) -> dict[str, Any]:
    return {"op": "subscribe", "args": [f"orderbook.{depth}.{symbol}", f"publicTrade.{symbol}"]}


def test_simulated_market_as_bybit(tmp_path: Path) -> None:
    market = lm.simulate(minutes=0.3, seed=4, keep_truth=False)
    exchange = Exchange(market, "bybit", INF, wait_for=2, ending="close")
    log = served(
        exchange, "/v5/public/linear", bybit_topics(200, market.meta.symbol), to=tmp_path / "log.ndjson"
    )
    got = lm.read(log)
    assert_same_book(got, market)
    assert got.trades.to_pylist() == market.trades.to_pylist()


@pytest.mark.long
@pytest.mark.parametrize("depth", [50, 200, 1000])
def test_real_archive_as_bybit(real_data: Path, tmp_path: Path, depth: int) -> None:
    folder = real_data / "derived-usdm-btc"
    files = [folder / f"2024-08-08_BTCUSDT_ob{depth}.data.zip", folder / "BTCUSDT2024-08-08.csv.gz"]
    exchange = Exchange(files, "bybit", INF, wait_for=2, ending="close")
    got = lm.read(
        served(exchange, "/v5/public/linear", bybit_topics(depth, "BTCUSDT"), to=tmp_path / "log.ndjson")
    )
    assert_same_book(got, lm.read(files[0]))
    assert got.trades.to_pylist() == lm.read(files[1]).trades.to_pylist()


@pytest.mark.long
def test_real_capture_as_binance(real_data: Path, tmp_path: Path) -> None:
    capture = lm.read(real_data / "binance/usdm_btcusdt_20240808.gz")
    exchange = Exchange(capture, "binance", INF, wait_for=3, ending="close")
    streams = "/stream?streams=btcusdt@depth@100ms/btcusdt@trade/btcusdt@bookTicker"
    snapshot = "/fapi/v1/depth?symbol=BTCUSDT&limit=1000"
    got = lm.read(served(exchange, streams, to=tmp_path / "log.ndjson", snapshot=snapshot))
    assert_same_book(got, capture)
    assert got.trades.to_pylist() == capture.trades.to_pylist()
    assert got.quotes.drop(["ts_recv"]).to_pylist() == capture.quotes.drop(["ts_recv"]).to_pylist()


@pytest.mark.long
def test_real_capture_of_kraken_v1_as_v2(real_data: Path, tmp_path: Path) -> None:
    """Version 1 has asks first: rows are in the order of the lines, in both."""
    source = real_data / "kraken/KRAKEN.ws.50.0"
    exchange = Exchange(source, "kraken", INF, wait_for=10, ending="close")
    params = {"channel": "book", "symbol": list(exchange.markets), "depth": 1000}
    log = served(exchange, "/v2", {"method": "subscribe", "params": params}, to=tmp_path / "log.ndjson")
    verified = 0
    for symbol in exchange.markets:
        got = lm.read(log, symbol=symbol)
        assert_same_book(got, lm.read(source, symbol=symbol))
        verified += int(got.report.table["verified"].sum())
    assert verified == 4_279  # the ten snapshots have one too

"""Kraken's capture, served as version 2 and recorded market by market, is its batch ingest row by row."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import liqmap as lm
from liqmap.live.market import Market
from liqmap.live.play import Exchange
from liqmap.live.recorder import Recorder
from tests.live.play.client import COLUMNS

LINES = "KRAKEN.ws.50.0"
CHECKSUMS = 4_279
"""Of all markets, those of their snapshots included."""


def verified(recorder: Recorder) -> int:
    return sum(status.verified for status in recorder.statuses.values())


@pytest.mark.long
def test_recorder__of_ten_markets_is_the_batch_ingest_of_their_capture(
    real_data: Path, tmp_path: Path
) -> None:
    source, store = real_data / "kraken" / LINES, tmp_path / "store"

    async def record() -> Recorder:
        exchange = Exchange(source, "kraken", float("inf"), wait_for=20)  # a book and trades of each
        async with exchange:
            markets = [Market("kraken", symbol, "ob1000") for symbol in exchange.markets]
            recorder, stop = Recorder(store, markets, url=exchange.url), asyncio.Event()
            running = asyncio.ensure_future(recorder.run(stop))
            async with asyncio.timeout(120):
                while verified(recorder) < CHECKSUMS:
                    await asyncio.sleep(0.05)
            stop.set()
            await running
        return recorder

    recorder = asyncio.run(record())
    assert recorder.report.errors == []
    lm.ingest(source, store=tmp_path / "batch", progress=False)
    live, batch = lm.open_store(store), lm.open_store(tmp_path / "batch")
    assert len(recorder.markets) == 10
    for market in recorder.markets:
        mine, its = (s.session("kraken", market.symbol).depth() for s in (live, batch))
        assert mine.select(COLUMNS).to_pylist() == its.select(COLUMNS).to_pylist()
    assert verified(recorder) == CHECKSUMS

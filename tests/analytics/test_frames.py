"""Trades as other libraries hold them give the numbers of those of Arrow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import liqmap as lm

KINDS: dict[str, Callable[[pa.Table], Any]] = {
    "pandas": lambda t: t.to_pandas(),
    "naive": lambda t: t.to_pandas().assign(ts=lambda f: f["ts"].dt.tz_localize(None)),
    "index": lambda t: t.to_pandas().set_index("ts"),
    "polars": pl.from_arrow,
    "polars as Arrow takes it": lambda t: pa.table(pl.from_arrow(t)),
    "polars, text": lambda t: pl.from_arrow(t).cast({"aggressor": pl.String}),
    "DuckDB": lambda t: duckdb.connect().from_arrow(t),
    "DuckDB's frame": lambda t: duckdb.connect().from_arrow(t).df(),
}


@pytest.fixture(scope="module")
def capture() -> lm.Capture:
    return lm.simulate(minutes=0.5, seed=3, levels=20, keep_truth=False)


@pytest.mark.parametrize("kind", KINDS)
def test_trades_of_any_frame_count_alike(capture: lm.Capture, kind: str) -> None:
    spans, table = lm.replay(capture.depth), capture.trades
    trades = KINDS[kind](table)
    pd.testing.assert_frame_equal(lm.bars(trades, "10s"), lm.bars(table, "10s"))
    profile = lm.volume_profile(trades, 1.0, tick_size=0.1)
    pd.testing.assert_frame_equal(profile, lm.volume_profile(table, 1.0))
    assert profile["buys"].sum() > 0
    pd.testing.assert_series_equal(lm.quality(spans, trades).total, lm.quality(spans, table).total)


def test_quality_reads_its_ends_as_every_call_does(capture: lm.Capture) -> None:
    spans = lm.replay(capture.depth)
    begin, end = pd.Timestamp("2026-01-05 00:00:10"), pd.Timestamp("2026-01-05 00:00:20", tz="UTC")
    expected = lm.quality(spans, begin=begin, end=end).total
    assert expected["seconds"] == 10
    for ends in (
        ("00:00:10", "00:00:20"),
        (begin.value, end.value),
        (begin.value // 10**6, end.value // 10**6),
    ):
        pd.testing.assert_series_equal(lm.quality(spans, begin=ends[0], end=ends[1]).total, expected)
    with pytest.raises(lm.LiqmapError, match=r"begin: expected .* s since 1970 by its size"):
        lm.quality(spans, begin=begin.value // 10**9)
    with pytest.raises(lm.LiqmapError, match=r"^end: expected"):
        lm.quality(spans, end="x")
    with pytest.raises(lm.LiqmapError, match=r"^trades: expected"):
        lm.quality(spans, 5)

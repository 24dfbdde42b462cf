"""Quotes beside a grid as other libraries hold them, and what is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import liqmap as lm

SECOND = pd.Timedelta("1s")


@pytest.fixture(scope="module")
def market() -> tuple[Any, pd.DataFrame]:
    """A grid, and quotes that rise by one a second."""
    capture = lm.simulate(minutes=0.2, seed=3, levels=20, keep_truth=False)
    spans = lm.replay(capture.depth)
    begin = pd.Timestamp(spans.begin, tz="UTC")
    ts = begin + np.arange(10) * SECOND
    grid = lm.rasterize(spans, ts, [60_000.0, 70_000.0])
    return grid, pd.DataFrame({"ts": ts, "bid": np.arange(10.0), "ask": np.arange(10.0) + 1})


KINDS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "naive": lambda f: f.assign(ts=f["ts"].dt.tz_localize(None)),
    "another zone": lambda f: f.assign(ts=f["ts"].dt.tz_convert("Asia/Tokyo")),
    "us": lambda f: f.assign(ts=f["ts"].astype("datetime64[us, UTC]")),
    "index": lambda f: f.set_index("ts"),
    "ns": lambda f: f.assign(ts=f["ts"].dt.as_unit("ns").astype(np.int64)),
    "ms": lambda f: f.assign(ts=f["ts"].dt.as_unit("ms").astype(np.int64)),
    "text": lambda f: f.assign(ts=f["ts"].astype(str)),
    "polars": pl.from_pandas,
    "polars, naive": lambda f: pl.from_pandas(f.assign(ts=f["ts"].dt.tz_localize(None))),
    "Arrow": lambda f: pa.Table.from_pandas(f, preserve_index=False),
    "DuckDB": lambda f: duckdb.connect().from_arrow(pa.Table.from_pandas(f, preserve_index=False)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_quotes_of_any_frame_are_read_alike(market: tuple[Any, pd.DataFrame], kind: str) -> None:
    grid, frame = market
    mid = grid.liqmap.mid(KINDS[kind](frame))
    np.testing.assert_array_equal(mid, np.arange(9) + 0.5)


REFUSED: dict[str, tuple[Callable[[pd.DataFrame], Any], str]] = {
    "seconds": (lambda f: f.assign(ts=f["ts"].dt.as_unit("s").astype(np.int64)), "s since 1970 by its size"),
    "the day before": (
        lambda f: f.assign(ts=f["ts"] - pd.Timedelta("1D")),
        "expected quotes of the grid's time",
    ),
    "the day after": (lambda f: f.assign(ts=f["ts"] + pd.Timedelta("1D")), "of the grid's time"),
    "no ask": (lambda f: f[["ts", "bid"]], "got no ask"),
    "no time": (lambda f: f.assign(ts=[pd.NaT, *f["ts"][1:]]), "a time in every row"),
    "words": (lambda f: f.assign(bid="x"), "numbers in bid"),
    "backward": (lambda f: f[::-1], "times that rise"),
    "lazy": (lambda f: pl.from_pandas(f).lazy(), "collect"),
    "a number": (lambda f: 5, "expected the frame of Session.bbo with ts, bid and ask, got a int"),
    "a class": (lambda f: pd.DataFrame, "got a type"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_are_no_quotes_of_the_grid_is_refused(market: tuple[Any, pd.DataFrame], kind: str) -> None:
    grid, frame = market
    spoil, said = REFUSED[kind]
    with pytest.raises(lm.LiqmapError, match=said) as error:
        grid.liqmap.mid(spoil(frame))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"bps": "10"}, {"bps": np.inf}, {"bps": True}, {"bps": [1]}, {"bins": 1.5}, {"bins": True},
        {"bins": "1"}, {"bins": 1, "min_known": 2}, {"min_known": -0.1}, {"min_known": np.nan},
        {"min_known": "x"}, {"min_known": None},
    ],
    ids=str,
)  # fmt: skip
def test_a_band_or_share_that_is_none(market: tuple[Any, pd.DataFrame], wrong: dict[str, Any]) -> None:
    grid, _ = market
    with pytest.raises(lm.LiqmapError, match=f"^{list(wrong)[-1]}: expected"):
        grid.liqmap.depth(**wrong)


def test_other_arguments_that_are_none(market: tuple[Any, pd.DataFrame]) -> None:
    grid, _ = market
    for call in (lambda: grid.liqmap.carried_share(5), lambda: grid.liqmap.coverage([[]])):
        with pytest.raises(lm.LiqmapError, match=r"^dim: expected some of"):
            call()
    with pytest.raises(lm.LiqmapError, match=r"^price: expected a bin height"):
        grid.liqmap.coarsen(price=True)
    with pytest.raises(
        lm.LiqmapError, match=r"time: expected edges of the grid's own, got 2026-01-05 00:00:0"
    ):
        grid.liqmap.coarsen(time="1500ms")

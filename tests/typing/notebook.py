"""A user's script, for type checkers alone: what each call returns, and which words are wrong.

A comment that ignores an error is itself an error where there is none, so each of them is a test. Those for
pyright alone are of times: mypy takes pandas for Any, and with it whatever may be one of its Timestamps.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import assert_type

import holoviews as hv
import numpy as np
import pandas as pd
import xarray as xr

import liqmap as lm
from liqmap.app import Explorer
from liqmap.browser import Page

report = lm.ingest(["a.csv", Path("b.csv")], store="data/store", mapping={"layout": "updates"}, strict=True)
assert_type(report, lm.IngestReport)
assert_type(report.check(losses=True), lm.IngestReport)
assert_type(report.exit_code, int)
assert_type(lm.fetch("bybit", "BTCUSDT", date(2025, 11, 28), "2025-11-29"), lm.FetchReport)

store = lm.open_store("data/store")
assert_type(store, lm.Store)
assert_type(store.sessions(), pd.DataFrame)
session = store.session("bybit", "BTCUSDT", start="14:00", end=np.datetime64("2025-11-28T15:00"))
assert_type(session, lm.Session)
store.session("bybit", "BTCUSDT", date(2025, 11, 28), datetime(2025, 11, 29, tzinfo=UTC), look_back=None)
store.session("bybit", "BTCUSDT", 1_764_338_400_000, end=None)
store.session("bybit", "BTCUSDT", start=[1, 2])  # pyright: ignore
assert_type(session.price_range, tuple[float, float])
assert_type(session.book("23:55"), pd.DataFrame)
assert_type(session.bbo(), pd.DataFrame)
assert_type(session.gaps(), pd.DataFrame)


def book_at(session: lm.Session, t: pd.Timestamp) -> pd.DataFrame:
    return session.book(t)


spans = session.spans(depth_limit=50)
assert_type(spans, lm.Spans)
assert_type(lm.replay(session.depth()), lm.Spans)
grid = session.grid("5s", 1.0, agg="peak", time_range=("14:10", datetime(2025, 11, 28, 14, 20)), parts=True)
assert_type(grid, lm.Grid)
session.grid(time_range=(None, date(2025, 11, 29)), carry=lm.HalfLife("1min", None))
session.grid(carry=lm.Survival(["0s", "1min"], [1.0, 0.5]))
session.grid(carry=lm.HOLD)
session.grid(agg="median")  # type: ignore
session.grid(carry=lm.HalfLife)  # type: ignore
session.grid(time_range=5)  # type: ignore
last = lm.rasterize(spans, pd.date_range("2025-11-28", periods=9), [1.0, 2.0], agg="last")
assert_type(last, lm.Grid)
assert_type(last.liqmap.depth(bps=10), xr.Dataset)
assert_type(lm.concat([grid, lm.open_grid("grid.nc")]), lm.Grid)
last.liqmap.image("both")  # type: ignore
last.liqmap.notional("coins")  # type: ignore


def thickest(grid: lm.Grid) -> float:
    return float(grid.liqmap.coarsen(price=10.0).liqmap.notional("base").liqmap.depth(bins=2)["depth"].max())


assert_type(session.sample("1s", ["mid"]), pd.DataFrame)
assert_type(session.sample("1s", ["mid"], as_xarray=True), xr.Dataset)
assert_type(session.levels("1s", 5, wide=True), pd.DataFrame)
session.bbo("tickers")  # type: ignore
assert_type(session.bars(50.0, "volume"), pd.DataFrame)
session.bars("1min", by="days")  # type: ignore
assert_type(session.footprint("1min", 1.0, ratio=2.0), lm.Footprint)
assert_type(lm.footprint(session).to_xarray(), xr.Dataset)
assert_type(lm.value_area(session.volume_profile(1.0)).poc, float)
assert_type(lm.vwap(session, "1D", bands=(1, 2)), pd.DataFrame)
session.time_and_sales("tickers")  # type: ignore
lm.quality(spans, begin="14:00", end=datetime(2025, 11, 28, 14, 20))
lm.quality(spans, begin=[1, 2])  # pyright: ignore

assert_type(lm.snapshots(session, every="1s", levels=20), pd.DataFrame)
assert_type(lm.fill_forward(pd.DataFrame()), pd.DataFrame)
comparison = lm.compare_fill(session)
assert_type(comparison, lm.FillComparison)

look = lm.Look(scaling="equalised", carried_shown="outline", palette="viridis", theme="light")
assert_type(look, lm.Look)
lm.Look(scaling="logarithmic")  # type: ignore
lm.Look(carried_shown="yes")  # type: ignore
lm.Look(theme="blue")  # type: ignore
chart = lm.heatmap(session, half_life="1min", agg="mean", look=look, time_zone="Europe/Berlin", width=900)
assert_type(chart, hv.DynamicMap | hv.Overlay | hv.Layout)
lm.heatmap([session, session], summed=True)
lm.heatmap(session, agg="sum")  # type: ignore
lm.heatmap(session, colour="red")  # type: ignore
assert_type(lm.picture(session, "a.png", panels=("ladder",), overlays=["bbo", "mid"], preset="default"), Path)
lm.picture(session, "a.png", theme="blue")  # type: ignore
assert_type(lm.fill_picture(comparison, "a.png"), Path)
assert_type(lm.standalone_html(session, "a.html", agg="peak"), Page)
assert_type(lm.explore(session), Explorer)
lm.explore("data/store")  # type: ignore

capture = lm.read("a.csv", venue="kraken", symbol="X")
assert_type(capture, lm.Capture)
assert_type(lm.simulate(minutes=1, start=date(2026, 1, 5)), lm.Capture)

"""What is answered is what the library says."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import liqmap as lm
from tests.server.asking import Asker

HEATMAP = "/api/heatmap/bybit/depth"
MARKET = {"symbol": "AAAUSDT"}


def arrow(ask: Asker, path: str, **asked: object) -> pd.DataFrame:
    found = ask.get(path, format="arrow", **{**MARKET, **asked})
    assert found.status == 200, found.body
    return found.table("arrow").to_pandas()


def ms(time: np.datetime64) -> int:
    return int(time.astype("datetime64[ms]").astype(np.int64))


@pytest.mark.parametrize("agg", ["mean", "peak", "last"])
def test_heatmap__is_the_grid(ask: Asker, session: lm.Session, agg: str) -> None:
    begin, end = session.time_range
    window = begin + np.timedelta64(20, "s"), end - np.timedelta64(30, "s")
    low, high = session.price_range
    asked = {"start_ts": ms(window[0]), "end_ts": ms(window[1]), "price_min": low, "price_max": high}
    got = arrow(
        ask, HEATMAP, agg=agg, half_life_sec=20, prune_sec=60, price_bucket=2, time_bucket_sec=2, **asked
    )
    exact = tuple(np.datetime64(ms(t), "ms") for t in window)
    grid = session.grid("2s", 2.0, "20s", "60s", agg, (low, high), exact, parts=True)
    frame = grid[["liquidity", "state", "age"]].to_dataframe().reset_index()
    lit = frame[frame["liquidity"] > 0].sort_values(["time", "side", "price"])
    expected = lit.assign(side=pd.Categorical(lit["side"], ["bid", "ask"])).sort_values(
        ["time", "side", "price"]
    )
    assert len(got) == len(expected) > 100
    assert (got["timestamp"].dt.tz_convert(None).to_numpy() == expected["time_left"].to_numpy()).all()
    assert got["side"].tolist() == expected["side"].tolist()
    np.testing.assert_array_equal(got["price"], expected["price_left"])
    np.testing.assert_array_equal(got["size"], expected["liquidity"].astype(float))
    assert (got["state"].map({"observed": 1, "carried": 2}).to_numpy() == expected["state"].to_numpy()).all()
    np.testing.assert_array_equal(got["age_ms"], expected["age"].astype(float) * 1000)  # NaN: gone by then


def test_fill__is_fill_forward_of_the_same_snapshots(ask: Asker, session: lm.Session) -> None:
    low, high = session.price_range
    found = ask.get(HEATMAP, method="fill", price_min=low, price_max=high, format="columns", **MARKET)
    said = found.json
    frame = lm.snapshots(session, "500ms", 100)
    frame = frame[(frame["price"] >= low) & (frame["price"] < high)]
    frame["time"] = frame["ts"].dt.floor("5s")
    frame["price"] = np.floor(frame["price"] + 1e-6)
    expected = lm.fill_forward(
        frame.groupby(["time", "side", "price"], as_index=False)["size"].sum(), "30s", "5min"
    )
    assert said["fill_forward"]
    assert said["data_points"] == len(expected) == len(said["data"]["size"])
    np.testing.assert_allclose(said["data"]["size"], expected["size"], rtol=1e-12)
    np.testing.assert_array_equal(said["data"]["price"], expected["price"])
    assert said["data"]["side"] == expected["side"].tolist()
    np.testing.assert_allclose(said["data"]["age_ms"], expected["age"] * 1000)


def test_stats__are_sums_of_the_cells(ask: Asker) -> None:
    cells, stats = arrow(ask, HEATMAP), arrow(ask, f"{HEATMAP}/stats").set_index("side")
    for side, mine in cells.groupby("side"):
        assert stats.loc[side, "cells"] == len(mine)
        carried = mine.loc[mine["state"] == "carried", "size"].sum() / mine["size"].sum()
        assert stats.loc[side, "carried_share"] == pytest.approx(carried)
        assert stats.loc[side, "largest"] == mine["size"].max()


def test_flow__is_that_of_the_session(ask: Asker, session: lm.Session) -> None:
    for path, asked, expected in (
        ("/api/bars", {"every": 10}, session.bars("10s")),
        ("/api/bars", {"every": 50, "by": "ticks"}, session.bars(50, "ticks")),
        ("/api/cvd", {}, session.cumulative_delta()),
        ("/api/vwap", {"anchor": 60}, session.vwap("60s")),
        ("/api/profile", {"price_bucket": 5}, session.volume_profile(5.0)),
        ("/api/footprint/candles", {"timeframe": "30s", "ticks_per_row": 10},
         session.footprint("30s", 10 * session.meta.tick_size).cells),
        ("/api/footprint/stats", {"timeframe": "30s"}, session.footprint("30s").bars),
        ("/api/book/measures", {"measures": "mid,imbalance@5,ofi@1", "every": 2},
         session.sample("2s", ["mid", "imbalance@5", "ofi@1"])),
    ):  # fmt: skip
        got = arrow(ask, path, **asked)
        assert len(got) == len(expected) > 1, path
        for name in got.columns:
            pd.testing.assert_series_equal(
                got[name], expected[name].reset_index(drop=True), check_dtype=False, obj=f"{path} {name}"
            )


def test_snapshot__is_the_book(ask: Asker, session: lm.Session) -> None:
    at = session.time_range[0] + np.timedelta64(60, "s")
    got = arrow(ask, f"{HEATMAP[:-6]}/orderbook/snapshot", timestamp=ms(at), levels=7)
    book = session.book(np.datetime64(ms(at), "ms"))
    for side, mine in got.groupby("side"):
        expected = book[book["side"] == side].head(7)
        assert len(mine) == 7
        for name in ("price", "size", "state"):
            assert mine[name].tolist() == expected[name].tolist()


def test_bubbles__are_the_largest_trades(ask: Asker, session: lm.Session) -> None:
    trades = session.trades().to_pandas()
    worth = trades["price"] * trades["size"]
    found = ask.get("/api/heatmap/bubbles", limit=5, min_size_usd=float(worth.median()), **MARKET).json
    assert found["total"] == int((worth >= worth.median()).sum())
    assert sorted(row["notional"] for row in found["data"]) == pytest.approx(sorted(worth)[-5:])
    stamps = [row["timestamp"] for row in found["data"]]
    assert stamps == sorted(stamps)


def test_part__is_a_session_of_it(ask: Asker, store: lm.Store, session: lm.Session) -> None:
    begin = session.time_range[0]
    start, end = begin + np.timedelta64(30, "s"), begin + np.timedelta64(70, "s")
    got = arrow(ask, "/api/bars", every=10, start_ts=ms(start), end_ts=ms(end))
    part = store.session("bybit", "AAAUSDT", start=ms(start), end=ms(end))
    assert got["volume"].tolist() == part.bars("10s")["volume"].tolist()


def test_sessions__are_those_of_the_store(ask: Asker, store: lm.Store) -> None:
    got = ask.get("/api/sessions").json["data"]
    assert [row["symbol"] for row in got] == store.sessions()["symbol"].tolist()
    assert [row["rows"] for row in got] == store.sessions()["rows"].tolist()

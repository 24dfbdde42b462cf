"""Laws that any grid keeps, found without the oracle."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap import schema
from tests.compare import assert_sizes, duration, span_tuples
from tests.strategies import (
    SECOND,
    START,
    st_cuts,
    st_feeds,
    st_grids,
    st_half_lives,
    st_prunes,
    to_depth_table,
)

st_aggs = st.sampled_from(schema.AGGREGATES)
OFTEN = ("top_n", "full")
every_policy = pytest.mark.parametrize(
    "policy",
    [pytest.param(policy, marks=[] if policy in OFTEN else pytest.mark.long) for policy in schema.POLICIES],
)
EVERY_PRICE = np.array([0.0, 100.0])


def filled(grid, name: str = "liquidity") -> np.ndarray:
    """Sizes with unknown as 0, in float64."""
    return np.nan_to_num(grid[name].values).astype(np.float64)


@pytest.mark.pure
@given(case=st_grids(), half_life=st_half_lives, prune=st_prunes, agg=st_aggs)
@settings(max_examples=50)
def test_liquidity_is_nan_exactly_where_unknown(case, half_life, prune, agg):
    messages, n, times, prices = case
    spans = lm.replay(to_depth_table(messages, n))
    grid = lm.rasterize(spans, times, prices, half_life=duration(half_life), prune=duration(prune), agg=agg)
    np.testing.assert_array_equal(np.isnan(grid["liquidity"].values), grid["state"].values == schema.UNKNOWN)
    assert (filled(grid) >= 0).all()


@given(case=st_grids(), half_life=st_half_lives, prune=st_prunes)
@settings(max_examples=50)
def test_mean_is_additive(case, half_life, prune):
    """A coarse grid is the width-weighted mean over time, and the sum over price, of a finer one."""
    messages, n, times, prices = case
    spans = lm.replay(to_depth_table(messages, n))
    carry = {"half_life": duration(half_life), "prune": duration(prune)}
    fine = filled(lm.rasterize(spans, times, prices, **carry))
    coarse = filled(lm.rasterize(spans, times[[0, -1]], prices[[0, -1]], **carry))
    width = np.diff(times).astype(np.int64)
    assert_sizes(coarse[:, 0, 0], (fine.sum(axis=1) * width / width.sum()).sum(axis=1))


@given(case=st_grids(), half_life=st_half_lives, prune=st_prunes)
@settings(max_examples=50)
def test_peak_of_a_coarse_grid_is_the_largest_of_a_finer_one(case, half_life, prune):
    messages, n, times, prices = case
    spans = lm.replay(to_depth_table(messages, n))
    carry = {"half_life": duration(half_life), "prune": duration(prune), "agg": "peak"}
    fine = filled(lm.rasterize(spans, times, prices, **carry))
    coarse = filled(lm.rasterize(spans, times[[0, -1]], prices[[0, -1]], **carry))
    assert_sizes(coarse[:, 0, 0], fine.max(axis=(1, 2)))


@given(case=st_grids(), half_life=st_half_lives, prune=st_prunes)
@settings(max_examples=50)
def test_last_looks_at_nothing_but_the_right_edge(case, half_life, prune):
    messages, n, times, prices = case
    spans = lm.replay(to_depth_table(messages, n))
    carry = {"half_life": duration(half_life), "prune": duration(prune), "agg": "last"}
    fine = lm.rasterize(spans, times, prices, **carry)
    coarse = lm.rasterize(spans, times[[0, -1]], prices, **carry)
    assert_sizes(filled(coarse)[:, :, 0], filled(fine)[:, :, -1])
    np.testing.assert_array_equal(coarse["state"].values[:, :, 0], fine["state"].values[:, :, -1])


@every_policy
@given(data=st.data())
@settings(max_examples=50)
def test_without_decay_and_prune_size_times_time_is_conserved(policy, data):
    messages, n, times, _ = data.draw(st_grids(st_feeds(policy)))
    spans = lm.replay(to_depth_table(messages, n, policy=policy))
    grid = lm.rasterize(spans, times, EVERY_PRICE, half_life=None, prune=None)
    left, right = int(times[0].astype(np.int64)), int(times[-1].astype(np.int64))
    for s, side in enumerate(schema.SIDES):
        total = 0.0
        for name, _, start, _, end, size in span_tuples(spans):
            stop = right if end is None else min(end, right)
            total += size * max(0, stop - max(start, left)) if name == side else 0
        drawn = (filled(grid)[s, 0] * np.diff(times).astype(np.int64)).sum()
        assert_sizes(drawn, total)


@pytest.mark.pure
@given(case=st_grids(), half_life=st_half_lives, agg=st_aggs)
@settings(max_examples=50)
def test_prune_0_shows_what_was_observed_and_nothing_else(case, half_life, agg):
    messages, n, times, prices = case
    spans = lm.replay(to_depth_table(messages, n))
    grid = lm.rasterize(
        spans, times, prices, half_life=duration(half_life), prune=duration(0), agg=agg, parts=True
    )
    assert not (grid["state"].values == schema.CARRIED).any()
    assert not filled(grid, "carried").any()
    np.testing.assert_array_equal(filled(grid), filled(grid, "observed"))
    carrying = lm.rasterize(spans, times, prices, half_life=None, prune=None, agg=agg)
    np.testing.assert_array_equal(
        grid["state"].values == schema.OBSERVED, carrying["state"].values == schema.OBSERVED
    )


@given(case=st_grids(), agg=st_aggs, half_lives=st.tuples(st_half_lives, st_half_lives))
@settings(max_examples=50)
def test_a_longer_half_life_never_shows_less(case, agg, half_lives):
    messages, n, times, prices = case
    spans = lm.replay(to_depth_table(messages, n))
    short, long = sorted(half_lives, key=lambda h: float("inf") if h is None else h)
    less = filled(lm.rasterize(spans, times, prices, half_life=duration(short), agg=agg))
    more = filled(lm.rasterize(spans, times, prices, half_life=duration(long), agg=agg))
    assert (less <= more * (1 + 1e-6)).all()


@every_policy
@given(data=st.data(), half_life=st_half_lives, prune=st_prunes, agg=st_aggs)
@settings(max_examples=75)
def test_what_comes_later_never_changes_the_past(policy, data, half_life, prune, agg):
    """Causality: cells whose right edge is not after the last message stay as they were."""
    messages, n = data.draw(st_feeds(policy))
    heard = data.draw(st.integers(1, len(messages)))
    spoken = [ts for event, ts, _ in messages[:heard] if event != "gap"]
    times, prices = data.draw(st_cuts(messages))
    times = times[times.astype(np.int64) <= max(spoken, default=0)]
    if len(times) < 2:
        return
    carry = {"half_life": duration(half_life), "prune": duration(prune), "agg": agg, "parts": True}
    then, now = (
        lm.rasterize(lm.replay(to_depth_table(told, n, policy=policy)), times, prices, **carry)
        for told in (messages[:heard], messages)
    )
    np.testing.assert_array_equal(then["state"].values, now["state"].values)
    for name in ("liquidity", "observed", "carried", "known"):
        assert_sizes(filled(then, name), filled(now, name))
    np.testing.assert_array_equal(np.isnan(then["age"].values), np.isnan(now["age"].values))
    assert_sizes(filled(then, "age"), filled(now, "age"))


@pytest.mark.parametrize("agg", schema.AGGREGATES)
def test_a_large_grid_is_its_pieces_put_together(agg):
    """Rows know nothing of other rows, columns nothing of other columns, however the work is shared out."""
    spans = lm.replay(lm.simulate(minutes=1, seed=1).depth)
    rows = [(span[1], span[2]) for span in span_tuples(spans)]
    low, start = min(tick for tick, _ in rows), min(ns for _, ns in rows)
    prices = (np.arange(3_001) + low - 10) * spans.tick_size
    times = (start + np.arange(101) * SECOND).view("datetime64[ns]")
    whole = lm.rasterize(spans, times, prices, half_life="2s", agg=agg)
    for part in range(0, 3_000, 500):
        piece = lm.rasterize(spans, times, prices[part : part + 501], half_life="2s", agg=agg)
        np.testing.assert_array_equal(whole["state"].values[:, part : part + 500], piece["state"].values)
        np.testing.assert_array_equal(filled(whole)[:, part : part + 500], filled(piece))
    for part in range(0, 100, 25):
        piece = lm.rasterize(spans, times[part : part + 26], prices, half_life="2s", agg=agg)
        np.testing.assert_array_equal(whole["state"].values[:, :, part : part + 25], piece["state"].values)
        assert_sizes(filled(whole)[:, :, part : part + 25], filled(piece))


def test_a_level_that_left_the_window_fades_by_half_each_half_life():
    """By hand: 4 coins pushed out of a window of one level at second 10, drawn before seconds 20 to 50."""
    messages = [
        ("snapshot", START, [("bid", 10, 4.0), ("ask", 30, 1.0)]),
        ("update", START + 10 * SECOND, [("bid", 10, 0.0), ("bid", 12, 1.0)]),
        ("heard", START + 60 * SECOND, []),
    ]
    spans = lm.replay(to_depth_table(messages, 1))
    times = np.array([START + s * SECOND for s in (0, 10, 20, 30, 40, 50)], np.int64).view("datetime64[ns]")
    grid = lm.rasterize(spans, times, [1.0, 1.05], half_life="10s", prune="35s", agg="last", parts=True)
    bid = grid.sel(side="bid").isel(price=0)
    np.testing.assert_allclose(bid["liquidity"], [4, 2, 1, 0.5, np.nan])
    np.testing.assert_array_equal(bid["state"], [1, 2, 2, 2, 0])
    np.testing.assert_allclose(bid["age"], [0, 10, 20, 30, np.nan])
    np.testing.assert_allclose(bid["known"], [1, 1, 1, 1, 0.5])
    assert (grid["state"].sel(side="ask") == schema.OBSERVED).all()  # the asks' window reaches down to 0

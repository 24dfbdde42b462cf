"""Any carry model: against the half-life's own kernel, and against the definition, cell by cell."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap import schema
from liqmap.carry import CarryModel, Exponentials, HalfLife, Mixture, Survival, asked
from liqmap.raster import any_model
from liqmap.spans import touch
from tests.compare import assert_sizes, duration, span_tuples
from tests.oracle.grid import first_tick
from tests.strategies import SECOND, START, TICK_SIZE, st_grids, st_half_lives, st_prunes, to_depth_table

st_aggs = st.sampled_from(schema.AGGREGATES)


# Pruned at the very edge of a column: in the instant before it the size still stands.
PRUNED_AT_AN_EDGE = (
    [("snapshot", START, [("bid", 19, 1.0), ("bid", 18, 1.0), ("ask", 20, 1.0), ("ask", 21, 1.0)])],
    2,
    (START + np.arange(5) * SECOND // 2).view("datetime64[ns]"),
    np.array([0.9, 1.9]),
)


class Foreign:
    """A half-life that does not say so: it must take the way of any model."""

    by_distance = False

    def __init__(self, half_life, prune) -> None:
        self.inner = HalfLife(half_life, prune)

    def weight(self, age, distance=None):
        return self.inner.weight(age)

    def integral(self, young, old, distance=None):
        return self.inner.integral(young, old)

    def reach(self, distance=None):
        return self.inner.reach()

    def attrs(self):
        return self.inner.attrs()


@given(
    case=st_grids(),
    half_life=st_half_lives,
    prune=st_prunes,
    agg=st_aggs,
    portion=st.sampled_from([1, 7, 1 << 20]),
)
@settings(max_examples=100)
@example(case=PRUNED_AT_AN_EDGE, half_life=30 * SECOND, prune=2 * SECOND, agg="last", portion=1)
def test_a_half_life_by_another_name_draws_the_same(case, half_life, prune, agg, portion):
    messages, n, times, prices = case
    spans = lm.replay(to_depth_table(messages, n))
    carry = duration(half_life), duration(prune)
    expected = lm.rasterize(spans, times, prices, *carry, agg=agg, parts=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(any_model, "PORTION", portion)
        grid = lm.rasterize(spans, times, prices, agg=agg, parts=True, carry=Foreign(*carry))
    np.testing.assert_array_equal(grid["state"].values, expected["state"].values)
    for name in ("liquidity", "observed", "carried", "known"):
        assert_sizes(np.nan_to_num(grid[name].values), np.nan_to_num(expected[name].values))


def oracle(spans: lm.Spans, times, prices, model: CarryModel, agg: str) -> np.ndarray:
    """The carried part by its definition: every span in every cell, its distance looked up by hand."""
    out = np.zeros((2, len(prices) - 1, len(times) - 1))
    bests = [list(zip(*touch(spans, side))) for side in (0, 1)]
    for side, tick, _, seen, end, size in span_tuples(spans):
        s = schema.SIDES.index(side)
        before = [(t, best, z) for t, best, z in bests[s] if t < seen]
        there = before and before[-1][2] > 0
        far = np.array([abs(tick - before[-1][1]) / before[-1][1] * 1e4 if there else np.nan])
        by = asked(model, far, np.array([size]))
        stop = min(
            schema.OPEN if end is None else end, seen + min(int(np.ravel(model.reach(*by))[0]), 10**15)
        )
        for p, (low, high) in enumerate(pairwise(prices)):
            if not first_tick(low, TICK_SIZE) <= tick < first_tick(high, TICK_SIZE):
                continue
            for c, (left, right) in enumerate(pairwise(times)):
                a, b = max(seen, left), min(stop, right)
                if agg == "last" and seen < right <= stop:
                    out[s, p, c] += size * model.weight(np.array([right - seen - 0.25]), *by)[0]
                if agg == "mean" and a < b:
                    out[s, p, c] += size * model.integral(np.array([a - seen]), np.array([b - seen]), *by)[0]
                if agg == "peak" and a < b:
                    out[s, p, c] = max(out[s, p, c], size * model.weight(np.array([a - seen]), *by)[0])
    return out / np.diff(times) if agg == "mean" else out


@given(case=st_grids(), agg=st_aggs, weights=st.lists(st.floats(0.01, 1), min_size=6, max_size=6),
       prune=st.sampled_from([None, "2s", "0s"]))  # fmt: skip
@settings(max_examples=80)
def test_a_survival_curve_by_distance_matches_the_definition(case, agg, weights, prune):
    messages, n, times, prices = case
    table = np.sort(np.array(weights).reshape(2, 3), axis=1)[:, ::-1]
    model = Survival(["0s", "500ms", "3s"], table, distances=[500.0], prune=prune)
    spans = lm.replay(to_depth_table(messages, n))
    grid = lm.rasterize(spans, times, prices, agg=agg, parts=True, carry=model)
    expected = oracle(spans, times.astype(np.int64), prices, model, agg)
    assert_sizes(np.nan_to_num(grid["carried"].values), expected)
    observed = np.nan_to_num(grid["observed"].values.astype(np.float64))
    whole = np.maximum(observed, expected) if agg == "peak" else observed + expected
    assert_sizes(np.nan_to_num(grid["liquidity"].values), whole, rtol=2e-6)
    assert "Survival" in grid.attrs["carry"]


@given(case=st_grids(), agg=st_aggs, half_lives=st.lists(st_half_lives, min_size=1, max_size=3),
       prune=st.sampled_from([None, "2s", "0s"]))  # fmt: skip
@settings(max_examples=40)
def test_a_sum_of_exponentials_matches_the_definition(case, agg, half_lives, prune):
    messages, n, times, prices = case
    model = Exponentials([(0.9 / len(half_lives), duration(h)) for h in half_lives], prune=prune)
    spans = lm.replay(to_depth_table(messages, n))
    grid = lm.rasterize(spans, times, prices, agg=agg, parts=True, carry=model)
    expected = oracle(spans, times.astype(np.int64), prices, model, agg)
    assert_sizes(np.nan_to_num(grid["carried"].values), expected)
    assert "Exponentials" in grid.attrs["carry"]


@given(case=st_grids(), agg=st_aggs, half_lives=st.lists(st_half_lives, min_size=1, max_size=3),
       cuts=st.lists(st.integers(0, 9), min_size=12, max_size=12), by_distance=st.booleans(),
       prune=st.sampled_from([None, "2s", "0s"]))  # fmt: skip
@settings(max_examples=80)
def test_a_mixture_matches_the_definition(case, agg, half_lives, cuts, by_distance, prune):
    messages, n, times, prices = case
    shape = 2, 2 if by_distance else 1, len(half_lives)
    shares = np.resize(np.array(cuts) / 9 / len(half_lives), shape)
    model = Mixture([*map(duration, half_lives)], shares, [2.0], [500.0] if by_distance else (), prune)
    spans = lm.replay(to_depth_table(messages, n))
    grid = lm.rasterize(spans, times, prices, agg=agg, parts=True, carry=model)
    expected = oracle(spans, times.astype(np.int64), prices, model, agg)
    assert_sizes(np.nan_to_num(grid["carried"].values), expected)
    observed = np.nan_to_num(grid["observed"].values.astype(np.float64))
    whole = np.maximum(observed, expected) if agg == "peak" else observed + expected
    assert_sizes(np.nan_to_num(grid["liquidity"].values), whole, rtol=2e-6)
    assert "Mixture" in grid.attrs["carry"]


def test_a_curve_made_of_a_half_life_is_near_it():
    spans = lm.replay(lm.simulate(minutes=1, seed=4, levels=30, keep_truth=False).depth)
    ages = np.arange(0, 120_001, 100)
    curve = Survival([np.timedelta64(int(a), "ms") for a in ages], 2.0 ** (-ages / 10_000), prune="2min")
    times = (spans.begin // SECOND * SECOND + np.arange(60) * SECOND).view("datetime64[ns]")
    prices = np.arange(spans.sides[0].levels[0], spans.sides[1].levels[-1], 20) * spans.tick_size
    for agg in schema.AGGREGATES:
        near = lm.rasterize(spans, times, prices, agg=agg, carry=curve)
        exact = lm.rasterize(spans, times, prices, "10s", "2min", agg)
        np.testing.assert_array_equal(near["state"], exact["state"])
        np.testing.assert_allclose(near["liquidity"], exact["liquidity"], rtol=1e-5, atol=1e-9)

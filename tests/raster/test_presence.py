"""Presence of a grid: against its definition, span by span, and laws that it keeps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap import schema
from liqmap.carry import DROP, HOLD, Exponentials, HalfLife, Mixture, PresenceRate, Survival, asked
from liqmap.spans import touch
from tests.compare import FAINT, span_tuples
from tests.oracle.grid import first_tick
from tests.strategies import SECOND, START, TICK_SIZE, st_grids, to_depth_table

NAMES = ("presence", "presence_low", "presence_high")
BY_DISTANCE = Survival(["0s", "500ms", "3s"], [[1.0, 0.7, 0.2], [0.9, 0.5, 0.0]], distances=[500.0])
BY_SIZE = Mixture(["250ms", None], [[0.2, 0.8], [0.9, 0.0]], [2.0])
RISING = PresenceRate(["100ms", "1s", "8s"], [[0.9, 0.2, 0.7, 1.0]])
RISING_BY_CLASS = PresenceRate(
    ["500ms", "4s"], [[[1.0, 0.0, 0.6], [0.3, 0.9, 0.1]], [[0.5, 0.5, 0.5], [0.0, 0.0, 1.0]]], [2.0], [500.0]
)
SHORT = Mixture(["2s"], [[[0.9], [0.0]], [[0.5], [0.7]]], [2.0], [500.0], "2s")

st_aggs = st.sampled_from(schema.AGGREGATES)
st_carries = st.sampled_from(
    [HalfLife("2s", None), HalfLife("1ms", "2s"), HOLD, DROP, HalfLife(None, "100ms"), BY_DISTANCE, BY_SIZE,
     SHORT]
)  # fmt: skip
st_rates = st.sampled_from(
    [
        HalfLife("250ms", "2s"),
        HOLD,
        BY_DISTANCE,
        BY_SIZE,
        SHORT,
        Exponentials([(0.5, "1s"), (0.25, None)]),
        RISING,
        RISING_BY_CLASS,
    ]
)


class Level:
    """A span with its distance from the touch, as the definition takes it; times in ns."""

    def __init__(self, row: tuple, bests: list, carry) -> None:
        side, self.tick, self.start, self.seen, end, self.size = row
        self.side = schema.SIDES.index(side)
        before = [(best, size) for t, best, size in bests[self.side] if t < self.seen]
        there = before and before[-1][1] > 0
        far = abs(self.tick - before[-1][0]) / before[-1][0] * 1e4 if there else np.nan
        self.by = np.array([far]), np.array([self.size])
        reach = int(np.ravel(carry.reach(*asked(carry, *self.by)))[0])
        self.stop = min(schema.OPEN if end is None else end, self.seen + min(reach, 10**15))

    def weight(self, model, age: float) -> float:
        return float(model.weight(np.array([age]), *asked(model, *self.by))[0])

    def integral(self, model, young: float, old: float) -> float:
        return float(model.integral(np.array([young]), np.array([old]), *asked(model, *self.by))[0])


def last(levels: list[Level], left: int, right: int, carry, rate) -> set[float]:
    """Share of the sizes in the instant before the right edge that is expected to be there."""
    there = whole = 0.0
    for level in levels:
        if level.start < right <= level.stop:
            observed = right <= level.seen
            there += level.size * (1.0 if observed else level.weight(rate, right - level.seen - 0.25))
            whole += level.size
    return {there / whole} if whole else set()


def mean(levels: list[Level], left: int, right: int, carry, rate) -> set[float]:
    """The same of sizes x time."""
    there = whole = 0.0
    for level in levels:
        a, b = max(level.start, left), min(level.seen, right)
        if a < b:
            there += level.size * (b - a)
            whole += level.size * (b - a)
        a, b = max(level.seen, left), min(level.stop, right)
        if a < b:
            there += level.size * level.integral(rate, a - level.seen, b - level.seen)
            whole += level.size * (b - a)
    return {there / whole} if whole else set()


def peak(levels: list[Level], left: int, right: int, carry, rate) -> set[float]:
    """The rates of the largest effective size, or of those that are as large but for rounding."""
    sizes = []
    for level in levels:
        if max(level.start, left) < min(level.seen, right):
            sizes.append((level.size, 1.0))
        a = max(level.seen, left)
        if a < min(level.stop, right):
            age = a - level.seen
            sizes.append((level.size * level.weight(carry, age), level.weight(rate, age)))
    largest = max((size for size, _ in sizes), default=0.0)
    return {share for size, share in sizes if size >= largest * (1 - 3e-7) or largest < FAINT}


def levels_of(spans: lm.Spans, carry) -> list[Level]:
    bests = [list(zip(*touch(spans, side))) for side in (0, 1)]
    return [Level(row, bests, carry) for row in span_tuples(spans)]


@given(case=st_grids(), agg=st_aggs, carry=st_carries, rate=st_rates)
@settings(max_examples=120)
def test_presence_matches_the_definition(case, agg, carry, rate):
    messages, n, times, prices = case
    spans = lm.replay(to_depth_table(messages, n))
    grid = lm.rasterize(spans, times, prices, agg=agg, carry=carry, presence=rate)
    found = grid["presence"].values
    levels, edges = levels_of(spans, carry), times.astype(np.int64)
    for side, p, c in np.ndindex(*found.shape):
        low, high = (first_tick(price, TICK_SIZE) for price in prices[p : p + 2])
        here = [level for level in levels if level.side == side and low <= level.tick < high]
        share = {"last": last, "mean": mean, "peak": peak}[agg](here, *edges[c : c + 2], carry, rate)
        if share:
            assert min(abs(found[side, p, c] - s) for s in share) <= 2e-6, (side, p, c, share)
        else:
            assert np.isnan(found[side, p, c]), (side, p, c)
    assert set(grid.data_vars) == {"liquidity", "state", "presence"}
    assert grid["presence"].dtype == np.float32
    assert grid["presence"].attrs["units"] == "1"
    assert grid.attrs["presence"] == repr(rate)


@given(case=st_grids(), agg=st_aggs, carry=st_carries)
def test_what_surely_stays_is_there(case, agg, carry):
    messages, n, times, prices = case
    spans = lm.replay(to_depth_table(messages, n))
    grid = lm.rasterize(spans, times, prices, agg=agg, carry=carry, presence=lm.Presence(HOLD, HOLD, HOLD))
    for name in NAMES:
        found = grid[name].values
        assert (found[~np.isnan(found)] == 1).all()
        np.testing.assert_array_equal(np.isnan(found), np.isnan(grid["presence"].values))
        lit = np.nan_to_num(grid["liquidity"].values) > 0
        assert not np.isnan(found[lit]).any()
        assert np.isnan(found[grid["state"].values == schema.UNKNOWN]).all()


@given(case=st_grids(), agg=st.sampled_from(["mean", "last"]))
def test_the_weight_itself_is_the_share_that_is_left(case, agg):
    messages, n, times, prices = case
    spans = lm.replay(to_depth_table(messages, n))
    carry = HalfLife("2s", "2s")
    grid = lm.rasterize(spans, times, prices, agg=agg, carry=carry, presence=carry)
    held = lm.rasterize(spans, times, prices, None, "2s", agg)["liquidity"].values
    left = np.nan_to_num(grid["liquidity"].values)
    with np.errstate(invalid="ignore", divide="ignore"):
        np.testing.assert_allclose(
            grid["presence"].values, np.where(held > 0, left / held, np.nan), rtol=1e-6
        )


@given(case=st_grids(), agg=st_aggs, carry=st_carries)
def test_an_interval_holds_its_rate(case, agg, carry):
    messages, n, times, prices = case
    spans = lm.replay(to_depth_table(messages, n))
    presence = lm.Presence(HalfLife("2s", None), HalfLife("250ms", "1s"), Exponentials([(1.0, "3s")]), 0.8)
    grid = lm.rasterize(spans, times, prices, agg=agg, carry=carry, presence=presence)
    likely, low, high = (grid[name].values for name in NAMES)
    assert np.isnan(low).tolist() == np.isnan(likely).tolist() == np.isnan(high).tolist()
    some = ~np.isnan(likely)
    assert ((low <= likely) & (likely <= high))[some].all()
    assert ((low >= 0) & (high <= 1))[some].all()
    assert grid["presence_low"].attrs["long_name"] == "low end of its 80 % interval"


@given(case=st_grids(), agg=st_aggs, carry=st_carries, rate=st_rates, data=st.data())
def test_more_messages_change_no_cell_that_is_over(case, agg, carry, rate, data):
    messages, n, times, prices = case
    some = messages[: data.draw(st.integers(1, len(messages)))]
    over = times[1:].astype(np.int64) <= some[-1][1]
    if not over.any():
        return
    grids = [
        lm.rasterize(lm.replay(to_depth_table(m, n)), times, prices, agg=agg, carry=carry, presence=rate)
        for m in (some, messages)
    ]
    before, after = (grid["presence"].values[..., over] for grid in grids)
    np.testing.assert_array_equal(np.isnan(before), np.isnan(after))
    np.testing.assert_allclose(before, after, rtol=1e-6)


def test_of_equal_levels_the_one_confirmed_last_decides_a_peak():
    snapshot = [("bid", 19, 1.0), ("bid", 18, 5.0), ("bid", 17, 5.0), ("ask", 20, 1.0)]
    messages = [
        ("snapshot", START, snapshot),
        ("update", START + SECOND, [("bid", 21, 1.0), ("bid", 17, 0.0)]),
        ("update", START + 2 * SECOND, [("bid", 22, 1.0), ("bid", 18, 0.0)]),
    ]
    spans = lm.replay(to_depth_table(messages, 3))
    times = np.array([START + 3 * SECOND, START + 4 * SECOND]).view("datetime64[ns]")
    for carry in (HOLD, Survival(["0s"], [1.0])):
        grid = lm.rasterize(
            spans,
            times,
            [16 * TICK_SIZE, 19 * TICK_SIZE],
            agg="peak",
            carry=carry,
            presence=HalfLife("1s", None),
        )
        assert float(grid["liquidity"][0, 0, 0]) == 5
        assert float(grid["presence"][0, 0, 0]) == 0.5


def test_refuses_what_is_no_presence():
    rows = [("bid", 19, 1.0), ("bid", 18, 1.0), ("ask", 20, 1.0), ("ask", 21, 1.0)]
    spans = lm.replay(to_depth_table([("snapshot", START, rows), ("heard", START + SECOND, [])], 2))
    edges = np.array([START, START + SECOND]).view("datetime64[ns]"), [0.0, 1e6]
    with pytest.raises(schema.GridError, match="presence: expected a carry model"):
        lm.rasterize(spans, *edges, presence=0.5)
    with pytest.raises(schema.GridError, match="and presence="):
        lm.rasterize(spans, *edges, presence=HOLD, over="known")

"""Intervals of sizes: classes of ratios, quantiles against plain lists, and coverage counted row by row."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.analytics import Calibration
from liqmap.analytics.calibration.held_out import Judged, held_out
from liqmap.analytics.calibration.presence import Counting, fits_of
from liqmap.analytics.calibration.presence.classes import AGES, GROUPS
from liqmap.analytics.calibration.presence.ratios import HIGH_ENDS, LOW_ENDS, RATIOS, SAME, ratio_of
from liqmap.analytics.calibration.sizes import SizeCoverage, SizeIntervals
from liqmap.analytics.calibration.sizes.intervals import LEVELS, ends, quantiles_of, whole_ends
from liqmap.analytics.calibration.sizes.judge import sized
from liqmap.schema import GridError

ONE = np.ones((1, 1, 1))


@pytest.fixture(scope="module")
def market() -> tuple[lm.Spans, lm.Spans]:
    capture = lm.simulate(minutes=3, seed=3, levels=40, volatility=4.0)
    return lm.replay(capture, 10), lm.replay(capture)


@pytest.fixture(scope="module")
def found(market: tuple[lm.Spans, lm.Spans]) -> Calibration:
    return lm.calibrate(market[0], truth=market[1])


def counted(ratios: list[float]) -> np.ndarray:
    """(1, 1, 1, Q) levels, one for each ratio."""
    out = np.zeros((1, 1, 1, RATIOS))
    for ratio in ratios:
        out[0, 0, 0, ratio_of(1.0, ratio)] += 1
    return out


# ---------------------------------------------------------------------- classes of ratios
@given(size=st.floats(1e-6, 1e6), ratio=st.floats(1e-6, 1e6))
def test_a_ratio_is_between_the_ends_of_its_class(size: float, ratio: float) -> None:
    k = ratio_of(size, size * ratio)
    assert 0 <= k < RATIOS
    assert LOW_ENDS[k] * (1 - 1e-12) <= ratio <= HIGH_ENDS[k] * (1 + 1e-12) or k == SAME
    assert (k == SAME) == (abs(size * ratio / size - 1) <= 1e-9)


def test_classes_follow_each_other() -> None:
    assert len(LOW_ENDS) == len(HIGH_ENDS) == RATIOS
    np.testing.assert_array_equal(LOW_ENDS[1:], HIGH_ENDS[:-1])
    assert (LOW_ENDS[SAME], HIGH_ENDS[SAME], LOW_ENDS[0], HIGH_ENDS[-1]) == (1, 1, 0, np.inf)


# ---------------------------------------------------------------------- quantiles
st_ratios = st.lists(st.sampled_from([1e-4, 0.01, 0.5, 0.9, 1.0, 1.1, 3.0, 1e5]), min_size=1, max_size=40)


@given(ratios=st_ratios, level=st.sampled_from([0.5, 0.8, 0.9, 0.98]))
def test_an_interval_holds_its_share_of_what_it_was_made_of(ratios: list[float], level: float) -> None:
    """Each ratio ten thousand times, so that it alone counts; and it leaves out no more on either side."""
    table = quantiles_of(1e4 * counted(ratios), ONE)[0, 0]
    tail = np.array([(1 - level) / 2])
    (low,), (high,) = ends(table, tail, 1 - tail)
    values = np.array(ratios)
    assert (values < low - 1e-12).mean() <= tail[0] + 1e-3
    assert (values > high + 1e-12).mean() <= tail[0] + 1e-3
    ordered = np.sort(values)
    assert low <= ordered[int(np.floor(tail[0] * len(values)))] + 1e-12
    assert high >= ordered[int(np.ceil((1 - tail[0]) * len(values))) - 1] - 1e-12


@given(ratios=st_ratios, nothing=st.floats(0, 1), level=st.sampled_from([0.8, 0.9]))
def test_the_whole_interval_holds_its_share_with_what_is_gone(
    ratios: list[float], nothing: float, level: float
) -> None:
    table = quantiles_of(1e4 * counted(ratios), ONE)[0, 0]
    (low,), (high,) = whole_ends(table, np.array([nothing]), level)
    values = np.array(ratios)
    inside = ((values >= low - 1e-12) & (values <= high + 1e-12)).mean() * (1 - nothing)
    inside += nothing * (low <= 0)
    assert inside >= level - 2e-3
    if nothing > (1 - level) / 2 + 1e-9:
        assert low == 0
    if nothing > (1 + level) / 2 + 1e-9:
        assert high == 0


def test_a_thin_class_goes_by_its_like_and_an_empty_market_by_no_change() -> None:
    ratios = np.zeros((2, 2, 1, RATIOS))
    ratios[..., ratio_of(1.0, 0.5)] = 1000.0
    ratios[0, 0] = 0.0
    ratios[0, 0, 0, ratio_of(1.0, 20.0)] = 1.0
    table = quantiles_of(ratios, np.ones((2, 2, 1)))
    middle = table[0, 0, 0, np.searchsorted(LEVELS, 0.5)]
    assert middle == ratio_of(1.0, 0.5)
    assert (quantiles_of(np.zeros((1, 1, 1, RATIOS)), ONE) == SAME).all()


def test_rows_of_one_level_count_once() -> None:
    """A class of one level, looked at a thousand times, goes by its like; of a thousand levels by itself."""
    ratios = np.zeros((2, 1, 1, RATIOS))
    ratios[0, 0, 0, ratio_of(1.0, 0.1)] = ratios[1, 0, 0, SAME] = 1000.0
    at = np.searchsorted(LEVELS, 0.5)
    once = quantiles_of(ratios, np.array([1000.0, 1.0]).reshape(2, 1, 1))
    assert once[0, 0, 0, at] == SAME
    assert quantiles_of(ratios, np.ones((2, 1, 1)))[0, 0, 0, at] == ratio_of(1.0, 0.1)


# ---------------------------------------------------------------------- judged
def test_coverage__is_that_of_rows_one_by_one(market: tuple[lm.Spans, lm.Spans]) -> None:
    judged = Judged(*market)
    split = int(judged.times[len(judged.times) // 2])
    counting = Counting(judged, split=split)
    for _ in counting.counted(judged.portions(500)):
        pass
    groups = SizeCoverage(sized(counting, fits_of(counting, 0.9), 0.9)["size_groups"]).groups
    assert len(groups) > 3
    rows, classes, blocks = held_out(*market), counting.classes, counting.blocks
    late = (rows.time - 1 - blocks.begin) // blocks.length >= counting.cut
    size_edges, far_edges = ([0.0, *e.tolist(), np.inf] for e in (classes.sizes, classes.distances))
    for row in groups.itertuples():
        held = []
        for size, age, far, true in zip(*(c[late] for c in (rows.size, rows.age, rows.distance, rows.true))):
            s, g = bisect_right(size_edges, size) - 1, bisect_right(AGES[GROUPS].tolist(), age) - 1
            d = min(bisect_right(far_edges, np.inf if np.isnan(far) else far), len(far_edges) - 1) - 1
            at = size_edges[s], far_edges[d], AGES[GROUPS][g] * 1e-9
            if at == (row.size_low, row.distance_low, row.age_low):
                held.append((true / size, true > 0))
        ratio, there = (np.array(c) for c in zip(*held))
        assert row.levels == len(held)
        assert row.gone == pytest.approx(1 - there.mean())

        def share(low: float, high: float, some: np.ndarray) -> float:
            return float(((some >= low - 1e-9) & (some <= high + 1e-9)).mean())

        if there.any():
            assert row.inside == pytest.approx(share(row.low, row.high, ratio[there]), abs=1e-9)
        assert row.whole_inside == pytest.approx(share(row.whole_low, row.whole_high, ratio), abs=1e-9)


def test_calibration__tells_sizes_and_how_often_they_hold(found: Calibration) -> None:
    assert isinstance(found.sizes, SizeIntervals)
    judged = found.size_coverage
    assert judged is not None
    assert 0.8 < judged.inside <= 1
    assert 0.8 < judged.whole_inside <= 1
    assert f"{judged.whole_inside:.0%} within their 90% interval" in dict(found.facts())["size"]
    table = found.size_interval([0.05, 0.05, 2.0, np.nan], [1.0, 100.0, 30.0, 1.0], [2.0, np.nan, 3.0, 1.0])
    assert table.columns.tolist() == ["nothing", "low", "high", "whole_low", "whole_high"]
    assert found.presence is not None
    likely = found.presence.likely.weight(np.array([1e9]), np.array([2.0]), np.array([0.05]))
    assert table["nothing"][0] == pytest.approx(1 - likely[0])
    some = table[:3]
    assert (some["whole_low"] <= some["low"] + 1e-12).all()
    assert (some["low"] <= some["high"]).all()
    assert table.loc[3].isna().all()
    assert len(found.size_interval(0.05, np.arange(7.0))) == 7


def test_size_interval__refuses_what_is_none(found: Calibration) -> None:
    with pytest.raises(GridError, match="too short"):
        replace(found, sizes=None).size_interval(1.0, 1.0)
    with pytest.raises(GridError, match="sizes above 0"):
        found.size_interval(0.0, 1.0)
    with pytest.raises(GridError, match="ages of at least 0"):
        found.size_interval(1.0, -1.0)
    with pytest.raises(GridError, match="size: expected numbers"):
        found.size_interval("much", 1.0)
    assert dict(replace(found, size_groups=None).facts())["size"] == "too short to say"


@settings(max_examples=20)
@given(size=st.floats(1e-4, 1e4), age=st.floats(0, 1e5), far=st.one_of(st.just(np.nan), st.floats(0, 1e3)))
def test_size_interval__grows_with_the_size_within_a_class(
    found: Calibration, size: float, age: float, far: float
) -> None:
    one = found.size_interval(size, age, far).loc[0]
    assert 0 <= one["nothing"] <= 1
    assert 0 <= one["low"] <= one["high"]
    if one["nothing"] > 0.05:
        assert one["whole_low"] == 0

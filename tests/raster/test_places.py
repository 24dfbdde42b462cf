"""Places among the spans: found for many instants at once, they are those a plain search finds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.raster.columns import MEAN
from liqmap.raster.observe_mipmap import cuts
from liqmap.raster.observe_spans import side_arrays
from liqmap.raster.places import AT_ONCE, GROUP, GROUP_ENDS, Places, group_ends, look_up, settle
from tests.strategies import SECOND, START, st_messages, to_depth_table


@pytest.fixture(scope="module")
def market() -> lm.Spans:
    return lm.replay(lm.simulate(minutes=1, seed=5, levels=40, keep_truth=False).depth)


def found_at(side, ends: np.ndarray, level: int, times: np.ndarray, edges: np.ndarray) -> dict[int, int]:
    """The place of each edge among the spans of a level, where there is one."""
    found = Places(*(np.empty(len(times) + AT_ONCE, np.int64) for _ in range(3)))
    arrays = side_arrays(side)
    n = look_up(0, side.first[level], side.first[level + 1], times, edges, arrays, ends, found)
    settle(n, times, arrays, found)
    return {int(found.edge[k]): int(found.at[k]) for k in range(n) if found.at[k] < found.stop[k]}


def first_after(side, level: int, t: int) -> int | None:
    """The first span of a level seen after ``t``, one by one."""
    for i in range(side.first[level], side.first[level + 1]):
        if side.seen[i] > t:
            return i
    return None


def assert_places(side, ends, times: np.ndarray, edges: np.ndarray) -> None:
    for level in range(len(side.levels)):
        expected = {int(m): first_after(side, level, times[m]) for m in edges}
        assert found_at(side, ends, level, times, edges) == {
            m: i for m, i in expected.items() if i is not None
        }


@pytest.mark.pure
@given(feed=st_messages(), offsets=st.lists(st.integers(0, 12 * SECOND), min_size=1, max_size=9, unique=True))
@settings(max_examples=50)
def test_places_are_those_of_a_plain_search(feed, offsets):
    times = START + np.array(sorted(offsets))
    spans = lm.replay(to_depth_table(*feed))
    for side, ends in zip(spans.sides, group_ends(spans)):
        assert_places(side, ends, times, np.arange(len(times)))


def test_places_of_a_market__levels_of_many_groups(market):
    side, ends = market.sides[0], group_ends(market)[0]
    assert np.diff(side.first).max() > 3 * GROUP
    times = np.sort(
        np.concatenate([np.linspace(market.begin, market.last, 40).astype(np.int64), side.seen[::997]])
    )
    assert_places(side, ends, times, np.arange(0, len(times), 3))


def test_the_index_is_the_end_of_every_whole_group(market):
    ends = group_ends(market)
    for side, made in zip(market.sides, ends):
        assert len(made) == len(side) // GROUP
        np.testing.assert_array_equal(made, [side.seen[8 * k + 7] for k in range(len(made))])
    assert GROUP_ENDS.of(market) is ends


def test_cuts_leave_no_time_out_and_count_none_twice():
    """Whole buckets and what is cut, put together, are the columns."""
    rng = np.random.default_rng(3)
    for bucket in (4, 10):
        for _ in range(200):
            edges = np.cumsum(rng.integers(1, 15, 12)) + 100
            cut = cuts(MEAN, edges, bucket)
            drawn = np.zeros((len(edges) - 1, 300), int)
            for begin in range(0, 300, bucket):
                for j in range(len(edges) - 1):
                    if edges[j] <= begin and begin + bucket <= edges[j + 1]:
                        drawn[j, begin : begin + bucket] += 1
            for m in cut.off:
                if m > 0:
                    drawn[m - 1, cut.before[m] : edges[m]] += 1
                if m < len(edges) - 1:
                    drawn[m, edges[m] : cut.after[m]] += 1
            expected = [[edges[j] <= t < edges[j + 1] for t in range(300)] for j in range(len(edges) - 1)]
            np.testing.assert_array_equal(drawn, expected)

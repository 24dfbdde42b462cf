"""Spans that grow are, at every moment, those of a replay of all so far, in whatever parts they are kept."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.carry import DROP, HOLD, HalfLife, Survival
from liqmap.raster.paint import paint
from liqmap.raster.presence import presences
from liqmap.schema import Meta
from liqmap.session.shown_prices import price_range
from liqmap.spans import Growing, Replayer, Spans, touch
from liqmap.spans.growing import Growth
from tests.compare import assert_sizes
from tests.session.depth_store import same
from tests.strategies import SECOND, st_feeds, to_depth_table

POLICIES = ("top_n", "truncate", "full", "snapshots")
TINY = st.builds(
    Growth, young=st.integers(1, 4), settled=st.integers(1, 12), overlap=st.sampled_from([0.1, 0.5, 0.9])
)


def growing(depth, growth: Growth) -> Growing:
    return Growing(Replayer(Meta.from_metadata(depth.schema.metadata)), growth)


def fed_in_pieces(grows: Growing, depth, data: st.DataObject) -> Iterator[int]:
    """Feed a table in pieces of any size; how many rows of it are fed, after each."""
    begin = 0
    while begin < depth.num_rows:
        stop = data.draw(st.integers(begin + 1, depth.num_rows))
        grows.feed(depth.slice(begin, stop - begin))
        yield stop
        begin = stop


@given(data=st.data(), policy=st.sampled_from(POLICIES), growth=TINY)
@settings(deadline=None, max_examples=50)
def test_growing__any_cuts_are_the_replay_of_all_so_far(data, policy: str, growth: Growth) -> None:
    messages, n = data.draw(st_feeds(policy))
    depth = to_depth_table(messages, n, policy=policy)
    grows = growing(depth, growth)
    for stop in fed_in_pieces(grows, depth, data):
        if data.draw(st.booleans()):
            continue
        spans, whole = grows.spans(), lm.replay(depth.slice(0, stop))
        assert len(spans) == len(whole)
        assert (spans.begin, spans.last) == (whole.begin, whole.last)
        for side in (0, 1):
            for ours, theirs in zip(touch(spans, side), touch(whole, side)):
                np.testing.assert_array_equal(ours, theirs)
        assert same(spans, whole)
        assert spans is grows.spans()


@given(data=st.data(), policy=st.sampled_from(POLICIES), growth=TINY)
@settings(deadline=None, max_examples=10)
def test_growing__a_frame_of_parts_is_the_frame_of_the_whole(data, policy: str, growth: Growth) -> None:
    messages, n = data.draw(st_feeds(policy))
    depth = to_depth_table(messages, n, policy=policy)
    grows = growing(depth, growth)
    for _ in fed_in_pieces(grows, depth, data):
        grows.spans()
    spans, whole = grows.spans(), lm.replay(depth)
    step = data.draw(st.sampled_from([SECOND // 7, SECOND, 30 * SECOND]))
    times = whole.last - step * np.arange(12, -4, -1)
    rows = np.arange(8, 32, data.draw(st.integers(1, 3)))
    model = data.draw(st.sampled_from([HalfLife(), HOLD, DROP]))
    agg = data.draw(st.sampled_from(["mean", "peak", "last"]))
    ours = paint(spans, times, rows, model, agg, parts=True, slider=True)
    theirs = paint(whole, times, rows, model, agg, parts=True)
    np.testing.assert_array_equal(ours["state"], theirs["state"])
    for name in ("liquidity", "observed", "carried", "known"):
        assert_sizes(np.nan_to_num(ours[name]), np.nan_to_num(theirs[name]))


@pytest.fixture(scope="module")
def market():
    """A simulated market that grew second by second, and all of it."""
    depth = lm.simulate(minutes=4, seed=11, keep_truth=False).depth.combine_chunks()
    grows = growing(depth, Growth(young=500, settled=4_000, overlap=0.125))
    ts = depth["ts"].to_numpy().astype(np.int64)
    cuts = np.searchsorted(ts, np.arange(ts[0], ts[-1] + 2 * SECOND, SECOND))
    for begin, stop in zip(cuts, cuts[1:]):
        if stop > begin:
            grows.feed(depth.slice(begin, stop - begin))
            grows.spans()
    return grows.spans(), lm.replay(depth)


def test_growing__many_parts_are_the_whole(market) -> None:
    spans, whole = market
    assert len(spans.parts) > 3
    assert same(spans, whole)
    assert all(part.since <= before.last for before, part in zip(spans.parts, spans.parts[1:]))


BY_DISTANCE = Survival(["0s", "2s", "1min"], [[1, 0.9, 0.5], [1, 0.4, 0.1]], distances=[1.0])
"""A level's weight depends on the touch when it was last confirmed, which a young part has not seen."""


@pytest.mark.parametrize(
    ("model", "agg"), [(HalfLife(), "mean"), (HOLD, "peak"), (DROP, "last"), (BY_DISTANCE, "mean")]
)
def test_growing__a_frame_takes_each_column_from_the_part_that_knows_it(market, model, agg: str) -> None:
    spans, whole = market
    low, high = (round(p / whole.tick_size) for p in price_range(whole, whole.begin, whole.last))
    times, rows = np.arange(whole.begin, whole.last + SECOND, SECOND // 2), np.arange(low, high, 5)
    ours = paint(spans, times, rows, model, agg, slider=True)
    theirs = paint(whole, times, rows, model, agg)
    np.testing.assert_array_equal(ours["state"], theirs["state"])
    assert_sizes(np.nan_to_num(ours["liquidity"]), np.nan_to_num(theirs["liquidity"]))


@pytest.mark.parametrize("agg", ["mean", "peak"])
def test_growing__parts_have_the_presence_of_the_whole(market, agg: str) -> None:
    spans, whole = market
    low, high = (round(p / whole.tick_size) for p in price_range(whole, whole.begin, whole.last))
    times, rows = np.arange(whole.begin, whole.last + SECOND, SECOND), np.arange(low, high, 5)
    how = (times, rows, HOLD, {"presence": BY_DISTANCE}, agg)
    ours, theirs = presences(spans, *how, slider=True), presences(whole, *how)
    np.testing.assert_allclose(ours["presence"], theirs["presence"], rtol=1e-6)


def test_growing__a_copy_and_a_pickle_are_the_whole(market) -> None:
    spans, whole = market
    for other in (copy.deepcopy(spans), pickle.loads(pickle.dumps(spans))):
        assert type(other) is Spans
        assert same(other, whole)


def test_growing__a_view_stays_what_it_was() -> None:
    depth = lm.simulate(minutes=1, seed=5, keep_truth=False).depth.combine_chunks()
    half = depth.num_rows // 2
    grows = growing(depth, Growth(young=200, settled=1_000))
    grows.feed(depth.slice(0, half))
    before = grows.spans()
    kept = copy.deepcopy(before)
    grows.feed(depth.slice(half))
    assert same(grows.spans(), lm.replay(depth))
    assert same(before, kept)

"""The four window policies against the oracle, and laws that each keeps by what its feed means."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap import schema
from tests.compare import assert_grid, plain_steps, span_tuples, window_steps
from tests.oracle.grid import oracle_grid
from tests.oracle.replay import oracle_replay
from tests.strategies import (
    SECOND,
    START,
    TICK_SIZE,
    st_cuts,
    st_feeds,
    st_messages,
    st_plots,
    to_depth_table,
    told,
)

every_policy = pytest.mark.parametrize("policy", schema.POLICIES)


def without_limit(depth: pa.Table) -> pa.Table:
    """The table of a feed that does not say its N."""
    meta = replace(schema.Meta.from_metadata(depth.schema.metadata), depth_limit=None)
    return depth.replace_schema_metadata(meta.to_metadata())


def assert_same(spans: lm.Spans, expected: lm.Spans) -> None:
    assert span_tuples(spans) == span_tuples(expected)
    assert window_steps(spans) == window_steps(expected)


# ------------------------------------------------------------------ the same as the oracle


@pytest.mark.pure
@every_policy
@given(data=st.data())
@settings(max_examples=150)
def test_matches_oracle(policy, data):
    messages, n = data.draw(st_feeds(policy))
    spans = lm.replay(to_depth_table(messages, n, policy=policy))
    expected, window = oracle_replay(messages, n, policy)
    assert span_tuples(spans) == expected
    assert window_steps(spans) == plain_steps(window)


@every_policy
@given(data=st.data(), agg=st.sampled_from(schema.AGGREGATES))
@settings(max_examples=75)
def test_grid_matches_oracle(policy, data, agg):
    messages, n = data.draw(st_feeds(policy))
    time_edges, price_edges = data.draw(st_cuts(messages))
    spans = lm.replay(to_depth_table(messages, n, policy=policy))
    grid = lm.rasterize(spans, time_edges, price_edges, "1s", "5s", agg, parts=True)
    args = (time_edges.view(np.int64), price_edges, TICK_SIZE, SECOND, 5 * SECOND, agg)
    expected = oracle_grid(*oracle_replay(messages, n, policy), *args, parts=True)
    assert_grid(grid, expected)
    np.testing.assert_allclose(np.nan_to_num(grid["known"].values), expected["known"], rtol=1e-6, atol=1e-7)


# ------------------------------------------------------------------ what the feeds mean


@every_policy
@given(data=st.data(), n=st.integers(1, 5))
@settings(max_examples=75)
def test_observed_is_what_the_feed_shows_of_the_true_book(policy, data, n):
    """The best N levels of the deep book, or all of it; between two messages nothing else is observed."""
    messages = told(data.draw(st_plots(gaps=False)), n, policy, from_snapshot=True)
    if not (messages and messages[0][0] == "snapshot"):
        return
    spans = span_tuples(lm.replay(to_depth_table(messages, n, policy=policy)))
    book: dict = {}
    heard: set = set()
    for (event, ts, rows), following in pairwise(messages):
        if event == "snapshot":
            book = {}
        book |= {row[:2]: row[2] for row in rows}
        book = {key: size for key, size in book.items() if size > 0}
        if policy == "truncate":
            bids = sorted((key for key in book if key[0] == "bid"), reverse=True)[:n]
            asks = sorted(key for key in book if key[0] == "ask")[:n]
            book = {key: book[key] for key in bids + asks}
        heard |= book.keys()
        if ts < following[1]:
            observed = {(span[0], span[1]): span[5] for span in spans if span[2] <= ts < span[3]}
            assert observed == book
            carried = {(span[0], span[1]) for span in spans if span[3] <= ts and (span[4] or ts + 1) > ts}
            assert carried <= heard - observed.keys()


@pytest.mark.parametrize("policy", ["truncate", "full"])
@given(data=st.data())
@settings(max_examples=100)
def test_what_is_removed_is_never_carried(policy, data):
    """Where the venue says nothing of what leaves the window, a removal is a cancel, wherever it stands."""
    messages, n = data.draw(st_feeds(policy))
    spans = span_tuples(lm.replay(to_depth_table(messages, n, policy=policy)))
    for event, ts, rows in messages:
        last_words = {row[:2]: row[2] for row in rows}
        later = [other for other in messages if other[1] == ts]
        if event != "update" or later[-1][2] is not rows:
            continue
        for (side, tick), size in last_words.items():
            alive = [s for s in spans if s[:2] == (side, tick) and s[2] <= ts and (s[4] is None or ts < s[4])]
            assert size > 0 or not alive


def silent(messages: list, n: int) -> list:
    """The feed without the removals of levels pushed out of the window, as Kraken sends it."""
    out, book = [], {}
    for event, ts, rows in messages:
        book = {} if event == "snapshot" else book
        book |= {row[:2]: row[2] for row in rows}
        book = {key: size for key, size in book.items() if size > 0}
        kept = []
        for side, tick, size in rows:
            own = [other for name, other in book if name == side]
            worst = min(own, default=0) if side == "bid" else max(own, default=0)
            beyond = tick < worst if side == "bid" else tick > worst
            if size > 0 or len(own) < n or not beyond:
                kept.append((side, tick, size))
        out.append((event if kept else "heard", ts, kept))
    return out


ASKS = [("ask", 28, 1.0), ("ask", 29, 1.0)]


@given(plot=st_plots(gaps=False), n=st.integers(2, 5))
@settings(max_examples=100)
# 18 leaves the window unsaid and is cancelled there; when 20 goes, the feed names 17 as the second best.
@example(
    plot=(
        [("bid", 19, 1.0), ("bid", 18, 1.0), *ASKS],
        [
            ("update", 10, [("bid", 20, 1.0)], []),
            ("update", 10, [("bid", 18, 0.0), ("bid", 17, 1.0)], []),
            ("update", 10, [("bid", 20, 0.0)], []),
        ],
    ),
    n=2,
)
def test_truncate_needs_no_removals_of_what_leaves(plot, n):
    """Told by other words, one market gives the same spans."""
    messages = told(plot, n, from_snapshot=True, noise=False)
    if not (messages and messages[0][0] == "snapshot"):
        return
    spoken = lm.replay(to_depth_table(messages, n))
    assert_same(lm.replay(to_depth_table(silent(messages, n), n, policy="truncate")), spoken)


@given(plot=st_plots(gaps=False), n=st.integers(2, 5), word=st.sampled_from(["snapshot", "update"]))
@settings(max_examples=75)
def test_snapshots_tell_what_updates_tell(plot, n, word):
    """A feed that sends its whole window each time, whatever it calls that; only what no longer rests must be
    found by comparing."""
    messages = told(plot, n, from_snapshot=True, noise=False)
    if not (messages and messages[0][0] == "snapshot"):
        return
    book: dict = {}
    windows = []
    for event, ts, rows in messages:
        book = {} if event == "snapshot" else book
        book |= {row[:2]: row[2] for row in rows}
        book = {key: size for key, size in book.items() if size > 0}
        none = [("bid", 1, 0.0)]  # a removal of nothing: the book is empty
        windows.append((word, ts, [(*key, size) for key, size in book.items()] or none))
    expected = lm.replay(to_depth_table(messages, n))
    assert_same(lm.replay(to_depth_table(windows, n, policy="snapshots")), expected)


# ------------------------------------------------------------------ as if the feed had fewer levels


@pytest.mark.parametrize("policy", ["top_n", "truncate", "snapshots"])
@given(plot=st_plots(gaps=False), n=st.integers(1, 5), more=st.integers(0, 3))
@settings(max_examples=75)
def test_depth_limit_replays_as_the_narrower_feed(policy, plot, n, more):
    """The books of both feeds are one book: the deep one cut to n must be the narrow one."""
    wide = told(plot, n + more, policy, from_snapshot=True, noise=False)
    narrow = told(plot, n, policy, from_snapshot=True, noise=False)
    if not (wide and wide[0][0] == "snapshot"):
        return
    expected = lm.replay(to_depth_table(narrow, n, policy=policy))
    depth = to_depth_table(wide, n + more, policy=policy)
    assert_same(lm.replay(depth, depth_limit=n), expected)


@pytest.mark.parametrize("policy", ["top_n", "truncate", "snapshots"])
@given(data=st.data())
@settings(max_examples=50)
def test_a_feed_that_does_not_say_its_n_takes_the_depth_limit_for_it(policy, data):
    messages, n = data.draw(st_messages(policy=policy))
    depth = to_depth_table(messages, n, policy=policy)
    assert_same(lm.replay(without_limit(depth), depth_limit=n), lm.replay(depth))


def test_full_without_a_limit_is_bounded_by_its_snapshot():
    messages = [
        ("snapshot", START, [("bid", 19, 1.0), ("bid", 15, 1.0)]),
        ("update", START + SECOND, [("bid", 12, 3.0)]),
    ]
    spans = lm.replay(without_limit(to_depth_table(messages, 1, policy="full")))
    assert next(w for w in window_steps(spans) if w[0] == "bid")[2] == 15
    assert len(spans) == 3


def test_the_true_book_cut_to_n_levels_is_the_feed():
    """What the simulator says of its whole book, cut to 50 levels, is what its feed of 50 levels says."""
    market = lm.simulate(minutes=1, seed=4, levels=50)
    cut, fed = lm.replay(market.truth.depth, depth_limit=50), lm.replay(market.depth)
    assert cut.to_arrow().equals(fed.to_arrow())
    assert cut.window.equals(fed.window)

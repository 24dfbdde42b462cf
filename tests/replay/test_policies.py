"""The window policies beside ``top_n``: told by other words, one market must give the same spans."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap import schema
from tests.compare import assert_grid, plain_steps, span_tuples, window_steps
from tests.oracle.grid import oracle_grid
from tests.oracle.replay import oracle_replay
from tests.strategies import TICK_SIZE, st_cuts, st_messages, st_plots, st_raw_messages, to_depth_table, told


def under(policy: str, depth: pa.Table) -> pa.Table:
    """The table, with another window policy in its metadata."""
    meta = replace(schema.Meta.from_metadata(depth.schema.metadata), window_policy=policy)
    return depth.replace_schema_metadata(meta.to_metadata())


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
@settings(max_examples=150)
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
    messages = told(plot, n, from_snapshot=True, noise=False)
    if not (messages and messages[0][0] == "snapshot"):
        return
    spoken = lm.replay(to_depth_table(messages, n))
    unsaid = lm.replay(under("truncate", to_depth_table(silent(messages, n), n)))
    assert span_tuples(unsaid) == span_tuples(spoken)
    assert window_steps(unsaid) == window_steps(spoken)


@given(plot=st_plots(gaps=False), n=st.integers(2, 5))
@settings(max_examples=50)
def test_snapshots_tell_what_updates_tell(plot, n):
    """A feed that sends its whole window each time; only what no longer rests must be found by comparing."""
    messages = told(plot, n, from_snapshot=True, noise=False)
    if not (messages and messages[0][0] == "snapshot"):
        return
    book: dict = {}
    windows = []
    for event, ts, rows in messages:
        book = {} if event == "snapshot" else book
        book |= {row[:2]: row[2] for row in rows}
        book = {key: size for key, size in book.items() if size > 0}
        if not book:
            return  # a snapshot without rows cannot be written down
        windows.append(("snapshot", ts, [(*key, size) for key, size in book.items()]))
    expected = lm.replay(to_depth_table(messages, n))
    spans = lm.replay(under("snapshots", to_depth_table(windows, n)))
    assert span_tuples(spans) == span_tuples(expected)
    assert window_steps(spans) == window_steps(expected)


@given(feed=st.one_of(st_raw_messages(), st_messages()))
@settings(max_examples=200)
def test_full_matches_oracle(feed):
    """Every removal is real, the window stays where the snapshot put it, beyond it what is heard is known."""
    messages, n = feed
    spans = lm.replay(under("full", to_depth_table(messages, n)))
    expected, window = oracle_replay(messages, n, "full")
    assert span_tuples(spans) == expected
    assert window_steps(spans) == plain_steps(window)


@given(feed=st_raw_messages(), data=st.data())
@settings(max_examples=100)
def test_full_grid_matches_oracle(feed, data):
    messages, n = feed
    time_edges, price_edges = data.draw(st_cuts(messages))
    spans = lm.replay(under("full", to_depth_table(messages, n)))
    grid = lm.rasterize(spans, time_edges, price_edges, "1s", "5s", "mean", parts=True)
    carry = (10**9, 5 * 10**9, "mean")
    args = (time_edges.view(np.int64), price_edges, TICK_SIZE, *carry)
    expected = oracle_grid(*oracle_replay(messages, n, "full"), *args, parts=True)
    assert_grid(grid, expected)
    np.testing.assert_allclose(np.nan_to_num(grid["known"].values), expected["known"], rtol=1e-6, atol=1e-7)


def test_full_without_a_limit_is_bounded_by_its_snapshot():
    messages = [
        ("snapshot", 10**9, [("bid", 19, 1.0), ("bid", 15, 1.0)]),
        ("update", 2 * 10**9, [("bid", 12, 3.0)]),
    ]
    table = under("full", to_depth_table(messages, 1))
    meta = replace(schema.Meta.from_metadata(table.schema.metadata), depth_limit=None)
    spans = lm.replay(table.replace_schema_metadata(meta.to_metadata()))
    assert next(w for w in window_steps(spans) if w[0] == "bid")[2] == 15
    assert len(spans) == 3


def test_the_true_book_cut_to_n_levels_is_the_feed():
    """What the simulator says of its whole book, cut to 50 levels, is what its feed of 50 levels says."""
    market = lm.simulate(minutes=1, seed=4, levels=50)
    cut, fed = lm.replay(market.truth.depth, depth_limit=50), lm.replay(market.depth)
    assert cut.to_arrow().equals(fed.to_arrow())
    assert cut.window.equals(fed.window)

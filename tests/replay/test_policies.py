"""The window policies beside ``top_n``: told by other words, one market must give the same spans."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap import schema
from tests.compare import span_tuples, window_steps
from tests.strategies import st_plots, to_depth_table, told


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

"""Laws that spans keep whatever the feed, the shape of their tables, and what is refused."""

from __future__ import annotations

import pickle
from decimal import Decimal
from itertools import groupby, pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap import schema
from tests.compare import span_tuples, window_steps
from tests.strategies import START, TICK_SIZE, st_feeds, st_messages, to_depth_table

every_policy = pytest.mark.parametrize("policy", schema.POLICIES)
TICK_SIZES = (0.1, 0.01, 0.25, 0.05, 5.0, 1e-5, 1e-8, 1 / 64, 0.025)
SNAPSHOT = [
    ("snapshot", START, [("bid", 10, 1.0), ("ask", 12, 2.0)]),
    ("update", START + 1_000, [("bid", 10, 3.0)]),
]


# ------------------------------------------------------------------ laws


@every_policy
@given(data=st.data())
@settings(max_examples=50)
def test_spans_of_one_price_follow_each_other(policy, data):
    messages, n = data.draw(st_feeds(policy))
    spans = span_tuples(lm.replay(to_depth_table(messages, n, policy=policy)))
    assert spans == sorted(spans, key=lambda s: (schema.SIDES.index(s[0]), s[1], s[2]))
    for _, start, seen, end, size in (span[1:] for span in spans):
        assert start <= seen
        assert end is None or (seen <= end and start < end)
        assert size > 0
    for _, own in groupby(spans, key=lambda span: span[:2]):
        for earlier, later in pairwise(own):
            assert earlier[4] is not None
            assert earlier[4] <= later[2]


@pytest.mark.pure
@given(feed=st_messages(gaps=False))
@settings(max_examples=100)
def test_observed_spans_are_the_book(feed):
    """Between two messages the observed spans are what a client that applies the rows would hold."""
    messages, n = feed
    spans = span_tuples(lm.replay(to_depth_table(messages, n)))
    book: dict = {}
    for (event, ts, rows), following in pairwise(messages):
        if event == "snapshot":
            book = {}
        book.update({row[:2]: row[2] for row in rows})
        book = {key: size for key, size in book.items() if size > 0}
        if ts < following[1]:
            observed = {(span[0], span[1]): span[5] for span in spans if span[2] <= ts < span[3]}
            assert observed == book


@given(feed=st_messages())
@settings(max_examples=100)
def test_nothing_is_carried_inside_the_window(feed):
    spans = lm.replay(to_depth_table(*feed))
    for side in schema.SIDES:
        steps = [step[1:] for step in window_steps(spans) if step[0] == side] + [(schema.OPEN, None, False)]
        for (start, worst, known), (stop, _, _) in pairwise(steps):
            for name, tick, _, seen, end, _ in span_tuples(spans):
                if (
                    name == side
                    and known
                    and max(start, seen) < min(stop, schema.OPEN if end is None else end)
                ):
                    assert worst is not None
                    assert tick < worst if side == "bid" else tick > worst


@pytest.mark.pure
@every_policy
@given(data=st.data())
@settings(max_examples=50)
def test_bids_and_asks_are_treated_alike(policy, data):
    messages, n = data.draw(st_feeds(policy))
    other = {"bid": "ask", "ask": "bid"}
    mirrored = [
        (e, ts, [(other[side], 100 - tick, size) for side, tick, size in rows]) for e, ts, rows in messages
    ]
    spans, image = (lm.replay(to_depth_table(told, n, policy=policy)) for told in (messages, mirrored))
    turned = [(other[s[0]], 100 - s[1], *s[2:]) for s in span_tuples(image)]
    assert sorted(turned, key=str) == sorted(span_tuples(spans), key=str)
    turned = [(other[w[0]], w[1], None if w[2] is None else 100 - w[2], w[3]) for w in window_steps(image)]
    assert sorted(turned, key=str) == sorted(window_steps(spans), key=str)


# On either side one level leaves the window, which then grows over it.
GROWS = [
    ("snapshot", START, [("bid", 13, 1.0), ("bid", 12, 1.0), ("ask", 20, 1.0), ("ask", 21, 1.0)]),
    ("update", START + 10, [("bid", 14, 1.0), ("bid", 12, 0.0), ("ask", 19, 1.0), ("ask", 21, 0.0)]),
    (
        "update",
        START + 20,
        [(side, tick, 0.0) for side, tick in (("bid", 14), ("bid", 13), ("ask", 19), ("ask", 20))]
        + [(side, tick, 1.0) for side, tick in (("bid", 11), ("bid", 10), ("ask", 22), ("ask", 23))],
    ),
]


@every_policy
@given(
    feed=st.one_of(*map(st_feeds, schema.POLICIES)),
    stretch=st.sampled_from([1, 37, 1024, 100_000]),
    ticks=st.one_of(st.sampled_from([0, 255]), st.integers(-1_000_000, 1_000_000)),
    ns=st.integers(-(10**18), 10**18),
)
@settings(max_examples=100)
@example(feed=(GROWS, 2), stretch=1024, ticks=0, ns=0)  # levels on the first, or last, tick of a page
@example(feed=(GROWS, 2), stretch=1024, ticks=255, ns=0)
def test_prices_stretched_and_shifted_in_time_make_the_same_spans(policy, feed, stretch, ticks, ns):
    messages, n = feed
    moved = [
        (event, ts + ns, [(side, tick * stretch + ticks, size) for side, tick, size in rows])
        for event, ts, rows in messages
    ]
    expected = [
        (side, tick * stretch + ticks, start + ns, seen + ns, None if end is None else end + ns, size)
        for side, tick, start, seen, end, size in span_tuples(
            lm.replay(to_depth_table(messages, n, policy=policy))
        )
    ]
    assert span_tuples(lm.replay(to_depth_table(moved, n, policy=policy))) == expected


# ------------------------------------------------------------------ tables


@given(feed=st_feeds())
@settings(max_examples=50)
def test_round_trip_through_arrow_keeps_sizes_and_states(feed):
    spans = lm.replay(to_depth_table(*feed))
    table, window = spans.to_arrow(), spans.window
    again = lm.Spans.from_arrow(table, window)
    assert again.to_arrow().equals(table, check_metadata=True)
    assert again.window.equals(window)
    edges = np.array([START, START + 10**9, START + 10**12], "datetime64[ns]"), np.arange(9, 32) * TICK_SIZE
    for agg in schema.AGGREGATES:
        assert lm.rasterize(again, *edges, agg=agg).identical(lm.rasterize(spans, *edges, agg=agg))


def test_tables_keep_the_schema_and_say_what_they_are_about():
    spans = lm.replay(to_depth_table(SNAPSHOT, 5))
    table = spans.to_arrow()
    assert table.schema.equals(schema.SPANS)
    assert spans.window.schema.equals(schema.WINDOW)
    meta = schema.Meta.from_metadata(table.schema.metadata)
    assert (meta.venue, meta.symbol, meta.feed) == ("test", "TEST", "ob5")
    assert (meta.tick_size, meta.depth_limit) == (TICK_SIZE, 5)


@given(
    tick_size=st.sampled_from(TICK_SIZES), ticks=st.lists(st.integers(-(2**31) + 1, 2**31 - 1), min_size=1)
)
def test_prices_are_the_decimals_that_the_venue_writes(tick_size, ticks):
    meta = schema.Meta(venue="test", symbol="TEST", tick_size=tick_size, window_policy="full")
    table = lm.replay(to_depth_table(SNAPSHOT, 5)).to_arrow().slice(0, 1)
    table = pa.concat_tables([table] * len(ticks)).set_column(
        1, schema.SPANS.field("tick"), pa.array(ticks, "int32")
    )
    table = table.replace_schema_metadata(meta.to_metadata())
    found = lm.Spans.from_arrow(table, schema.WINDOW.empty_table()).to_arrow()
    exact = [float(Decimal(repr(tick_size)) * tick) for tick in found["tick"].to_pylist()]
    assert found["price"].to_pylist() == exact


def test_spans_come_back_from_a_table_without_prices():
    spans = lm.replay(to_depth_table(SNAPSHOT, 5))
    again = lm.Spans.from_arrow(spans.to_arrow().drop_columns(["price"]), spans.window)
    assert again.to_arrow().equals(spans.to_arrow(), check_metadata=True)


def test_the_window_tells_its_bounds_as_the_venue_writes_prices():
    table = to_depth_table(SNAPSHOT, 5)
    spans = lm.replay(table, depth_limit=1)
    found = spans.window.to_pylist()
    exact = [None if r["worst_tick"] is None else r["worst_tick"] * Decimal(repr(TICK_SIZE)) for r in found]
    assert [r["worst_price"] for r in found] == [None if e is None else float(e) for e in exact]
    assert {r["worst_price"] for r in found} - {None} <= set(table["price"].to_pylist())
    assert any(exact)
    again = lm.Spans.from_arrow(spans.to_arrow(), spans.window.drop_columns(["worst_price"]))
    assert again.window.equals(spans.window, check_metadata=True)


def test_depth_without_rows_has_no_spans():
    spans = lm.replay(to_depth_table(SNAPSHOT, 5).slice(0, 0))
    assert len(spans.to_arrow()) == 0
    assert len(spans.window) == 0


# ------------------------------------------------------------------ what is refused


def test_depth_without_metadata_is_refused():
    bare = to_depth_table(SNAPSHOT, 5).replace_schema_metadata(None)
    with pytest.raises(schema.LiqmapError, match="venue"):
        lm.replay(bare)


def test_time_that_runs_backwards_is_refused():
    with pytest.raises(schema.ReplayError):
        lm.replay(to_depth_table([SNAPSHOT[1], SNAPSHOT[0]], 5))


def test_a_strange_policy_is_refused():
    depth = to_depth_table(SNAPSHOT, 5)
    meta = schema.Meta(venue="test", symbol="TEST", tick_size=TICK_SIZE, window_policy="guess", depth_limit=5)
    with pytest.raises(schema.LiqmapError, match="guess"):
        lm.replay(depth.replace_schema_metadata(meta.to_metadata()))


def test_top_n_without_its_n_is_refused():
    meta = schema.Meta(venue="test", symbol="TEST", tick_size=TICK_SIZE, window_policy="top_n")
    with pytest.raises(schema.LiqmapError, match="depth_limit"):
        lm.replay(to_depth_table(SNAPSHOT, 5).replace_schema_metadata(meta.to_metadata()))


def test_a_missing_column_is_refused():
    depth = to_depth_table(SNAPSHOT, 5)
    with pytest.raises(schema.LiqmapError, match="size"):
        lm.replay(depth.drop_columns(["size"]))


def test_spans_travel_to_another_process_without_what_was_derived():
    spans = lm.replay(to_depth_table(SNAPSHOT, 5))
    edges = np.array([START, START + 10**9], "datetime64[ns]"), np.arange(9, 32) * TICK_SIZE
    drawn = lm.rasterize(spans, *edges)
    again = pickle.loads(pickle.dumps(spans))
    assert spans.kept
    assert not again.kept
    assert again.to_arrow().equals(spans.to_arrow(), check_metadata=True)
    assert lm.rasterize(again, *edges).identical(drawn)

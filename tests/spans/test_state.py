"""A replay that is saved and goes on elsewhere, begins late, or is cut short: held to one replay of all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap import schema
from liqmap.spans import Replayer, truncate
from tests.compare import plain_steps, span_tuples, window_steps
from tests.strategies import START, st_messages, st_raw_messages, to_depth_table

st_feeds = st.one_of(st_messages(), st_raw_messages())
st_limits = st.sampled_from([None, 1, 2])
BOOK = [("bid", 10, 1.0), ("bid", 9, 1.0), ("ask", 12, 1.0), ("ask", 13, 1.0)]


def depth_under(policy: str, feed: tuple[list, int]) -> pa.Table:
    depth = to_depth_table(*feed)
    meta = replace(schema.Meta.from_metadata(depth.schema.metadata), window_policy=policy)
    return depth.replace_schema_metadata(meta.to_metadata())


def replayer_of(depth: pa.Table, limit: int | None) -> Replayer:
    return Replayer(schema.Meta.from_metadata(depth.schema.metadata), limit)


def ended(replayer: Replayer) -> list:
    """Spans that the replayer has written, in no order."""
    names = schema.SIDES
    parts = [(names[side.side], part) for side in replayer._sides for part in side.spans]
    return [
        (side, int(s["tick"]), int(s["start"]), int(s["seen"]), int(s["end"]), float(s["size"]))
        for side, part in parts
        for s in part
    ]


def steps_written(replayer: Replayer) -> list:
    """Steps of the window that no message can change any more."""
    return [
        (
            schema.SIDES[side.side],
            int(s["start"]),
            int(s["worst"]) if s["kind"] == 1 else None,
            bool(s["kind"]),
        )
        for side in replayer._sides
        for part in side.steps
        for s in part
        if s["start"] != schema.MISSING
    ]


def steps_of(spans: lm.Spans) -> list:
    """The window as it is, with the steps that say nothing new."""
    table = spans.window
    columns = (table["side"].to_pylist(), schema.int64(table["start"]).tolist())
    return list(zip(*columns, table["worst_tick"].to_pylist(), table["known"].to_pylist()))


# ------------------------------------------------------------------ saved and resumed


@given(feed=st_feeds, policy=st.sampled_from(schema.POLICIES), limit=st_limits, data=st.data())
@settings(max_examples=200)
# A window of two steps, of which a message at the time of the cut takes the second one back.
@example(
    feed=(
        [
            ("snapshot", START, BOOK),
            ("update", START + 10, [("bid", 9, 0.0), ("bid", 8, 1.0)]),
            ("update", START + 10, [("bid", 8, 0.0), ("bid", 9, 1.0)]),
            ("update", START + 20, [("bid", 10, 2.0)]),
        ],
        2,
    ),
    policy="top_n",
    limit=None,
    data=None,
)
def test_resumed_from_a_state__ends_as_if_never_stopped(feed, policy, limit, data):
    depth = depth_under(policy, feed)
    at = data.draw(st.integers(0, len(depth)), label="cut") if data else 6
    before = replayer_of(depth, limit)
    before.feed(depth[:at])
    gone, steps = ended(before), steps_written(before)
    after = Replayer.from_state(before.state())
    after.feed(depth[at:])
    whole = lm.replay(depth, limit)
    found = after.spans()
    assert found.meta == whole.meta
    assert sorted(span_tuples(found) + gone, key=str) == sorted(span_tuples(whole), key=str)
    steps += steps_of(found)
    for side in schema.SIDES:
        starts = [s[1] for s in steps if s[0] == side]
        assert starts == sorted(set(starts))
    assert plain_steps(steps) == window_steps(whole)


@given(feed=st_feeds, policy=st.sampled_from(schema.POLICIES), limit=st_limits, data=st.data())
@settings(max_examples=50)
def test_a_state_says_all__and_survives_a_second_saving(feed, policy, limit, data):
    depth = depth_under(policy, feed)
    replayer = replayer_of(depth, limit)
    replayer.feed(depth[: data.draw(st.integers(0, len(depth)))])
    table = replayer.state()
    assert table.num_rows == 1
    # the order of the levels is that of the pages, which only a new replayer has sorted
    again = Replayer.from_state(table).state()
    assert Replayer.from_state(again).state().equals(again, check_metadata=True)


def test_a_file_of_a_state__loads_and_another_is_refused(tmp_path):
    depth = to_depth_table([("snapshot", START, BOOK), ("update", START + 5, [("bid", 10, 2.0)])], 2)
    replayer = replayer_of(depth, None)
    replayer.feed(depth[:4])
    replayer.save(tmp_path / "state.arrow")
    loaded = Replayer.load(tmp_path / "state.arrow")
    loaded.feed(depth[4:])
    assert span_tuples(loaded.spans()) == span_tuples(lm.replay(depth))

    (tmp_path / "half").write_bytes((tmp_path / "state.arrow").read_bytes()[:-20])
    with pytest.raises(schema.ReplayError, match=r"Replayer\.save"):
        Replayer.load(tmp_path / "half")
    with pytest.raises(schema.ReplayError, match="version 1, got none"):
        Replayer.from_state(depth)
    newer = replayer.state()
    newer = newer.replace_schema_metadata(newer.schema.metadata | {b"state_version": b"99"})
    with pytest.raises(schema.ReplayError, match="got 99"):
        Replayer.from_state(newer)


def test_other_sources_may_follow_a_state__another_feed_may_not():
    depth = to_depth_table([("snapshot", START, BOOK)], 2)
    replayer = replayer_of(depth, None)
    replayer.feed(depth)
    meta = schema.Meta.from_metadata(depth.schema.metadata)
    named = replace(meta, sources=(schema.Source(name="b.zip", sha256="0"),))
    assert Replayer.from_state(replayer.state(), named).spans().meta == named
    with pytest.raises(schema.ReplayError, match="tick_size"):
        Replayer.from_state(replayer.state(), replace(meta, tick_size=0.01))


# ------------------------------------------------------------------ ended spans forgotten


@given(feed=st_feeds, limit=st_limits, data=st.data())
@settings(max_examples=100)
def test_what_is_forgotten_is_what_had_ended(feed, limit, data):
    depth = to_depth_table(*feed)
    at = data.draw(st.integers(0, len(depth)))
    replayer = replayer_of(depth, limit)
    replayer.feed(depth[:at])
    gone = ended(replayer)
    replayer.forget()
    replayer.feed(depth[at:])
    whole = span_tuples(lm.replay(depth, limit))
    spans = replayer.finish() if data.draw(st.booleans()) else replayer.spans()
    assert sorted(span_tuples(spans) + gone, key=str) == sorted(whole, key=str)
    if gone:
        assert max(end for *_, end, _ in gone) <= spans.since <= spans.last


# ------------------------------------------------------------------ however far back


@pytest.mark.long
@given(feed=st_feeds, policy=st.sampled_from(schema.POLICIES), limit=st_limits, data=st.data())
@settings(max_examples=200)
def test_begun_after_a_snapshot_or_a_gap__how_far_back_does_not_matter(feed, policy, limit, data):
    """A replay from a snapshot on (or from behind a gap) and one of all there is begin alike."""
    messages, n = feed
    lists = [m[0] == "snapshot" and any(size > 0 for *_, size in m[2]) for m in messages]
    starts = [i for i, m in enumerate(messages) if m[0] == "gap" or lists[i]]  # an empty book says nothing
    if not starts:
        return
    first = data.draw(st.sampled_from(starts), label="first message of the shorter replay")
    if messages[first][0] == "gap":
        first += 1
    if first >= len(messages):
        return
    at = data.draw(st.integers(first, len(messages) - 1), label="last message before the beginning")
    horizon = messages[first][1] + data.draw(st.sampled_from([0, 1, 100_000_000]), label="horizon")
    rows = [max(len(m[2]), 1) for m in messages]
    depth = depth_under(policy, (messages, n))
    cut, begin = sum(rows[:first]), sum(rows[: at + 1])
    found = []
    for back in (0, cut):
        replayer = replayer_of(depth, limit)
        replayer.feed(depth[back:begin])
        replayer.begin(horizon)
        replayer.feed(depth[begin:])
        spans = replayer.spans()
        found.append((span_tuples(spans), window_steps(spans)))
    if all(m[0] == "gap" for m in messages[first : at + 1]):
        return  # the shorter replay has heard nothing at all: it has no last message
    assert found[0] == found[1]


# ------------------------------------------------------------------ cut short


@given(feed=st_feeds, policy=st.sampled_from(schema.POLICIES), limit=st_limits, data=st.data())
@settings(max_examples=200)
def test_truncated__is_the_replay_of_the_messages_until_then(feed, policy, limit, data):
    messages, n = feed
    at = data.draw(st.sampled_from([m[1] for m in messages if m[0] != "gap"] or [START]))
    depth = depth_under(policy, (messages, n))
    spans = truncate(lm.replay(depth, limit), at)
    expected = lm.replay(depth.filter(pa.array(schema.int64(depth["ts"]) <= at)), limit)
    assert span_tuples(spans) == span_tuples(expected)
    assert window_steps(spans) == window_steps(expected)
    for own, other in zip(spans.sides, expected.sides):
        np.testing.assert_array_equal(own.levels, other.levels)
        np.testing.assert_array_equal(own.first, other.first)
        assert own.first.dtype == other.first.dtype

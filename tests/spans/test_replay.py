"""`replay` against the oracle, against the golden files, and in the ways users feed it."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap import schema
from liqmap.spans import Replayer
from tests.compare import plain_steps, span_tuples, window_steps
from tests.oracle import golden, oracle_replay
from tests.strategies import START, st_feeds, st_messages, st_raw_messages, to_depth_table


def assert_replays(messages: list, n: int) -> None:
    spans = lm.replay(to_depth_table(messages, n))
    expected_spans, expected_window = oracle_replay(messages, n)
    assert span_tuples(spans) == expected_spans
    assert window_steps(spans) == plain_steps(expected_window)


# ------------------------------------------------------------------ the same as the oracle


@pytest.mark.parametrize("sequence", golden.SEQUENCES)
def test_golden_spans(real_data, sequence):
    depth = to_depth_table(golden.golden_messages(real_data, sequence), golden.LEVELS, golden.TICK_SIZE)
    assert span_tuples(lm.replay(depth)) == golden.golden_spans(real_data, sequence)


BID, ASK = ("bid", 10, 1.0), ("ask", 12, 1.0)
BOOK = [BID, ("bid", 9, 1.0), ASK, ("ask", 13, 1.0)]


@pytest.mark.pure
@given(feed=st_messages())
@settings(max_examples=150)
# A level at 9 is pushed out and returns at its size; then it is pushed out and the window grows over it.
@example(
    feed=(
        [
            ("snapshot", START, BOOK),
            ("update", START + 10, [("bid", 9, 0.0), ("bid", 11, 1.0)]),
            ("update", START + 20, [("bid", 11, 0.0), ("bid", 9, 1.0)]),
            ("update", START + 30, [("bid", 9, 0.0), ("bid", 11, 1.0)]),
            ("update", START + 40, [("bid", 11, 0.0), ("bid", 7, 1.0)]),
        ],
        2,
    )
)
# A gap noticed late; then rows for carried prices, at the same size and as a removal.
@example(
    feed=(
        [
            ("snapshot", START, BOOK),
            ("update", START + 10, [("bid", 10, 5.0)]),
            ("gap", START + 15, []),
            ("update", START + 20, [("bid", 10, 5.0), ("ask", 12, 0.0)]),
            ("heard", START + 30, []),
            ("snapshot", START + 40, [("bid", 10, 5.0), ("bid", 8, 1.0), ASK, ("ask", 13, 1.0)]),
        ],
        2,
    )
)
def test_matches_oracle(feed):
    assert_replays(*feed)


@given(feed=st_raw_messages())
@settings(max_examples=150)
def test_matches_oracle__rows_that_keep_no_rule(feed):
    assert_replays(*feed)


def test_matches_oracle__simulated_market():
    capture = lm.simulate(minutes=1, seed=1)
    meta = schema.Meta.from_metadata(capture.depth.schema.metadata)
    messages = messages_of(capture.depth, meta.tick_size)
    spans = lm.replay(capture.depth)
    expected_spans, expected_window = oracle_replay(messages, meta.depth_limit)
    assert span_tuples(spans) == expected_spans
    assert window_steps(spans) == plain_steps(expected_window)


def messages_of(depth: pa.Table, tick_size: float) -> list:
    """A depth table as the oracle's messages."""
    words = [depth[name].to_pylist() for name in ("seq", "event", "side", "price", "size")]
    rows = zip(schema.int64(depth["ts"]).tolist(), *words)
    messages = []
    for (ts, _, event), own in groupby(rows, key=lambda row: row[:3]):
        levels = [(side, round(price / tick_size), size) for *_, side, price, size in own if side]
        messages.append((event, ts, levels))
    return messages


# ------------------------------------------------------------------ any chunks


@pytest.mark.parametrize("policy", schema.POLICIES)
@given(data=st.data())
@settings(max_examples=75)
def test_any_chunks_give_the_same(policy, data):
    messages, n = data.draw(st_feeds(policy))
    depth = to_depth_table(messages, n, policy=policy)
    limit = data.draw(st.sampled_from([None, 1, 2]), label="depth_limit")
    whole = lm.replay(depth, depth_limit=limit)
    cuts = data.draw(st.lists(st.integers(0, len(depth)), max_size=6).map(sorted), label="cuts")
    replayer = Replayer(schema.Meta.from_metadata(depth.schema.metadata), limit)
    for start, stop in zip([0, *cuts], [*cuts, len(depth)]):
        replayer.feed(depth.slice(start, stop - start))
        if data.draw(st.booleans(), label="look in between"):
            replayer.spans()
    assert replayer.spans().to_arrow().equals(whole.to_arrow())
    assert window_steps(replayer.spans()) == window_steps(whole)


def test_a_refused_chunk_leaves_no_trace():
    messages = [("snapshot", START + 1_000, BOOK), ("update", START + 2_000, [("bid", 10, 3.0)])]
    depth = to_depth_table(messages, 2)
    replayer = Replayer(schema.Meta.from_metadata(depth.schema.metadata))
    replayer.feed(depth[:4])
    with pytest.raises(schema.ReplayError):
        replayer.feed(to_depth_table([("update", START, [("bid", 10, 2.0)])], 2))
    replayer.feed(depth[4:])
    assert replayer.spans().to_arrow().equals(lm.replay(depth).to_arrow())


@pytest.mark.parametrize("policy", schema.POLICIES)
@given(data=st.data())
@settings(max_examples=50)
def test_any_moment_is_as_if_the_feed_ended_there(policy, data):
    messages, n = data.draw(st_feeds(policy))
    heard = data.draw(st.integers(1, len(messages)))
    depth = to_depth_table(messages, n, policy=policy)
    replayer = Replayer(schema.Meta.from_metadata(depth.schema.metadata))
    replayer.feed(depth[: len(to_depth_table(messages[:heard], n))])
    assert span_tuples(replayer.spans()) == oracle_replay(messages[:heard], n, policy)[0]


@pytest.mark.pure
@given(feed=st_messages())
@settings(max_examples=50)
def test_arrow_chunks_and_foreign_dictionaries_do_not_matter(feed):
    depth = to_depth_table(*feed)
    pieces = pa.concat_tables([depth.slice(i, 3) for i in range(0, len(depth), 3)])
    backwards = pa.array(["ask", "bid"], pa.string())
    codes = pa.array(
        [None if w is None else ["ask", "bid"].index(w) for w in depth["side"].to_pylist()], pa.int8()
    )
    at = depth.schema.get_field_index("side")
    pieces = pieces.set_column(
        at, depth.schema.field("side"), pa.DictionaryArray.from_arrays(codes, backwards)
    )
    assert lm.replay(pieces).to_arrow().equals(lm.replay(depth).to_arrow())


# ------------------------------------------------------------------ as if the feed had fewer levels


@pytest.mark.parametrize("levels", [50, 200])
def test_depth_limit_of_a_real_book_cut_at_three_depths(real_data, levels):
    """One book, recorded as feeds of 50, 200 and 1,000 levels: cutting the deepest gives the others."""
    folder = real_data / "derived-usdm-btc"
    wide, narrow = (lm.read(folder / f"2024-08-08_BTCUSDT_ob{n}.data.zip").depth for n in (1000, levels))
    cut, expected = lm.replay(wide, depth_limit=levels), lm.replay(narrow)
    assert span_tuples(cut) == span_tuples(expected)
    assert window_steps(cut) == window_steps(expected)


def test_prices_between_ticks_are_refused():
    table = to_depth_table([("snapshot", START, [("bid", 19, 1.0), ("ask", 21, 1.0)])], 1)
    meta = schema.Meta.from_metadata(table.schema.metadata)
    for tick_size in (0.3, 7.0):
        wrong = table.replace_schema_metadata(replace(meta, tick_size=tick_size).to_metadata())
        with pytest.raises(schema.ReplayError, match="whole ticks"):
            lm.replay(wrong)

"""Gaps: from the last good message to the next snapshot nothing is known but what is said, level by level."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap import schema
from tests.compare import span_tuples, window_steps
from tests.spans.test_quirks import OPENING, at, feed, replay, spans_of, states
from tests.strategies import MS, TICK_SIZE, st_feeds, to_depth_table

every_policy = pytest.mark.parametrize("policy", schema.POLICIES)
by_updates = pytest.mark.parametrize("policy", ["top_n", "truncate", "full"])
LOST = feed(("snapshot", 0, OPENING), ("heard", 2, []), ("gap", 5, []))
"""The last good message is at second 2; the gap itself says a later time."""


@every_policy
def test_at_a_gap_all_is_carried_as_of_the_last_good_message(policy):
    spans = replay(policy, [*LOST, *feed(("heard", 8, []))])
    assert {s[2:5] for s in span_tuples(spans)} == {(at(0), at(2), None)}
    assert [w[1:] for w in window_steps(spans) if w[0] == "bid"][1:] == [(at(2), None, False)]
    before, inside = states(spans, 2), states(spans, 4)
    assert (before[19], before[20]) == (("observed", 1), ("observed", 0))
    assert (inside[19], inside[18], inside[20], inside[17]) == (("carried", 1), ("carried", 4), "", "")
    assert states(spans, 8) == inside  # a message without rows confirms what is in the book: nothing


@by_updates
def test_after_a_gap_an_update_confirms_its_own_level_only(policy):
    spans = replay(
        policy,
        [
            *LOST,
            *feed(
                ("update", 6, [("bid", 19, 1.0), ("bid", 21, 3.0), ("bid", 15, 2.0)]),
                ("update", 7, [("bid", 18, 0.0), ("bid", 21, 0.0), ("bid", 20, 0.0)]),
                ("heard", 8, []),
            ),
        ],
    )
    assert spans_of(spans, "bid", 19) == [(0, 2, 6, 1), (6, 8, None, 1)]  # said again at its size: a new span
    assert spans_of(spans, "bid", 18) == [(0, 2, 7, 4)]  # removed
    assert spans_of(spans, "bid", 21) == [(6, 7, 7, 3)]
    assert spans_of(spans, "bid", 15) == [(6, 8, None, 2)]  # three levels: without a window none is cut off
    then, now = states(spans, 7), states(spans, 8)
    assert (then[19], then[18], then[21], then[20]) == (("observed", 1), ("carried", 4), ("observed", 3), "")
    assert (now[19], now[18], now[21], now[20]) == (("observed", 1), "", "", "")  # gone, but not known empty


@by_updates
def test_before_the_first_snapshot_it_is_as_after_a_gap(policy):
    messages = feed(
        ("update", 0, [("bid", 19, 1.0), ("bid", 18, 1.0), ("bid", 17, 1.0)]),
        ("update", 1, [("bid", 19, 0.0)]),
        ("snapshot", 3, [("bid", 18, 1.0), ("bid", 16, 1.0), ("ask", 22, 1.0)]),
        ("heard", 4, []),
    )
    spans = replay(policy, messages)
    assert spans_of(spans, "bid", 18) == [(0, 4, None, 1)]  # no gap between: it continues
    assert spans_of(spans, "bid", 17) == [(0, 3, 3, 1)]
    assert states(spans, 3)[19] == ""
    assert states(spans, 4)[19] == ("observed", 0)


def test_before_the_first_snapshot__snapshots_have_no_such_time():
    spans = replay("snapshots", feed(("update", 0, OPENING), ("heard", 1, [])))
    assert next(w[1:] for w in window_steps(spans) if w[0] == "bid") == (at(0), 18, True)


@every_policy
def test_a_snapshot_ends_the_gap(policy):
    after = [("bid", 19, 1.0), ("bid", 16, 1.0), ("ask", 22, 1.0), ("ask", 25, 1.0)]
    spans = replay(policy, [*LOST, *feed(("snapshot", 6, after), ("heard", 7, []))])
    assert spans_of(spans, "bid", 19) == [(0, 2, 6, 1), (6, 7, None, 1)]
    assert spans_of(spans, "bid", 18) == [(0, 2, 6, 4)]
    known = states(spans, 7)
    assert (known[18], known[16], known[15]) == (("observed", 0), ("observed", 1), "")


@every_policy
def test_a_gap_in_front_and_gaps_in_a_row_say_no_more_than_one(policy):
    one = replay(policy, [*LOST, *feed(("snapshot", 6, OPENING))])
    many = replay(
        policy,
        [*feed(("gap", -1, [])), *LOST, *feed(("gap", 5, []), ("gap", 6, []), ("snapshot", 6, OPENING))],
    )
    assert span_tuples(many) == span_tuples(one)
    assert window_steps(many) == window_steps(one)


@every_policy
@given(data=st.data(), agg=st.sampled_from(schema.AGGREGATES))
@settings(max_examples=75)
def test_inside_a_gap_nothing_is_observed(policy, data, agg):
    """Nor known to be empty: from the last good message to the next one cells are carried or unknown."""
    messages, n = data.draw(st_feeds(policy))
    cut = data.draw(st.integers(1, len(messages)))
    last_good = max((ts for event, ts, _ in messages[:cut] if event != "gap"), default=None)
    if last_good is None:
        return
    later = [(event, ts + 1_000 * MS, rows) for event, ts, rows in messages[cut:]]
    gap = ("gap", messages[cut - 1][1], [])
    spans = lm.replay(to_depth_table([*messages[:cut], gap, *later], n, policy=policy))
    until = min([ts for event, ts, _ in later if event != "gap"], default=last_good + 2_000 * MS)
    times = (last_good + np.arange(4) * ((until - last_good) // 3)).view("datetime64[ns]")
    grid = lm.rasterize(spans, times, np.arange(9, 32) * TICK_SIZE, None, None, agg, parts=True)
    assert not (grid["state"].values == schema.OBSERVED).any()
    assert not np.nan_to_num(grid["observed"].values).any()
    sizes = grid["liquidity"].values
    assert (sizes[~np.isnan(sizes)] > 0).all()


@by_updates
@given(data=st.data())
@settings(max_examples=75)
def test_after_a_gap_observed_is_what_was_said_since(policy, data):
    messages, n = data.draw(st_feeds(policy))
    cut = data.draw(st.integers(1, len(messages)))
    after = [m for m in messages[cut:] if m[0] != "snapshot"]
    if not after:
        return
    fed = [*messages[:cut], ("gap", messages[cut - 1][1], []), *after]
    spans = span_tuples(lm.replay(to_depth_table(fed, n, policy=policy)))
    said: dict = {}
    for (event, ts, rows), following in zip(after, [*after[1:], None]):
        said = {} if event == "gap" else said | {row[:2]: row[2] for row in rows}
        if following is not None and following[0] != "gap" and ts < following[1]:
            observed = {s[:2]: s[5] for s in spans if s[2] <= ts < s[3]}
            assert observed == {key: size for key, size in said.items() if size > 0}

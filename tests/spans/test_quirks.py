"""What feeds do, one quirk a test, told by hand under every policy it can happen in."""

from __future__ import annotations

import numpy as np
import pytest

import liqmap as lm
from liqmap import schema
from tests.compare import span_tuples, window_steps
from tests.strategies import SECOND, START, TICK_SIZE, to_depth_table

POLICIES = schema.POLICIES
every_policy = pytest.mark.parametrize("policy", POLICIES)
ASKS = [("ask", 22, 1.0), ("ask", 23, 1.0)]
OPENING = [("bid", 19, 1.0), ("bid", 18, 4.0), *ASKS]


def at(second: float) -> int:
    return START + int(second * SECOND)


def feed(*messages: tuple) -> list:
    """Messages (event, seconds from the start, rows)."""
    return [(event, at(second), rows) for event, second, rows in messages]


def replay(policy: str, messages: list, n: int = 2) -> lm.Spans:
    return lm.replay(to_depth_table(messages, n, policy=policy))


def spans_of(spans: lm.Spans, side: str, tick: int) -> list:
    """(start, seen, end, size) of one level, in seconds."""
    own = [s[2:] for s in span_tuples(spans) if s[:2] == (side, tick)]
    return [(*((t if t is None else (t - START) / SECOND) for t in span[:3]), span[3]) for span in own]


def states(spans: lm.Spans, second: float, side: str = "bid", ticks: range = range(15, 27)) -> dict:
    """What `rasterize` says of every tick in the instant before: "" unknown, else (state, size)."""
    times = np.array([at(second) - 1, at(second)]).view("datetime64[ns]")
    edges = np.arange(ticks.start, ticks.stop + 1) * TICK_SIZE
    grid = lm.rasterize(spans, times, edges, half_life=None, prune=None, agg="last").sel(side=side)
    words = [schema.STATES[s] for s in grid["state"].values[:, 0]]
    return {
        tick: "" if word == "unknown" else (word, float(size))
        for tick, word, size in zip(ticks, words, grid["liquidity"].values[:, 0])
    }


# 20 comes and 18 leaves the window of two levels; then 20 goes and 18 is back, at whatever size
LEAVES = {
    "top_n": ("update", [("bid", 20, 2.0), ("bid", 18, 0.0)]),
    "truncate": ("update", [("bid", 20, 2.0)]),
    "snapshots": ("snapshot", [("bid", 20, 2.0), ("bid", 19, 1.0), *ASKS]),
    "full": ("snapshot", [("bid", 20, 2.0), ("bid", 19, 1.0), *ASKS]),
}
RETURNS = {
    "top_n": ("update", [("bid", 20, 0.0)]),
    "truncate": ("update", [("bid", 20, 0.0)]),
    "snapshots": ("snapshot", [("bid", 19, 1.0), *ASKS]),
    "full": ("update", [("bid", 20, 0.0)]),
}


def leaving(policy: str, *more: tuple) -> list:
    """18 leaves at second 1; what follows is up to the test."""
    event, rows = LEAVES[policy]
    return feed(("snapshot", 0, OPENING), (event, 1, rows), *more)


# ------------------------------------------------------------------ what leaves, and what is removed


@every_policy
def test_what_leaves_the_window_is_carried(policy):
    spans = replay(policy, leaving(policy, ("heard", 2, [])))
    assert spans_of(spans, "bid", 18) == [(0, 1, None, 4)]
    seen = states(spans, 2)
    assert (seen[18], seen[19], seen[20], seen[21]) == (
        ("carried", 4),
        ("observed", 1),
        ("observed", 2),
        ("observed", 0),
    )
    assert seen[17] == ""


@every_policy
@pytest.mark.parametrize("size", [4.0, 3.0])
def test_reentry_begins_a_new_span_at_the_same_size_too(policy, size):
    event, rows = RETURNS[policy]
    spans = replay(policy, leaving(policy, (event, 3, [*rows, ("bid", 18, size)]), ("heard", 4, [])))
    assert spans_of(spans, "bid", 18) == [(0, 1, 3, 4), (3, 4, None, size)]


@pytest.mark.parametrize("policy", ["top_n", "truncate", "snapshots"])
def test_covered_again_without_being_listed_it_ends(policy):
    event, rows = RETURNS[policy]
    spans = replay(policy, leaving(policy, (event, 3, [*rows, ("bid", 17, 1.0)])))
    assert spans_of(spans, "bid", 18) == [(0, 1, 3, 4)]


@every_policy
def test_a_removal_inside_the_window_is_real(policy):
    spans = replay(
        policy,
        feed(
            ("snapshot", 0, OPENING),
            ("snapshot", 1, [("bid", 18, 4.0), ("bid", 17, 1.0), *ASKS])
            if policy == "snapshots"
            else ("update", 1, [("bid", 19, 0.0), ("bid", 17, 1.0)]),
            ("heard", 2, []),
        ),
    )
    assert spans_of(spans, "bid", 19) == [(0, 1, 1, 1)]
    assert states(spans, 2)[19] == ("observed", 0)


@every_policy
def test_a_removal_together_with_an_insert_that_pushes_it_out(policy):
    """``top_n`` sends both alike and takes it for having left; elsewhere a removal is a cancel."""
    message = ("update", 1, [("bid", 20, 2.0), ("bid", 18, 0.0)])
    if policy == "snapshots":
        message = ("snapshot", 1, [("bid", 20, 2.0), ("bid", 19, 1.0), ("bid", 18, 0.0), *ASKS])
    spans = replay(policy, feed(("snapshot", 0, OPENING), message, ("heard", 2, [])))
    carried = policy in ("top_n", "snapshots")  # a snapshot lists, it does not remove
    assert spans_of(spans, "bid", 18) == [(0, 1, None if carried else 1, 4)]
    in_window = policy == "full"  # which no update moves
    assert states(spans, 2)[18] == (("carried", 4) if carried else ("observed", 0) if in_window else "")


@every_policy
@pytest.mark.parametrize("tick", [21, 10], ids=["inside", "beyond"])
def test_a_removal_of_an_unknown_price_says_nothing(policy, tick):
    event = "snapshot" if policy == "snapshots" else "update"
    again = OPENING if policy == "snapshots" else []
    plain = replay(policy, feed(("snapshot", 0, OPENING), ("heard", 1, []), ("heard", 2, [])))
    noisy = replay(
        policy, feed(("snapshot", 0, OPENING), (event, 1, [*again, ("bid", tick, 0.0)]), ("heard", 2, []))
    )
    assert span_tuples(noisy) == span_tuples(plain)
    assert window_steps(noisy) == window_steps(plain)


@pytest.mark.parametrize(("policy", "ends"), [("top_n", None), ("truncate", 2), ("full", 2)])
def test_a_removal_of_a_carried_price(policy, ends):
    """Beyond the window of ``top_n`` there is nothing to remove (OKX does it): it stays carried."""
    spans = replay(policy, leaving(policy, ("update", 2, [("bid", 18, 0.0)]), ("heard", 3, [])))
    assert spans_of(spans, "bid", 18) == [(0, 1, ends, 4)]
    assert states(spans, 3)[18] == (("carried", 4) if ends is None else "")


def test_truncate_keeps_the_last_word_on_what_it_cuts_off():
    """Told at a new size in the message that pushes it out; and of two that come, the worse is cut off."""
    spans = replay(
        "truncate",
        feed(("snapshot", 0, OPENING), ("update", 1, [("bid", 20, 2.0), ("bid", 18, 7.0)]), ("heard", 2, [])),
    )
    assert spans_of(spans, "bid", 18) == [(0, 1, 1, 4), (1, 1, None, 7)]
    assert states(spans, 2)[18] == ("carried", 7)
    spans = replay("truncate", feed(("snapshot", 0, [*OPENING, ("bid", 17, 5.0)]), ("heard", 2, [])))
    assert spans_of(spans, "bid", 17) == [(0, 0, None, 5)]
    assert [w[2] for w in window_steps(spans) if w[0] == "bid"] == [18, None]


def test_full_knows_a_level_beyond_its_window_from_hearing_of_it_until_its_removal():
    messages = feed(
        ("snapshot", 0, OPENING),
        ("update", 1, [("bid", 16, 3.0)]),
        ("heard", 2, []),
        ("update", 2, [("bid", 16, 0.0)]),
        ("heard", 3, []),
    )
    spans = replay("full", messages)
    assert spans_of(spans, "bid", 16) == [(1, 2, 2, 3)]
    assert [states(spans, second)[16] for second in (1, 2, 3)] == ["", ("observed", 3), ""]
    assert states(spans, 3)[17] == ""


def test_full__a_second_snapshot_moves_the_window():
    """A narrower one carries what lies beyond it, a wider one ends what it does not list."""
    narrow = [("bid", 19, 1.0), ("bid", 18, 4.0), *ASKS]
    wide = [("bid", 19, 1.0), ("bid", 18, 4.0), ("bid", 15, 1.0), *ASKS]
    first = feed(("snapshot", 0, [*narrow, ("bid", 17, 2.0), ("bid", 16, 2.0)]), ("snapshot", 1, narrow))
    spans = replay("full", first + feed(("update", 2, [("bid", 16, 0.0)]), ("snapshot", 3, wide)))
    assert spans_of(spans, "bid", 17) == [(0, 1, 3, 2)]
    assert spans_of(spans, "bid", 16) == [(0, 1, 2, 2)]
    assert [w[1:3] for w in window_steps(spans) if w[0] == "bid"] == [
        (at(0), 16),
        (at(1), 18),
        (at(3), None),
    ]


# ------------------------------------------------------------------ fewer than N levels


@every_policy
def test_a_side_with_fewer_levels_than_n_is_known_to_its_end(policy):
    thin = [("bid", 19, 1.0), *ASKS]
    shrinks = ("snapshot", 1, thin) if policy == "snapshots" else ("update", 1, [("bid", 18, 0.0)])
    spans = replay(policy, feed(("snapshot", 0, OPENING), shrinks, ("heard", 2, [])), n=3)
    assert spans_of(spans, "bid", 18) == [(0, 1, 1, 4)]
    assert set(states(spans, 2).values()) == {("observed", 0), ("observed", 1)}


@pytest.mark.parametrize("policy", ["top_n", "truncate", "snapshots"])
def test_a_side_that_gets_thin_ends_what_it_carried(policy):
    thin = ("snapshot", 2, [("bid", 19, 1.0)]) if policy == "snapshots" else ("update", 2, [("bid", 20, 0.0)])
    spans = replay(policy, leaving(policy, thin, ("heard", 3, [])))
    assert spans_of(spans, "bid", 18) == [(0, 1, 2, 4)]
    assert [w[1:] for w in window_steps(spans) if w[0] == "bid"][2:] == [
        (at(2), None, True),
        (at(3), None, False),
    ]


@every_policy
def test_an_empty_side_is_known_to_be_empty(policy):
    spans = replay(policy, feed(("snapshot", 0, OPENING), ("snapshot", 1, ASKS), ("heard", 2, [])))
    assert spans_of(spans, "bid", 19) == [(0, 1, 1, 1)]
    assert set(states(spans, 2).values()) == {("observed", 0)}
    assert states(spans, 2, "ask")[22] == ("observed", 1)


@every_policy
@pytest.mark.parametrize("limit", [None, 1])
def test_a_snapshot_that_lists_nothing_empties_the_book(policy, limit):
    messages = feed(("snapshot", 0, OPENING), ("snapshot", 1, [("bid", 19, 0.0)]), ("heard", 2, []))
    spans = lm.replay(to_depth_table(messages, 2, policy=policy), depth_limit=limit)
    assert spans_of(spans, "bid", 19) == [(0, 1, 1, 1)]
    assert set(states(spans, 2).values()) == set(states(spans, 2, "ask").values()) == {("observed", 0)}


# ------------------------------------------------------------------ several snapshots


@every_policy
def test_an_equal_snapshot_continues_every_span(policy):
    spans = replay(policy, feed(*[("snapshot", second, OPENING) for second in (0, 1, 2)], ("heard", 3, [])))
    assert [s[2:5] for s in span_tuples(spans)] == [(at(0), at(3), None)] * 4


@every_policy
def test_a_snapshot_ends_changed_sizes_and_what_it_does_not_list(policy):
    messages = feed(
        ("snapshot", 0, OPENING),
        ("snapshot", 1, [("bid", 19, 5.0), ("bid", 17, 1.0), *ASKS]),
        ("snapshot", 2, [("bid", 19, 5.0), ("bid", 18, 4.0), *ASKS]),
        ("heard", 3, []),
    )
    spans = replay(policy, messages)
    assert spans_of(spans, "bid", 19) == [(0, 1, 1, 1), (1, 3, None, 5)]
    assert spans_of(spans, "bid", 18) == [(0, 1, 1, 4), (2, 3, None, 4)]
    assert spans_of(spans, "bid", 17) == [(1, 2, None, 1)]  # beyond the last one's two levels: carried


@every_policy
def test_after_a_gap_a_snapshot_begins_new_spans_even_at_equal_sizes(policy):
    messages = feed(
        ("snapshot", 0, OPENING), ("heard", 1, []), ("gap", 1, []), ("snapshot", 3, OPENING), ("heard", 4, [])
    )
    assert spans_of(replay(policy, messages), "bid", 18) == [(0, 1, 3, 4), (3, 4, None, 4)]


# ------------------------------------------------------------------ strange books and clocks


@every_policy
@pytest.mark.parametrize("ask", [19, 18, 16], ids=["locked", "crossed", "crossed far"])
def test_a_crossed_book_is_two_books(policy, ask):
    """No side looks at the other one: with other asks, or none, the bids are the same."""
    event = "snapshot" if policy == "snapshots" else "update"
    own = [("bid", 19, 1.0), ("bid", 17, 2.0)]
    crossing = [("ask", ask, 1.0), ("ask", 30, 1.0)]
    spans, alone = (
        replay(policy, feed(("snapshot", 0, OPENING), (event, 1, own + other), ("heard", 2, [])))
        for other in (crossing, [])
    )
    bids, lone = ([s for s in span_tuples(x) if s[0] == "bid"] for x in (spans, alone))
    assert bids == lone
    assert states(spans, 2)[19] == ("observed", 1)
    assert states(spans, 2, "ask")[ask] == ("observed", 1)


@every_policy
def test_messages_of_one_time_apply_one_after_the_other(policy):
    event = "snapshot" if policy == "snapshots" else "update"
    sizes = [("bid", 19, size) for size in (5.0, 7.0, 5.0)]
    rest = [row for row in OPENING if row[1] != 19] if policy == "snapshots" else []
    messages = feed(("snapshot", 0, OPENING), *[(event, 1, [row, *rest]) for row in sizes], ("heard", 2, []))
    spans = replay(policy, messages)
    assert spans_of(spans, "bid", 19) == [(0, 1, 1, 1), (1, 2, None, 5)]
    assert [w[1] for w in window_steps(spans) if w[0] == "bid"] == [at(0), at(2)]


@every_policy
@pytest.mark.parametrize("event", ["update", "snapshot"])
@pytest.mark.parametrize("last", [6.0, 0.0])
def test_of_two_rows_for_one_price_the_last_counts(policy, event, last):
    again = OPENING if event == "snapshot" or policy == "snapshots" else []
    doubled = [*again, ("bid", 19, 9.0), ("bid", 19, last)]
    once = [*[row for row in again if row[1] != 19], ("bid", 19, last)]
    spans, plain = (
        replay(policy, feed(("snapshot", 0, OPENING), (event, 1, rows), ("heard", 2, [])))
        for rows in (doubled, once)
    )
    assert span_tuples(spans) == span_tuples(plain)
    assert states(spans, 2)[19] == ("observed", last)

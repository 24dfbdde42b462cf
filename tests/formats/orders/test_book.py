"""The book that orders sum to, against each order taken by itself and added in decimals."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from liqmap.formats.orders import Action, OrderBook, recorded
from tests.formats.orders.plain import Told, book

SIDES = ("bid", "ask")
NAN = float("nan")


def told(action: str, key: int = 1, side: str = "bid", price: str = "100", left: str = "1") -> Told:
    return Told(action, key, side, Decimal(price), Decimal(left))


events = st.builds(
    told,
    st.sampled_from(["add", "add", "modify", "cancel", "delete"]),
    st.integers(1, 4),
    st.sampled_from(SIDES),
    st.sampled_from(["100", "100.1", "100.7"]),
    st.sampled_from(["0", "0.1", "0.2", "0.3", "1.00000001"]),
)


def taken(book_: OrderBook, event: Told) -> list[tuple[int, float, float]]:
    action, key, side, price, left = event
    return book_.take(Action[action.upper()], key, SIDES.index(side), float(price), float(left))


@given(history=st.lists(events, max_size=25))
@example([told("add", left="0.1"), told("add", 2, left="0.2"), told("cancel", 1, left="0.1")])
@example([told("modify"), told("add", left="3"), told("add", left="2")])
@example([told("delete"), told("add")])
def test_levels__are_the_sums_of_the_orders(history: list[Told]) -> None:
    mine, levels = OrderBook(), {}
    for n, event in enumerate(history, 1):
        changed = taken(mine, event)
        assert len({level[:2] for level in changed}) == len(changed)
        for side, price, size in changed:
            before = levels.pop((SIDES[side], price), 0.0)
            assert before or size, "a level that did not rest cannot go"
            if size:
                levels[SIDES[side], price] = size
        assert levels == book(history[:n])  # to the last digit: no residue of 0.1 + 0.2
        for side, one in zip(SIDES, mine.sides):
            assert one.prices == sorted(price for which, price in levels if which == side)
            best = one.best(SIDES.index(side), 2)
            assert best == sorted(best, reverse=side == "bid")
            assert [price for price, _ in best] == (one.prices[::-1] if side == "bid" else one.prices)[:2]


CROSSED = {
    "late_adds": [told("delete"), told("add")],
    "late_modifies": [told("add"), told("delete"), told("modify")],
    "second_cancels": [told("add"), told("delete"), told("delete")],
    "repeated_adds": [told("add"), told("add", left="2")],
    "empty_adds": [told("add", left="0")],
    "unknown_modifies": [told("modify")],
    "unknown_cancels": [told("cancel")],
    "oversized_cancels": [told("add"), told("cancel", left="2")],
    "other_deletes": [told("add"), told("delete", left="0.5")],
}


@pytest.mark.parametrize("what", CROSSED)
def test_events__that_cross_are_counted_and_told(what: str) -> None:
    mine = OrderBook()
    for event in CROSSED[what]:
        taken(mine, event)
    unknown = {"late_adds": 1} if what == "late_adds" else {}
    assert mine.counts[what] == 1
    assert sum(mine.counts.values()) == 1 + sum(unknown.values())
    assert any(note.startswith("x.log: 1 ") for note in mine.notes("x.log"))
    assert "book" in mine.notes("x.log")[0] or "order" in mine.notes("x.log")[0]


def test_create__after_the_change_of_its_order_leaves_the_change() -> None:
    mine = OrderBook()
    taken(mine, told("modify", left="0.4"))
    assert taken(mine, told("add", left="1")) == []
    assert mine.sides[0].size(100.0) == 0.4
    assert mine.counts["late_adds"] == 1


def test_ids__of_orders_that_went_are_remembered_in_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("liqmap.formats.orders.book.REMEMBERED", 2)
    mine = OrderBook()
    for key in (1, 2, 3):
        taken(mine, told("delete", key))
    assert [mine.knows(key) for key in (1, 2, 3)] == [False, True, True]
    assert taken(mine, told("add", 3)) == []
    assert taken(mine, told("add", 1)) == [(0, 100.0, 1.0)]


def test_change__keeps_what_it_does_not_tell() -> None:
    mine = OrderBook()
    mine.take(Action.MODIFY, 7, -1, NAN, 2.0)
    assert mine.counts == {"unplaced_modifies": 1}
    mine.take(Action.ADD, 7, 1, 101.0, 2.0)
    assert mine.take(Action.MODIFY, 7, -1, NAN, 1.5) == [(1, 101.0, 1.5)]
    assert mine.take(Action.MODIFY, 7, -1, 102.0, 1.5) == [(1, 101.0, 0.0), (1, 102.0, 1.5)]


@pytest.mark.parametrize(
    ("size", "rested", "taken_away"), [(0.0, 2.0, 0.0), (1.5, 2.0, 2.0), (1.5, 0.0, 1.5), (NAN, 2.0, 2.0)]
)
def test_delete__is_recorded_with_what_it_took_away(size: float, rested: float, taken_away: float) -> None:
    assert recorded(Action.DELETE, size, rested) == (Action.CANCEL, taken_away)
    assert recorded(Action.MODIFY, 0.0, rested) == (Action.MODIFY, 0.0)

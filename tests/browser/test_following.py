"""A view that follows: at the newest message, on whole pixels, and until a hand moves it away."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.browser.engine import call

SECOND = 10**9
VIEW = [0.0, 60.0 * SECOND, 100.0, 110.0]

lengths = st.integers(10**6, 10**14)
edges = st.integers(0, 10**14)


@given(edges, lengths, st.integers(100, 4000))
def test_times__leave_room_after_the_edge_and_go_by_whole_pixels(edge: int, length: int, pixels: int) -> None:
    begin, end = call("timesAt", edge, length, pixels)
    pixel = length / pixels
    assert end - begin == pytest.approx(length)
    assert edge + 0.04 * length - 1 <= end <= edge + 0.04 * length + 1.01 * pixel + 1
    later, _ = call("timesAt", edge + 3.3 * pixel, length, pixels)
    steps = (later - begin) / pixel
    assert steps == pytest.approx(round(steps), abs=1e-3)
    assert round(steps) in (3, 4)


@given(edges, lengths)
def test_whole__holds_the_view_that_follows(edge: int, length: int) -> None:
    whole = call("wholeAt", [0, 1, 90, 120], edge, {"length": length, "home": length})
    view = [*call("timesAt", edge, length, 1000), 100, 110]
    assert whole[0] <= view[0] + 1e-3 * length + 0.05 * length
    assert call("limited", view, [min(whole[0], view[0]), *whole[1:]], 0.5) == view
    assert view[1] <= whole[1]


def test_prices__are_left_alone_until_the_mid_leaves_the_middle() -> None:
    for mid in (102.0, 105.0, 108.0, float("nan")):
        assert call(f"(p => pricesAt(p, {'NaN' if mid != mid else mid}, 0.5))", [100, 110]) == [100, 110]
    assert call("pricesAt", [100, 110], 109, 0.5) == [104, 114]
    assert call("pricesAt", [100, 110], 99.1, 0.5) == [94, 104]


def test_prices__on_their_way_begin_and_end_where_they_should() -> None:
    a, b = [100, 110], [104, 114]
    assert call("glided", a, b, 0) == a
    assert call("glided", a, b, 1) == b
    assert call("glided", a, b, 7) == b
    way = [call("glided", a, b, k / 10)[0] for k in range(11)]
    assert way == sorted(way)
    assert way[1] - way[0] < (way[6] - way[5]) / 2  # slow at the ends


@pytest.mark.parametrize(("to", "box", "found"), [
    ([-1, 59, 100, 110], False, (False, "as before")),  # dragged to the right: the past
    ([-0.1, 59.9, 100, 110], False, (True, "as before")),  # a hand that trembles
    ([0, 60, 103, 113], False, (True, "chosen")),  # dragged up
    ([10, 50, 101, 109], False, (True, "as high")),  # the wheel: nearer, at the edge still
    ([10, 50, 101, 109], True, (False, "as high")),  # a box of the past
    ([30, 60, 101, 109], True, (True, "as high")),  # one up to the edge
])  # fmt: skip
def test_hand__ends_it_by_moving_away(to: list[float], box: bool, found: tuple[bool, str]) -> None:
    now = [to[0] * SECOND, to[1] * SECOND, to[2], to[3]]
    answer = call("afterHand", VIEW, now, box)
    assert (answer["follows"], answer["prices"]) == found


def test_hand__that_brings_the_view_to_the_edge_takes_it_up_again() -> None:
    edge = VIEW[1] * 0.96
    assert call("isAtEdge", VIEW, edge)
    assert not call("isAtEdge", [VIEW[0] - 5 * SECOND, VIEW[1] - 5 * SECOND, 0, 1], edge)
    assert not call("isAtEdge", [VIEW[1], 2 * VIEW[1], 0, 1], edge)


TOLD: dict[str, Any] = {"follows": True, "isConnected": True, "isClosed": False, "silence": 0.2, "behind": 0}


@pytest.mark.parametrize(("some", "state", "words", "button"), [
    ({}, "live", "", ""),
    ({"silence": 4.9}, "quiet", "nothing heard for 4 s", ""),
    ({"silence": 12.3}, "stale", "nothing heard for 12 s", ""),
    ({"silence": 75}, "stale", "nothing heard for 75 s", ""),
    ({"isConnected": False}, "stale", "connection lost", ""),
    ({"isConnected": False, "silence": 12.3}, "stale", "connection lost, nothing heard for 12 s", ""),
    ({"follows": False, "behind": 134.2 * SECOND}, "held", "134 s behind", "Back to live"),
    ({"follows": False}, "held", "", "Back to live"),
    ({"isClosed": True, "silence": 100}, "ended", "the feed has ended", ""),
])  # fmt: skip
def test_sign__says_how_the_market_stands(some: Any, state: str, words: str, button: str) -> None:
    assert call("signWords", TOLD | some) == {"state": state, "words": words, "button": button}

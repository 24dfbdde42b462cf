"""Half-life and prune by what is in view: the engine's are those of the app."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from liqmap.render.frames.auto_carry import AUTO, auto_half_life, auto_prune
from liqmap.render.frames.stops import DURATIONS
from tests.browser.engine import call

STOPS = [stop for stop in DURATIONS if stop is not None]
lengths = st.integers(1, 40 * 86_400 * 10**9) | st.sampled_from(STOPS).map(lambda ns: 20 * ns)


@given(lengths)
def test_auto__is_that_of_the_app(view: int) -> None:
    told = call("carryIn", {"halfLife": AUTO, "prune": AUTO}, view)
    assert told == {"halfLife": auto_half_life(view), "prune": auto_prune(view)}


def test_auto__is_that_of_the_app_between_any_two_stops() -> None:
    """At the lengths where one stop gives way to the next, too, but for those within a billionth of it."""
    for short, long in zip(STOPS, STOPS[1:]):
        for part, ours in ((20, auto_half_life), (2, auto_prune)):
            middle = part * (short * long) ** 0.5
            for view in (round(middle * (1 - 1e-9)), round(middle * (1 + 1e-9))):
                told = call("carryIn", {"halfLife": AUTO, "prune": AUTO}, view)
                assert told["halfLife" if part == 20 else "prune"] == ours(view)


def test_what_is_fixed__stays_fixed() -> None:
    for choice in ({"halfLife": None, "prune": 0}, {"halfLife": 30 * 10**9, "prune": None}):
        assert call("carryIn", choice, 10**12) == choice


STEPS = "([now, way]) => stopBeside(now, way)"


def test_stops__follow_one_another_under_the_keys() -> None:
    all_stops = [*STOPS, None]
    for short, long in zip(all_stops, all_stops[1:]):
        assert call(STEPS, [short, 1]) == long
        assert call(STEPS, [long, -1]) == short
    assert call(STEPS, [None, 1]) is None
    assert call(STEPS, [STOPS[0], -1]) == STOPS[0]
    assert call(STEPS, [100 * 10**9, 1]) == 120 * 10**9  # one that is no stop
    assert call(STEPS, [100 * 10**9, -1]) == 90 * 10**9

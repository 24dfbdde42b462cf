"""Views: what lies under a hand stays under it, and no view leaves the session."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liqmap.browser.rules import rules
from tests.browser.engine import call

WHOLE = [0, 3_600 * 10**9, 900.0, 1100.0]
TICK = 0.5
SIZE = [1000, 600]

views = st.tuples(
    st.integers(0, WHOLE[1] - 10**6), st.integers(10**6, WHOLE[1]), st.integers(0, 4000), st.integers(1, 4000)
).map(lambda v: [v[0], v[0] + v[1], 200 + v[2] / 4, 200 + (v[2] + v[3]) / 4])
asked = st.tuples(*(st.floats(-1e13, 1e13) for _ in range(2)), *(st.floats(-1e6, 1e6) for _ in range(2)))
points = st.tuples(st.floats(4, 900), st.floats(6, 550)).map(list)
factors = st.floats(0.2, 5)


def place(view: list[float], at: list[float]) -> list[float]:
    """Time and price at a point."""
    return call("(view, size, [x, y]) => (plot => [plot.time(x), plot.price(y)])(plotOf(view, size))",
                view, SIZE, at)  # fmt: skip


@given(asked)
def test_limits__hold_for_whatever_is_asked(view: Any) -> None:
    begin, end, low, high = found = call("limited", view, WHOLE, TICK)
    assert WHOLE[0] <= begin < end <= WHOLE[1] + 1e-3
    assert TICK * 0.999 <= high - low <= rules()["FARTHEST"] * (WHOLE[3] - WHOLE[2]) * 1.001
    assert call("limited", found, WHOLE, TICK) == pytest.approx(found, rel=1e-9, abs=1e-3)


@given(views.filter(lambda view: view[1] <= WHOLE[1] and TICK <= view[3] - view[2] < WHOLE[3] - WHOLE[2]))
def test_view__within_the_limits_is_kept_to_the_last_digit(view: list[float]) -> None:
    """A link says nothing of a view that a page opened with."""
    wide = [view[0], view[1], view[2] + 0.1, view[3] + 0.2]
    assert call("limited", wide, WHOLE, TICK) == wide


@given(views, factors, factors, points, points)
def test_zoom__brings_what_was_at_a_point_to_another(
    view: list[float], x: float, y: float, at: list[float], to: list[float]
) -> None:
    found = call("(view, size, ...how) => zoomed(plotOf(view, size), ...how)", view, SIZE, x, y, at, to)
    assert found[1] - found[0] == pytest.approx(x * (view[1] - view[0]))
    assert found[3] - found[2] == pytest.approx(y * (view[3] - view[2]))
    length, height = found[1] - found[0], found[3] - found[2]
    (time, price), (time_before, price_before) = place(found, to), place(view, at)
    assert time == pytest.approx(time_before, abs=1e-6 * length + 1)
    assert price == pytest.approx(price_before, abs=1e-6 * height)


@given(views, points, st.floats(-300, 300), st.floats(-300, 300))
def test_pan__takes_along_what_the_hand_holds(
    view: list[float], at: list[float], dx: float, dy: float
) -> None:
    found = call("(view, size, ...how) => panned(plotOf(view, size), ...how)", view, SIZE, dx, dy)
    (time, price), before = place(found, [at[0] + dx, at[1] + dy]), place(view, at)
    assert time == pytest.approx(before[0], abs=1e-6 * (view[1] - view[0]) + 1)
    assert price == pytest.approx(before[1], abs=1e-6 * (view[3] - view[2]))


PINCH = """(...moves) => {
  const fingers = new Fingers()
  fingers.put(1, [100, 100])
  const alone = fingers.pinch(1, [100, 100])
  fingers.put(2, [200, 110])
  return [alone, ...moves.map(([id, at]) => fingers.pinch(id, at))]
}"""


def test_fingers__zoom_the_axis_along_which_they_part() -> None:
    alone, apart, back = call(PINCH, [2, [300, 110]], [1, [200, 100]])
    assert alone is None
    assert apart == {"x": 0.5, "y": 1, "from": [150, 105], "to": [200, 105]}
    assert back == {"x": 2, "y": 1, "from": [200, 105], "to": [250, 105]}

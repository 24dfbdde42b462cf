"""Shapes on a chart: each kind at its place, whatever the view."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]


def drawn(page: Any, shapes: list, places: list, view: list | None = None) -> list[list[int]]:
    """Draws shapes over the chart, x in seconds; what the canvas has at places, or pixels beside them."""
    return page.evaluate("some => drawMine(some)", [shapes, places, view])


VIEWS = [None, [36000, 38000, 95, 105], [36990, 37010, 99.9, 100.3]]
"""All, a part, and one so near that what is drawn ends far beyond what can be seen."""
COLOURS = {"colours": ["rgb(255 0 0)", "rgb(0 0 255)"]}
RED, BLUE = [255, 0, 0, 255], [0, 0, 255, 255]


@pytest.mark.parametrize("view", VIEWS)
def test_boxes__lie_at_their_places(open_board: Callable, view: list | None) -> None:
    boxes = {"kind": "boxes", "x0": [36100, 36100], "y0": [92, 100], "x1": [37900, 37900], "y1": [100, 108],
             "colour": [1, 0], **COLOURS}  # fmt: skip
    below, above = drawn(open_board(), [boxes], [[37000, 99.95], [37000, 100.05]], view)
    assert (below, above) == (BLUE, RED)


@pytest.mark.parametrize("view", VIEWS)
def test_lines__lie_at_their_places(open_board: Callable, view: list | None) -> None:
    """A slope, and steps that end where nothing is known any more."""
    slope = {"kind": "line", "x": [36000, 38000], "y": [95, 105], "colour": "rgb(255 0 0)", "width": 4}
    steps = {"kind": "line", "x": [36000, 37005, 37100], "y": [100.2, None, 100.2], "colour": "rgb(0 0 255)",
             "width": 4, "steps": True}  # fmt: skip
    seen = drawn(open_board(), [slope, steps], [[37000, 100], [37003, 100.2], [37008, 100.2]], view)
    near = view is not None and view[1] - view[0] < 100
    assert seen[0] in (RED, BLUE)
    assert seen[1] == BLUE
    assert not near or seen[2] != BLUE


@pytest.mark.parametrize("view", VIEWS)
def test_segments__have_a_colour_each(open_board: Callable, view: list | None) -> None:
    segments = {"kind": "segments", "x0": [36995, 37005], "y0": [80, 100.01], "x1": [36995, 37005],
                "y1": [120, 120], "colour": [0, 1], "width": 5, **COLOURS}  # fmt: skip
    seen = drawn(open_board(), [segments], [[36995, 100.1], [37005, 100.1]], view or [36980, 37020, 98, 102])
    assert seen == [RED, BLUE]


def test_discs__have_a_face_and_a_rim(open_board: Callable) -> None:
    discs = {"kind": "discs", "x": [37000, 39000], "y": [100, 100], "radius": [20, 20], "face": [0, 0],
             "rim": [1, 1], "alpha": 0.5, "width": 4, **COLOURS}  # fmt: skip
    places = [[37000, 100], [37000, 100, 20, 0], [37000, 100, 25, 0], [39000, 100, 0, -20]]
    middle, rim, beside, top = drawn(open_board(), [discs], places, None)
    assert middle[0] > 200
    assert middle[3] == pytest.approx(128, abs=14)
    assert (rim, top) == (BLUE, BLUE)
    assert beside[3] < 40  # grid lines at most


@pytest.mark.parametrize("view", VIEWS)
def test_pixels__begin_with_the_lowest_price_and_are_not_smoothed(
    open_board: Callable, view: list | None
) -> None:
    red, blue, none = [255, 0, 0, 255], [0, 0, 255, 255], [0, 0, 0, 0]
    image = {"kind": "pixels", "image": [*red, *none, *blue, *red], "width": 2, "height": 2,
             "bounds": [36000, 38000, 98, 102]}  # fmt: skip
    places = [[36999, 99.99], [37001, 99.99], [36999, 100.01], [37001, 100.01]]
    seen = drawn(open_board(), [image], places, view or [36900, 37100, 99, 101])
    assert [seen[0], seen[2], seen[3]] == [RED, BLUE, RED]
    assert seen[1][3] < 40  # grid lines at most


def test_words__stay_within_the_axes(open_board: Callable) -> None:
    words = {"kind": "words", "x": [36000, 39600], "y": [110, 90], "text": ["first of all", "last of all"],
             "colour": "rgb(0 0 255)", "align": "centre", "ground": "rgb(255 0 0)"}  # fmt: skip
    page = open_board()
    seen = drawn(page, [words], [[36000, 110, 40, 8], [39600, 90, -40, -8]], None)
    assert all(pixel[3] > 150 and pixel[1] < 60 for pixel in seen)


def test_mark__tells_what_lies_under_a_point(open_board: Callable) -> None:
    discs = {"kind": "discs", "x": [37000], "y": [100], "radius": [20], "face": [0], "rim": [1],
             **COLOURS, "told": {"names": ["side", "size, BTC"], "words": [["buy", "3.2"]]}}  # fmt: skip
    page = open_board()
    drawn(page, [discs], [], None)
    assert page.evaluate("tellMine()") == [[["side", "buy"], ["size, BTC", "3.2"]], None]
    page.evaluate("chart.choose({mine: false})")
    assert "mine" not in page.evaluate("frames().then(() => Object.keys(chart.told))")

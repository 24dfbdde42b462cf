"""Panels beside and below a chart: what is on their canvases, in line with the chart whatever its view."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from liqmap.render.frames.palettes import THEMES, css

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]

RED, NOTHING = [255, 0, 0, 255], [0, 0, 0, 0]

SECOND = {"low": -4, "high": 4, "label": "cumulative, BTC"}


def opaque(seen: list[list[int]]) -> list[bool]:
    return [pixel == RED for pixel in seen]


def test_bars__lie_at_their_prices_whatever_the_view(open_board: Callable) -> None:
    page = open_board()
    page.evaluate("showLadder()")
    assert opaque(page.evaluate("ladderAt()")) == [True, True, True, False, False, False]
    for view in ("[whole[0], whole[1], 95, 103]", "[whole[0] + 60 * S, whole[1], 98, 112]"):
        page.evaluate(f"async () => {{ chart.setView({view}); await frames() }}")
        assert opaque(page.evaluate("ladderAt()")) == [True, True, True, False, False, False]


def test_panels__move_in_the_same_frame_as_their_chart(open_board: Callable) -> None:
    """What waited for the frame after the view was asked for finds it drawn."""
    page = open_board()
    page.evaluate("showLadder()")
    assert opaque(page.evaluate("inSameFrame()")) == [True] * 3


def test_panel__draws_in_pixels_of_the_screen(open_board: Callable) -> None:
    page = open_board(1200, 800)
    session = page.context.new_cdp_session(page)
    metrics = {"width": 1200, "height": 800, "deviceScaleFactor": 2, "mobile": False}
    session.send("Emulation.setDeviceMetricsOverride", metrics)
    page.evaluate("showLadder()")
    assert page.evaluate("ladder.root.querySelector('canvas').width") == 300
    assert opaque(page.evaluate("ladderAt()")) == [True, True, True, False, False, False]


def test_tooltip__tells_of_the_bar_under_the_pointer(open_board: Callable) -> None:
    page = open_board()
    page.evaluate("showLadder()")
    box = page.locator(".liqmap-panel").bounding_box()
    offset = page.evaluate("topOfChart()")
    told = page.locator(".liqmap-panel .told")
    page.mouse.move(box["x"] + 60, offset + page.evaluate("chart.plot.y(100)"))
    assert told.locator("span").all_inner_texts() == ["price\n99 - 101", "size, BTC\n5"]
    page.mouse.move(box["x"] + 60, offset + page.evaluate("chart.plot.y(101.5)"))
    assert told.locator("span").all_inner_texts()[1] == "size, BTC\n0"
    page.mouse.move(box["x"] + 60, offset + page.evaluate("chart.plot.y(95)"))
    assert not told.is_visible()
    page.mouse.move(box["x"] + 60, offset + page.evaluate("chart.plot.y(100)"))
    page.evaluate("async () => { chart.setView([whole[0], whole[1], 101.9, 120]); await frames() }")
    assert not told.is_visible()  # the bar has gone from under it
    page.mouse.move(box["x"] - 300, offset + 100)
    assert not told.is_visible()


def test_tooltip__lies_at_the_end_away_from_the_pointer(open_board: Callable) -> None:
    page = open_board()
    page.evaluate("showLadder()")
    page.evaluate("async () => { chart.setView([whole[0], whole[1], 99, 103]); await frames() }")
    box = page.locator(".liqmap-panel").bounding_box()
    for share in (0.1, 0.8):
        y = box["y"] + share * box["height"]
        page.mouse.move(box["x"] + 60, y)
        told = page.locator(".told").bounding_box()
        assert not told["y"] - 40 < y < told["y"] + told["height"] + 40
        assert box["y"] <= told["y"]
        assert told["y"] + told["height"] <= box["y"] + box["height"]


@pytest.mark.parametrize("second", [None, SECOND])
def test_line__is_broken_where_nothing_is_known(open_board: Callable, second: Any) -> None:
    page = open_board()
    page.evaluate("some => showDelta(some)", second)
    for view in ("whole", "[whole[0], 39000 * S, 90, 110]"):
        page.evaluate(f"async () => {{ chart.setView({view}); await frames() }}")
        seen = page.evaluate("redsOfDelta()")
        assert [count > 0 for count in seen] == [False, False, False, True, True, False]


def test_delta__is_read_in_one_line(open_board: Callable) -> None:
    page = open_board()
    page.evaluate("some => showDelta(some)", SECOND)
    box = page.locator(".liqmap-panel").bounding_box()
    left = page.evaluate("chart.root.getBoundingClientRect().left")
    page.mouse.move(left + page.evaluate("chart.plot.x(37000 * S)"), box["y"] + 70)
    told = page.locator(".told")
    assert told.locator("span").all_inner_texts() == ["from\n1", "delta\n-1"]
    assert told.bounding_box()["height"] < 30
    assert told.bounding_box()["x"] > box["x"] + box["width"] / 2


@pytest.mark.parametrize("name", ["dark", "light"])
def test_panel__without_content_is_a_frame_and_words(open_board: Callable, name: str) -> None:
    page, theme = open_board(), THEMES[name]
    page.evaluate("async theme => { chart.choose({theme}); await frames() }", name)
    page.evaluate("window.profile = board.panel(chart, {name: 'profile', shares: 'price', pixels: 130})")
    page.evaluate("frames()")
    frame = ",".join(map(str, (*theme.grid, 255)))
    assert page.evaluate("inkOf(profile)") == ["0,0,0,0", frame]
    page.evaluate("async () => { profile.show(null, 'volume: no trades stored'); await frames() }")
    assert page.evaluate("inkOf(profile)") == ["0,0,0,0", frame]
    words, panel = page.locator(".liqmap-panel .words"), page.locator(".liqmap-panel").bounding_box()
    assert words.inner_text() == "volume: no trades stored"
    colour = words.evaluate("element => getComputedStyle(element).color")
    assert colour == f"rgb({', '.join(map(str, theme.muted))})"
    middle = words.bounding_box()["x"] + words.bounding_box()["width"] / 2
    assert middle == pytest.approx(panel["x"] + panel["width"] / 2, abs=1)
    assert page.locator(".liqmap-panel").get_attribute("aria-label") == "profile: volume: no trades stored"


def test_theme__is_that_of_the_chart(open_board: Callable) -> None:
    page = open_board()
    page.evaluate("showLadder()")
    seen = {}
    for name in ("light", "dark"):
        page.evaluate("async theme => { chart.choose({theme}); await frames() }", name)
        seen[name] = page.evaluate("inkOf(ladder)")
        assert ",".join(map(str, (*THEMES[name].grid, 255))) in seen[name][:12]
        told = page.locator(".liqmap-panel").evaluate(
            "element => getComputedStyle(element).getPropertyValue('--panel')"
        )
        assert told == css(THEMES[name].panel)
    assert seen["light"] != seen["dark"]


def test_cross__follows_the_pointer_of_the_chart(open_board: Callable) -> None:
    page = open_board()
    page.evaluate("showLadder()")
    page.evaluate("showDelta()")
    assert page.evaluate("crossed()") == []
    page.mouse.move(300, 400)
    (beside, below) = sorted(page.evaluate("crossed()"))
    assert (beside[0], below[0]) == ("below", "beside")
    beside, below = below, beside
    assert beside[2] == pytest.approx(400, abs=1)
    assert beside[4] == 1
    assert beside[3] > 100
    assert below[1] == pytest.approx(300, abs=1)
    assert below[3] == 1
    assert below[4] > 100
    page.mouse.move(300, 5)
    assert page.evaluate("crossed()") == []


def test_cross__follows_the_pointer_of_a_panel(open_board: Callable) -> None:
    page = open_board()
    page.evaluate("showLadder()")
    page.evaluate("board.panel(chart, {name: 'profile', shares: 'price', pixels: 130}).name")
    page.evaluate("showDelta()")
    box = page.evaluate("ladder.root.getBoundingClientRect().toJSON()")
    page.mouse.move(box["x"] + 60, 300)
    lines = page.evaluate("crossed()")
    assert sorted(line[0] for line in lines) == ["beside", "beside", "liqmap-chart"]
    assert [line[2] for line in lines] == pytest.approx([300] * 3, abs=1)
    page.mouse.move(5, 5)
    assert page.evaluate("crossed()") == []


def test_hands__on_a_panel_move_what_it_shares(open_board: Callable) -> None:
    page = open_board()
    page.evaluate("showLadder()")
    page.evaluate("showDelta()")
    whole, box = page.evaluate("whole"), page.evaluate("ladder.root.getBoundingClientRect().toJSON()")
    page.mouse.move(box["x"] + 60, box["y"] + 300)
    page.mouse.wheel(0, -300)
    page.wait_for_function("chart.view[3] - chart.view[2] < 19")
    view = page.evaluate("chart.view")
    assert view[:2] == whole[:2]
    page.mouse.down()
    page.mouse.move(box["x"] + 90, box["y"] + 350)
    page.mouse.up()
    moved = page.evaluate("chart.view")
    assert moved[:2] == whole[:2]
    assert moved[3] > view[3]
    page.mouse.move(box["x"] + 60, box["y"] + 200)
    assert page.evaluate("chart.view") == moved
    page.mouse.dblclick(box["x"] + 60, box["y"] + 300)
    assert page.evaluate("chart.view") == whole
    box = page.evaluate("delta.root.getBoundingClientRect().toJSON()")
    page.mouse.move(box["x"] + 300, box["y"] + 60)
    page.mouse.wheel(0, -300)
    page.wait_for_function("chart.view[1] - chart.view[0] < 3500 * S")
    assert page.evaluate("chart.view")[2:] == whole[2:]


@pytest.mark.parametrize("size", [(1600, 1000), (1024, 768), (640, 480)])
def test_board__holds_its_panels_without_overlap(
    open_board: Callable, size: tuple[int, int], out: Path
) -> None:
    page = open_board(*size)
    page.evaluate("showAll()")
    rect = "(root => root.getBoundingClientRect().toJSON())"
    parts = page.evaluate(f"[chart, ladder, profile, delta].map(({{root}}) => {rect}(root))")
    corner = page.locator(".liqmap-corner").bounding_box()
    chart, ladder, profile, delta = parts
    assert chart["right"] <= ladder["left"] < ladder["right"] <= profile["left"] < profile["right"] <= size[0]
    assert ladder["bottom"] == chart["bottom"] <= delta["top"] < delta["bottom"] <= size[1]
    left = page.evaluate("board.root.getBoundingClientRect().left")
    assert (delta["left"], delta["right"]) == (left, chart["right"])
    assert corner["x"] == ladder["left"]
    assert corner["y"] == delta["top"]
    widths = [part["width"] for part in (ladder, profile)]
    assert widths == [150, 130] if size[0] == 1600 else (min(widths) >= 90 and max(widths) < 150)
    assert page.evaluate("edgesInked()") == [[False] * 4] * 3  # no words are cut at an edge
    page.screenshot(path=out / f"board-{size[0]}.png")


def test_board__has_room_above_for_a_second_axis_alone(open_board: Callable) -> None:
    page = open_board()
    top = page.evaluate("topOfChart()")
    page.evaluate("showLadder()")
    assert page.evaluate("topOfChart()") == top
    page.evaluate("showProfile()")
    assert page.evaluate("topOfChart()") > top + 20
    page.evaluate("async () => { profile.close(); await frames() }")
    assert page.evaluate("topOfChart()") == top


@pytest.mark.parametrize(("width", "room"), [(1600, 44), (560, 0)])
def test_board__has_room_left_of_the_chart_for_the_first_of_two_axes_below(
    open_board: Callable, width: int, room: int
) -> None:
    """Of one axis alone it is at the right; a narrow board has none to give."""
    page = open_board(width)
    left = page.evaluate("chart.root.getBoundingClientRect().left")
    page.evaluate("async () => { showDelta(null); await frames() }")
    assert page.evaluate("chart.root.getBoundingClientRect().left") == left
    page.evaluate("async () => { delta.close(); await frames() }")
    page.evaluate("some => showDelta(some)", SECOND)
    page.evaluate("async () => { await frames(); await frames() }")
    assert page.evaluate("chart.root.getBoundingClientRect().left") == left + room
    assert page.evaluate("delta.frame.left - chart.plot.left") == room
    page.evaluate("async () => { delta.close(); await frames() }")
    assert page.evaluate("chart.root.getBoundingClientRect().left") == left


def test_board__puts_panels_in_their_order_and_takes_them_away(open_board: Callable) -> None:
    page = open_board()
    wide = page.evaluate("chart.plot.width")
    page.evaluate("window.profile = board.panel(chart, {name: 'profile', shares: 'price', pixels: 130})")
    page.evaluate("showLadder()")
    assert page.evaluate("fromTheLeft()") == ["ladder: book, BTC", "profile"]
    assert not page.locator(".liqmap-corner").is_visible()
    page.evaluate("showDelta()")
    page.evaluate("board.corner([['bought', '6.3k', 'buy']])")
    assert page.locator(".liqmap-corner").inner_text().split() == ["bought", "6.3k"]
    colour = page.locator(".liqmap-corner dd").evaluate("element => getComputedStyle(element).color")
    assert colour == "rgb(38, 208, 146)"
    page.evaluate("board.corner('no trades stored')")
    assert page.locator(".liqmap-corner").inner_text() == "no trades stored"
    page.evaluate("async () => { profile.close(); ladder.close(); await frames() }")
    assert page.locator(".liqmap-panel").count() == 1
    assert not page.locator(".liqmap-corner").is_visible()
    assert page.evaluate("chart.plot.width") == wide
    page.evaluate("async () => { delta.close(); await frames() }")
    assert page.locator(".liqmap-cross").count() == 0
    page.evaluate("showLadder()")
    page.mouse.move(300, 400)
    assert len(page.evaluate("crossed()")) == 1
    page.evaluate("async () => { board.close(); await frames() }")
    assert page.locator(".liqmap-board").count() == 0

"""The buttons on the chart: what dragging does, and back to the first view."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.chromium.drawn import FIGURES, STAGE, axes, figures, press, readout, settled

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]

LINK = "?half_life=20s&prune=none&layers=none"

FRAME = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
"""Once the browser has drawn."""


@pytest.fixture(scope="module")
def page(module_visit: Callable, app: str) -> Any:
    page = module_visit(app + LINK).page
    settled(page)
    return page


def tool(page: Any, name: str) -> Any:
    return page.get_by_role("button", name=re.compile(f"^{name}"))


def pressed(page: Any) -> list[str]:
    return [
        b.get_attribute("title").split()[0].rstrip(":")
        for b in page.locator(".toolbar [aria-pressed=true]").all()
    ]


def drag(page: Any, begin: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*begin)
    page.mouse.down()
    page.mouse.move((begin[0] + end[0]) / 2, (begin[1] + end[1]) / 2)
    page.mouse.move(*end)
    page.mouse.up()
    page.evaluate(FRAME)


def test_tools__are_there_before_a_pointer_is(page: Any) -> None:
    plot = axes(page)
    assert pressed(page) == ["Pan"]
    for name in ("Pan", "Zoom", "Measure", "Whole"):
        box = tool(page, name).bounding_box()
        assert plot.left + plot.width / 2 < box["x"] < box["x"] + box["width"] <= plot.left + plot.width
        assert plot.top <= box["y"] < plot.top + 40
        assert min(box["width"], box["height"]) >= 20
        assert tool(page, name).get_attribute("title") == tool(page, name).get_attribute("aria-label")


def test_pan_zoom_and_whole(page: Any) -> None:
    begun, plot = figures(page)[0], axes(page)
    width, height = begun["end"] - begun["start"], begun["high"] - begun["low"]
    tool(page, "Zoom").click()
    assert pressed(page) == ["Zoom"]
    drag(page, plot.at(0.25, 0.4), plot.at(0.75, 0.6))
    near = figures(page)[0]
    assert near["start"] == pytest.approx(begun["start"] + 0.25 * width, abs=0.002 * width)
    assert near["end"] == pytest.approx(begun["start"] + 0.75 * width, abs=0.002 * width)
    assert near["high"] == pytest.approx(begun["high"] - 0.4 * height, abs=0.002 * height)
    assert near["low"] == pytest.approx(begun["high"] - 0.6 * height, abs=0.002 * height)
    tool(page, "Pan").click()
    drag(page, plot.at(0.5, 0.5), plot.at(0.6, 0.7))
    moved = figures(page)[0]
    assert moved["start"] == pytest.approx(near["start"] - 0.1 * width / 2, abs=0.002 * width)
    assert moved["low"] == pytest.approx(near["low"] + 0.2 * height / 5, abs=0.002 * height)
    assert moved["end"] - moved["start"] == pytest.approx(near["end"] - near["start"])
    tool(page, "Whole").click()
    page.evaluate(FRAME)
    assert figures(page)[0] == begun


def test_tool__stays_when_the_page_is_laid_out_anew(page: Any) -> None:
    tool(page, "Zoom").click()
    press(page, "delta")
    page.wait_for_function(f"() => ({FIGURES})().length == 2")
    settled(page)
    assert pressed(page) == ["Zoom"]
    begun, plot = figures(page)[0], axes(page)
    drag(page, plot.at(0.4, 0.4), plot.at(0.6, 0.6))
    near = figures(page)[0]
    assert near["end"] - near["start"] == pytest.approx(0.2 * (begun["end"] - begun["start"]), rel=0.02)
    tool(page, "Whole").click()
    tool(page, "Pan").click()
    press(page, "delta")
    page.wait_for_function(f"() => ({FIGURES})().length == 1")
    settled(page)


def test_readout__does_not_lie_under_the_tools(page: Any) -> None:
    plot = axes(page)
    page.mouse.move(*plot.at(0.05, 0.05), steps=3)  # where the readout would be at the left
    page.wait_for_timeout(300)
    page.mouse.move(*plot.at(0.06, 0.06), steps=3)
    page.wait_for_timeout(300)
    assert readout(page)
    said, tools = page.locator(".readout").bounding_box(), page.locator(".toolbar").bounding_box()
    assert said["x"] > plot.left + plot.width / 2
    assert said["y"] >= tools["y"] + tools["height"]


def test_measure__on_either_of_two_charts(page: Any) -> None:
    press(page, "before and after")
    page.wait_for_function(f"() => ({FIGURES})().length == 2")
    settled(page, place=1)
    tool(page, "Measure").click()
    measured = f"() => {{ {STAGE} return charts.map(chart => Boolean(chart.measured)) }}"
    for k in (0, 1):
        plot = axes(page, k)
        drag(page, plot.at(0.4, 0.4), plot.at(0.6, 0.6))
        assert page.evaluate(measured)[k]
        page.mouse.click(*plot.at(0.2, 0.8))
        assert not page.evaluate(measured)[k]
    tool(page, "Pan").click()
    press(page, "carried")
    page.wait_for_function(f"() => ({FIGURES})().length == 1")


def test_tools__by_touch(chromium: Any, app: str) -> None:
    """Two taps and two drags of a finger, without any pointer that hovers."""
    context = chromium.new_context(viewport={"width": 1024, "height": 768}, has_touch=True)
    page = context.new_page()
    try:
        page.goto(app + LINK)
        settled(page)
        begun, plot = figures(page)[0], axes(page)
        fingers = context.new_cdp_session(page)

        def swipe(begin: tuple[float, float], end: tuple[float, float]) -> None:
            for kind, at in (("Start", begin), ("Move", end), ("Move", end), ("End", None)):
                page.wait_for_timeout(60)  # a finger that flicks has the tap after it taken for what stops it
                points = [] if at is None else [{"x": at[0], "y": at[1]}]
                fingers.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": points})
            page.evaluate(FRAME)

        def take(name: str) -> None:
            tool(page, name).tap()  # its click comes a moment later
            page.locator(f"[aria-pressed=true][title^={name}]").wait_for()
            assert pressed(page) == [name]

        take("Zoom")
        swipe(plot.at(0.3, 0.3), plot.at(0.7, 0.7))
        near = figures(page)[0]
        assert near["end"] - near["start"] == pytest.approx(0.4 * (begun["end"] - begun["start"]), rel=0.02)
        take("Pan")
        swipe(plot.at(0.5, 0.5), plot.at(0.6, 0.5))
        assert figures(page)[0]["start"] < near["start"]
        tool(page, "Whole").tap()
        settled(page)
        assert figures(page)[0] == begun
    finally:
        context.close()

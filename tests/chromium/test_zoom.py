"""The wheel, turned on and on."""

from __future__ import annotations

import re
from collections.abc import Callable
from math import isfinite
from typing import Any

import pytest

from tests.chromium.drawn import figures, press, settled, slider, slider_words

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]


def scroll(page: Any, notches: int, by: int) -> dict:
    for _ in range(notches):
        page.mouse.wheel(0, by)
        page.wait_for_timeout(20)
    settled(page)
    figure = figures(page)[0]
    assert all(isfinite(figure[name]) for name in ("start", "end", "low", "high"))
    return figure


def test_wheel__ends_where_axes_can_be_read(visit: Callable, app: str) -> None:
    page = visit(app).page
    whole = settled(page)
    begun = figures(page)[0]
    page.mouse.move(900, 450)
    near = scroll(page, 40, -500)
    assert near["high"] - near["low"] == pytest.approx(0.1)  # a tick: there the time stops too
    frame = page.locator(".liqmap-chart").bounding_box()
    page.mouse.move(900, frame["y"] + frame["height"] - 30)  # over the axis it alone is zoomed
    near = scroll(page, 40, -500)
    assert near["ns"] == pytest.approx(200)
    times = [label for label in near["labels"] if re.fullmatch(r"\d\d:\d\d:\d\d\.\d{8}", label)]
    assert len(times) == len(set(times)) > 1  # each another
    page.mouse.move(900, 450)
    far = scroll(page, 60, 500)
    for low, high in (("start", "end"), ("low", "high")):
        assert far[high] - far[low] < 4.1 * (begun[high] - begun[low])
    out = settled(page)
    press(page, "whole")
    assert settled(page, unlike=out) == whole
    assert figures(page)[0] == begun


def test_zoom__half_life_by_view_follows_and_what_is_fixed_stays(visit: Callable, app: str) -> None:
    page = visit(app + "?half_life=auto&prune=none").page
    whole = settled(page)
    page.locator(".strip", has_text="half-life 7 s (auto), no prune").wait_for()  # of two minutes
    page.mouse.move(900, 450)
    for _ in range(4):
        page.mouse.wheel(0, -300)
        page.wait_for_timeout(50)
    near = settled(page, unlike=whole)
    assert near["dw"] < whole["dw"] / 2
    page.locator(".strip", has_text=re.compile(r"half-life [12] s \(auto\), no prune")).wait_for()
    assert re.match("half-life: [12] s", slider_words(page, "half-life").inner_text())
    page.wait_for_function("() => location.search.includes('from=')")
    assert "half_life=auto&prune=none" in page.url
    fixed = re.compile("half-life [23] s, no prune")
    slider(page, "half-life").focus()
    page.keyboard.press("ArrowRight")
    page.locator(".strip", has_text=fixed).wait_for()
    press(page, "whole")
    settled(page, unlike=near)
    page.locator(".strip", has_text=fixed).wait_for()

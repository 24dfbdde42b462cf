"""Before and after: a wheel on either half moves both, and the state, the link and the bar with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.chromium.drawn import FIGURES, STAGE, figures, press

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]

LINK = "?view=before%20and%20after&half_life=20s&prune=none&layers="

HEATMAPS = f"""() => {{
  {STAGE}
  return charts.filter(chart => chart.picture).map(chart => {{
    const [begin, end, low, high] = chart.picture.bounds
    return {{x: ms(chart, begin), y: low, dw: (end - begin) / 1e6, dh: high - low}}
  }})
}}"""
"""Bounds of the picture of each half: what has been drawn, whatever the axes say."""


@pytest.mark.parametrize("layers", ["none", "bbo,bubbles"])
@pytest.mark.parametrize("half", [0, 1])
def test_wheel__on_either_half_zooms_both(visit: Callable, app: str, half: int, layers: str) -> None:
    page = visit(app + LINK + layers).page
    page.wait_for_function(f"() => ({FIGURES})().length == 2")
    page.locator(".strip", has_text="half-life 20 s").wait_for()
    whole = page.evaluate(HEATMAPS)
    words = page.locator(".range").inner_text()
    box = page.locator(".liqmap-chart").nth(half).bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.4)
    for _ in range(3):
        page.mouse.wheel(0, -240)
        page.wait_for_timeout(60)
    narrow = f"width => ({HEATMAPS})().every(h => h.dw < width / 2)"
    page.wait_for_function(narrow, arg=whole[0]["dw"], timeout=30_000)
    page.wait_for_function("() => location.search.includes('from=')", timeout=30_000)
    page.wait_for_timeout(500)
    left, right = page.evaluate(HEATMAPS)
    assert left == right
    for figure in figures(page):
        assert left["x"] <= figure["start"] + 60
        assert figure["end"] <= left["x"] + left["dw"] + 60
        assert left["y"] <= figure["low"] < figure["high"] <= left["y"] + left["dh"] + 0.2
    assert page.locator(".range").inner_text() != words
    _view_is_kept(page, left)


def _view_is_kept(page: Any, shown: dict) -> None:
    """Another choice leaves the view where it is."""
    press(page, "hide")
    page.wait_for_timeout(1000)
    assert page.evaluate(HEATMAPS) == [shown, shown]

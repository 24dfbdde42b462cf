"""The page of a calibration: reached from the picture, and back with what it found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.chromium.drawn import press, settled, slider_words
from tests.chromium.test_links import wait_for_url

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]

SURFACE = """() => Bokeh.documents.flatMap(one => [...one._all_models.values()])
  .filter(one => one.name == "looked at now" && one.data_source)
  .map(({data_source: {data}}) => [data.x[0], data.y[0]])[0]"""
"""Where the cross stands on the surface."""

CHARTS = """() => {
  const find = node => [node, ...[...node.shadowRoot?.children ?? [], ...node.children ?? []].flatMap(find)]
  return find(document.body).filter(one => one.tagName == "CANVAS" && one.getBoundingClientRect().width > 200
    && one.closest(".bk-layer, .bk-CanvasPanel, .bk-Canvas, div")).length
}"""


def sliders(page: Any) -> list[str]:
    return [slider_words(page, label).last.inner_text() for label in ("half-life", "prune")]


def test_calibrate__shows_the_surface_and_sets_the_sliders(visit: Callable, app: str, out: Path) -> None:
    page = visit(app + "?half_life=5s&prune=30s&layers=none").page
    first = settled(page)
    press(page, "Calibrate …")
    wait_for_url(page, "page=calibration")
    press(page, "Calibrate")
    page.locator("p.answer", has_text="what is carried is wrong by").wait_for()
    page.wait_for_function(f"() => ({SURFACE})()")
    assert page.evaluate(SURFACE) == [["5s", 0], ["30s", 0]]
    page.wait_for_function(f"() => ({CHARTS})() >= 2")
    page.screenshot(path=out / "app-calibration.png")
    press(page, "default")
    page.wait_for_function(f"() => ({SURFACE})()[0][0] == '30s'")
    page.get_by_role("button", name="use ").click()
    page.locator(".strip", has_text="calibrated").wait_for()
    second = settled(page, unlike=first)
    assert second["sum"] != first["sum"]
    assert "page=" not in page.url
    assert "half_life=" in page.url
    other = visit(page.url.replace("?", "?page=calibration&")).page  # another visitor: it is there at once
    other.locator("p.answer").wait_for()
    assert sliders(other) == sliders(page)
    page.go_back()
    page.locator("p.answer").wait_for()
    press(page, "← back to the picture")
    again = settled(page)
    assert again == second


def test_too_short__is_refused_in_words(visit: Callable, app: str) -> None:
    view = "from=2026-01-05T00:00:20&to=2026-01-05T00:00:40"
    page = visit(f"{app}?page=calibration&over=view&{view}&theme=light", 1024, 768).page
    page.get_by_role("button", name="Calibrate", exact=True).click()
    page.locator("p.refused", has_text="Take a longer session").wait_for()
    assert page.locator("p.answer").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 1024

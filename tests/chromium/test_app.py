"""The app as a researcher meets it, in Chromium."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.chromium.drawn import drag_slider, settled, slider, slider_words

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]


def test_sliders__change_what_is_drawn(visit: Callable, app: str, out: Path) -> None:
    page = visit(app).page
    first = settled(page)
    page.screenshot(path=out / "app-1600x1000.png")
    share = page.locator(".strip b").first.inner_text()
    drag_slider(page, "half-life", 400)
    page.locator(".strip", has_text="no decay").wait_for()  # a busy machine may rest on the way
    second = settled(page, unlike=first)
    assert float(page.locator(".strip b").first.inner_text().split()[0]) > float(share.split()[0])
    assert second["sum"] != first["sum"]
    drag_slider(page, "prune", -400)
    settled(page, unlike=second)
    assert page.locator(".strip b").first.inner_text() == "0.0 %"
    page.screenshot(path=out / "app-as-transmitted.png")


def test_slider__label_and_picture_agree_after_quick_moves(visit: Callable, app: str) -> None:
    page = visit(app + "?half_life=30s").page
    settled(page)
    handle = slider(page, "half-life")
    handle.focus()
    for _ in range(12):
        handle.press("ArrowRight")
    page.locator(".strip", has_text="half-life 45 min").wait_for()
    page.wait_for_timeout(300)
    assert "45 min" in slider_words(page, "half-life").inner_text()


def test_session__can_be_switched(visit: Callable, app: str, out: Path) -> None:
    page = visit(app).page
    first = settled(page)
    market = page.locator('select[aria-label="market"]')
    assert market.bounding_box()["width"] >= 6.5 * len("bybit BBBUSDT ob50") + 30  # no name is clipped
    market.select_option(label="bybit BBBUSDT ob50")
    second = settled(page, unlike=first)
    assert second["sum"] != first["sum"]
    page.screenshot(path=out / "app-second-market.png")


def test_zoom__paints_finer_cells(visit: Callable, app: str, out: Path) -> None:
    page = visit(app).page
    first = settled(page)
    page.mouse.move(900, 450)
    for _ in range(4):
        page.mouse.wheel(0, -300)
        page.wait_for_timeout(50)
    second = settled(page, unlike=first)
    assert second["dw"] < first["dw"] / 2
    assert second["dh"] < first["dh"] / 2
    page.mouse.move(800, 430)
    page.wait_for_timeout(1200)
    page.screenshot(path=out / "app-zoomed.png")


def test_small_screen__shows_everything(visit: Callable, app: str, out: Path) -> None:
    page = visit(app, 1280, 720).page
    settled(page)
    page.screenshot(path=out / "app-1280x720.png")
    boxes = [
        page.locator(s).last.bounding_box()
        for s in ("input[type=checkbox]", ".strip", ".legend", ".liqmap-chart", "text=HTML", "text=light")
    ]
    for box in boxes:
        assert box["x"] >= 0
        assert box["y"] >= 0
        assert box["x"] + box["width"] <= 1280
        assert box["y"] + box["height"] <= 720
    assert page.evaluate("document.documentElement.scrollHeight") <= 720


BARS = """() => {
  const find = root => [...root.querySelectorAll("*")].map(
    one => one.stage ?? (one.shadowRoot && find(one.shadowRoot))).find(Boolean)
  return find(document)?.panels.ladder?.content?.told?.low.length ?? 0
}"""


def test_panels__are_of_the_pixels_that_they_have(visit: Callable, app: str) -> None:
    page = visit(app + "?panels=ladder", 1600, 1000).page
    settled(page)
    page.wait_for_function(f"() => ({BARS})() > 40")
    tall = page.evaluate(BARS)
    page.set_viewport_size({"width": 1600, "height": 500})
    page.wait_for_function(f"(tall) => ({BARS})() < 0.7 * tall", arg=tall)
    page.set_viewport_size({"width": 1600, "height": 1000})
    page.wait_for_function(f"(tall) => ({BARS})() == tall", arg=tall)


def test_empty_store__says_what_to_do(
    visit: Callable, serve_app: Callable, tmp_path: Path, out: Path
) -> None:
    (tmp_path / "empty").mkdir()
    page = visit(serve_app(tmp_path / "empty"), 1280, 720).page
    page.locator(".notice").wait_for(timeout=20_000)
    assert "liqmap demo" in page.locator(".notice").inner_text()
    assert not page.get_by_text("half-life:").is_visible()
    assert not page.get_by_text("before and after").is_visible()
    assert not page.get_by_text("play").is_visible()
    page.screenshot(path=out / "app-empty.png")
    page.get_by_role("button", name="Make a sample session and open it").click()
    settled(page)
    assert page.get_by_text("before and after").is_visible()
    assert slider_words(page, "half-life").is_visible()


@pytest.mark.parametrize(("width", "height"), [(1024, 768), (800, 600)])
def test_narrow_screen__goes_on_in_the_next_line(
    visit: Callable, app: str, width: int, height: int, out: Path
) -> None:
    page = visit(app, width, height).page
    settled(page)
    page.screenshot(path=out / f"app-{width}x{height}.png")
    for what in ("text=light", "text=last hour", "text=before and after", ".legend .bar:last-child"):
        box = page.locator(what).last.bounding_box()
        assert 0 <= box["x"] < box["x"] + box["width"] <= width
        assert 0 <= box["y"] < box["y"] + box["height"] <= height
    legend, chart = (page.locator(s).first.bounding_box() for s in (".legend", ".liqmap-chart"))
    assert legend["y"] + legend["height"] <= chart["y"] + 4  # the chart begins with its border

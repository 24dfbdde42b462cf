"""The picture follows the hand: what it draws does not wait for Python."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from tests.chromium.conftest import Server
from tests.chromium.drawn import STAGE, axes, figures, image, image_of, painted, panel, settled, slider

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]

LINK = "?half_life=20s&prune=none&layers=bbo,bubbles"
PANELS = LINK + "&panels=delta,profile"


@contextmanager
def standing_still(server: Server) -> Iterator[None]:
    """Python neither hears nor answers."""
    os.kill(server.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.process.pid, signal.SIGCONT)


def half_life(page: Any) -> float:
    """That of the picture that is drawn, s."""
    return page.evaluate(f"() => {{ {STAGE} return stage.chart.drawnWith.halfLife / 1e9 }}")


@pytest.fixture(scope="module")
def server(start_server: Callable, store_path: Any) -> Server:
    return start_server(store_path)


def test_slider__is_drawn_before_python_hears_of_it(visit: Callable, server: Server) -> None:
    page = visit(server.url + LINK).page
    first = settled(page)
    before = image(page)
    slider(page, "half-life").focus()
    with standing_still(server):
        page.keyboard.press("ArrowRight")
        now = settled(page, unlike=first)
        assert half_life(page) == 30
        after = image(page)
        assert after.lit.sum() > before.lit.sum()
        for _ in range(3):
            page.keyboard.press("ArrowRight")
        settled(page, unlike=now)
        farther = half_life(page)
        assert farther > 30
    page.locator(".strip", has_text=re.compile("half-life (?!20 s|30 s)")).wait_for()  # Python has heard
    kept = settled(page)
    page.wait_for_timeout(2_500)  # the page's patience is over: what Python says counts
    assert (half_life(page), settled(page)) == (farther, kept)


def test_view__is_drawn_before_python_hears_of_it(visit: Callable, server: Server) -> None:
    page = visit(server.url + LINK).page
    first, url = settled(page), page.url
    with standing_still(server):
        page.mouse.move(*axes(page).at(0.5, 0.5))
        for _ in range(4):
            page.mouse.wheel(0, -300)
        near = settled(page, unlike=first)
        assert near["dw"] < first["dw"] / 2
        assert near["dh"] < first["dh"] / 2
        shown = figures(page)[0]
        assert shown["end"] - shown["start"] <= near["dw"] < 1.1 * (shown["end"] - shown["start"])
        assert page.url == url
    page.wait_for_function("() => location.search.includes('from=')")
    assert settled(page) == near


def test_half_life__by_keys(visit: Callable, server: Server) -> None:
    page = visit(server.url + LINK).page
    first = settled(page)
    before = image(page)
    page.locator(".liqmap-chart").focus()
    page.keyboard.press("]")
    longer = settled(page, unlike=first)
    assert half_life(page) == 30
    assert image(page).lit.sum() > before.lit.sum()
    page.locator(".strip", has_text="half-life 30 s").wait_for()
    page.locator(".slider .title", has_text="half-life: 30 s").wait_for()
    page.wait_for_function("() => !location.search.includes('half_life=20s')")  # 30 s is the default
    for key in "[[[]][[]":  # faster than Python answers
        page.keyboard.press(key)
    settled(page, unlike=longer)
    assert half_life(page) < 20
    page.wait_for_timeout(2_000)  # Python has answered all of them
    assert half_life(page) < 20
    page.keyboard.press("]")
    page.locator(".strip", has_text="half-life 20 s").wait_for()
    settled(page)
    assert image(page).same_as(before)


FRAME = f"name => {{ {STAGE} return stage.panels[name].frame }}"

PAN = f"""([dx, dy]) => {{
  {STAGE}
  const {{chart}} = stage, {{plot}} = chart, [begin, end, low, high] = chart.view
  const time = dx / plot.width * (end - begin), price = dy / plot.height * (high - low)
  chart.setView([begin - time, end - time, low + price, high + price])
  window.afterPan = null
  requestAnimationFrame(() => {{
    const shot = canvas => {{
      const {{width, height}} = canvas
      const copy = Object.assign(document.createElement("canvas"), {{width, height}})
      copy.getContext("2d").drawImage(canvas, 0, 0)
      return copy
    }}
    const {{layers}} = chart, names = Object.keys(stage.panels)
    window.afterPan = Object.fromEntries([
      ["picture", shot(layers.picture)],
      ...names.map(name => [name, shot(stage.panels[name].root.querySelector("canvas"))]),
    ])
  }})
}}"""
"""Move by pixels, and keep what is drawn in the same frame of the browser."""

SHOT = f"""name => {{
  {STAGE}
  const {{width, height}} = afterPan[name]
  const {{data}} = afterPan[name].getContext("2d").getImageData(0, 0, width, height)
  return {{bytes: base64(data), shape: [height, width]}}
}}"""


def _shot(page: Any, name: str) -> np.ndarray:
    page.wait_for_function("() => window.afterPan")
    return image_of(page.evaluate(SHOT, name)).rgba


def test_panels__follow_a_pan_in_the_same_frame(visit: Callable, server: Server) -> None:
    """What was drawn lies so many pixels farther; Python need not know."""
    page = visit(server.url + PANELS).page
    settled(page)
    page.mouse.move(*axes(page).at(0.5, 0.5))
    page.mouse.wheel(0, -300)  # so that there is room to pan
    page.wait_for_function("() => location.search.includes('from=')")
    settled(page, still=20)
    page.mouse.move(5, 5)
    width, height = (round(v) for v in axes(page)[2:])
    with standing_still(server):
        before = {name: panel(page, name).rgba for name in ("delta", "profile")}
        page.evaluate(PAN, [60, 40])
        after = {name: _shot(page, name) for name in ("delta", "profile")}
    frame = {
        name: page.evaluate(f"name => {{ {STAGE} return stage.panels[name].frame }}", name) for name in before
    }
    delta, profile = frame["delta"], frame["profile"]
    rows = _inside(before["profile"], profile), _inside(after["profile"], profile)
    assert _same(rows[0][41:-1], rows[1][1:-41]) < 0.02  # rows rise with prices, and the picture went down
    assert _same(rows[0], rows[1]) > 0.05
    columns = _inside(before["delta"], delta), _inside(after["delta"], delta)
    assert _same(columns[0][:, 1:-60], columns[1][:, 61:]) < 0.02
    assert _same(columns[0], columns[1]) > 0.05
    assert width > 100 < height


def _inside(rgba: np.ndarray, frame: dict) -> np.ndarray:
    """What is within a frame, which is told from above."""
    rows = len(rgba)
    top, bottom, left, right = (round(frame[k]) for k in ("top", "bottom", "left", "right"))
    return rgba[rows - bottom + 2 : rows - top - 2, left + 2 : right - 2].astype(int)


def _same(one: np.ndarray, other: np.ndarray) -> float:
    """Share of the pixels that are others."""
    assert one.shape == other.shape
    return float((np.abs(one - other).max(axis=-1) > 40).mean())


def test_picture__on_the_page_is_the_one_that_is_kept(visit: Callable, server: Server) -> None:
    page = visit(server.url + "?half_life=20s&prune=none&layers=none").page
    bounds, view = settled(page), figures(page)[0]
    shown, kept = painted(page, "picture").rgba, image(page).rgba

    def cells(name: str, length: str, low: str, high: str, axis: int) -> np.ndarray:
        """Of every pixel of the screen the cell of the picture."""
        share = (np.arange(shown.shape[axis]) + 0.5) / shown.shape[axis]
        at = view[low] + share * (view[high] - view[low]) - bounds[name]
        return np.floor(at / bounds[length] * kept.shape[axis]).astype(int)

    rows, columns = cells("y", "dh", "low", "high", 0), cells("x", "dw", "start", "end", 1)
    apart = np.abs(shown.astype(int) - kept[rows][:, columns]).max(axis=-1) > 3
    assert apart.mean() < 0.02  # where a pixel lies on the edge of a cell
    assert kept[..., :3].std() > 5

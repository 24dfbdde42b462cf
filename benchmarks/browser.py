"""A served app in Chromium, and how long it takes until a change is painted."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FLAGS = ["--no-sandbox", "--no-first-run"] + [
    f"--disable-{what}"
    for what in ("gpu", "background-networking", "background-timer-throttling", "renderer-backgrounding")
]

WATCH = """() => {
  const doc = Bokeh.documents[0], models = [...doc._all_models.values()]
  const isImage = r => r.glyph?.type.startsWith("Image")
  const figure = models.find(m => m.type == "Figure" && m.renderers.some(isImage))
  const image = figure.renderers.find(isImage)  // below all that lies on it
  const source = image.data_source
  window.watched = {
    slider: models.find(m => "value" in m && m.type.endsWith("Slider") && /half-life/.test(m.title)),
    figure, source, begun: null, done: null, changed: 0,
  }
  let pixels = source.data.image[0]
  source.properties.data.change.connect(() => {
    if (source.data.image[0] === pixels) return
    pixels = source.data.image[0]
    watched.changed = performance.now()
    if (watched.begun !== null && watched.done === null)
      requestAnimationFrame(() => { watched.done ??= performance.now() })
  })
  for (const kind of ["wheel", "pointermove"])
    addEventListener(kind, () => {
      if (watched.waits == kind) Object.assign(watched, {waits: null, begun: performance.now()})
    }, {capture: true})
  const shape = source.data.image[0].shape
  return shape ? [shape[1], shape[0]] : [source.data.image[0][0].length, source.data.image[0].length]
}"""
"""Finds slider, figure and image, notes when the image's data changes; gives its width and height."""

SLIDE = """(to) => {
  Object.assign(watched, {done: null, begun: performance.now()})
  watched.slider.value = to
}"""
WAIT = """(kind) => { Object.assign(watched, {done: null, begun: null, waits: kind}) }"""
STEP = """() => watched.done === null ? null : watched.done - watched.begun"""
QUIET = """() => performance.now() - watched.changed > 250"""
FRAME = """() => { const v = Bokeh.index.find_one(watched.figure).frame.bbox
  const box = Bokeh.index.find_one(watched.figure).el.getBoundingClientRect()
  return [box.x + v.left, box.y + v.top, v.width, v.height] }"""


@contextmanager
def served(store: Path) -> Iterator[tuple[str, int]]:
    """Address and process id of a `benchmarks.app_server`."""
    argv = [sys.executable, "-m", "benchmarks.app_server", str(store)]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        port, pid = process.stdout.readline().split()
        yield f"http://127.0.0.1:{port}", int(pid)
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


@contextmanager
def chromium() -> Iterator[Any]:
    """A Chromium, by Playwright; None where there is none."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        yield None
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


class Painted:
    """A page with a picture; each of its steps returns ms from the change to the painted pixels."""

    def __init__(self, browser: Any, url: str, width: int = 1600, height: int = 900) -> None:
        self.page = browser.new_page(viewport={"width": width, "height": height})
        self.page.goto(url, timeout=300_000)
        self.page.wait_for_function(
            "() => window.Bokeh?.documents?.[0] && [...Bokeh.documents[0]._all_models.values()].some("
            "m => m.type == 'GlyphRenderer' && m.glyph.type.startsWith('Image'))",
            timeout=300_000,
        )
        self.page.wait_for_timeout(2000)
        self.cells = tuple(self.page.evaluate(WATCH))

    def fit(self, width: int, height: int) -> None:
        """Make the window so large that the picture has just these pixels."""
        _, _, *now = self.page.evaluate(FRAME)
        size = self.page.viewport_size
        self.page.set_viewport_size(
            {
                "width": round(size["width"] + width - now[0]),
                "height": round(size["height"] + height - now[1]),
            }
        )
        self.page.wait_for_timeout(3000)
        self.cells = tuple(self.page.evaluate(WATCH))

    def slide(self, to: int) -> float:
        """The half-life slider to another stop."""
        self._quiet()
        self.page.evaluate(SLIDE, to)
        return self._done()

    def zoom(self, by: int) -> float:
        """A turn of the wheel in the middle of the picture."""
        x, y = self._middle()
        self.page.mouse.move(x, y)
        self._quiet()
        self.page.evaluate(WAIT, "wheel")
        self.page.mouse.wheel(0, by)
        return self._done()

    def pan(self, by: int) -> float:
        """A drag by so many pixels to the right, let go at once, from the move to the picture of where it
        leads: HoloViews hears of new ranges when they are let go."""
        x, y = self._middle()
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + by / 10, y, steps=3)  # a drag begins after some pixels
        self._quiet()
        self.page.evaluate(WAIT, "pointermove")
        self.page.mouse.move(x + by, y)
        self.page.mouse.up()
        return self._done()

    def _middle(self) -> tuple[float, float]:
        left, top, width, height = self.page.evaluate(FRAME)
        return left + width / 2, top + height / 2

    def _quiet(self) -> None:
        self.page.bring_to_front()
        self.page.wait_for_function(QUIET, timeout=20_000)

    def _done(self) -> float:
        return float(self.page.wait_for_function(STEP, timeout=20_000).json_value())

"""A served app in Chromium, and how long it takes until a change is painted."""

from __future__ import annotations

import math
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FLAGS = ["--no-sandbox", "--no-first-run"] + [
    f"--disable-{what}"
    for what in ("gpu", "background-networking", "background-timer-throttling", "renderer-backgrounding")
]

FIND = """() => {
  const find = root => {
    for (const one of root.querySelectorAll("*")) {
      const found = one.stage ?? (one.shadowRoot && find(one.shadowRoot))
      if (found) return found
    }
  }
  window.stage ??= find(document)
  const chart = window.stage?.chart
  const isLaidOut = chart?.plot.height > innerHeight / 2
  return isLaidOut && Boolean(chart.picture) && chart.pixels.width > chart.plot.width / 8
}"""
"""Whether the app has drawn a picture of a size like its own; the stage of that is then ``stage``."""

PLAIN = """() => {
  const models = [...(window.Bokeh?.documents?.[0]?._all_models.values() ?? [])]
  const isImage = r => r.glyph?.type.startsWith("Image")
  window.figure = models.find(m => m.type == "Figure" && m.renderers.some(isImage))
  return Boolean(window.figure)
}"""
"""The same of a page with a plain image, whose figure is then ``figure``."""

WATCH = """() => {
  const soon = (what) => requestAnimationFrame(() => {
    const channel = new MessageChannel()  // after the frame that begins now is painted
    channel.port1.onmessage = () => what(performance.now())
    channel.port2.postMessage(0)
  })
  window.watched = {begun: null, first: null, exact: null, waits: null, changed: 0, pictures: 0}
  const drawn = () => {
    const {begun} = watched
    watched.changed = performance.now()
    soon(now => {
      watched.pictures++
      if (begun !== null && watched.begun === begun) watched.exact ??= now
    })
  }
  if (window.stage) stage.chart.addEventListener("picture", drawn)
  else {
    const {data_source: source} = figure.renderers.find(r => r.glyph?.type.startsWith("Image"))
    let pixels = source.data.image[0]
    source.properties.data.change.connect(() => {
      if (source.data.image[0] !== pixels) drawn()
      pixels = source.data.image[0]
    })
  }
  for (const kind of ["keydown", "wheel", "pointermove"])
    addEventListener(kind, () => {
      if (watched.waits != kind) return
      Object.assign(watched, {waits: null, begun: performance.now(), first: null, exact: null})
      soon(now => { watched.first = now })
    }, {capture: true})
}"""
"""Notes when an event comes that is waited for, and the first painted frame and picture after it."""

HALF_LIFE = 'input[type=range][aria-label="half-life"], .noUi-handle'
"""The slider of the app, or of the plain page."""

WAIT = """(kind) => { Object.assign(watched, {exact: null, begun: null, waits: kind}) }"""
STEP = """() => watched.exact === null ? null
  : [watched.first - watched.begun, watched.exact - watched.begun]"""
QUIET = """() => performance.now() - watched.changed > 250"""
FRAME = """() => {
  if (window.stage) {
    const {left, top, width, height} = stage.chart.plot, box = stage.chart.root.getBoundingClientRect()
    return [box.x + left, box.y + top, width, height]
  }
  const view = Bokeh.index.find_one(figure), {bbox} = view.frame, box = view.el.getBoundingClientRect()
  return [box.x + bbox.left, box.y + bbox.top, bbox.width, bbox.height]
}"""


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
    """A page with a picture: of the app, or a plain image. A step gives ms from the event of a hand to the
    first painted frame, and to the painted picture of what the hand has asked for.

    first_ms : from opening the page to the first picture.
    """

    def __init__(self, browser: Any, url: str, width: int = 1600, height: int = 1000) -> None:
        self.page = browser.new_page(viewport={"width": width, "height": height})
        begun = time.perf_counter()
        self.page.goto(url, timeout=300_000, wait_until="commit")
        find = PLAIN if "/plain" in url else FIND
        self.page.wait_for_function(find, timeout=300_000, polling=10)
        self.first_ms = 1e3 * (time.perf_counter() - begun)
        self.page.wait_for_timeout(2000)
        self.page.evaluate(WATCH)

    def size(self) -> tuple[int, int]:
        """Pixels of the picture."""
        _, _, width, height = self.page.evaluate(FRAME)
        return round(width), round(height)

    def slide(self, to: int) -> tuple[float, float]:
        """The half-life slider a stop up or down, by its key."""
        self.page.locator(HALF_LIFE).focus()
        self._quiet()
        self.page.evaluate(WAIT, "keydown")
        self.page.keyboard.press("ArrowRight" if to > 0 else "ArrowLeft")
        return self._done()

    def zoom(self, by: int) -> tuple[float, float]:
        """A turn of the wheel in the middle of the picture."""
        x, y = self._middle()
        self.page.mouse.move(x, y)
        self._quiet()
        self.page.evaluate(WAIT, "wheel")
        self.page.mouse.wheel(0, by)
        return self._done()

    def pan(self, by: int) -> tuple[float, float]:
        """A drag by so many pixels to the right, from its last move."""
        x, y = self._middle()
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + by / 10, y, steps=3)  # a drag begins after some pixels
        self._quiet()
        self.page.evaluate(WAIT, "pointermove")
        self.page.mouse.move(x + by, y)
        if "/plain" in self.page.url:  # HoloViews hears of new ranges when they are let go
            self.page.mouse.up()
        found = self._done()
        self.page.mouse.up()
        return found

    def drag_slider(self, seconds: float = 2.0, a_second: int = 60) -> float:
        """The half-life slider from end to end and back in every second, so many events a second; pictures
        painted in a second. It has some 25 stops: a slower hand asks for fewer pictures."""
        track = self.page.locator(HALF_LIFE).bounding_box()
        at = self.page.locator(HALF_LIFE).evaluate("input => input.value / input.max")
        y = track["y"] + track["height"] / 2
        self.page.mouse.move(track["x"] + 6.5 + at * (track["width"] - 13), y)  # the handle, 13 pixels wide
        self.page.mouse.down()
        begun, before, k = time.perf_counter(), self.page.evaluate("watched.pictures"), 0
        while (now := time.perf_counter() - begun) < seconds:
            self.page.mouse.move(track["x"] + track["width"] * (0.5 + 0.5 * math.sin(2 * math.pi * now)), y)
            k += 1
            time.sleep(max(0.0, k / a_second - (time.perf_counter() - begun)))
        painted = self.page.evaluate("watched.pictures") - before
        self.page.mouse.up()
        return painted / (time.perf_counter() - begun)

    def play(self, seconds: float = 5.0) -> float:
        """Let the session be played; pictures painted in a second."""
        self.page.get_by_role("button", name="whole", exact=True).click()
        self.page.get_by_text("play").click()
        self.page.wait_for_timeout(1000)
        before, begun = self.page.evaluate("watched.pictures"), time.perf_counter()
        self.page.wait_for_timeout(1e3 * seconds)
        painted = self.page.evaluate("watched.pictures") - before
        seconds = time.perf_counter() - begun
        self.page.get_by_text("pause").click()
        return painted / seconds

    def _middle(self) -> tuple[float, float]:
        left, top, width, height = self.page.evaluate(FRAME)
        return left + width / 2, top + height / 2

    def _quiet(self) -> None:
        self.page.bring_to_front()
        self.page.wait_for_function(QUIET, timeout=20_000)

    def _done(self) -> tuple[float, float]:
        first, exact = self.page.wait_for_function(STEP, timeout=20_000, polling=5).json_value()
        return float(first), float(exact)

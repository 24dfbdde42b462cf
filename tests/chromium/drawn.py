"""What the browser draws, read from the charts and panels of the page."""

from __future__ import annotations

import base64
import re
from typing import Any, NamedTuple

import numpy as np

STAGE = """
const stageIn = node => {
  if (node.stage) return node.stage
  for (const child of [...node.shadowRoot?.children ?? [], ...node.children ?? []]) {
    const found = stageIn(child)
    if (found) return found
  }
  return null
}
const stage = stageIn(document.body)
const charts = stage?.charts ?? [], panels = Object.values(stage?.panels ?? {})
const ms = (chart, time) => Number(BigInt(chart.market.base) / 1000000n) + time / 1e6
const inWords = canvas => (window.wordsOn?.get(canvas) ?? []).map(({words}) => words)
const base64 = bytes => {
  let text = ""
  for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768))
  return btoa(text)
}
"""
"""Names for what is on the page."""

RECORDS = """
window.wordsOn = new WeakMap()
{
  const {clearRect, fillText} = CanvasRenderingContext2D.prototype
  CanvasRenderingContext2D.prototype.clearRect = function (...box) {
    wordsOn.set(this.canvas, [])
    clearRect.apply(this, box)
  }
  CanvasRenderingContext2D.prototype.fillText = function (words, x, y, ...more) {
    wordsOn.get(this.canvas)?.push({words, x, y, colour: this.fillStyle})
    fillText.call(this, words, x, y, ...more)
  }
}
"""
"""Run before a page: keeps the words that are on every canvas now, where they begin, and their colour."""

IMAGE = f"""async place => {{
  {STAGE}
  const chart = charts[place]
  if (!chart?.picture || stage.isOpening) return null
  const late = new Promise(done => setTimeout(done, 5000, true))
  if (await Promise.race([chart.painted().catch(() => {{}}), late])) return null  // a picture may fail
  const {{picture, pixels: image}} = chart
  window.sums ??= new WeakMap()
  if (!sums.has(picture)) {{
    const pixels = new Uint32Array(image.data.buffer)
    let sum = 0
    for (const p of pixels) sum = (sum * 31 + p) % 4294967291
    sums.set(picture, sum)
  }}
  const [begin, end, low, high] = picture.bounds
  return {{sum: sums.get(picture), cells: image.width * image.height, x: ms(chart, begin), y: low,
    dw: (end - begin) / 1e6, dh: high - low}}
}}"""
"""A checksum of the picture of a chart, once what has been asked for is painted, and its bounds."""

PIXELS = f"""place => {{
  {STAGE}
  const {{data, width, height}} = charts[place].pixels
  return {{bytes: base64(data), shape: [height, width]}}
}}"""

PAINTED = f"""([place, layer]) => {{
  {STAGE}
  const {{layers, plot}} = charts[place], {{pixelRatio}} = layers
  const box = [plot.left, plot.top, plot.width, plot.height].map(v => Math.round(v * pixelRatio))
  const {{data, width, height}} = layers[layer].getContext("2d").getImageData(...box)
  return {{bytes: base64(data), shape: [height, width]}}
}}"""
"""What a canvas of a chart shows within its axes."""

AXES = f"""place => {{
  {STAGE}
  const {{plot, root}} = charts[place], {{left, top}} = root.getBoundingClientRect()
  return [left + plot.left, top + plot.top, plot.width, plot.height]
}}"""

READOUT = f"""place => {{
  {STAGE}
  const readout = charts[place].root.querySelector(".readout")
  return readout.hidden ? [] : [...readout.children].map(line => line.textContent)
}}"""

PANEL = f"""name => {{
  {STAGE}
  const canvas = stage.panels[name].root.querySelector("canvas")
  const {{data, width, height}} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
  return {{bytes: base64(data), shape: [height, width]}}
}}"""

FIGURES = f"""() => {{
  {STAGE}
  const twoDigits = value => Number(value).toString(16).padStart(2, "0")
  const hex = colour => "#" + colour.match(/\\d+/g).slice(0, 3).map(twoDigits).join("")
  const groundOf = node => {{
    const colour = getComputedStyle(node).backgroundColor
    const above = node.parentElement ?? node.getRootNode().host
    return colour != "rgba(0, 0, 0, 0)" || !above ? hex(colour) : groundOf(above)
  }}
  const viewOf = (chart, [begin, end, low, high]) => (
    {{start: ms(chart, begin), end: ms(chart, end), low, high}}
  )
  const shown = charts.filter(chart => chart.picture).map(chart => ({{
    kind: "heatmap", title: chart.root.closest(".halves > div")?.querySelector(".title").textContent ?? "",
    background: groundOf(chart.root), ...viewOf(chart, chart.view), ns: chart.view[1] - chart.view[0],
    marks: Object.keys(chart.told).filter(name => [chart.told[name].bars ?? chart.told[name]].flat().length),
    labels: inWords(chart.layers.lines),
  }}))
  const beside = panels.map(panel => {{
    // Where its frame lies on the page says what of the chart it is in line with.
    const {{chart, root, frame: {{left, top, right, bottom}}, content}} = panel, {{plot}} = chart
    const own = root.getBoundingClientRect(), other = chart.root.getBoundingClientRect()
    const x = v => v + own.left - other.left, y = v => v + own.top - other.top
    const {{axis}} = content ?? {{axis: {{low: NaN, high: NaN}}}}
    const view = panel.shares == "price" ? [NaN, NaN, plot.price(y(bottom)), plot.price(y(top))]
      : [plot.time(x(left)), plot.time(x(right)), axis.low, axis.high]
    return {{
      kind: "panel", title: panel.name, background: groundOf(root), ...viewOf(chart, view),
      marks: (content?.shapes ?? []).map(({{kind}}) => kind),
      labels: [...inWords(root.querySelector("canvas")), root.querySelector(".words").textContent],
    }}
  }})
  return [...shown, ...beside]
}}"""
"""Charts that have a picture, and panels."""


class Image(NamedTuple):
    """Pixels (rows from the lowest price, columns, RGBA), uint8."""

    rgba: np.ndarray

    def same_as(self, other: Image) -> bool:
        """Whether two images show the same; a slider's steps are drawn to 2e-7, which may turn a shade."""
        if self.rgba.shape != other.rgba.shape:
            return False
        return bool((np.abs(self.rgba.astype(int) - other.rgba).max(axis=-1) > 3).mean() < 1e-4)

    @property
    def lit(self) -> np.ndarray:
        """Cells with size, on a dark page: neither unknown nor known to be empty."""
        return (self.rgba[..., :3].max(axis=-1) > 45) & (self.rgba[..., 3] > 0)

    @property
    def blue(self) -> np.ndarray:
        """Lit cells of the bids' colours."""
        return self.lit & (self._channel(2) > self._channel(0) + 20)

    @property
    def orange(self) -> np.ndarray:
        """Lit cells of the asks' colours."""
        return self.lit & (self._channel(0) > self._channel(2) + 20)

    def of(self, *rgb: int) -> np.ndarray:
        """Cells of a colour, nearly, and mostly opaque."""
        near = np.abs(self.rgba[..., :3].astype(int) - rgb).max(axis=-1) <= 6
        return near & (self.rgba[..., 3] > 128)

    def _channel(self, k: int) -> np.ndarray:
        return self.rgba[..., k].astype(int)


def image(page: Any, place: int = 0) -> Image:
    """The pixels of the picture of a chart of the page; before and after are two."""
    return image_of(page.evaluate(PIXELS, place))


def painted(page: Any, layer: str, place: int = 0) -> Image:
    """What the canvas ``picture``, ``lines`` or ``pointer`` of a chart shows within its axes."""
    return image_of(page.evaluate(PAINTED, [place, layer]))


class Axes(NamedTuple):
    """Where the axes of a chart lie on the page, pixels."""

    left: float
    top: float
    width: float
    height: float

    def at(self, x: float, y: float) -> tuple[float, float]:
        """The place of shares of the width from the left, and of the height from above."""
        return self.left + x * self.width, self.top + y * self.height


def axes(page: Any, place: int = 0) -> Axes:
    """Of a chart of the page."""
    return Axes(*page.evaluate(AXES, place))


def readout(page: Any, place: int = 0) -> list[str]:
    """The lines that say what is under the pointer."""
    return page.evaluate(READOUT, place)


def words(page: Any, layer: str, place: int = 0) -> list[dict]:
    """What is written on a canvas of a chart: words, where they begin, their colour."""
    code = f"([place, layer]) => {{ {STAGE} return wordsOn.get(charts[place].layers[layer]) ?? [] }}"
    return page.evaluate(code, [place, layer])


def panel(page: Any, name: str) -> Image:
    """What a panel shows."""
    return image_of(page.evaluate(PANEL, name))


def image_of(pixels: dict[str, Any]) -> Image:
    """From bytes in base64 and a shape, the lowest row last."""
    rows, columns = pixels["shape"]
    return Image(np.frombuffer(base64.b64decode(pixels["bytes"]), np.uint8).reshape(rows, columns, 4)[::-1])


STILL = 10
"""Of how many looks at it, a twentieth of a second apart, an image must be the same."""


FIRST = 4 * STILL
"""Of how many at first: a chart is drawn again when the page has sent its size."""

LOOKED = "() => { const before = window.looked; window.looked = true; return Boolean(before) }"


def settled(page: Any, unlike: dict | None = None, place: int = 0, still: int = STILL) -> dict:
    """The image once it is there, no longer changes, and is not ``unlike``.

    A page just opened is given longer.
    """
    still = still if page.evaluate(LOOKED) else FIRST
    before, same = None, 0
    for _ in range(1500):
        now = page.evaluate(IMAGE, place)
        same = same + 1 if now is not None and now == before else 0
        if same >= still and now != unlike:
            return now
        before = now
        page.wait_for_timeout(50)
    said = page.locator(".busy, .notice, .warning, .liqmap-busy").all_inner_texts()
    raise AssertionError(f"the image did not settle to anything new: {before}; the page says {said}")


def figures(page: Any) -> list[dict]:
    """Titles, marks, ranges and words at the axes of the heatmaps on the page, then of the panels."""
    return page.evaluate(FIGURES)


def css(page: Any, name: str) -> tuple[int, ...]:
    """A colour of the page's theme."""
    text = page.evaluate(f"name => {{ {STAGE} return stage.chart.theme.css[name] }}", name)
    return tuple(bytes.fromhex(text[1:]))


def choose(page: Any, label: str, option: str) -> None:
    """Take an option of the select of a label."""
    page.locator(f'select[aria-label="{label}"]').select_option(label=option)


def press(page: Any, *labels: str) -> None:
    """Press what is on or off, one of a few, or does something."""
    for label in labels:
        button, radio = (page.get_by_role(role, name=label, exact=True) for role in ("button", "radio"))
        button.or_(radio).click()


def slider(page: Any, label: str) -> Any:
    """The slider of a label; of the cut-offs ``cut-offs, from`` and ``cut-offs, to``."""
    return page.locator(f'input[type=range][aria-label="{label}"]')


def slider_words(page: Any, label: str) -> Any:
    """What it says over itself."""
    return page.locator(".slider .title", has_text=re.compile(f"^{label}: "))


THUMB = """input => {
  const {x, y, width, height} = input.getBoundingClientRect(), {min, max, value} = input
  const way = (Number(value) - Number(min)) / (Number(max) - Number(min))
  return [x + height / 2 + way * (width - height), y + height / 2]
}"""


def thumb(page: Any, label: str) -> tuple[float, float]:
    """Where the handle of a slider is, which is as wide as it is high."""
    return tuple(slider(page, label).evaluate(THUMB))


def drag_slider(page: Any, label: str, dx: float) -> None:
    """Take its handle so many pixels along."""
    x, y = thumb(page, label)
    page.mouse.move(x, y)
    page.mouse.down()
    for k in range(1, 11):
        page.mouse.move(x + dx * k / 10, y)
    page.mouse.up()

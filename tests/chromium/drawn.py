"""What the browser draws, read from Bokeh's document."""

from __future__ import annotations

import base64
from typing import Any, NamedTuple

import numpy as np

MODELS = """
const doc = Bokeh.documents[0]
const there = doc ? [...new Set(doc.roots().flatMap(root => [...root.references()]))] : []
const images = there.filter(m => m.type == "GlyphRenderer" && m.glyph.type == "ImageRGBA"
  && m.data_source.data.image)
"""

IMAGE = f"""place => {{
  {MODELS}
  const image = images.at(place)
  if (!image) return null
  const data = image.data_source.data
  const pixels = new Uint32Array(data.image[0].buffer)
  let sum = 0
  for (const p of pixels) sum = (sum * 31 + p) % 4294967291
  return {{sum, cells: pixels.length, x: data.x[0], y: data.y[0], dw: data.dw[0], dh: data.dh[0]}}
}}"""
"""A checksum of an image, and its bounds."""

PIXELS = f"""place => {{
  {MODELS}
  const image = images.at(place).data_source.data.image[0]
  const bytes = new Uint8Array(image.buffer)
  let text = ""
  for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768))
  return {{bytes: btoa(text), shape: image.shape}}
}}"""

FIGURES = f"""() => {{
  {MODELS}
  return there.filter(m => m.type == "Figure").map(f => ({{
    title: f.title ? f.title.text : "", background: f.background_fill_color,
    glyphs: f.renderers.filter(r => r.type == "GlyphRenderer").map(r => r.glyph.type),
    start: f.x_range.start, end: f.x_range.end, low: f.y_range.start, high: f.y_range.end,
    labels: [...f.below, ...f.left, ...f.right].map(a => a.axis_label ? String(a.axis_label) : ""),
  }}))
}}"""


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

    def _channel(self, k: int) -> np.ndarray:
        return self.rgba[..., k].astype(int)


def image(page: Any, place: int = 0) -> Image:
    """The pixels of the last image on the page, or of another."""
    pixels = page.evaluate(PIXELS, place)
    rows, columns = pixels["shape"][:2]
    return Image(np.frombuffer(base64.b64decode(pixels["bytes"]), np.uint8).reshape(rows, columns, 4))


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
    said = page.locator(".busy, .notice, .warning").all_inner_texts()
    raise AssertionError(f"the image did not settle to anything new: {before}; the page says {said}")


def figures(page: Any) -> list[dict]:
    """Titles, glyphs, ranges and axis labels of the figures on the page."""
    return page.evaluate(FIGURES)


def choose(page: Any, label: str, option: str) -> None:
    """Take an option of the select beside a label."""
    row = page.locator(".bk-Row", has=page.locator(f"text=/^{label}$/")).last
    row.locator("select").first.select_option(label=option)

"""Books as the engine's worker has them, in V8."""

from __future__ import annotations

import gzip
import json
from typing import Any

import numpy as np

from liqmap import schema
from liqmap.browser.content import NO_QUOTE, Content
from liqmap.browser.pack import DAY, Packed, pack
from liqmap.render.frames.scale import RANKS
from liqmap.render.marks.overlays import Trades
from liqmap.spans import Spans, touch
from tests.browser.engine import engine

SIZES = {agg: np.geomspace(1e-5, 1000.0, len(RANKS)).tolist() for agg in schema.AGGREGATES}
"""Sizes at `RANKS` of a session in which all of `tests.strategies` are lit between the cut-offs `LIT`."""

LIT = (0.0, 100.0)

GLUE = """
globalThis.performance ??= {now: () => 0}
globalThis.setTimeout ??= () => 0
globalThis.books = {}
globalThis.painters = {}
function bytesOf(text) {
  return Uint8Array.from({length: text.length / 2}, (_, i) => parseInt(text.slice(2 * i, 2 * i + 2), 16))
}
function keepBook(name, text, header) {
  books[name] = decodeBook(bytesOf(text), header)
}
function appendTo(name, text, header) {
  return painters[name].append(bytesOf(text), header)
}
function paint(name, tick, sizes) {
  painters[name] = new Painter(books[name], tick, sizes)
}
function framed(name, {theme, ...ask}) {
  const picture = painters[name].frame({...ask, palette: coloursOf(theme, ask)})
  const {image: {pixels, ...size}, ms, blocks, ...told} = picture
  return {pixels: [...pixels], ...size, ...told}
}
const listed = cells => [cells.map(c => [...c.liquidity]), cells.map(c => [...c.state])]
function gridOf(name, edges, rows, choice) {
  return listed(drawGrid(books[name], Float64Array.from(edges), Float64Array.from(rows), choice).cells)
}
// Frames of one view under several choices: the first from the book, the others from what is kept of it.
function framesOf(name, edges, rows, choices) {
  const frames = new Frames(books[name], {sidesFor: () => books[name]})
  const there = [Float64Array.from(edges), Float64Array.from(rows)]
  return choices.map(choice => listed(frames.draw(...there, choice).cells))
}
"""


def base_of(spans: Spans) -> int:
    """The day of a book's last message: one without a span has no begin."""
    return spans.last // DAY * DAY


def content_of(spans: Spans, trades: Trades | None = None) -> Content:
    """All that spans have."""
    none = np.empty(0)
    quotes = []
    for side in (0, 1):
        start, tick, size = touch(spans, side)
        quotes.append((start, np.where(size > 0, tick, NO_QUOTE)))
    trades = trades or Trades(none.astype(np.int64), none, none, none.astype(np.int8))
    return Content(list(spans.sides), list(spans.windows), quotes, trades)


def keep(spans: Spans, name: str = "book") -> None:
    """Have V8 decode all that spans have."""
    keep_packed(pack(content_of(spans), base_of(spans)), name)


def keep_packed(packed: Packed, name: str) -> None:
    told(f"keepBook({json.dumps(name)}, {json.dumps(plain(packed))}, {json.dumps(packed.header)})")


def plain(packed: Packed) -> str:
    """What is packed, as hexadecimal digits."""
    return gzip.decompress(packed.data).hex()


def told(script: str) -> Any:
    """What a script that knows books answers."""
    v8 = engine()
    if not v8.eval("typeof keepBook == 'function'"):
        v8.eval(GLUE)
    return v8.eval(script)


def cells(script: str, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Liquidity and state of both sides."""
    return unlisted(json.loads(told(f"JSON.stringify({script})")), shape)


def unlisted(answer: Any, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    liquidity, state = (np.array(part, np.float64).reshape(shape) for part in answer)
    return liquidity, state.astype(np.uint8)


def grid(spans: Spans, times: np.ndarray, rows: np.ndarray, choice: Any, name: str = "book") -> Any:
    """The cells of any edges: times ns since the epoch, rows ticks."""
    edges = (times - base_of(spans)).tolist()
    said = ", ".join(json.dumps(a) for a in (name, edges, rows.tolist(), choice))
    return cells(f"gridOf({said})", (len(schema.SIDES), len(rows) - 1, len(times) - 1))


def append_to(packed: Packed, name: str = "book") -> None:
    """Have V8 append what has come."""
    digits, header = json.dumps(plain(packed)), json.dumps(packed.header)
    told(f"appendTo({json.dumps(name)}, {digits}, {header})")

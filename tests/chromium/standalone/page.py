"""What tests ask the standalone page, and what it answers."""

from __future__ import annotations

import base64
import re
from typing import Any

import numpy as np

import liqmap as lm
from liqmap.carry import nanoseconds
from liqmap.render.frames.frame import price_rows, time_columns

BASE64 = """
const base64 = array => {
  let text = ""
  const bytes = new Uint8Array(array.buffer)
  for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768))
  return btoa(text)
}
"""
GRID = f"""async ([edges, rows, halfLife, prune, agg]) => {{
  {BASE64}
  const {{liquidity, state}} = await liqmap.grid(edges, rows, halfLife, prune, agg)
  return [liquidity.map(base64), state.map(base64)]
}}"""
DRAWN = f"""async () => {{
  {BASE64}
  await liqmap.painted()
  const {{edges, rows, liquidity, state}} = await liqmap.drawn()
  return [[...edges], [...rows], liquidity.map(base64), state.map(base64)]
}}"""
PIXELS = f"""async () => {{
  {BASE64}
  await liqmap.painted()
  const {{left, top, width, height}} = liqmap.plot()
  const {{data}} = document.querySelector("#chart .picture")
    .getContext("2d").getImageData(left, top, width, height)
  return [base64(data), Math.floor(width), Math.floor(height)]
}}"""


def ns(duration: str | None) -> int | None:
    return nanoseconds(duration)


def grid_of(page: Any, times: np.ndarray, rows: np.ndarray, *carry: Any) -> tuple[np.ndarray, np.ndarray]:
    base = int(page.evaluate("liqmap.meta.spans.base"))
    answer = page.evaluate(GRID, [(times - base).tolist(), rows.tolist(), *carry])
    return unpacked(answer, (2, len(rows) - 1, len(times) - 1))


def unpacked(answer: list, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Liquidity and state of both sides, from base64."""
    return tuple(  # type: ignore[return-value]
        np.concatenate([np.frombuffer(base64.b64decode(part), kind) for part in side]).reshape(shape)
        for side, kind in zip(answer, (np.float32, np.uint8))
    )


def pixels(page: Any) -> np.ndarray:
    """What is painted within the axes, (height, width, RGBA)."""
    data, width, height = page.evaluate(PIXELS)
    return np.frombuffer(base64.b64decode(data), np.uint8).reshape(height, width, 4).astype(int)


def view_of(session: lm.Session) -> tuple[int, int, float, float]:
    begin, end = (int(t.astype(np.int64)) for t in session.time_range)
    return begin, end, *session.price_range


def share(page: Any) -> float:
    page.evaluate("liqmap.painted()")
    found = re.match(r"([\d.]+) % of the liquidity drawn is carried", page.locator("#strip").inner_text())
    assert found is not None
    return float(found[1])


def frame_of(
    page: Any, session: lm.Session, half_life: int | None, prune: int | None
) -> tuple[np.ndarray, np.ndarray]:
    begin, end, low, high = view_of(session)
    times = time_columns(begin, end, 300)
    return grid_of(
        page, times, price_rows(low, high, 300, session.spans().tick_size), half_life, prune, "peak"
    )


def press_to_end(page: Any, name: str, key: str) -> None:
    page.locator(f"#{name}").focus()
    page.keyboard.press(key)
    page.evaluate("liqmap.painted()")

"""Candles of the trades: bars as fine as the pixels bear."""

from __future__ import annotations

import numpy as np

from liqmap.analytics.flow.bars import Bars
from liqmap.render.frames.frame import NICE_TIMES, nice_step
from liqmap.render.frames.palettes import Theme, css
from liqmap.render.marks.registry import Overlay

CANDLE_PIXELS = 10
"""Least width of a candle, its gap included."""

CANDLE_SHARE = 0.7
"""Of a bar's time that the body of its candle takes."""

OVERLAY = Overlay(
    "candles", "candles", 10, "liqmap.render.charts.layers:candle_chart",
    "liqmap.render.png.layers:candle_picture", menu_order=4, dims=True, in_page=True, of_trades=True,
    shapes="liqmap.render.marks.layers:candle_shapes",
)  # fmt: skip


def candle_step(begin: int, end: int, width: int) -> int:
    """The nice time step, ns, of bars at least `CANDLE_PIXELS` wide."""
    return nice_step((end - begin) * CANDLE_PIXELS / max(width, 1), NICE_TIMES)


def candle_colours(bars: Bars, theme: Theme) -> np.ndarray:
    """A colour a bar, by where it closed."""
    return np.array([css(c) for c in (theme.down, theme.neutral, theme.up)], object)[candle_ways(bars)]


def candle_ways(bars: Bars) -> np.ndarray:
    """Where a bar closed: 0 below where it opened, 1 there, 2 above."""
    return np.sign(bars.close - bars.open).astype(np.int64) + 1

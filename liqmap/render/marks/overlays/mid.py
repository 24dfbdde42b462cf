"""The middle of best bid and best ask, as steps: `Quotes.mid`."""

from __future__ import annotations

from liqmap.render.marks.registry import Overlay

OVERLAY = Overlay(
    "mid",
    "mid",
    30,
    "liqmap.render.charts.layers:mid_chart",
    "liqmap.render.png.layers:mid_picture",
    place=2,
)

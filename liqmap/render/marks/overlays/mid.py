"""The middle of best bid and best ask, as steps: `Quotes.mid`."""

from __future__ import annotations

from liqmap.render.frames.palettes import Theme
from liqmap.render.marks.registry import Entry, Overlay


def _legend(theme: Theme) -> list[Entry]:
    return [Entry("mid", theme.mid, True, "mid")]


OVERLAY = Overlay(
    "mid",
    "middle of best bid and ask",
    30,
    "liqmap.render.charts.layers:mid_chart",
    "liqmap.render.png.layers:mid_picture",
    _legend,
    menu_order=2,
    shapes="liqmap.render.marks.layers:mid_shapes",
    in_page=True,
)

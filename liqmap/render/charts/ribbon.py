"""The ribbon of trust as HoloViews elements."""

from __future__ import annotations

from typing import Any

import holoviews as hv
import numpy as np

from liqmap.render.charts.tooltip import dress
from liqmap.render.frames.palettes import css
from liqmap.render.marks.overlays.trust import FACTS, Ribbon
from liqmap.render.marks.registry import Scene
from liqmap.render.marks.ribbon import boxes
from liqmap.render.marks.shapes import Boxes
from liqmap.render.marks.view import View

CORNERS = ["time", "price", "time1", "price1"]
TOLD = ("book", "beyond", "lost")
"""Names of the columns of a tooltip, whose rows are `FACTS`."""


def trust_chart(scene: Scene) -> Any:
    """The ribbon of a scene, at the lower edge of whatever is in view."""
    whole = Ribbon.of(scene.session)
    tooltips = [(name, f"@{column}") for name, column in zip(FACTS, TOLD)]

    def themed(plot: Any, element: Any) -> None:
        dress(plot.state, scene.colours)

    telling = {"tools": ["hover"], "hover_tooltips": tooltips, "hooks": [themed], "backend": "bokeh"}

    def draw(begin: int, end: int, prices: Any, width: int, height: int) -> Any:
        until = scene.until and scene.until()
        ribbon = whole.between(begin, min(end, until or end), width)
        view = View(begin, end, prices or scene.price_range, width, height)
        shapes = boxes(ribbon, view, scene.colours) if len(ribbon.start) else ()
        ground, best, beyond = shapes or [None] * 3
        words = ribbon.words()
        quiet = _bars(ground, [("", "", "")] * (ground is not None)).opts(default_tools=[], backend="bokeh")
        return hv.Overlay([quiet, *(_bars(one, words).opts(**telling) for one in (best, beyond))])

    return scene.follow(draw)


def _bars(shape: Boxes | None, words: list[tuple[str, str, str]]) -> hv.Rectangles:
    """Boxes with what is told of them."""
    told = [np.array(column, object) for column in zip(*words)] or [np.empty(0, object)] * len(TOLD)
    if shape is None:
        times, none = np.empty(0, "datetime64[ns]"), np.empty(0)
        columns: tuple[Any, ...] = (times, none, times, none, np.empty(0, object))
    else:
        x0, x1 = (x.astype("datetime64[ns]") for x in (shape.x0, shape.x1))
        colours = np.array([css(colour) for colour in shape.colours], object)
        columns = (x0, shape.y0, x1, shape.y1, colours[shape.colour])
    return hv.Rectangles((*columns, *told), CORNERS, ["colour", *TOLD], group="Trust").opts(
        color="colour", line_width=0, line_alpha=0, backend="bokeh"
    )

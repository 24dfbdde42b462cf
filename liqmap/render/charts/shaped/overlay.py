"""An overlay of shapes alone in a notebook: made anew for every view."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import holoviews as hv

from liqmap.render.charts.shaped.elements import Dims, element_of
from liqmap.render.charts.tooltip import dress
from liqmap.render.marks.registry import Scene
from liqmap.render.marks.shapes import Shape
from liqmap.render.marks.view import View

DIMS = Dims("time", "price")


def shaped_chart(scene: Scene, shapes: Callable[[Scene, View], list[Shape]]) -> Any:
    """What follows the view and shows shapes of it.

    Parameters
    ----------
    shapes : of a view always as many, of the same kinds, as HoloViews wants it of what moves.
    """

    def themed(plot: Any, element: Any) -> None:
        dress(plot.state, scene.colours)

    def draw(begin: int, end: int, prices: Any, width: int, height: int) -> Any:
        until = scene.until and scene.until()
        view = View(begin, end, prices or scene.price_range, width, height, until)
        elements = [element_of(shape, DIMS) for shape in shapes(scene, view)]
        return hv.Overlay([one.opts(hooks=[themed], backend="bokeh") for one in elements])

    return scene.follow(draw)

"""A panel of a user's in a picture file: the shapes that it gives, drawn by matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING

from liqmap.render.marks.panels import Panel, PanelScene
from liqmap.render.marks.shapes import Line, SizeAxis
from liqmap.render.marks.view import View
from liqmap.render.png.canvas import Canvas, days
from liqmap.render.png.panels import few_sizes, name_above, name_axis, panel, ticks
from liqmap.render.png.shaped import draw_shape

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def own_panel(canvas: Canvas, about: Panel, scene: PanelScene) -> Axes:
    """A panel's shapes on axes of its own, of which it shares one with the heatmap.

    Raises
    ------
    GridError : it gives what cannot be drawn.
    """
    layout, seen, theme, shares = canvas.layout, canvas.view, canvas.theme, about.shares
    box = layout.panels[about.name]
    width, height = (round(size / layout.unit) for size in box[2:])
    found = about.on_engine(scene, View(seen.begin, seen.end, (seen.low, seen.high), width, height))
    axes = panel(canvas.figure, layout, box, theme)
    _shared(axes, canvas, shares)
    _sizes(axes, found.axis, shares)
    second = None
    if found.second is not None:
        second = axes.twiny() if shares == "price" else axes.twinx()
        _sizes(second, found.second, shares)
        ticks(second, layout, theme)
        for spine in second.spines.values():
            spine.set_visible(False)
    for shape in found.shapes:
        is_second = isinstance(shape, Line) and shape.second and second is not None
        draw_shape(second if is_second and second is not None else axes, shape, layout, shares == "time")
    for one in (axes, second):
        if one is not None:
            few_sizes(one.xaxis if shares == "price" else one.yaxis, 3 if shares == "price" else 4)
    if shares == "price":
        if second is not None and found.second is not None:
            name_above(second, layout, found.second.label, theme)
        for line, words in enumerate(filter(None, (found.axis.label, found.title))):
            name_axis(axes, layout, words, 0.96, "right", theme, line)
    else:
        name_axis(axes, layout, found.axis.label, 0.006, "left", theme)
        right = "  ·  ".join(filter(None, (found.title, found.second.label if found.second else "")))
        if right:
            name_axis(axes, layout, right, 0.994, "right", theme)
    return axes


def _shared(axes: Axes, canvas: Canvas, shares: str) -> None:
    view = canvas.view
    if shares == "price":
        axes.set_ylim(view.low, view.high)
        axes.tick_params(axis="y", labelleft=False, length=0)
    else:
        axes.set_xlim(days(view.begin), days(view.end))


def _sizes(axes: Axes, axis: SizeAxis, shares: str) -> None:
    (axes.set_xlim if shares == "price" else axes.set_ylim)(axis.low, axis.high)

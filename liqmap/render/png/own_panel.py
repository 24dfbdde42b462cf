"""A panel of a user's in a picture file: the shapes that it gives, drawn by matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from liqmap.render.frames.palettes import unit_rgb as _rgb
from liqmap.render.marks.panels import Panel, PanelScene, no_place_for
from liqmap.render.marks.shapes import Boxes, Discs, Line, Segments, Shape, SizeAxis, Words
from liqmap.render.marks.view import View
from liqmap.render.png.canvas import Canvas, days
from liqmap.render.png.layout import Layout
from liqmap.render.png.panels import few_sizes, name_above, name_axis, panel, ticks

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
        _draw(second if is_second and second is not None else axes, shape, shares, layout)
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


def _draw(axes: Axes, shape: Shape, shares: str, layout: Layout) -> None:
    """A shape, which is cut at the frame.

    Raises
    ------
    GridError : pixels, which panels have no place for.
    """
    from matplotlib.collections import LineCollection, PolyCollection

    def along(x: np.ndarray) -> Any:
        return days(x) if shares == "time" else np.asarray(x, np.float64)

    if isinstance(shape, Line):
        how: dict[str, Any] = {"drawstyle": "steps-post"} if shape.steps else {}
        width = layout.points(shape.width)
        axes.plot(along(shape.x), shape.y, color=_rgb(shape.colour), linewidth=width, zorder=3, **how)
    elif isinstance(shape, Segments | Boxes):
        x0, x1, y0, y1 = along(shape.x0), along(shape.x1), shape.y0, shape.y1
        colours = [_rgb(shape.colours[k]) for k in shape.colour]
        if isinstance(shape, Segments):
            ends = np.stack([np.stack([x0, y0], 1), np.stack([x1, y1], 1)], 1)
            width = layout.points(shape.width)
            axes.add_collection(LineCollection(list(ends), colors=colours, linewidths=width, zorder=3))
        else:
            corners = np.stack([np.stack(at, 1) for at in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))], 1)
            style: dict[str, Any] = {"facecolors": colours, "edgecolors": colours, "alpha": shape.alpha}
            width = layout.points(shape.rim)
            axes.add_collection(PolyCollection(list(corners), linewidths=width, zorder=2, **style))
    elif isinstance(shape, Discs):
        axes.scatter(
            along(shape.x), shape.y, s=layout.points(2 * shape.radius) ** 2, zorder=4,
            linewidths=layout.points(shape.width), edgecolors=[_rgb(shape.colours[k]) for k in shape.rim],
            facecolors=[(*_rgb(shape.colours[k]), shape.alpha) for k in shape.face],
        )  # fmt: skip
    elif isinstance(shape, Words):
        look: dict[str, Any] = {"color": _rgb(shape.colour), "fontsize": layout.points(11), "va": "center"}
        align = {"left": "left", "right": "right", "centre": "center"}[shape.align]
        for x, y, text in zip(along(shape.x), shape.y, shape.text):
            axes.text(x, y, text, ha=align, clip_on=True, zorder=5, **look)
    else:
        raise no_place_for(shape)

"""Shapes in a picture file, drawn by matplotlib: of panels, and of overlays that are shapes alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from liqmap.render.frames.palettes import unit_rgb as _rgb
from liqmap.render.marks.panels import no_place_for
from liqmap.render.marks.shapes import Boxes, Discs, Line, Pixels, Segments, Shape, Words
from liqmap.render.marks.view import View
from liqmap.render.png.canvas import Canvas, days
from liqmap.render.png.layout import Layout

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ABOVE, TOPMOST = 0.45, 1.05
"""How much higher the shapes of an overlay lie than those of a panel: boxes below the lines of quotes, or,
of an order beyond `LINES`, above them."""

LINES = 30
"""Order of the topmost lines."""


def shaped_picture(canvas: Canvas, shapes: Callable[[View], list[Shape]], order: float) -> View:
    """Draw the shapes of an overlay of this order; the view that they are of, in pixels of 1600 x 900."""
    layout, seen = canvas.layout, canvas.view
    width, height = (round(size / layout.unit) for size in (layout.width, layout.height))
    view = View(seen.begin, seen.end, (seen.low, seen.high), width, height)
    for shape in shapes(view):
        if isinstance(shape, Pixels):
            raise no_place_for(shape)
        draw_shape(canvas.axes, shape, layout, True, TOPMOST if order > LINES else ABOVE)
    return view


def draw_shape(axes: Axes, shape: Shape, layout: Layout, is_time: bool, above: float = 0.0) -> None:
    """A shape, which is cut at the frame.

    Parameters
    ----------
    is_time : whether times run along x. above : how much higher it lies than a panel's.

    Raises
    ------
    GridError : pixels, which panels have no place for.
    """

    def along(x: np.ndarray) -> Any:
        return days(x) if is_time else np.asarray(x, np.float64)

    if isinstance(shape, Line):
        how: dict[str, Any] = {"drawstyle": "steps-post"} if shape.steps else {}
        width = layout.points(shape.width)
        axes.plot(along(shape.x), shape.y, color=_rgb(shape.colour), linewidth=width, zorder=3 + above, **how)
    elif isinstance(shape, Segments | Boxes):
        _draw_between(axes, shape, (along(shape.x0), along(shape.x1)), layout, above)
    elif isinstance(shape, Discs):
        axes.scatter(
            along(shape.x), shape.y, s=layout.points(2 * shape.radius) ** 2, zorder=4 + above,
            linewidths=layout.points(shape.width), edgecolors=[_rgb(shape.colours[k]) for k in shape.rim],
            facecolors=[(*_rgb(shape.colours[k]), shape.alpha) for k in shape.face],
        )  # fmt: skip
    elif isinstance(shape, Words):
        _draw_words(axes, shape, along(shape.x), layout, above)
    else:
        raise no_place_for(shape)


def _draw_between(
    axes: Axes, shape: Segments | Boxes, x: tuple[Any, Any], layout: Layout, above: float
) -> None:
    """What lies between two points, or two corners; rims are opaque, whatever they are around."""
    from matplotlib.collections import LineCollection, PolyCollection

    (x0, x1), y0, y1 = x, shape.y0, shape.y1
    colours = [_rgb(shape.colours[k]) for k in shape.colour]
    if isinstance(shape, Segments):
        ends = np.stack([np.stack([x0, y0], 1), np.stack([x1, y1], 1)], 1)
        width = layout.points(shape.width)
        axes.add_collection(LineCollection(list(ends), colors=colours, linewidths=width, zorder=3 + above))
        return
    corners = np.stack([np.stack(at, 1) for at in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))], 1)
    faces = [(*colour, shape.alpha) for colour in colours]
    edges = colours if shape.rim else "none"
    width = layout.points(shape.rim)
    axes.add_collection(
        PolyCollection(list(corners), linewidths=width, zorder=2 + above, facecolors=faces, edgecolors=edges)
    )


def _draw_words(axes: Axes, shape: Words, x: Any, layout: Layout, above: float) -> None:
    size = 11 if shape.small or not above else 13
    look: dict[str, Any] = {"color": _rgb(shape.colour), "fontsize": layout.points(size), "va": "center"}
    if shape.ground is not None and above:
        look["bbox"] = {"facecolor": _rgb(shape.ground), "edgecolor": "none", "alpha": 0.75, "pad": 1.0}
    align = {"left": "left", "right": "right", "centre": "center"}[shape.align]
    for at, y, text in zip(x, shape.y, shape.text):
        axes.text(at, y, text, ha=align, clip_on=True, zorder=5 + above, **look)

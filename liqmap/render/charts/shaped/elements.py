"""Each kind of shape as a HoloViews element, on the axes of whatever shows it."""

from __future__ import annotations

from typing import Any, NamedTuple

import holoviews as hv
import numpy as np

from liqmap.render.frames.palettes import RGB, css
from liqmap.render.marks.panels import no_place_for
from liqmap.render.marks.shapes import Boxes, Discs, Facts, Line, Segments, Shape, Words


class Dims(NamedTuple):
    """Names of the two axes, and whether times run along the first."""

    x: str
    y: str
    is_time: bool = True

    def along(self, x: np.ndarray) -> np.ndarray:
        """Places along the first axis as HoloViews takes them."""
        if self.is_time:
            return np.asarray(x, np.int64).astype("datetime64[ns]")
        return np.asarray(x, np.float64)

    @property
    def one(self) -> list[str]:
        return [self.x, self.y]

    @property
    def two(self) -> list[str]:
        """Of two corners."""
        return [self.x, self.y, f"{self.x}1", f"{self.y}1"]


def element_of(shape: Shape, dims: Dims) -> Any:
    """A shape as an element; what it tells of its items is a tooltip.

    Raises
    ------
    GridError : pixels, of which there is none.
    """
    if isinstance(shape, Line):
        how = "steps-post" if shape.steps else "linear"
        return hv.Curve((dims.along(shape.x), shape.y), dims.x, dims.y).opts(
            color=css(shape.colour), line_width=shape.width, interpolation=how, backend="bokeh"
        )
    if isinstance(shape, Segments):
        columns = (*_corners(shape, dims), _names(shape.colours)[shape.colour])
        return hv.Segments(columns, dims.two, "colour").opts(
            color="colour", line_width=shape.width, backend="bokeh"
        )
    if isinstance(shape, Boxes):
        return _boxes(shape, dims)
    if isinstance(shape, Discs):
        names, (words, told, tip) = _names(shape.colours), _telling(shape.told, len(shape.x))
        columns = (
            dims.along(shape.x),
            shape.y,
            2 * shape.radius,
            names[shape.face],
            names[shape.rim],
            *words,
        )
        return hv.Points(columns, dims.one, ["diameter", "face", "rim", *told]).opts(
            size="diameter", fill_color="face", line_color="rim", fill_alpha=shape.alpha,
            line_width=shape.width, backend="bokeh", **tip,
        )  # fmt: skip
    if isinstance(shape, Words):
        align = {"left": "left", "right": "right", "centre": "center"}[shape.align]
        return hv.Labels((dims.along(shape.x), shape.y, np.array(shape.text, object)), dims.one, "word").opts(
            text_color=css(shape.colour), text_font_size="10.5px", text_align=align,
            text_baseline="middle", backend="bokeh",
        )  # fmt: skip
    raise no_place_for(shape)


def _boxes(shape: Boxes, dims: Dims) -> Any:
    words, told, tip = _telling(shape.told, len(shape.x0))
    columns = (*_corners(shape, dims), _names(shape.colours)[shape.colour], *words)
    rim = {"line_color": "colour", "line_width": shape.rim} if shape.rim else {"line_color": None}
    return hv.Rectangles(columns, dims.two, ["colour", *told]).opts(
        fill_color="colour", fill_alpha=shape.alpha, backend="bokeh", **rim, **tip
    )


def _corners(shape: Segments | Boxes, dims: Dims) -> tuple[np.ndarray, ...]:
    return dims.along(shape.x0), shape.y0, dims.along(shape.x1), shape.y1


def _telling(facts: Facts | None, count: int) -> tuple[list[np.ndarray], list[str], dict[str, Any]]:
    """Columns of what is told of each item, their names, and the options of a tooltip of them."""
    if facts is None:
        return [], [], {}
    names = [f"told{k}" for k in range(len(facts.names))]
    words = [np.array(column, object) for column in zip(*facts.words)] or [np.empty(0, object)] * len(names)
    tip = [(name, f"@{column}") for name, column in zip(facts.names, names)]
    return words, names, {"tools": ["hover"], "hover_tooltips": tip}


def _names(colours: tuple[RGB, ...]) -> np.ndarray:
    return np.array([css(colour) for colour in colours], object)

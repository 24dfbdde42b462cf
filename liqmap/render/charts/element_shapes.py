"""Each kind of HoloViews element as shapes: its colours, widths, sizes and opacities as bokeh has them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import holoviews as hv
import numpy as np
from holoviews.operation import interpolate_curve

from liqmap.render.charts.styles import Style
from liqmap.render.frames.frame import instant_ns
from liqmap.render.frames.palettes import RGB
from liqmap.render.marks.shapes import Boxes, Discs, Line, Pixels, Segments, Shape, Words
from liqmap.render.marks.view import View
from liqmap.schema import GridError

GREY: RGB = (128, 128, 128)
"""The face of a rectangle of which nothing is said, as bokeh has it."""

Corners = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""Time and price of one corner or end, and of the other."""

ALIGN = {"left": "left", "right": "right", "center": "centre"}


def _curve(element: Any, style: Style, view: View) -> list[Shape]:
    how = style.plot("interpolation", "linear")
    drawn = element if how in ("linear", "steps-post") else interpolate_curve(element, interpolation=how)
    x, y = _times(drawn, 0), _numbers(drawn, 1)
    known = x != NO_TIME
    rgb, shown = style.colours(("line_color", "color"), 1, style.theme.text, ("line_alpha", "alpha"))
    width = float(style.number(("line_width",), 1.0).max(initial=0.0))
    if not shown[0]:
        return []
    return [Line(x[known], y[known], _rgb(rgb[0]), width, steps=how == "steps-post")]


def _discs(element: Any, style: Style, view: View) -> list[Shape]:
    x, y = _times(element, 0), _numbers(element, 1)
    if style.has("radius"):
        raise GridError(expected="the size of points in pixels", got="a radius in units of the axes")
    count, theme = len(x), style.theme
    radius = np.broadcast_to(style.number(("size",), 4.0) / 2, (count,))
    faces, filled = style.colours(("fill_color", "color"), count, GREY)
    rims, lined = style.colours(("line_color", "color"), count, theme.text, ("line_alpha", "alpha"))
    width = np.where(lined, style.number(("line_width",), 1.0), 0.0)
    alpha = np.where(filled, style.number(("fill_alpha", "alpha"), 1.0), 0.0)
    known = (x != NO_TIME) & np.isfinite(y) & np.isfinite(radius) & (filled | lined)
    shapes: list[Shape] = []
    for rows, (opacity, rim) in _groups(known, alpha, width):
        index, colours = _indexed(np.concatenate([faces[rows], rims[rows]]))
        face, edge = np.split(index, 2)
        shapes.append(Discs(x[rows], y[rows], radius[rows], face, edge, colours, opacity, rim))
    return shapes


def _segments(element: Any, style: Style, view: View) -> list[Shape]:
    return _lines(_corners(element), style)


def _lines(corners: Corners, style: Style) -> list[Shape]:
    """Lines between two points each."""
    count = len(corners[0])
    names, alphas = ("line_color", "color"), ("line_alpha", "alpha")
    rgb, shown = style.colours(names, count, style.theme.text, alphas)
    shapes: list[Shape] = []
    for rows, (width,) in _groups(shown & _known(corners), style.number(("line_width",), 1.0)):
        shapes.append(Segments(*_some(corners, rows), *_indexed(rgb[rows]), width))
    return shapes


def _boxes(element: Any, style: Style, view: View) -> list[Shape]:
    corners = _corners(element)
    count, known = len(corners[0]), _known(corners)
    faces, filled = style.colours(("fill_color", "color"), count, GREY)
    rims, lined = style.colours(("line_color", "color"), count, style.theme.text, ("line_alpha", "alpha"))
    alpha = np.broadcast_to(style.number(("fill_alpha", "alpha"), 1.0), (count,))
    width = np.where(lined, style.number(("line_width",), 1.0), 0.0)
    alike = (faces == rims).all(axis=1) & (alpha == 1.0)
    shapes: list[Shape] = []
    for rows, (opacity, rim) in _groups(known & filled, alpha, np.where(alike, width, 0.0)):
        shapes.append(Boxes(*_some(corners, rows), *_indexed(faces[rows]), opacity, rim))
    for rows, (rim,) in _groups(known & lined & ~(alike & filled) & (width > 0), width):
        x0, y0, x1, y1 = _some(corners, rows)
        index, colours = _indexed(rims[rows])
        ends = (
            np.concatenate(column)
            for column in ((x0, x1, x1, x0), (y0, y0, y1, y1), (x1, x1, x0, x0), (y0, y1, y1, y0))
        )
        shapes.append(Segments(*_four(ends), np.tile(index, 4), colours, rim))
    return shapes


def _across(element: Any, style: Style, view: View) -> list[Shape]:
    """Lines at prices, over the whole time."""
    price = np.atleast_1d(_plain(element)).astype(float)
    begin, end = np.full(len(price), view.begin), np.full(len(price), view.end)
    return _lines((begin, price, end, price), style)


def _upright(element: Any, style: Style, view: View) -> list[Shape]:
    """Lines at times, over all prices."""
    time = _ns(np.atleast_1d(_plain(element)))
    low, high = (np.full(len(time), price) for price in view.prices)
    return _lines((time, low, time, high), style)


def _text(element: Any, style: Style, view: View) -> list[Shape]:
    x, y, text, _, halign, *_ = element.data
    align = ALIGN.get(halign, "centre")
    return _words(_ns(np.atleast_1d(np.asarray(x))), np.array([float(y)]), [str(text)], align, style)


def _labels(element: Any, style: Style, view: View) -> list[Shape]:
    dim = element.vdims[0]
    texts = [v if isinstance(v, str) else dim.pprint_value(v) for v in element.dimension_values(2)]
    align = ALIGN.get(style.text("text_align", "center"), "centre")
    return _words(_times(element, 0), _numbers(element, 1), texts, align, style)


def _words(x: np.ndarray, y: np.ndarray, texts: list[str], align: str, style: Style) -> list[Shape]:
    count, written = len(x), np.array(texts, object)
    rgb, shown = style.colours(("text_color", "color"), count, style.theme.text, ("text_alpha",))
    ground, behind = style.colours(("background_fill_color",), 1, None, ("background_fill_alpha",))
    known = shown & (x != NO_TIME) & np.isfinite(y)
    shapes: list[Shape] = []
    for rows, channels in _groups(known, *rgb.T):
        colour, back = _rgb(np.array(channels)), _rgb(ground[0]) if behind[0] else None
        shapes.append(Words(x[rows], y[rows], tuple(written[rows]), colour, align, back))
    return shapes


def _pixels(element: Any, style: Style, view: View) -> list[Shape]:
    bands = [element.dimension_values(dim, flat=False) for dim in element.vdims]
    whole = bands[0].dtype.kind in "ui"
    image = np.stack([np.asarray(band, float) * (1 if whole else 255) for band in bands], axis=-1)
    if image.shape[-1] == 3:
        image = np.concatenate([image, np.full((*image.shape[:2], 1), 255.0)], axis=-1)
    image[np.isnan(image).any(axis=-1)] = 0.0
    image[..., 3] *= float(style.number(("alpha",), 1.0))
    left, low, right, high = element.bounds.lbrt()
    times = tuple(int(t) for t in _ns(np.array([left, right])))
    pixels = np.rint(np.clip(image, 0, 255)).astype(np.uint8)
    return [Pixels(pixels, times, (float(low), float(high)))]  # type: ignore[arg-type]


KINDS: dict[type, Callable[[Any, Style, View], list[Shape]]] = {
    hv.Curve: _curve, hv.Scatter: _discs, hv.Points: _discs, hv.Segments: _segments, hv.Rectangles: _boxes,
    hv.HLine: _across, hv.HLines: _across, hv.VLine: _upright, hv.VLines: _upright,
    hv.Text: _text, hv.Labels: _labels, hv.RGB: _pixels,
}  # fmt: skip
"""What makes shapes of an element, by its kind."""

NO_TIME = np.iinfo(np.int64).min
"""NaT as ns."""


def _plain(element: Any) -> np.ndarray:
    """Where the lines of an annotation are."""
    return np.asarray(
        element.dimension_values(0) if isinstance(element, hv.HLines | hv.VLines) else element.data
    )


def _times(element: Any, place: int) -> np.ndarray:
    return _ns(element.dimension_values(place))


def _ns(times: np.ndarray) -> np.ndarray:
    """Times as int64 ns; an object array of datetimes too."""
    if times.dtype.kind == "O":
        return np.array([instant_ns(time) for time in times], np.int64)
    if times.dtype.kind != "M" and len(times):
        raise GridError(expected="times as datetime64[ns] along the first dimension", got=str(times.dtype))
    return times.astype("datetime64[ns]").astype(np.int64)


def _corners(element: Any) -> Corners:
    return _times(element, 0), _numbers(element, 1), _times(element, 2), _numbers(element, 3)


def _some(corners: Corners, rows: np.ndarray) -> Corners:
    return _four(corner[rows] for corner in corners)


def _four(columns: Iterable[np.ndarray]) -> Corners:
    x0, y0, x1, y1 = columns
    return x0, y0, x1, y1


def _numbers(element: Any, place: int) -> np.ndarray:
    return np.asarray(element.dimension_values(place), float)


def _known(corners: Corners) -> np.ndarray:
    """Which items have all their places."""
    return np.logical_and.reduce([(c != NO_TIME) if c.dtype.kind == "i" else np.isfinite(c) for c in corners])


def _groups(shown: np.ndarray, *values: np.ndarray) -> Iterator[tuple[np.ndarray, tuple[float, ...]]]:
    """The items that are shown, those of equal values together: a shape has one of each."""
    rows = np.flatnonzero(shown)
    table = np.stack([np.broadcast_to(value, shown.shape)[rows] for value in values], axis=1)
    each, group = np.unique(table, axis=0, return_inverse=True)
    for k, found in enumerate(each.tolist()):
        yield rows[group.ravel() == k], tuple(found)


def _indexed(rgb: np.ndarray) -> tuple[np.ndarray, tuple[RGB, ...]]:
    """Colours (N, 3) as places in the list of those that there are."""
    each, index = np.unique(rgb, axis=0, return_inverse=True)
    return index.ravel(), tuple(_rgb(colour) for colour in each)


def _rgb(channels: np.ndarray) -> RGB:
    red, green, blue = (int(channel) for channel in channels)
    return red, green, blue

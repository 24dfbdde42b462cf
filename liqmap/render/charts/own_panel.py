"""A panel of a user's in a notebook: the shapes that it gives, as HoloViews elements that follow the view."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import holoviews as hv
import numpy as np
from bokeh.models import BasicTicker, LinearAxis, Range1d
from holoviews.streams import PlotSize, RangeX, RangeY

from liqmap.render.charts.internals import hear_ranges_at_once
from liqmap.render.charts.theme import size_axis, style, time_axis
from liqmap.render.frames.frame import instant_ns, visible
from liqmap.render.frames.palettes import RGB, css
from liqmap.render.marks.panels import Panel, PanelScene, no_place_for
from liqmap.render.marks.shapes import Boxes, Discs, Line, PanelShapes, Segments, Shape, SizeAxis, Words
from liqmap.render.marks.view import SHORTEST, View, clip

SECOND = "second"
"""Name of the range of a second axis."""


def own_panel(
    about: Panel, scene: PanelScene, dynamic: bool, size: tuple[int | None, int], times: Any, view: Any = None
) -> Any:
    """A registered panel, beside or below a heatmap.

    Parameters
    ----------
    size : width and height in pixels; of None as wide as there is room.
    times : in view at first. view : the ranges of the heatmap, see `view_of`.
    """
    whole, colours, is_beside = visible(scene.session.time_range), scene.colours, about.shares == "price"
    last: list[PanelShapes] = []

    def drawn(
        x_range: Any = None,
        y_range: Any = None,
        width: int | None = None,
        height: int | None = None,
        **_: Any,
    ) -> hv.Overlay:
        asked, first = x_range if not is_beside or view is not None else None, instant_ns(whole[0])
        begin, end = clip(asked or times, whole, time=True) or (first, first + 1)
        known = is_beside and y_range is not None and None not in y_range and y_range[0] != y_range[1]
        prices = tuple(sorted(y_range)) if known else scene.price_range
        seen = View(begin, max(end, begin + SHORTEST), prices, width or size[0] or 1200, height or size[1])
        found = about.on_engine(scene, seen)
        last[:] = [found]
        elements = [_element(shape, found, is_beside) for shape in found.shapes]
        return hv.Overlay(elements or [_nothing(is_beside)])

    def finish(plot: Any, element: Any) -> None:
        hear_ranges_at_once(plot)
        figure, (found,) = plot.state, last
        style(figure, colours)
        if not is_beside:
            time_axis(figure, scene.time_zone)
        axis, own = (figure.below[0], figure.x_range) if is_beside else (figure.left[0], figure.y_range)
        size_axis(axis)
        axis.axis_label = found.axis.label
        own.update(start=found.axis.low, end=found.axis.high)
        if found.second is not None:
            _second(figure, found.second, is_beside, css(colours.muted))
        if found.title:
            figure.title.update(text=found.title, align="right", text_color=css(colours.muted),
                                text_font_size="12px", text_font_style="normal")  # fmt: skip

    own = (RangeY() if view is None else view) if is_beside else RangeX()
    chart = hv.DynamicMap(drawn, streams=[own, PlotSize()]) if dynamic else drawn()
    options: dict[str, Any] = {"xlim": times}
    if is_beside:
        options = {"ylim": tuple(scene.price_range), "yaxis": None}
    options |= {"height": size[1]} | ({"responsive": True} if size[0] is None else {"width": size[0]})
    label = {} if is_beside else {"xlabel": f"time, {scene.time_zone}"}
    return chart.opts(
        hv.opts.Overlay(
            toolbar=None, show_grid=True, show_legend=False, hooks=[finish], title="", backend="bokeh",
            **options, **label,
        )
    )  # fmt: skip


def _second(figure: Any, axis: SizeAxis, is_beside: bool, colour: str) -> None:
    """The second axis: above a panel beside, right of one below."""
    ranges, name = (
        (figure.extra_x_ranges, "extra_x_ranges") if is_beside else (figure.extra_y_ranges, "extra_y_ranges")
    )
    if SECOND not in ranges:
        setattr(figure, name, ranges | {SECOND: Range1d()})
        on = {"x_range_name": SECOND} if is_beside else {"y_range_name": SECOND}
        made = LinearAxis(
            ticker=BasicTicker(desired_num_ticks=3), axis_label_text_color=colour, axis_line_color=None,
            major_label_text_color=colour, minor_tick_line_color=None, axis_label_text_font_style="normal",
            **on,
        )  # fmt: skip
        size_axis(made)
        figure.add_layout(made, "above" if is_beside else "right")
    getattr(figure, name)[SECOND].update(start=axis.low, end=axis.high)
    (figure.above if is_beside else figure.right)[0].axis_label = axis.label


def _element(shape: Shape, found: PanelShapes, is_beside: bool) -> Any:
    """A shape, on the first axis: a line that is ``second`` is moved to where it lies on that.

    Raises
    ------
    GridError : pixels, which panels have no place for.
    """
    dims = _dims(is_beside)
    along: Callable[[np.ndarray], np.ndarray] = _plain if is_beside else _times
    if isinstance(shape, Line):
        if shape.second and found.second is not None:
            moved = _moved(shape.x if is_beside else shape.y, found.second, found.axis)
            shape = shape._replace(x=moved) if is_beside else shape._replace(y=moved)
        how = "steps-post" if shape.steps else "linear"
        return hv.Curve((along(shape.x), shape.y), dims[0], dims[1]).opts(
            color=css(shape.colour), line_width=shape.width, interpolation=how, backend="bokeh"
        )
    if isinstance(shape, Segments | Boxes):
        colours = _names(shape.colours)[shape.colour]
        columns = (along(shape.x0), shape.y0, along(shape.x1), shape.y1, colours)
        kdims = [*dims, f"{dims[0]}1", f"{dims[1]}1"]
        if isinstance(shape, Segments):
            return hv.Segments(columns, kdims, "colour").opts(
                color="colour", line_width=shape.width, backend="bokeh"
            )
        rim = {"line_color": "colour", "line_width": shape.rim} if shape.rim else {"line_color": None}
        return hv.Rectangles(columns, kdims, "colour").opts(
            color="colour", alpha=shape.alpha, backend="bokeh", **rim
        )
    if isinstance(shape, Discs):
        names = _names(shape.colours)
        columns = (along(shape.x), shape.y, 2 * shape.radius, names[shape.face], names[shape.rim])
        return hv.Points(columns, dims, ["diameter", "face", "rim"]).opts(
            size="diameter", fill_color="face", line_color="rim", fill_alpha=shape.alpha,
            line_width=shape.width, backend="bokeh",
        )  # fmt: skip
    if isinstance(shape, Words):
        align = {"left": "left", "right": "right", "centre": "center"}[shape.align]
        return hv.Labels((along(shape.x), shape.y, np.array(shape.text, object)), dims, "word").opts(
            text_color=css(shape.colour), text_font_size="10.5px", text_align=align,
            text_baseline="middle", backend="bokeh",
        )  # fmt: skip
    raise no_place_for(shape)


def _nothing(is_beside: bool) -> hv.Curve:
    return hv.Curve((np.zeros(0), np.zeros(0)), *_dims(is_beside))


def _dims(is_beside: bool) -> list[str]:
    return ["size", "price"] if is_beside else ["time", "size"]


def _moved(values: np.ndarray, of: SizeAxis, to: SizeAxis) -> np.ndarray:
    """Sizes on one axis as those that lie there on another."""
    return to.low + (values - of.low) * ((to.high - to.low) / ((of.high - of.low) or 1.0))


def _plain(values: np.ndarray) -> np.ndarray:
    return np.asarray(values, np.float64)


def _times(ns: np.ndarray) -> np.ndarray:
    return np.asarray(ns, np.int64).astype("datetime64[ns]")


def _names(colours: tuple[RGB, ...]) -> np.ndarray:
    return np.array([css(colour) for colour in colours], object)

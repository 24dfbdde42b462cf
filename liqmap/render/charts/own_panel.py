"""A panel of a user's in a notebook: the shapes that it gives, as HoloViews elements that follow the view."""

from __future__ import annotations

from typing import Any

import holoviews as hv
import numpy as np
from bokeh.models import BasicTicker, LinearAxis, Range1d
from holoviews.streams import PlotSize, RangeX, RangeY

from liqmap.render.charts.internals import hear_ranges_at_once
from liqmap.render.charts.shaped.elements import Dims, element_of
from liqmap.render.charts.theme import size_axis, style, time_axis
from liqmap.render.frames.frame import instant_ns, visible
from liqmap.render.frames.palettes import css
from liqmap.render.marks.panels import Panel, PanelScene
from liqmap.render.marks.shapes import Boxes, Facts, Line, PanelShapes, Shape, SizeAxis, Told
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
        if found.told is not None:
            elements.append(_telling(found.told, found.axis, is_beside))
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
    if isinstance(shape, Line) and shape.second and found.second is not None:
        moved = _moved(shape.x if is_beside else shape.y, found.second, found.axis)
        shape = shape._replace(x=moved) if is_beside else shape._replace(y=moved)
    return element_of(shape, _dims(is_beside))


def _telling(told: Told, axis: SizeAxis, is_beside: bool) -> hv.Rectangles:
    """What a tooltip says of each bar, over all of the panel along the other axis; nothing of it is seen."""
    count = len(told.low)
    low, high = np.full(count, axis.low), np.full(count, axis.high)
    corners = (low, told.low, high, told.high) if is_beside else (told.low, low, told.high, high)
    x0, y0, x1, y1 = corners
    facts, colour = Facts(told.names, told.words), np.zeros(count, int)
    unseen = Boxes(x0, y0, x1, y1, colour, ((0, 0, 0),), 0.0, told=facts)
    return element_of(unseen, _dims(is_beside))


def _nothing(is_beside: bool) -> hv.Curve:
    dims = _dims(is_beside)
    return hv.Curve((dims.along(np.zeros(0)), np.zeros(0)), *dims.one)


def _dims(is_beside: bool) -> Dims:
    return Dims("size", "price", is_time=False) if is_beside else Dims("time", "size")


def _moved(values: np.ndarray, of: SizeAxis, to: SizeAxis) -> np.ndarray:
    """Sizes on one axis as those that lie there on another."""
    return to.low + (values - of.low) * ((to.high - to.low) / ((of.high - of.low) or 1.0))

"""Panels that share an axis with the heatmap: delta below, volume profile beside it; see also `ladder`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import holoviews as hv
import numpy as np
from holoviews.streams import PlotSize, RangeX, RangeXY, RangeY, Stream

from liqmap.analytics.flow.bars import Bars, bars_of
from liqmap.analytics.flow.profile import Profile, profile_of
from liqmap.render.charts.internals import hear_ranges_at_once
from liqmap.render.charts.layers import Until
from liqmap.render.charts.theme import size_axis, style, time_axis
from liqmap.render.frames import words as labels
from liqmap.render.frames.frame import instant_ns, visible
from liqmap.render.frames.market import Market
from liqmap.render.frames.palettes import Theme, css
from liqmap.render.frames.palettes import theme as named
from liqmap.render.frames.quiet import times_in_view
from liqmap.render.marks.bars import Bands, boxes_of, profile_bands
from liqmap.render.marks.overlays import candle_step
from liqmap.render.marks.panel_shapes import (
    SUM_WIDTH,
    delta_boxes,
    delta_words,
    fitted,
    longest_bar,
    profile_words,
    row_texts,
    rows_in_view,
)
from liqmap.render.marks.traded import known_of, traded
from liqmap.render.marks.view import clip
from liqmap.schema.times import TimeRange

SOLID: dict[str, Any] = {"color": "colour", "line_color": None, "backend": "bokeh"}


def delta_panel(
    session: Market,
    dynamic: bool = True,
    theme: str | Theme = "dark",
    width: int | None = None,
    height: int = 150,
    time_zone: str = "UTC",
    until: Until | None = None,
    time_range: TimeRange | None = None,
) -> Any:
    """Bars of buys less sells per nice time step, and their sum since the session began on its own axis.

    The bars are those of `candle_bars` in a plot as wide; ``until`` is its. The time axis is the heatmap's,
    and so is ``time_range``.
    """
    trades, colours = traded(session), named(theme)
    whole, unit = visible(session.time_range), labels.size_unit(session.spans().meta)
    times = times_in_view(session, time_range)

    def drawn(x_range: Any = None, width: int | None = width, **_: Any) -> hv.Overlay:
        begin = instant_ns(whole[0])
        begin, end = clip(x_range, whole, time=True) or (begin, begin + 1)
        known = known_of(trades, until and until())
        found = bars_of(known, candle_step(begin, end, width or 1200), begin, end)
        return hv.Overlay([_deltas(found, unit, colours, time_zone), _cumulative(found, begin, end, colours)])

    def finish(plot: Any, element: Any) -> None:
        hear_ranges_at_once(plot)
        style(plot.state, colours)
        time_axis(plot.state, time_zone)
        bars, total = (element.traverse(lambda e: e, [kind])[0] for kind in (hv.Rectangles, hv.Curve))
        _fit_range(plot.state.y_range, *(bars.dimension_values(k) for k in (1, 3)), np.zeros(1))
        for extra in plot.state.extra_y_ranges.values():
            _fit_range(extra, total.dimension_values(1))
        for axis in plot.state.yaxis:
            size_axis(axis)
            axis.major_label_text_color = axis.axis_label_text_color = css(colours.muted)

    chart = hv.DynamicMap(drawn, streams=[RangeX(), PlotSize()]) if dynamic else drawn()
    size = {"responsive": True, "height": height} if width is None else {"width": width, "height": height}
    return chart.opts(
        hv.opts.Overlay(
            multi_y=True, xlim=times, xlabel=f"time, {time_zone}", show_legend=False,
            show_grid=True, toolbar=None, hooks=[finish], backend="bokeh", **size,
        )
    )  # fmt: skip


def _fit_range(axis: Any, *values: np.ndarray) -> None:
    """The range of an axis over values, with a little room."""
    low, high = fitted(*values)
    axis.update(start=low, end=high)


def _deltas(bars: Bars, unit: str, theme: Theme, time_zone: str) -> hv.Rectangles:
    boxes = delta_boxes(bars, theme)
    colours = np.array([css(colour) for colour in boxes.colours], object)[boxes.colour]
    left, right = boxes.x0.view("M8[ns]"), boxes.x1.view("M8[ns]")
    columns = (left, boxes.y0, right, boxes.y1, colours, *delta_words(bars, time_zone))
    tooltips = [("from", "@at"), (f"delta, {unit}", "@net"), ("bought", "@bought"), ("sold", "@sold")]
    return hv.Rectangles(
        columns,
        ["time", hv.Dimension("delta", label=f"delta, {unit}"), "time1", "delta1"],
        ["colour", "at", "net", "bought", "sold"],
        group="Delta",
    ).opts(framewise=True, tools=["hover"], hover_tooltips=tooltips, **SOLID)


def _cumulative(bars: Bars, begin: int, end: int, theme: Theme) -> hv.Curve:
    """The sum after each bar, from its end on."""
    time, total = bars.total(begin, end)
    data = (time.astype("datetime64[ns]"), total)
    return hv.Curve(data, "time", hv.Dimension("cumulative", label="cumulative")).opts(
        interpolation="steps-post", color=css(theme.delta), line_width=SUM_WIDTH, backend="bokeh"
    )


def profile_panel(
    session: Market,
    dynamic: bool = True,
    theme: str | Theme = "dark",
    width: int = 130,
    height: int = 560,
    view: RangeXY | None = None,
    price_range: tuple[float, float] | None = None,
) -> Any:
    """Volume by price of the time in view, what buyers took and what sellers gave stacked.

    Parameters
    ----------
    view : the ranges of the heatmap, see `view_of`; without it, of the whole session's time.
    """
    trades, colours, spans = traded(session), named(theme), session.spans()
    whole = visible(session.time_range)

    def drawn(
        x_range: Any = None, y_range: Any = None, height: int | None = height, **_: Any
    ) -> hv.Rectangles:
        times = clip(None if view is None else x_range, whole, time=True)
        rows = rows_in_view(y_range, price_range or session.price_range, height, spans.tick_size)
        begin, end = times or (0, 0)
        profile = profile_of(trades.between(begin, end), rows, spans.tick_size)
        return _volumes(profile, spans.tick_size, unit, colours)

    unit = labels.size_unit(spans.meta)
    prices = price_range or session.price_range
    return beside(drawn, dynamic, view, None, f"volume, {unit}", prices, width, height, colours)


def _volumes(profile: Profile, tick_size: float, unit: str, theme: Theme) -> hv.Rectangles:
    bands, rows = profile_bands(profile, theme), profile.rows
    columns = (row_texts(rows, tick_size), *profile_words(profile))
    texts = dict(zip(("row", "bought", "sold", "all"), columns))
    tooltips = [("price", "@row"), ("bought", "@bought"), ("sold", "@sold"), (f"volume, {unit}", "@all")]
    bars = rectangles(rows * tick_size, bands, "traded", {k: [v] * len(bands) for k, v in texts.items()})
    return bars.opts(tools=["hover"], hover_tooltips=tooltips, backend="bokeh")


def rectangles(
    prices: np.ndarray, bands: Bands, size: str, more: dict[str, list[np.ndarray]] | None = None
) -> hv.Rectangles:
    """Rows from one ``size`` to another in a colour; those of no length are left out. ``more``:
    further columns, by name, of each band (P,)."""
    more = more or {}
    boxes, band, row = boxes_of(prices, bands)
    colours = np.array([css(colour) for colour in boxes.colours], object)[boxes.colour]
    further = (np.stack(column)[band, row] for column in more.values())
    data = (boxes.x0, boxes.y0, boxes.x1, boxes.y1, colours, *further)
    return hv.Rectangles(
        data, [size, "price", f"{size}1", "price1"], ["colour", *more], group=size.capitalize()
    ).opts(framewise=True, **SOLID)


def beside(
    draw: Callable[..., Any],
    dynamic: bool,
    view: RangeXY | None,
    cursor: Stream | None,
    words: str,
    prices: tuple[float, float],
    width: int,
    height: int,
    theme: Theme,
) -> Any:
    """What ``draw`` makes of the view, beside a heatmap: prices along its own axis, sizes along the other."""
    streams = [RangeY() if view is None else view, PlotSize(), *([] if cursor is None else [cursor])]
    chart = hv.DynamicMap(draw, streams=streams) if dynamic else draw()

    def finish(plot: Any, element: Any) -> None:
        hear_ranges_at_once(plot)
        style(plot.state, theme)
        size_axis(plot.state.xaxis)
        plot.state.xaxis.ticker.desired_num_ticks = 3
        ends = [bars.dimension_values(2) for bars in element.traverse(lambda e: e, [hv.Rectangles])]
        plot.state.x_range.update(start=0, end=longest_bar(ends))
        plot.state.min_border_left, plot.state.min_border_right = 6, 14

    options: dict[str, Any] = {
        "width": width, "height": height, "ylim": tuple(prices), "xlabel": words, "yaxis": None,
        "toolbar": None, "show_grid": True, "show_legend": False, "hooks": [finish], "backend": "bokeh",
        "title": "",
    }  # fmt: skip
    kind = chart.last if dynamic else chart
    if dynamic and kind is None:
        kind = chart[()]
    return chart.opts(
        hv.opts.Overlay(**options) if isinstance(kind, hv.Overlay) else hv.opts.Rectangles(**options)
    )


def with_hooks(chart: Any, *hooks: Callable[[Any, Any], None]) -> Any:
    """A chart with more hooks than it has."""
    element = chart[()] if isinstance(chart, hv.DynamicMap) else chart
    there = hv.Store.lookup_options("bokeh", element, "plot").kwargs.get("hooks", [])
    return chart.opts(getattr(hv.opts, type(element).__name__)(hooks=[*there, *hooks], backend="bokeh"))


def blank_panel(width: int, theme: str | Theme = "dark", height: int = 150) -> hv.Div:
    """Nothing, on the theme's ground: it fills the corner that panels beside and below leave."""
    ground = {"background-color": css(named(theme).background), "margin": "0"}

    def finish(plot: Any, element: Any) -> None:
        plot.state.styles = ground

    return hv.Div("").opts(width=width, height=height, hooks=[finish], backend="bokeh")


def view_of(chart: Any) -> RangeXY | None:
    """The stream of ranges that a dynamic heatmap follows; None where there is none."""
    return _stream_of(chart, RangeXY)


def streams_of(chart: Any) -> tuple[RangeXY, PlotSize] | None:
    """The streams of ranges and of size that a dynamic heatmap follows; None where it lacks one."""
    view, size = _stream_of(chart, RangeXY), _stream_of(chart, PlotSize)
    return None if view is None or size is None else (view, size)


def _stream_of(chart: Any, kind: type) -> Any:
    found = chart.traverse(lambda d: d.streams, [hv.DynamicMap]) if isinstance(chart, hv.DynamicMap) else []
    return next((s for streams in found for s in streams if isinstance(s, kind)), None)

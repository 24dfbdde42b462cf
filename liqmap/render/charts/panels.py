"""Panels that share an axis with the heatmap: delta below, volume profile beside it; see also `ladder`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import holoviews as hv
import numpy as np
from holoviews.streams import PlotSize, RangeX, RangeXY, RangeY, Stream

from liqmap.analytics.flow.bars import Bars, bars_of
from liqmap.analytics.flow.profile import Profile, profile_of
from liqmap.render.charts.layers import Until
from liqmap.render.charts.theme import size_axis, style, time_axis
from liqmap.render.frames import words as labels
from liqmap.render.frames.frame import instant_ns, price_rows, visible
from liqmap.render.frames.market import Market
from liqmap.render.frames.palettes import Theme, css
from liqmap.render.frames.palettes import theme as named
from liqmap.render.frames.readout import row_words
from liqmap.render.marks.bars import Bands, profile_bands
from liqmap.render.marks.overlays import candle_step
from liqmap.render.marks.traded import known_of, traded
from liqmap.render.marks.view import clip
from liqmap.schema import decimals

ROW_PIXELS = 4
"""Least height of a row of the profile and the ladder."""

SOLID: dict[str, Any] = {"color": "colour", "line_color": None, "backend": "bokeh"}


def delta_panel(
    session: Market,
    dynamic: bool = True,
    theme: str | Theme = "dark",
    width: int | None = None,
    height: int = 150,
    time_zone: str = "UTC",
    until: Until | None = None,
) -> Any:
    """Bars of buys less sells per nice time step, and their sum since the session began on its own axis.

    The bars are those of `candle_bars` in a plot as wide; ``until`` is its. The time axis is the heatmap's.
    """
    trades, colours = traded(session), named(theme)
    whole, unit = visible(session.time_range), labels.size_unit(session.spans().meta)

    def drawn(x_range: Any = None, width: int | None = width, **_: Any) -> hv.Overlay:
        begin = instant_ns(whole[0])
        begin, end = clip(x_range, whole, time=True) or (begin, begin + 1)
        known = known_of(trades, end, until and until())
        found = bars_of(known, candle_step(begin, end, width or 1200), begin, end)
        return hv.Overlay([_deltas(found, unit, colours, time_zone), _cumulative(found, begin, end, colours)])

    def finish(plot: Any, element: Any) -> None:
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
            multi_y=True, xlim=whole, xlabel=f"time, {time_zone}", show_legend=False,
            show_grid=True, toolbar=None, hooks=[finish], backend="bokeh", **size,
        )
    )  # fmt: skip


def _fit_range(axis: Any, *values: np.ndarray) -> None:
    """The range of an axis over values, with a little room."""
    low, high = (
        (float(end(np.concatenate(values))) for end in (np.min, np.max)) if len(values[0]) else (0.0, 1.0)
    )
    room = 0.06 * (high - low or abs(high) or 1.0)
    axis.update(start=low - room, end=high + room)


def _deltas(bars: Bars, unit: str, theme: Theme, time_zone: str) -> hv.Rectangles:
    inset = max(bars.step // 20, 0)
    left, right = (bars.time + inset).view("M8[ns]"), (bars.time + bars.step - inset).view("M8[ns]")
    low, high = np.minimum(bars.delta, 0), np.maximum(bars.delta, 0)
    colours = np.array([css(theme.buy), css(theme.sell)], object)[(bars.delta < 0).astype(int)]
    words = [[f"{v:,.6g}" for v in values] for values in (bars.delta, bars.buys, bars.sells)]
    at = [labels.moment(int(t), time_zone) for t in bars.time]
    columns = (left, low, right, high, colours, at, *words)
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
        interpolation="steps-post", color=css(theme.delta), line_width=1.4, backend="bokeh"
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
    bands, rows, places = profile_bands(profile, theme), profile.rows, decimals(tick_size)
    price = [row_words(a, b, tick_size, places) for a, b in zip(rows[:-1], rows[1:])]
    words = {"bought": profile.buys, "sold": profile.sells, "all": profile.volume}
    texts = {name: np.array([f"{v:,.6g}" for v in values], object) for name, values in words.items()}
    texts["row"] = np.array(price, object)
    tooltips = [("price", "@row"), ("bought", "@bought"), ("sold", "@sold"), (f"volume, {unit}", "@all")]
    bars = rectangles(rows * tick_size, bands, "traded", {k: [v] * len(bands) for k, v in texts.items()})
    return bars.opts(tools=["hover"], hover_tooltips=tooltips, backend="bokeh")


def rectangles(
    prices: np.ndarray, bands: Bands, size: str, more: dict[str, list[np.ndarray]] | None = None
) -> hv.Rectangles:
    """Rows from one ``size`` to another in a colour; those of no length are left out. ``more``:
    further columns, by name, of each band (P,)."""
    more = more or {}
    columns: list[list[np.ndarray]] = [[] for _ in range(5 + len(more))]
    for k, (begin, end, colour) in enumerate(bands):
        lit = np.flatnonzero(end > begin)
        values = (begin[lit], prices[:-1][lit], end[lit], prices[1:][lit])
        further = [column[k][lit] for column in more.values()]
        for column, value in zip(columns, (*values, np.full(len(lit), css(colour), object), *further)):
            column.append(value)
    data = tuple(np.concatenate(column) for column in columns)
    return hv.Rectangles(
        data, [size, "price", f"{size}1", "price1"], ["colour", *more], group=size.capitalize()
    ).opts(framewise=True, **SOLID)


def rows_in_view(view: Any, whole: tuple[float, float], height: int | None, tick_size: float) -> np.ndarray:
    """Ticks (P + 1,) of the rows of a panel beside a heatmap, so many pixels high."""
    low, high = whole if view is None or view[0] is None or view[0] != view[0] else sorted(view)
    return price_rows(low, high, max((height or 560) // ROW_PIXELS, 1), tick_size)


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
        style(plot.state, theme)
        size_axis(plot.state.xaxis)
        plot.state.xaxis.ticker.desired_num_ticks = 3
        ends = [bars.dimension_values(2) for bars in element.traverse(lambda e: e, [hv.Rectangles])]
        plot.state.x_range.update(
            start=0, end=1.06 * max((float(e.max()) for e in ends if len(e)), default=1.0)
        )
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

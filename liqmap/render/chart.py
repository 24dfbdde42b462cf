"""`heatmap`: the chart in a notebook, painted anew for every zoom and pan."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import holoviews as hv
import numpy as np
from holoviews.streams import PlotSize, RangeX

from liqmap.carry import CarryModel, carry_model
from liqmap.schema import ASK, BID

from . import labels, palettes
from .element import SpansElement, clip
from .frame import nanoseconds, visible
from .look import DEFAULT, Look
from .operation import liquidity
from .overlays import BID_DASH, TOUCH_WIDTH, Market, Steps, Trades, best, check_market, radii
from .palettes import Theme
from .theme import colour_bars, readable_axes, style, tooltips

if TYPE_CHECKING:
    from liqmap.carry import Duration
    from liqmap.schema import Meta


def heatmap(
    session: Market,
    half_life: Duration = "30s",
    prune: Duration = "5min",
    agg: str = "peak",
    overlays: tuple[str, ...] = ("bbo", "bubbles"),
    width: int | None = None,
    height: int = 560,
    look: Look = DEFAULT,
    price_range: tuple[float, float] | None = None,
    row_ticks: int | None = None,
    stable: bool = True,
    dynamic: bool = True,
    carry: CarryModel | None = None,
) -> hv.DynamicMap | hv.Overlay:
    """A session's liquidity as a HoloViews object that follows zoom and pan.

    Parameters
    ----------
    half_life, prune, agg, carry : see `rasterize`.
    overlays : of ``bbo`` and ``bubbles``.
    width : pixels; default the width there is.
    look : cut-offs, strengths, palette and theme of the colours.
    price_range : quote currency; default where the touch went plus one window.
    row_ticks : ticks a row; default as few as the pixels can show.
    stable : cut the scale of colours from the whole session, so that panning keeps it;
        else from what is in view.
    dynamic : False draws once, for a page without a Python behind it.

    Returns
    -------
    A DynamicMap, or an Overlay without ``dynamic``: compose and ``.opts`` it like any other.

    Raises
    ------
    SessionError : not a session, or an empty book; GridError : no such half-life, prune or aggregate.
    """
    check_market(session)
    model = carry_model(half_life, prune, carry)
    if "bokeh" not in hv.Store.loaded_backends():
        hv.extension("bokeh", logo=False)
    spans = session.spans()
    prices = session.price_range if price_range is None else price_range
    element = SpansElement(spans, time_range=session.time_range, price_range=prices)
    options = {
        "half_life": half_life, "prune": prune, "agg": agg, "carry": carry,
        "row_ticks": row_ticks, "stable": stable, "width": width or 1200, "height": height, **choices(look),
    }  # fmt: skip
    chart = picture_options(liquidity(element, dynamic=dynamic, **options), spans.meta)
    if "bbo" in overlays:
        chart = chart * touch_lines(spans, session.time_range, dynamic, look.theme)
    if "bubbles" in overlays:
        chart = chart * bubble_points(session, dynamic, look.theme)
    words = (
        labels.market(spans.meta),
        labels.carry_words(model),
        labels.aggregate_words(agg, spans.meta),
    )
    return frame_options(
        chart, spans.meta, session.time_range, prices, "  ·  ".join(words), width, height, theme=look.theme
    )


def choices(look: Look) -> dict[str, Any]:
    """A look as the parameters of `liquidity`."""
    return {field.name: getattr(look, field.name) for field in fields(look)}


def picture_options(image: Any, meta: Meta) -> Any:
    """Tooltip of the image."""
    return image.opts(
        hv.opts.RGB(tools=["hover"], hover_tooltips=tooltips(labels.size_unit(meta)), backend="bokeh")
    )


def frame_options(
    chart: Any,
    meta: Meta,
    times: Any,
    prices: tuple[float, float],
    title: str,
    width: int | None,
    height: int,
    bars: bool = True,
    theme: str | Theme = "dark",
) -> Any:
    """Axes, ranges, title, colour bars and the dark around it."""
    size = {"responsive": True, "height": height} if width is None else {"width": width, "height": height}
    words = {"title": title, "xlabel": "time, UTC", "ylabel": f"price, {labels.price_unit(meta)}"}
    ranges = {"xlim": visible(times), "ylim": tuple(prices), "padding": 0, "toolbar": "above"}
    manner = {
        "yaxis": "right",
        "active_tools": ["pan", "wheel_zoom"],
        "show_grid": True,
        "show_legend": False,
    }

    follow = colour_bars(labels.size_unit(meta))

    def finish(plot: Any, element: Any) -> None:
        style(plot.state, palettes.theme(theme))
        if bars:
            follow(plot, element)
        readable_axes(plot.state, meta.tick_size or 1.0)

    kind = (
        hv.opts.Overlay
        if isinstance(chart, hv.Overlay) or isinstance(chart.last, hv.Overlay)
        else hv.opts.RGB
    )
    return chart.opts(kind(**words, **ranges, **manner, **size, hooks=[finish], backend="bokeh"))


def touch_lines(spans: Any, time_range: Any, dynamic: bool = True, theme: str | Theme = "dark") -> Any:
    """Best bid and best ask as steps, thinned to the pixels of the view."""
    sides = [best(spans, side) for side in (0, 1)]
    whole, colours = visible(time_range), palettes.theme(theme)

    def lines(x_range: Any = None, width: int | None = None, **_: Any) -> hv.Overlay:
        begin, end = _view(x_range, whole)
        return hv.Overlay(
            [_line(sides[i].between(begin, end, width or 1200), i, colours) for i in (ASK, BID)]
        )

    return hv.DynamicMap(lines, streams=[RangeX(), PlotSize()]) if dynamic else lines()


def _line(steps: Steps, side: int, theme: Theme) -> hv.Curve:
    colour = palettes.css((theme.best_bid, theme.best_ask)[side])
    name = ("best bid", "best ask")[side]
    data = (steps.time.astype("datetime64[ns]"), steps.price)
    return hv.Curve(data, "time", "price", label=name).opts(
        interpolation="steps-post", color=colour, line_width=TOUCH_WIDTH, show_legend=False, backend="bokeh",
        line_dash=list(BID_DASH) if side == BID else "solid",
    )  # fmt: skip


def bubble_points(session: Market, dynamic: bool = True, theme: str | Theme = "dark") -> Any:
    """The largest traded volumes in view, area by size."""
    trades, tick_size = Trades.of(session.trades()), session.spans().tick_size
    whole, colours = visible(session.time_range), palettes.theme(theme)

    def points(x_range: Any = None, width: int | None = None, **_: Any) -> hv.Points:
        begin, end = _view(x_range, whole)
        return _points(trades.bubbles(begin, end, width or 1200, tick_size), colours)

    return hv.DynamicMap(points, streams=[RangeX(), PlotSize()]) if dynamic else points()


def _points(bubbles: Any, theme: Theme) -> hv.Points:
    faces, rims = palettes.bubble_colours(bubbles.aggressor, theme)
    columns = {
        "time": bubbles.time.astype("datetime64[ns]"),
        "price": bubbles.price,
        "diameter": 2 * radii(bubbles.size, 17),
        "face": np.array([palettes.css(c) for c in faces], object),
        "rim": np.array([palettes.css(c) for c in rims], object),
    }
    return hv.Points(columns, ["time", "price"], ["diameter", "face", "rim"], group="Volume").opts(
        size="diameter", fill_color="face", line_color="rim", fill_alpha=0.47, line_width=1.2, backend="bokeh"
    )


def _view(x_range: Any, whole: Any) -> tuple[int, int]:
    begin = nanoseconds(whole[0])
    return clip(x_range, whole, time=True) or (begin, begin + 1)

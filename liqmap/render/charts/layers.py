"""What lies over the heatmap, as HoloViews elements that follow zoom and pan."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any

import holoviews as hv
import numpy as np
from holoviews.streams import PlotSize, RangeXY

from liqmap.analytics.alerts import Condition
from liqmap.render.charts.size_key import show_size_key
from liqmap.render.frames import words as labels
from liqmap.render.frames.frame import Range, instant_ns, visible
from liqmap.render.frames.market import Market
from liqmap.render.frames.palettes import RGB, Theme, css
from liqmap.render.frames.palettes import theme as named
from liqmap.render.marks import layers
from liqmap.render.marks.overlays import size_key
from liqmap.render.marks.registry import Scene
from liqmap.render.marks.shapes import Boxes, Discs, Line, Pixels, Segments
from liqmap.render.marks.view import SHORTEST, View, clip
from liqmap.spans import Spans

Prices = tuple[float, float]
Until = Callable[[], "int | None"]
"""The time up to which a session is played, ns; None where it is not."""

Streams = tuple[RangeXY, PlotSize] | None
"""Streams of ranges and size that charts share; None: of their own."""

CORNERS = ["time", "price", "time1", "price1"]
"""Dimensions of what lies between two corners."""


def scene(
    session: Market,
    price_range: Prices,
    dynamic: bool = True,
    theme: str | Theme = "dark",
    until: Until | None = None,
    view: Streams = None,
    min_trade: float = 0.0,
    time_zone: str = "UTC",
    alerts: tuple[Condition, ...] = (),
) -> Scene:
    """What overlays of a chart are drawn over.

    Parameters
    ----------
    view : streams of the chart's ranges and size, which all that is drawn over it shares: HoloViews draws
        every overlay anew for each stream that moves.
    min_trade : the smallest trade that overlays of single trades draw, base units. time_zone : of words.
    alerts : conditions whose alerts are marked.
    """
    more = (follow, view, min_trade, time_zone, alerts)
    return Scene(session, price_range, dynamic, theme, until, *more)


def touch_chart(scene: Scene) -> Any:
    """Best bid and ask of a scene's markets."""
    return _of_each(touch_lines, scene)


def mid_chart(scene: Scene) -> Any:
    """The mid of a scene's markets."""
    return _of_each(mid_line, scene)


def bubble_chart(scene: Scene) -> Any:
    """The bubbles of a scene."""
    return bubble_points(scene.session, scene.dynamic, scene.theme, scene.view, scene.min_trade)


def candle_chart(scene: Scene) -> Any:
    """The candles of a scene."""
    return candle_bars(scene.session, scene.dynamic, scene.theme, until=scene.until, view=scene.view)


def _of_each(draw: Callable[..., Any], scene: Scene) -> Any:
    """Lines of a market, and of those that are added to it."""
    rest = (scene.session.time_range, scene.dynamic, scene.theme, scene.price_range, scene.view)
    chart = draw(scene.session.spans(), *rest)
    for spans in getattr(scene.session, "others", []):
        chart = chart * draw(spans, *rest)
    return chart


def touch_lines(
    spans: Spans,
    time_range: Range,
    dynamic: bool = True,
    theme: str | Theme = "dark",
    price_range: Prices | None = None,
    view: Streams = None,
) -> Any:
    """Best bid and best ask as steps, and the mid where they are too close to part.

    Parameters
    ----------
    time_range, price_range : what is shown until the plot tells its own.
    dynamic : False draws once.
    """
    names = ("best ask", "best bid", "best bid and ask")

    def lines(*seen: Any) -> hv.Overlay:
        return hv.Overlay(list(map(_line, layers.touch_lines(spans, _view(*seen), named(theme)), names)))

    return follow(lines, time_range, price_range, dynamic, view)


def mid_line(
    spans: Spans,
    time_range: Range,
    dynamic: bool = True,
    theme: str | Theme = "dark",
    price_range: Prices | None = None,
    view: Streams = None,
) -> Any:
    """The middle of best bid and best ask as steps."""

    def line(*seen: Any) -> hv.Curve:
        return _line(layers.mid_line(spans, _view(*seen), named(theme)), "mid")

    return follow(line, time_range, price_range, dynamic, view)


def _line(line: Line, name: str) -> hv.Curve:
    return hv.Curve((_times(line.x), line.y), "time", "price", label=name).opts(
        interpolation="steps-post", color=css(line.colour), line_width=line.width, show_legend=False,
        backend="bokeh",
    )  # fmt: skip


def bubble_points(
    session: Market,
    dynamic: bool = True,
    theme: str | Theme = "dark",
    view: Streams = None,
    least: float = 0.0,
) -> Any:
    """Traded volume as bubbles, and where there is more, every trade as a speck too: see `traded_volume`."""

    colours, unit = named(theme), labels.size_unit(session.spans().meta)
    key: list[tuple[float, float]] = []

    def show_key(plot: Any, element: Any) -> None:
        show_size_key(plot.state, key, unit, colours)

    def points(begin: int, end: int, prices: Prices | None, width: int, height: int) -> hv.Overlay:
        seen = View(begin, end, session.price_range if prices is None else prices, width, height)
        specks, discs, found = layers.traded_volume(session, seen, colours, least)
        key[:] = size_key(found.size, (width, height))
        none = Pixels(np.zeros((1, 1, 4), np.uint8), (begin, end), seen.prices)
        return hv.Overlay([_specks(specks or none), _points(discs, found.size).opts(hooks=[show_key])])

    return follow(points, session.time_range, session.price_range, dynamic, view)


def _specks(pixels: Pixels) -> hv.RGB:
    left, right = (np.datetime64(t, "ns") for t in pixels.times)
    bounds = (left, pixels.prices[0], right, pixels.prices[1])
    return hv.RGB(pixels.image[::-1], ["time", "price"], bounds=bounds, group="Trades").opts(
        default_tools=[], backend="bokeh"
    )


def _points(discs: Discs, sizes: np.ndarray) -> hv.Points:
    colours = _colours(discs.colours)
    columns = (_times(discs.x), discs.y, 2 * discs.radius, colours[discs.face], colours[discs.rim], sizes)
    return hv.Points(columns, ["time", "price"], ["diameter", "face", "rim", "volume"], group="Volume").opts(
        size="diameter",
        fill_color="face",
        line_color="rim",
        fill_alpha=discs.alpha,
        line_width=discs.width,
        backend="bokeh",
    )


def candle_bars(
    session: Market,
    dynamic: bool = True,
    theme: str | Theme = "dark",
    step: int | None = None,
    until: Until | None = None,
    view: Streams = None,
) -> Any:
    """Candles of the trades, as fine as the pixels bear: see `layers.candles`.

    Parameters
    ----------
    step : ns a bar, instead.
    until : a view that ends there counts nothing later, not even in the bar that it cuts.
    """

    def candles(*seen: Any) -> hv.Overlay:
        view = _view(*seen)._replace(until=until and until())
        wicks, bodies = layers.candles(session, view, named(theme), step)
        return hv.Overlay([_wicks(wicks), _bodies(bodies)])

    return follow(candles, session.time_range, session.price_range, dynamic, view)


def _view(begin: int, end: int, prices: Prices | None, width: int, height: int) -> View:
    """A view; of no prices where the plot has not told them yet."""
    return View(begin, end, prices or (0.0, 0.0), width, height)


def _wicks(lines: Segments) -> hv.Segments:
    return hv.Segments(_corners(lines), CORNERS, ["colour"], group="Wicks").opts(
        color="colour", line_width=lines.width, backend="bokeh"
    )


def _bodies(boxes: Boxes) -> hv.Rectangles:
    return hv.Rectangles(_corners(boxes), CORNERS, ["colour"], group="Candles").opts(
        color="colour", line_color="colour", line_width=boxes.rim, backend="bokeh"
    )


def _corners(shape: Segments | Boxes) -> tuple[np.ndarray, ...]:
    colours = _colours(shape.colours)[shape.colour]
    return _times(shape.x0), shape.y0, _times(shape.x1), shape.y1, colours


def _times(ns: np.ndarray) -> np.ndarray:
    return ns.astype("datetime64[ns]")


def _colours(colours: tuple[RGB, ...]) -> np.ndarray:
    return np.array([css(colour) for colour in colours], object)


def follow(
    draw: Callable[..., Any],
    time_range: Range,
    price_range: Prices | None,
    dynamic: bool,
    view: Streams = None,
) -> Any:
    """What ``draw(begin, end, prices, width, height)`` makes of the view, again for each."""
    whole = visible(time_range)

    def drawn(
        x_range: Any = None,
        y_range: Any = None,
        width: int | None = None,
        height: int | None = None,
        **_: Any,
    ) -> Any:
        begin = instant_ns(whole[0])
        begin, end = clip(x_range, whole, time=True) or (begin, begin + 1)
        known = y_range is not None and all(v is not None and isfinite(v) for v in y_range)
        prices = tuple(sorted(y_range)) if known and y_range[0] != y_range[1] else price_range
        return draw(begin, max(end, begin + SHORTEST), prices, width or 1200, height or 600)

    return hv.DynamicMap(drawn, streams=list(view or (RangeXY(), PlotSize()))) if dynamic else drawn()

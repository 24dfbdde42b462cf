"""What lies over the heatmap, as HoloViews elements that follow zoom and pan."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any

import holoviews as hv
import numpy as np
from holoviews.streams import PlotSize, RangeXY

from liqmap.analytics.flow.bars import Bars, bars_of
from liqmap.render.charts.element import SHORTEST, clip
from liqmap.render.frames.frame import Range, instant_ns, visible
from liqmap.render.frames.market import Market
from liqmap.render.frames.palettes import RGB, Theme, bubble_colours, css
from liqmap.render.frames.palettes import theme as named
from liqmap.render.marks.overlays import (
    CANDLE_SHARE,
    FACE_ALPHA,
    NARROW_PIXELS,
    RIM_WIDTH,
    TOUCH_WIDTH,
    Bubbles,
    Quotes,
    Steps,
    Trades,
    bubble_room,
    candle_colours,
    candle_step,
    radii,
)
from liqmap.render.marks.registry import Scene
from liqmap.render.marks.specks import dust
from liqmap.render.marks.traded import traded
from liqmap.spans import Spans

Prices = tuple[float, float]
Until = Callable[[], "int | None"]
"""The time up to which a session is played, ns; None where it is not."""

View = tuple[RangeXY, PlotSize] | None
"""Streams of ranges and size that charts share; None: of their own."""

MILLISECOND = 1_000_000
"""What browsers tell times in, ns."""


def scene(
    session: Market,
    price_range: Prices,
    dynamic: bool = True,
    theme: str | Theme = "dark",
    until: Until | None = None,
    view: View = None,
) -> Scene:
    """What overlays of a chart are drawn over.

    Parameters
    ----------
    view : streams of the chart's ranges and size, which all that is drawn over it shares: HoloViews draws
        every overlay anew for each stream that moves.
    """
    return Scene(session, price_range, dynamic, theme, until, follow, view)


def touch_chart(scene: Scene) -> Any:
    """Best bid and ask of a scene's markets."""
    return _of_each(touch_lines, scene)


def mid_chart(scene: Scene) -> Any:
    """The mid of a scene's markets."""
    return _of_each(mid_line, scene)


def bubble_chart(scene: Scene) -> Any:
    """The bubbles of a scene."""
    return bubble_points(scene.session, scene.dynamic, scene.theme, scene.view)


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
    view: View = None,
) -> Any:
    """Best bid and best ask as steps, and the mid where they are too close to part.

    Parameters
    ----------
    time_range, price_range : what is shown until the plot tells its own.
    dynamic : False draws once.
    """
    quotes, colours = Quotes.of(spans), named(theme)

    def lines(begin: int, end: int, prices: Prices | None, width: int, height: int) -> hv.Overlay:
        seen = quotes.between(begin, end, width)
        pixel = 0.0 if prices is None else (prices[1] - prices[0]) / height
        bid, ask, mid = seen.lines(NARROW_PIXELS * pixel)
        return hv.Overlay(
            [
                _line(ask, colours.best_ask, "best ask"),
                _line(bid, colours.best_bid, "best bid"),
                _line(mid, colours.mid, "best bid and ask"),
            ]
        )

    return follow(lines, time_range, price_range, dynamic, view)


def mid_line(
    spans: Spans,
    time_range: Range,
    dynamic: bool = True,
    theme: str | Theme = "dark",
    price_range: Prices | None = None,
    view: View = None,
) -> Any:
    """The middle of best bid and best ask as steps."""
    quotes, colours = Quotes.of(spans), named(theme)

    def line(begin: int, end: int, prices: Prices | None, width: int, height: int) -> hv.Curve:
        return _line(quotes.between(begin, end, width).mid, colours.mid, "mid")

    return follow(line, time_range, price_range, dynamic, view)


def _line(steps: Steps, colour: RGB, name: str) -> hv.Curve:
    data = (steps.time.astype("datetime64[ns]"), steps.price)
    return hv.Curve(data, "time", "price", label=name).opts(
        interpolation="steps-post", color=css(colour), line_width=TOUCH_WIDTH, show_legend=False,
        backend="bokeh",
    )  # fmt: skip


def bubble_points(
    session: Market, dynamic: bool = True, theme: str | Theme = "dark", view: View = None
) -> Any:
    """Traded volume: the largest as bubbles, area by size; where there is more, every trade as a speck too.

    See `Trades.bubbles` for what shares a bubble. A view of more trades than bubbles shows them all, drawn by
    datashader a pixel each: so none is lost, however many there are.
    """
    trades, tick_size = traded(session), session.spans().tick_size
    colours = named(theme)

    def points(begin: int, end: int, prices: Prices | None, width: int, height: int) -> hv.Overlay:
        prices = session.price_range if prices is None else prices
        count, largest = bubble_room(width, height)
        bubbles = trades.bubbles(begin, end, width, tick_size, count, prices, height)
        image = np.zeros((1, 1, 4), np.uint8)
        if len(trades.within(begin, end, prices)) > len(bubbles):
            image = dust(trades, (begin, end), prices, width, height, colours, tick_size)
        return hv.Overlay([_specks(image, (begin, end), prices), _points(bubbles, largest, colours)])

    return follow(points, session.time_range, session.price_range, dynamic, view)


def _specks(image: np.ndarray, times: tuple[int, int], prices: Prices) -> hv.RGB:
    left, right = (np.datetime64(t, "ns") for t in times)
    bounds = (left, prices[0], right, prices[1])
    return hv.RGB(image[::-1], ["time", "price"], bounds=bounds, group="Trades").opts(
        default_tools=[], backend="bokeh"
    )


def _points(bubbles: Bubbles, largest: float, theme: Theme) -> hv.Points:
    faces, rims = bubble_colours(bubbles.aggressor, theme)
    columns = {
        "time": bubbles.time.astype("datetime64[ns]"),
        "price": bubbles.price,
        "diameter": 2 * radii(bubbles.size, largest),
        "face": np.array([css(c) for c in faces], object),
        "rim": np.array([css(c) for c in rims], object),
        "volume": bubbles.size,
    }
    kinds = ["diameter", "face", "rim", "volume"]
    return hv.Points(columns, ["time", "price"], kinds, group="Volume").opts(
        size="diameter",
        fill_color="face",
        line_color="rim",
        fill_alpha=FACE_ALPHA,
        line_width=RIM_WIDTH,
        backend="bokeh",
    )


def candle_bars(
    session: Market,
    dynamic: bool = True,
    theme: str | Theme = "dark",
    step: int | None = None,
    until: Until | None = None,
    view: View = None,
) -> Any:
    """Candles of the trades, as fine as the pixels bear: bars of nice time steps, at least 10 pixels wide.

    Parameters
    ----------
    step : ns a bar, instead.
    until : a view that ends there counts nothing later, not even in the bar that it cuts.
    """
    trades, colours = traded(session), named(theme)
    half = session.spans().tick_size / 2

    def candles(begin: int, end: int, prices: Prices | None, width: int, height: int) -> hv.Overlay:
        known = known_of(trades, end, until and until())
        found = bars_of(known, step or candle_step(begin, end, width), begin, end)
        return hv.Overlay([_wicks(found, half, colours), _bodies(found, half, colours)])

    return follow(candles, session.time_range, session.price_range, dynamic, view)


def known_of(trades: Trades, end: int, now: int | None) -> Trades:
    """The trades of before ``now``, to which a session is played, for a view that ends there; else all."""
    return trades if now is None or end > now + MILLISECOND else trades.before(now)


def _wicks(bars: Bars, half: float, theme: Theme) -> hv.Segments:
    middle = (bars.time + bars.step // 2).astype("datetime64[ns]")
    columns = (middle, bars.low + half, middle, bars.high + half, candle_colours(bars, theme))
    return hv.Segments(columns, ["time", "price", "time1", "price1"], ["colour"], group="Wicks").opts(
        color="colour", line_width=1.2, backend="bokeh"
    )


def _bodies(bars: Bars, half: float, theme: Theme) -> hv.Rectangles:
    inset = round(bars.step * (1 - CANDLE_SHARE) / 2)
    left = (bars.time + inset).astype("datetime64[ns]")
    right = (bars.time + bars.step - inset).astype("datetime64[ns]")
    low, high = np.minimum(bars.open, bars.close) + half, np.maximum(bars.open, bars.close) + half
    columns = (left, low, right, high, candle_colours(bars, theme))
    return hv.Rectangles(columns, ["time", "price", "time1", "price1"], ["colour"], group="Candles").opts(
        color="colour", line_color="colour", line_width=1.2, backend="bokeh"
    )


def follow(
    draw: Callable[..., Any],
    time_range: Range,
    price_range: Prices | None,
    dynamic: bool,
    view: View = None,
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

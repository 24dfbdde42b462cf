"""The overlays of liqmap as shapes: what each shows of a view. Charts are made of the same.

``shapes(scene, view)`` of an overlay gives them; see `liqmap.render.marks.registry`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from liqmap.analytics.flow.bars import Bars, bars_of
from liqmap.render.frames import words as labels
from liqmap.render.frames.market import Market
from liqmap.render.frames.palettes import RGB, Theme
from liqmap.render.marks.overlays import (
    CANDLE_SHARE,
    FACE_ALPHA,
    NARROW_PIXELS,
    RIM_WIDTH,
    TOUCH_WIDTH,
    Bubbles,
    Quotes,
    Steps,
    bubble_room,
    candle_step,
    candle_ways,
    radii,
)
from liqmap.render.marks.registry import Scene
from liqmap.render.marks.shapes import Boxes, Discs, Facts, Line, Pixels, Segments, Shape
from liqmap.render.marks.specks import dust
from liqmap.render.marks.traded import known_of, traded
from liqmap.render.marks.view import View
from liqmap.schema import AGGRESSORS, Meta, decimals
from liqmap.spans import Spans

WICK_WIDTH = 1.2
"""Pixels of a candle's wick and of the rim of its body."""

SIDES_TOLD = (*AGGRESSORS, "unknown")
"""What a readout says of an aggressor, -1 the last."""


def touch_shapes(scene: Scene, view: View) -> list[Shape]:
    """Best bid and ask of a scene's markets."""
    return [line for spans in _books(scene) for line in touch_lines(spans, view, scene.colours)]


def mid_shapes(scene: Scene, view: View) -> list[Shape]:
    """The mid of a scene's markets."""
    return [mid_line(spans, view, scene.colours) for spans in _books(scene)]


def bubble_shapes(scene: Scene, view: View) -> list[Shape]:
    """The bubbles of a scene, over its specks where there are some."""
    specks, discs, _ = traded_volume(scene.session, view, scene.colours, scene.min_trade)
    return [discs] if specks is None else [specks, discs]


def candle_shapes(scene: Scene, view: View) -> list[Shape]:
    """The candles of a scene."""
    return list(candles(scene.session, view, scene.colours))


def _books(scene: Scene) -> list[Spans]:
    """Spans of a market, and of those that are added to it."""
    return [scene.session.spans(), *getattr(scene.session, "others", [])]


def touch_lines(spans: Spans, view: View, theme: Theme) -> tuple[Line, Line, Line]:
    """Best ask and best bid as steps, and the mid where they are too close to part."""
    seen = Quotes.of(spans).between(view.begin, view.end, view.width)
    bid, ask, mid = seen.lines(NARROW_PIXELS * (view.prices[1] - view.prices[0]) / view.height)
    return _steps(ask, theme.best_ask), _steps(bid, theme.best_bid), _steps(mid, theme.mid)


def mid_line(spans: Spans, view: View, theme: Theme) -> Line:
    """The middle of best bid and best ask as steps."""
    return _steps(Quotes.of(spans).between(view.begin, view.end, view.width).mid, theme.mid)


def _steps(steps: Steps, colour: RGB) -> Line:
    return Line(steps.time, steps.price, colour, TOUCH_WIDTH, steps=True)


def traded_volume(
    session: Market, view: View, theme: Theme, least: float = 0.0
) -> tuple[Pixels | None, Discs, Bubbles]:
    """Traded volume: the largest as bubbles, area by size; where there is more, every trade as a speck too.

    See `Trades.bubbles` for what shares a bubble. A view of more trades than bubbles shows them all, drawn by
    datashader a pixel each: so none is lost, however many there are. Specks, if there are some, the bubbles
    as discs, which cover no more than a tenth of the view, and as they are. Trades smaller than ``least`` are
    left out.
    """
    trades, meta = known_of(traded(session), view.until).at_least(least), session.spans().meta
    tick_size = session.spans().tick_size
    begin, end, prices, width, height, _ = view
    count, _ = bubble_room(width, height)
    found = trades.bubbles(begin, end, width, tick_size, count, prices, height)
    specks = None
    if len(trades.within(begin, end, prices)) > len(found):
        image = dust(trades, (begin, end), prices, width, height, theme, tick_size)
        specks = Pixels(image, (begin, end), prices)
    place = found.aggressor.astype(np.int64) % 3
    colours = (theme.buy, theme.sell, theme.unsigned, theme.buy_rim, theme.sell_rim, theme.unsigned_rim)
    radius = radii(found.size, (width, height))
    discs = Discs(
        found.time, found.price, radius, place, place + 3, colours, FACE_ALPHA, RIM_WIDTH,
        _bubble_facts(found, tick_size, meta),
    )  # fmt: skip
    return specks, discs, found


def _bubble_facts(found: Bubbles, tick_size: float, meta: Meta) -> Facts:
    columns = [
        [SIDES_TOLD[side] for side in found.aggressor],
        _sizes(found.size),
        _counts(found.count),
        _prices(found.price - tick_size / 2, decimals(tick_size) + 1),
    ]
    names = ("side", f"size, {labels.size_unit(meta)}", "trades", _price_name("VWAP", meta))
    return Facts(names, list(zip(*columns)))


def candles(session: Market, view: View, theme: Theme, step: int | None = None) -> tuple[Segments, Boxes]:
    """Candles of the trades, as fine as the pixels bear: bars of nice time steps, at least 10 pixels wide.

    Half a tick up, in the middle of their cells. Of a session that is played nothing later counts, not even
    in the bar that it cuts.

    Parameters
    ----------
    step : ns a bar, instead.
    """
    known = known_of(traded(session), view.until)
    bars = bars_of(known, step or candle_step(view.begin, view.end, view.width), view.begin, view.end)
    half, way = session.spans().tick_size / 2, candle_ways(bars)
    colours = (theme.down, theme.neutral, theme.up)
    middle, inset = bars.time + bars.step // 2, round(bars.step * (1 - CANDLE_SHARE) / 2)
    wicks = Segments(middle, bars.low + half, middle, bars.high + half, way, colours, WICK_WIDTH)
    low, high = np.minimum(bars.open, bars.close) + half, np.maximum(bars.open, bars.close) + half
    left, right = bars.time + inset, bars.time + bars.step - inset
    told = _candle_facts(bars, session.spans().tick_size, session.spans().meta)
    return wicks, Boxes(left, low, right, high, way, colours, 1.0, WICK_WIDTH, told)


def _candle_facts(bars: Bars, tick_size: float, meta: Meta) -> Facts:
    places = decimals(tick_size)
    columns = [
        *(_prices(values, places) for values in (bars.open, bars.high, bars.low, bars.close)),
        _sizes(bars.volume),
        _prices(bars.vwap, places + 1),
        _counts(bars.count),
    ]
    prices = [_price_name(word, meta) for word in ("open", "high", "low", "close")]
    names = (*prices, f"volume, {labels.size_unit(meta)}", _price_name("VWAP", meta), "trades")
    return Facts(names, list(zip(*columns)))


def _price_name(word: str, meta: Meta) -> str:
    return labels.with_unit(word, labels.price_unit(meta))


def _prices(values: np.ndarray, places: int) -> list[str]:
    return ["–" if value != value else f"{value:,.{places}f}" for value in values.tolist()]


def _sizes(values: np.ndarray) -> list[str]:
    return [labels.exact(value) for value in values.tolist()]


def _counts(values: np.ndarray) -> Sequence[str]:
    return [f"{value:,}" for value in values.tolist()]

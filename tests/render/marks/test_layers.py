"""Built-in overlays as shapes: those of the charts, and what a readout says of them."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import holoviews as hv
import numpy as np
import pytest
from hypothesis import event, given, settings

from liqmap.render.charts.shapes import shapes_of_chart
from liqmap.render.frames.palettes import DARK, LIGHT
from liqmap.render.frames.together import Together
from liqmap.render.marks.overlays import (
    CANDLE_SHARE,
    CELL_PIXELS,
    Quotes,
    bubble_room,
    candle_step,
    radii,
)
from liqmap.render.marks.registry import Scene, overlays
from liqmap.render.marks.shapes import Boxes, Discs, Line, Pixels, Segments, Shape
from liqmap.render.marks.view import View
from tests.render.market import BEGIN, TICK, Market
from tests.render.marks.made import Traded, sample, st_trades, st_views, whole

hv.extension("bokeh", logo=False)

NAMES = ("bbo", "mid", "bubbles", "candles")


def scene(market: Any, theme: str = "dark") -> Scene:
    return Scene(market, market.price_range, theme=theme)


def drawn(name: str, market: Any, view: View, theme: str = "dark") -> list[Shape]:
    return overlays()[name].on_engine(scene(market, theme), view)


def charted(name: str, market: Any, view: View, theme: str = "dark") -> list[Shape]:
    """What the HoloViews chart of an overlay holds, made of its elements."""
    seen = view.within(market.time_range, market.price_range)
    return shapes_of_chart(overlays()[name].on_chart, scene(market, theme))(seen)


def holds(shape: Shape) -> dict[str, Any]:
    """What is drawn of a shape: places, and colours an item each."""
    fields = shape._asdict()
    fields.pop("told", None)
    colours = np.array(fields.pop("colours", ()), int)
    for name in ("colour", "face", "rim"):
        if isinstance(fields.get(name), np.ndarray):
            fields[name] = colours[fields[name]]
    return {"kind": type(shape).__name__} | {k: np.asarray(v) for k, v in fields.items()}


def same(ours: list[Shape], theirs: list[Shape]) -> None:
    """One shape after the other; a chart has an image without a speck, and no shape of nothing."""
    kept, others = ([shape for shape in shapes if not _nothing(shape)] for shapes in (ours, theirs))
    assert [type(shape) for shape in kept] == [type(shape) for shape in others]
    for one, other in zip(kept, others):
        a, b = holds(one), holds(other)
        assert a.keys() == b.keys()
        for name, column in a.items():
            np.testing.assert_array_equal(column, b[name], err_msg=f"{type(one).__name__}.{name}")


def _nothing(shape: Shape) -> bool:
    if isinstance(shape, Pixels):
        return not shape.image.any()
    return not isinstance(shape, Line) and len(getattr(shape, "y0", getattr(shape, "y", ()))) == 0


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("name", NAMES)
def test_overlays__of_the_sample_are_those_of_the_charts(name: str, theme: str) -> None:
    view = whole(sample())
    part = view._replace(begin=view.begin + (view.end - view.begin) // 3, width=700, height=300)
    for seen in (view, part):
        shapes = drawn(name, sample(), seen, theme)
        assert shapes
        same(shapes, charted(name, sample(), seen, theme))


@pytest.mark.parametrize("name", NAMES)
@given(st_trades, st_views())
@settings(deadline=None, max_examples=40)
def test_overlays__of_any_trades_and_view_are_those_of_the_charts(
    name: str, trades: list, view: View
) -> None:
    market = Traded(trades)
    same(drawn(name, market, view), charted(name, market, view))


def test_touch__is_the_best_quote_of_every_time() -> None:
    spans = sample().spans()
    quotes, view = Quotes.of(spans), whole(sample())
    view = view._replace(begin=view.begin + (view.end - view.begin) // 2, width=100_000)
    ask, bid, mid = drawn("bbo", sample(), view._replace(prices=(50_000.0, 50_000.001)))
    assert all(isinstance(line, Line) and line.steps for line in (ask, bid, mid))
    assert (ask.colour, bid.colour, mid.colour) == (DARK.best_ask, DARK.best_bid, DARK.mid)
    assert np.isnan(mid.y).all()
    k = np.searchsorted(quotes.time, ask.x, side="right") - 1
    np.testing.assert_array_equal(ask.y, quotes.ask[k])
    np.testing.assert_array_equal(bid.y, quotes.bid[k])
    assert ask.x.dtype == np.int64
    assert (ask.x[0], ask.x[-1]) == (view.begin, view.end)


def test_touch__of_several_markets_has_the_lines_of_each() -> None:
    together = Together([Market(), Market()])
    assert len(drawn("bbo", together, whole(together))) == 6
    assert len(drawn("mid", together, whole(together))) == 2


@given(st_trades, st_views())
@settings(deadline=None, max_examples=60)
def test_bubbles__say_of_each_its_side_its_size_its_trades_and_their_price(trades: list, view: View) -> None:
    """Squares filled a trade at a time."""
    market = Traded(trades)
    seen = view.within(market.time_range, market.price_range)
    discs = drawn("bubbles", market, view)[-1]
    assert isinstance(discs, Discs)
    assert discs.told is not None
    assert discs.told.names == ("side", "size, BTC", "trades", "VWAP, USDT")
    inside = [
        (BEGIN + ms * 10**6, tick * TICK, size, side or "unknown") for ms, tick, size, side in market.rows
        if seen.begin <= BEGIN + ms * 10**6 < seen.end and seen.prices[0] <= tick * TICK <= seen.prices[1]
    ]  # fmt: skip
    count, _ = bubble_room(seen.width, seen.height)
    step = max(1, (seen.end - seen.begin) * CELL_PIXELS // seen.width)
    row = (seen.prices[1] - seen.prices[0]) * CELL_PIXELS / seen.height
    squares: dict[Any, list] = defaultdict(list)
    for k, (time, price, size, side) in enumerate(inside):
        alone = len(inside) <= count
        square = k if alone else (time // step, math.floor(price / row), side)
        squares[square].append((price, size, side))
    event(f"{'own' if len(inside) <= count else 'shared'} bubbles")
    expected = sorted(
        (-sum(z for _, z, _ in one), one[0][2], len(one),
         f"{sum(p * z for p, z, _ in one) / sum(z for _, z, _ in one):,.2f}") for one in squares.values()
    )[: len(discs.x)]  # fmt: skip
    assert len(discs.x) == min(len(squares), count)
    told = [(side, int(trades), price) for side, _, trades, price in discs.told.words]
    sizes = [-size for size, *_ in expected]
    np.testing.assert_allclose(
        [float(size.replace(",", "")) for _, size, *_ in discs.told.words], sizes, rtol=1e-5
    )
    if len(squares) <= count:  # else which of equal sizes are left out is not said
        assert sorted(told) == sorted((side, n, price) for _, side, n, price in expected)
    np.testing.assert_allclose(discs.radius, radii(np.array(sizes), (seen.width, seen.height)), rtol=1e-9)


def test_bubbles__have_the_colours_of_their_aggressors() -> None:
    discs = drawn("bubbles", Market(), whole(Market()), "light")[-1]
    assert isinstance(discs, Discs)
    faces = {"buy": LIGHT.buy, "sell": LIGHT.sell, "unknown": LIGHT.unsigned}
    rims = {"buy": LIGHT.buy_rim, "sell": LIGHT.sell_rim, "unknown": LIGHT.unsigned_rim}
    assert discs.told is not None
    sides = [words[0] for words in discs.told.words]
    assert sorted(sides) == ["buy", "buy", "sell", "unknown"]
    assert [discs.colours[k] for k in discs.face] == [faces[side] for side in sides]
    assert [discs.colours[k] for k in discs.rim] == [rims[side] for side in sides]


def test_specks__lie_below_the_bubbles_where_there_are_more_trades() -> None:
    market = Traded([(k * 100, 990 + k % 20, 1.0 + k, "buy") for k in range(300)])
    specks, discs = drawn("bubbles", market, whole(market))
    assert isinstance(specks, Pixels)
    assert isinstance(discs, Discs)
    assert specks.image.shape == (600, 1200, 4)
    rows = np.flatnonzero(specks.image[..., 3].any(axis=1))
    low, high = market.price_range
    price = low + (rows[0] + 0.5) * (high - low) / 600
    assert price == pytest.approx(990 * TICK + TICK / 2, abs=(high - low) / 600)  # lowest price first
    assert specks.prices == market.price_range
    assert len(drawn("bubbles", Market(), whole(Market()))) == 1


@given(st_trades, st_views())
@settings(deadline=None, max_examples=60)
def test_candles__say_of_each_its_prices_volume_and_trades(trades: list, view: View) -> None:
    """Bars filled a trade at a time; nothing after the play's time in a view that ends there."""
    market = Traded(trades)
    seen = view.within(market.time_range, market.price_range)
    wicks, bodies = drawn("candles", market, view)
    assert isinstance(wicks, Segments)
    assert isinstance(bodies, Boxes)
    assert bodies.told is not None
    step = candle_step(seen.begin, seen.end, seen.width)
    cut = seen.until
    event("play's time" if cut is not None else "whole")
    bars: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for ms, tick, size, _ in market.rows:
        time = BEGIN + ms * 10**6
        if seen.begin // step <= time // step < -(-seen.end // step) and (cut is None or time < cut):
            bars[time // step * step].append((tick * TICK, size))
    assert [int(t) for t in wicks.x0] == [t + step // 2 for t in sorted(bars)]
    inset = round(step * (1 - CANDLE_SHARE) / 2)
    assert [int(t) for t in bodies.x0] == [t + inset for t in sorted(bars)]
    names = ("open, USDT", "high, USDT", "low, USDT", "close, USDT", "volume, BTC", "VWAP, USDT", "trades")
    assert bodies.told.names == names
    assert len(bodies.told.words) == len(bars)
    for (_, one), words, k in zip(sorted(bars.items()), bodies.told.words, range(len(bars))):
        prices, sizes = [p for p, _ in one], [z for _, z in one]
        vwap = sum(p * z for p, z in one) / sum(sizes)
        said = [float(word.replace(",", "")) for word in words]
        expected = [prices[0], max(prices), min(prices), prices[-1], sum(sizes), vwap, len(one)]
        np.testing.assert_allclose(said, expected, rtol=1e-5)
        assert (wicks.y0[k], wicks.y1[k]) == (min(prices) + TICK / 2, max(prices) + TICK / 2)
        way = (DARK.down, DARK.neutral, DARK.up)[int(np.sign(prices[-1] - prices[0])) + 1]
        assert bodies.colours[bodies.colour[k]] == way


def test_candles__of_trades_of_no_size_have_no_price_by_volume() -> None:
    market = Traded([(1000, 1000, 0.0, "buy")])
    _, bodies = drawn("candles", market, whole(market))
    assert isinstance(bodies, Boxes)
    assert bodies.told is not None
    assert bodies.told.words == [("500.0", "500.0", "500.0", "500.0", "0", "–", "1")]


@pytest.mark.parametrize("name", NAMES)
def test_overlays__of_a_market_without_trades(name: str) -> None:
    assert all(isinstance(s, Line) or _nothing(s) for s in drawn(name, Traded([]), whole(Market())))


def test_view__of_no_prices_is_of_those_of_the_scene() -> None:
    view = whole(Market())
    for prices in ((500.0, 500.0), (math.nan, 500.0), (0.0, math.inf)):
        same(drawn("bbo", Market(), view._replace(prices=prices)), drawn("bbo", Market(), view))
    turned = view._replace(prices=view.prices[::-1])
    same(drawn("bubbles", Market(), turned), drawn("bubbles", Market(), view))

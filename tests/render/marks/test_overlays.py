"""Touch and bubbles as data; words and units."""

from __future__ import annotations

import math
from collections import defaultdict

import holoviews as hv
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liqmap.carry import DROP, HalfLife, Mixture, Survival
from liqmap.render.charts.layers import bubble_points, candle_bars
from liqmap.render.frames import palettes
from liqmap.render.frames import words as labels
from liqmap.render.frames.frame import screen
from liqmap.render.frames.palettes import theme as named
from liqmap.render.marks.drawing import Drawing
from liqmap.render.marks.layers import traded_volume
from liqmap.render.marks.overlays import CELL_PIXELS, LARGEST, Quotes, Steps, Trades, best, bubble_room, radii
from liqmap.render.marks.specks import dust
from liqmap.render.marks.traded import traded
from liqmap.render.marks.view import View
from liqmap.schema import OBSERVED, GridError, Meta
from tests.render.market import ASK, BEGIN, SECOND, SMALL_BID, TICK, Market

hv.extension("bokeh", logo=False)


@pytest.mark.parametrize("side", [0, 1])
def test_best__falls_inside_its_own_cell(side: int) -> None:
    market = Market()
    steps = best(market.spans(), side)
    frame = screen(market.spans(), market.time_range, market.price_range, 600, 1000, DROP)
    assert frame.ticks_a_row == 1
    for time, price in zip(steps.time[:-1], steps.price):
        if np.isnan(price):
            continue
        row = np.searchsorted(frame.prices, price, side="right") - 1
        column = np.searchsorted(frame.times, time, side="right") - 1
        assert frame.prices[row] < price < frame.prices[row + 1]
        assert frame.state[side, row, column] == OBSERVED
        assert frame.liquidity[side, row, column] > 0


def test_best__knows_when_the_best_ask_was_elsewhere() -> None:
    steps = best(Market().spans(), 1)
    prices = [
        steps.price[np.searchsorted(steps.time, BEGIN + t * SECOND, side="right") - 1] for t in (10, 350, 450)
    ]
    assert prices == pytest.approx([(t + 0.5) * TICK for t in (ASK, ASK + 2, ASK)])
    assert best(Market().spans(), 0).price[0] == pytest.approx((SMALL_BID + 0.5) * TICK)


def test_steps__in_view_begin_before_it_and_end_at_its_end() -> None:
    steps = Steps(np.arange(0, 1000, 10), np.arange(100.0))
    view = steps.between(105, 205, 500)
    assert view.time[0] == 105
    assert view.price[0] == 10.0
    assert (view.time[-1], view.price[-1]) == (205, 20.0)
    assert (np.diff(view.time) > 0).all()


def test_steps__are_thinned_to_the_pixels() -> None:
    steps = Steps(np.arange(100_000), np.random.default_rng(0).normal(size=100_000))
    view = steps.between(0, 100_000, 50)
    assert len(view.time) <= 60
    assert view.price[-1] == steps.price[-1]


def test_steps__of_nothing_are_nothing() -> None:
    empty = Steps(np.empty(0, np.int64), np.empty(0))
    assert len(empty.between(0, 10, 5).time) == 0


def test_bubbles__of_few_trades_are_the_trades() -> None:
    trades = Trades.of(Market().trades())
    bubbles = trades.bubbles(BEGIN, BEGIN + 600 * SECOND, 600, TICK)
    assert list(bubbles.size) == [3.0, 2.0, 1.0, 0.5]
    assert list(bubbles.aggressor) == [0, 1, 0, -1]


def test_bubbles__sum_neighbours_of_one_aggressor() -> None:
    trades = Trades.of(Market().trades())
    bubbles = trades.bubbles(BEGIN, BEGIN + 600 * SECOND, 600, TICK, count=3)
    assert list(bubbles.size) == [4.0, 2.0, 0.5]
    assert list(bubbles.aggressor) == [0, 1, -1]
    assert bubbles.price[0] == pytest.approx(ASK * TICK + TICK / 2)
    assert bubbles.time[0] == pytest.approx(BEGIN + 10.075 * SECOND, abs=1e6)
    assert len(trades.bubbles(BEGIN, BEGIN + 600 * SECOND, 600, TICK, count=1)) == 1


st_trade = st.tuples(st.integers(0, 10**6), st.integers(0, 999), st.floats(0.1, 10), st.integers(-1, 1))


@given(st.lists(st_trade, min_size=1, max_size=80), st.integers(1, 40))
@settings(deadline=None)
def test_bubbles__of_many_trades_share_a_square(trades: list, count: int) -> None:
    """A dictionary of squares, filled a trade at a time."""
    trades = sorted(trades)
    time, tick, size, sign = (np.array(c) for c in zip(*trades))
    all_ = Trades(time, tick * TICK, size, sign.astype(np.int8))
    view = (100_000, 900_000, 800, (100.0, 400.0), 600)
    begin, end, width, prices, height = view
    inside = [(t, k * TICK, z, s) for t, k, z, s in trades if begin <= t < end and 100 <= k * TICK <= 400]
    found = all_.bubbles(begin, end, width, TICK, count, prices, height)
    if len(inside) <= count:
        assert sorted(found.size) == pytest.approx(sorted(z for _, _, z, _ in inside))
        return
    step, row = (end - begin) * CELL_PIXELS // width, 300 * CELL_PIXELS / height
    squares: dict[tuple, float] = defaultdict(float)
    for t, price, z, s in inside:
        squares[t // step, math.floor(price / row), s] += z
    assert list(found.size) == pytest.approx(sorted(squares.values(), reverse=True)[:count])


def test_dust__shows_every_trade_in_the_colour_of_its_aggressor() -> None:
    trades = Trades.of(Market().trades())
    image = dust(trades, (BEGIN, BEGIN + 600 * SECOND), Market.price_range, 600, 90, palettes.DARK)
    lit = image[..., 3] > 0
    assert lit[:, 10].sum() == 2
    assert lit[:, 500].sum() == 1
    assert lit.sum() == 3
    colours = {tuple(c) for c in image[lit][:, :3]}
    assert colours == {palettes.DARK.buy, palettes.DARK.sell, palettes.DARK.unsigned}
    assert not dust(trades, (0, 10), (0, 1), 5, 5, palettes.DARK).any()


def test_quotes__hold_both_sides_at_every_time() -> None:
    market = Market()
    quotes = Quotes.of(market.spans())
    for side, held in enumerate((quotes.bid, quotes.ask)):
        steps = best(market.spans(), side)
        for t, price in zip(quotes.time, held):
            k = np.searchsorted(steps.time, t, side="right") - 1
            assert price == steps.price[k] or (np.isnan(price) and (k < 0 or np.isnan(steps.price[k])))
    assert Quotes.of(market.spans()) is quotes


def test_bubbles__of_a_view_without_trades_are_none() -> None:
    assert len(Trades.of(Market().trades()).bubbles(0, 10, 100, TICK)) == 0


def test_bubbles__are_fewer_and_smaller_in_a_small_picture() -> None:
    assert bubble_room(1200, 600) == bubble_room(2400, 1200) == (60, 17.0)
    assert bubble_room(600, 300) == (30, 8.5)
    assert bubble_room(1, 1)[0] > 1
    market = Market()

    def largest(width: int) -> float:
        chart = bubble_points(market)
        size = next(s for s in chart.streams if "width" in s.contents)
        size.event(width=width, height=width // 2, scale=1.0)
        return float(chart[()].traverse(lambda e: e, [hv.Points])[0].dimension_values("diameter").max())

    assert largest(600) == largest(1200) / 2 == 17


@pytest.mark.parametrize("x", [(-900, -800), (700, 800), (10, 10 + 1e-9), (10, 10.001)])
@pytest.mark.parametrize("y", [(490, 500), (1e6, 2e6), (None, None), (497.5, 497.5001)])
@pytest.mark.parametrize("draw", [bubble_points, candle_bars])
def test_layers__draw_any_view(draw, x: tuple, y: tuple) -> None:  # type: ignore[no-untyped-def]
    """Also one beyond the session, of a nanosecond, or whose prices the plot has not told yet."""
    chart = draw(Market())
    view = next(s for s in chart.streams if "x_range" in s.contents)
    view.event(x_range=tuple(np.datetime64(BEGIN + round(t * SECOND), "ns") for t in x), y_range=y)
    assert isinstance(chart[()], hv.Overlay)


def test_radii__give_area_to_size() -> None:
    r = radii(np.array([4.0, 1.0]), (1200, 600))
    assert r[0] == LARGEST
    assert (r[0] / r[1]) ** 2 == pytest.approx(4)


@pytest.mark.parametrize(
    ("symbol", "expected"),
    [("BTCUSDT", ("BTC", "USDT")), ("BTC-USDT-SWAP", ("BTC", "USDT")), ("ETH/BTC", ("ETH", "BTC")),
     ("ESH4", (None, None)), ("BTC-PERPETUAL", (None, None)), ("BTCUSD_PERP", ("BTC", "USD")),
     ("BTCUSD_240628", ("BTC", "USD")), ("BTCUSDZ25", ("BTC", "USD")), ("BTC-USD-240628", ("BTC", "USD")),
     ("BTCPERP", (None, None)), ("ETH-PERP", (None, None)), ("SOLUSDT-27JUN25", ("SOL", "USDT"))],
)  # fmt: skip
def test_currencies(symbol: str, expected: tuple) -> None:
    assert labels.currencies(Meta(venue="v", symbol=symbol)) == expected


def test_size_unit__is_the_coin_only_where_sizes_are_coins() -> None:
    assert labels.size_unit(Meta(venue="v", symbol="BTCUSDT")) == "BTC"
    assert labels.size_unit(Meta(venue="v", symbol="BTCUSD", size_unit="contracts")) == "contracts"


@pytest.mark.parametrize(
    ("half_life", "prune", "words"),
    [("30s", "5min", "half-life 30 s, prune 5 min"), (None, None, "no decay, no prune"),
     ("30s", "0s", "as transmitted (prune 0)")],
)  # fmt: skip
def test_carry_words(half_life: str | None, prune: str | None, words: str) -> None:
    assert labels.carry_words(HalfLife(half_life, prune)) == words


def test_carry_words__of_another_model() -> None:
    mixture = Mixture(["3s", "2min", None], np.full((2, 4, 3), 0.3), [1.0], [1.0, 5.0, 20.0])
    assert labels.carry_words(mixture) == "3 half-lives by 2 sizes and 4 distances, no prune"
    assert labels.carry_words(Mixture(["3s"], [[1.0]], prune="1h")) == "1 half-life, prune 1 h"
    words = labels.carry_words(Survival(["0s", "1min"], [1.0, 0.5], prune="1h"))
    assert words == "carried by Survival(2 ages to 1min, prune=1h)"


def test_carry_words__name_what_is_wrong() -> None:
    with pytest.raises(GridError, match=r"^prune: expected a duration"):
        labels.carry_words(HalfLife("30s", "x"))


def test_span_words__say_an_instant_once() -> None:
    at = np.datetime64("2026-01-05T12:00:00", "ns")
    assert labels.span_words(at, at + 1) == "2026-01-05 12:00:00 UTC"
    assert labels.span_words(at, at + np.timedelta64(2, "s")) == "2026-01-05 12:00:00 – 12:00:02 UTC"


@pytest.mark.parametrize(
    ("time", "zone", "words"),
    [("2026-01-05T12:00:00.5", "UTC", "2026-01-05 12:00:00.500"),
     ("2026-03-29T00:59:59.999", "Europe/Berlin", "2026-03-29 01:59:59.999"),
     ("2026-03-29T01:00:00", "Europe/Berlin", "2026-03-29 03:00:00.000"),
     ("2026-01-05T23:30:00", "Asia/Kolkata", "2026-01-06 05:00:00.000")],
)  # fmt: skip
def test_moment__as_clocks_of_the_zone_show_it(time: str, zone: str, words: str) -> None:
    assert labels.moment(int(np.datetime64(time, "ns").astype(np.int64)), zone) == words


def test_span_words__of_a_zone() -> None:
    at = np.datetime64("2026-01-05T23:30:00", "ns")
    words = labels.span_words(at, at + np.timedelta64(2, "s"), "Europe/Berlin")
    assert words == "2026-01-06 00:30:00 – 00:30:02 Europe/Berlin"


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../UTC", None])
def test_check_zone__refuses_what_is_none(zone: str) -> None:
    with pytest.raises(GridError, match=r"^time_zone: expected a name such as 'UTC'"):
        labels.check_zone(zone)


@pytest.mark.parametrize(
    ("size", "text"), [(0.0021, "0.0021"), (3.44, "3.4"), (120.4, "120"), (14_000, "14k"), (2.5e6, "2.5M")]
)
def test_short(size: float, text: str) -> None:
    assert labels.short(size) == text


@pytest.mark.parametrize(
    ("about", "expected"),
    [({"venue": "bybit"}, 2000.0),
     ({"venue": "bybit", "size_unit": "contracts"}, 20.0),
     ({"venue": "binance-delivery", "size_unit": "contracts", "contract_value": 100.0}, 2000.0),
     ({"venue": "binance-delivery", "size_unit": "contracts"}, None),
     ({"venue": "databento", "size_unit": "contracts"}, None)],
)  # fmt: skip
def test_worth__is_in_quote_currency_or_not_known(about: dict, expected: float | None) -> None:
    assert labels.worth(Meta(symbol="BTCUSD", **about), 20.0, 100.0) == expected


@pytest.mark.parametrize("least", [0.0, 1.0, 2.5, 1e9])
def test_smallest_trade__is_the_smallest_of_bubbles_and_specks(least: float) -> None:
    market = Market()
    trades, times = traded(market), tuple(t.astype(np.int64) for t in market.time_range)
    view = View(*times, market.price_range, 600, 400)
    specks, discs, found = traded_volume(market, view, named("dark"), least)
    kept = [
        size for time, size in zip(trades.time, trades.size) if size >= least and times[0] <= time < times[1]
    ]
    assert found.count.sum() == len(discs.x) == len(kept)  # each is a bubble of its own: there are few
    np.testing.assert_array_equal(np.sort(found.size), np.sort(kept))
    assert specks is None


@pytest.mark.parametrize("least", [-1.0, math.inf, math.nan, "1", None])
def test_smallest_trade__is_a_size(least: object) -> None:
    with pytest.raises(GridError, match="min_trade"):
        Drawing(min_trade=least)  # type: ignore[arg-type]

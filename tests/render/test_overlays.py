"""Touch and bubbles as data; words and units."""

from __future__ import annotations

import numpy as np
import pytest

from liqmap.carry import HalfLife, Survival
from liqmap.render import labels
from liqmap.render.frame import screen
from liqmap.render.overlays import Steps, Trades, best, radii
from liqmap.schema import OBSERVED, GridError, Meta

from .market import ASK, BEGIN, SECOND, SMALL_BID, TICK, Market


@pytest.mark.parametrize("side", [0, 1])
def test_best__falls_inside_its_own_cell(side: int) -> None:
    market = Market()
    steps = best(market.spans(), side)
    frame = screen(market.spans(), market.time_range, market.price_range, 600, 1000, prune="0s")
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


def test_bubbles__sum_neighbours_of_one_aggressor() -> None:
    trades = Trades.of(Market().trades())
    bubbles = trades.bubbles(BEGIN, BEGIN + 600 * SECOND, 600, TICK)
    assert list(bubbles.size) == [4.0, 2.0, 0.5]
    assert list(bubbles.aggressor) == [0, 1, -1]
    assert bubbles.price[0] == pytest.approx(ASK * TICK + TICK / 2)
    assert bubbles.time[0] == pytest.approx(BEGIN + 10.075 * SECOND, abs=1e6)
    assert len(trades.bubbles(BEGIN, BEGIN + 600 * SECOND, 600, TICK, count=1)) == 1


def test_bubbles__of_a_view_without_trades_are_none() -> None:
    assert len(Trades.of(Market().trades()).bubbles(0, 10, 100, TICK)) == 0


def test_radii__give_area_to_size() -> None:
    r = radii(np.array([4.0, 1.0]), 16)
    assert r[0] == 16
    assert (r[0] / r[1]) ** 2 == pytest.approx(4)


@pytest.mark.parametrize(
    ("symbol", "expected"),
    [("BTCUSDT", ("BTC", "USDT")), ("BTC-USDT-SWAP", ("BTC", "USDT")), ("ETH/BTC", ("ETH", "BTC")),
     ("ESH4", (None, None)), ("BTC-PERPETUAL", ("BTC", "PERPETUAL"))][:4],
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
    ("size", "text"), [(0.0021, "0.0021"), (3.44, "3.4"), (120.4, "120"), (14_000, "14k"), (2.5e6, "2.5M")]
)
def test_short(size: float, text: str) -> None:
    assert labels.short(size) == text

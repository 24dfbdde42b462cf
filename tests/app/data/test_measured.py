"""What lies in a box of the measure."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
from bokeh.models import BoxAnnotation

from liqmap.app.data.data import Data
from liqmap.app.data.measured import measured, measured_words
from liqmap.app.state.state import State
from liqmap.app.views import Heatmap
from tests.app.views.figures import figure_of, t
from tests.render.market import BEGIN, SECOND, Lone, Market


def ns(seconds: float) -> int:
    return BEGIN + round(seconds * SECOND)


def test_measured__counts_trades_and_rests_of_the_box(market: Market) -> None:
    data = Data(market, State(prune_s=0.0))
    found = measured(data, (ns(5), ns(10.15)), (495.0, 510.0))
    assert (found.volume, found.delta) == (4.0, 4.0)  # two buys; the sale comes later
    assert found.bids == pytest.approx(11.0)  # 10 at tick 990, 1 at 995
    assert found.asks == pytest.approx(2.0 + 5.0)
    wall = measured(data, (ns(5), ns(15)), (495.0, 495.5))
    assert (wall.volume, wall.delta) == (0.0, 0.0)
    assert (wall.bids, wall.asks) == (pytest.approx(10.0), 0.0)
    assert measured(data, (ns(5), ns(15)), (490.0, 498.0)).delta == -2.0


def test_measured__is_the_mean_over_the_time(market: Market) -> None:
    data = Data(market, State(prune_s=0.0))
    assert measured(data, (ns(200), ns(400)), (502.5, 503.0)).asks == pytest.approx(1.0)  # 2 for half of it


def test_measured__knows_nothing_later_than_the_play(market: Market) -> None:
    data = Data(market, State(start=t(0), end=t(10.05), at=t(10.05)))
    assert measured(data, (ns(0), ns(600)), (480.0, 510.0)).volume == 1.0


def test_measured__out_of_the_session_knows_nothing(market: Market) -> None:
    found = measured(Data(market), (ns(700), ns(800)), (480.0, 510.0))
    assert found.volume == 0.0
    assert math.isnan(found.bids)


def test_measured__says_how_much_of_the_box_is_known(market: Market) -> None:
    data = Data(market, State(prune_s=0.0))
    inside = measured(data, (ns(5), ns(15)), (495.0, 505.0))
    assert inside.known == pytest.approx(1.0)
    low = market.price_range[0]
    wide = measured(data, (ns(5), ns(15)), (low - 50.0, 510.0))  # prices that no window reached
    assert 0.1 < wide.known < 0.9
    assert measured_words(wide, "BTC").endswith(f"  ·  {math.floor(100 * wide.known)} % known")
    assert "known" not in measured_words(inside, "BTC")


def test_words__say_volume_delta_and_what_rests(market: Market) -> None:
    found = measured(Data(market, State(prune_s=0.0)), (ns(5), ns(15)), (490.0, 510.0))
    assert (
        measured_words(found, "BTC") == "volume 6 BTC  ·  delta +2  ·  resting 21 bid, 7 ask  ·  77 % known"
    )
    none = measured(Data(Lone(10 * SECOND)), (ns(0), ns(5)), (490.0, 510.0))
    assert measured_words(none, "BTC") == "no trades stored  ·  resting 1.9 bid, 1.9 ask BTC  ·  2 % known"


def test_box__is_given_the_words_of_its_place(market: Market) -> None:
    data = Data(market)
    view = Heatmap(data=data)
    figure = figure_of(view.chart())
    box = next(one for one in figure.center if isinstance(one, BoxAnnotation) and one.name == "measure")
    left, right = (ns(5) / 1e6, ns(15) / 1e6)
    place = {"type": "rect", "x0": right, "x1": left, "y0": 510.0, "y1": 490.0}  # dragged to the lower left
    for final in (False, True):
        assert box.tags == []
        for call in figure._event_callbacks["selectiongeometry"]:
            call(SimpleNamespace(geometry=place, final=final))
    assert box.tags[0].startswith("volume 6 BTC")
    np.testing.assert_allclose(box.tags[1:], [left, right, 490.0, 510.0])

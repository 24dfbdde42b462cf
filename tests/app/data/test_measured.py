"""What lies in a box of the measure."""

from __future__ import annotations

import math

import pytest

from liqmap.app.data.data import Data
from liqmap.app.data.measured import measured, measured_words
from liqmap.app.picture.answers import Answers
from liqmap.app.picture.scene import base_of
from liqmap.app.state.state import State
from liqmap.schema import GridError
from tests.app.asking import ns, t
from tests.render.market import SECOND, Lone, Market


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


def test_measure__of_a_page_is_that_of_the_box(market: Market) -> None:
    data = Data(market)
    base = base_of(market)
    box = [ns(5) - base, ns(15) - base, 490.0, 510.0]
    found = measured(data, (ns(5), ns(15)), (490.0, 510.0))
    assert Answers(data).answer("measure", {"box": box}) == measured_words(found, "BTC")
    assert measured_words(found, "BTC").startswith("volume 6 BTC")


@pytest.mark.parametrize("box", [
    [1, 0, 490, 510], [0, 1, 510, 490], [0, 1, 490], None, [0, 1, 490, float("inf")], [0, 1e300, 490, 510],
    [0, 1, -1e300, 1e300],
])  # fmt: skip
def test_measure__of_no_box_is_refused(market: Market, box: object) -> None:
    with pytest.raises(GridError, match="box: expected"):
        Answers(Data(market)).answer("measure", {"box": box})

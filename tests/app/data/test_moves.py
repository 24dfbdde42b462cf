"""Moves of the view through time."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

import liqmap as lm
from liqmap.app.data.data import Data
from liqmap.app.data.moves import go_on, jump, play, show_last_hour, show_whole
from liqmap.app.state.state import State
from liqmap.schema import LiqmapError
from tests.render.market import BEGIN, SECOND, Market


def t(seconds: float) -> np.datetime64:
    return np.datetime64(BEGIN + round(seconds * SECOND), "ns")


def view(data: Data) -> tuple[float, float]:
    return tuple(float((x - t(0)).astype(np.int64)) / SECOND for x in data.time_range)  # type: ignore[return-value]


def test_jump__centres_the_time_and_keeps_the_width(market: Market) -> None:
    data = Data(market, State(start=t(100), end=t(200)))
    jump(data, "12:05:00")
    assert view(data) == (250, 350)
    jump(data, "12:00:01")  # no further than the session goes
    assert view(data) == (0, 100)
    jump(data, "12:10:00")
    assert view(data) == (500, 600)


def test_jump__from_the_whole_shows_a_part(market: Market) -> None:
    data = Data(market)
    jump(data, "12:05")
    assert view(data) == (270, 330)
    with pytest.raises(
        LiqmapError, match="expected a time from 2026-01-05 12:00:00 to 2026-01-05 12:10:00 UTC"
    ):
        jump(data, "13:00")


def test_last_hour_and_whole(market: Market) -> None:
    class Long(Market):
        time_range = (t(0) - np.timedelta64(5, "h"), t(600))

    data = Data(Long())
    show_last_hour(data)
    assert view(data) == (-3000, 600)
    show_whole(data)
    assert view(data) == (-18_000, 600)
    short = Data(market)
    show_last_hour(short)
    assert view(short) == (0, 600)


def test_play__advances_the_right_edge_and_stops_at_the_end(market: Market) -> None:
    data = Data(market, State(speed=60))
    play(data)
    assert data.state.playing
    assert view(data) == (0, 60)
    go_on(data, 0.5)
    assert view(data) == (30, 90)
    assert data.state.at == t(90)
    for _ in range(20):
        go_on(data, 1.0)
    assert (data.state.playing, data.state.at, view(data)) == (False, t(600), (540, 600))
    go_on(data, 1.0)
    assert view(data) == (540, 600)
    data.state.speed = 600
    play(data)  # begins again where the view begins, or with the session
    assert view(data)[0] == 0


@given(st.lists(st.floats(0.01, 2), max_size=30), st.sampled_from([1, 10, 60, 600]))
def test_play__never_shows_what_is_later(steps: list[float], speed: int) -> None:
    data = Data(Market(), State(speed=speed, start=t(50), end=t(150)))
    play(data)
    shown = [data.time_range[1]]
    for step in steps:
        go_on(data, step)
        assert data.time_range[1] == data.state.at <= t(600)
        shown.append(data.time_range[1])
    assert shown == sorted(shown)


def test_play__seen_whole_goes_no_further() -> None:
    data = Data(Market(), State(at=t(300), start=t(50), end=t(300)))
    data.state.param.update(start=None, end=None)
    assert data.time_range == (Market.time_range[0], t(300))


def test_play_and_jump__bring_the_price_back_into_view(market: Market) -> None:
    """The mid of this market is 500.25 as drawn, half a tick up, while it has an ask."""
    data = Data(market, State(start=t(10), end=t(60), low=490.0, high=494.0))
    play(data)
    assert data.price_range == (498.0, 502.0)  # whole ticks further
    data.state.param.update(low=498.0, high=501.0)
    go_on(data, 0.1)
    assert data.price_range == (498.0, 501.0)  # it is in view
    data.state.low = 500.0
    jump(data, "12:02:00")
    assert data.price_range[0] < 500.25 < data.price_range[1]
    assert np.diff(data.price_range) == 1.0


def test_play__leaves_all_prices_in_view(market: Market) -> None:
    data = Data(market, State(speed=60))
    play(data)
    go_on(data, 1.0)
    assert (data.state.low, data.state.high) == (None, None)


def test_play__leaves_the_prices_where_there_is_no_mid(market: Market) -> None:
    class Bids(Market):
        def spans(self, depth_limit: int | None = None) -> lm.Spans:
            table, window = market.spans().to_arrow(), market.spans().window
            keep = [pc.equal(pc.cast(one["side"], "string"), "bid") for one in (table, window)]
            return lm.Spans.from_arrow(table.filter(keep[0]), window.filter(keep[1]))

    data = Data(Bids(), State(start=t(10), end=t(60), low=490.0, high=494.0))
    play(data)
    assert data.price_range == (490.0, 494.0)


def test_play__waits_for_the_session_that_is_being_opened(market: Market) -> None:
    data = Data(market)
    data.busy = "Opening another"
    play(data)
    assert (data.state.playing, data.state.at) == (False, None)

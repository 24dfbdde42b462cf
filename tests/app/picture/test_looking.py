"""The view of a page and the view of the state are the same, and are told once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liqmap.app.data.data import Data
from liqmap.app.data.moves import go_on
from liqmap.app.picture.looking import Looking
from liqmap.app.picture.scene import base_of
from liqmap.app.state.link import query_of
from liqmap.app.state.state import State
from liqmap.schema import GridError
from tests.app.asking import ns, t
from tests.render.market import Market

BASE = base_of(Market())


def view(begin: float, end: float, low: float = 485.0, high: float = 507.5) -> list[float]:
    return [ns(begin) - BASE, ns(end) - BASE, low, high]


def take(looking: Looking, where: list[float], count: int | None = None) -> None:
    looking.take({"view": where, "count": looking.count if count is None else count})


def test_message__is_the_view_of_the_state(market: Market) -> None:
    data = Data(market)
    message = Looking(data).message()
    assert message == {"view": view(0, 600), "first": view(0, 600), "until": None, "count": 0, "hand": 0}
    data.state.param.update(start=t(100), end=t(200), low=488.0, high=498.0, at=t(200))
    message = Looking(data).message()
    assert message["view"] == view(100, 200, 488.0, 498.0)
    assert message["until"] == ns(200) - BASE


@given(
    st.floats(-200, 790), st.floats(1e-6, 800), st.floats(400, 600), st.floats(1e-3, 100),
)  # fmt: skip
@settings(deadline=None)
def test_view__of_the_page_comes_back_as_near_as_it_is_kept(
    begin: float, length: float, low: float, extent: float
) -> None:
    data = Data(Market())
    looking = Looking(data)
    asked = view(begin, begin + length, low, low + extent)
    take(looking, asked)
    found = looking.message()["view"]
    unit = 1e6 if asked[1] - asked[0] > 5e9 else 1e3
    whole = view(0, 600)
    slack = [max(unit, 1e-3 * 600e9)] * 2 + [max(0.005, 1e-3 * 22.5)] * 2
    assert all(abs(a - b) <= s for a, b, s in zip(found, asked, slack)), (found, asked)
    if found[:2] != whole[:2]:
        assert abs(found[0] - asked[0]) <= unit
        assert abs(found[1] - asked[1]) <= unit
        assert found[0] <= asked[0] + 1  # all that was in view still is
        assert found[1] >= asked[1] - 1
    assert found[0] < found[1]
    assert found[2] < found[3]
    again = Looking(data)
    take(again, found)
    assert again.message()["view"] == found


def test_view__of_the_page_becomes_that_of_the_state(market: Market) -> None:
    data = Data(market)
    looking = Looking(data)
    take(looking, view(50.0000004, 99, 480.00234, 500.0))
    assert (data.state.start, data.state.end) == (t(50), t(99))
    assert (data.state.low, data.state.high) == (480.0, 500.0)
    take(looking, view(0.01, 600))
    assert query_of(data.state) == query_of(State(market=data.state.market))


def test_view__that_is_told_by_the_page_is_not_told_back(market: Market) -> None:
    data = Data(market)
    looking, moved = Looking(data), []
    data.state.param.watch(lambda *_: moved.append(looking.moved()), ["start", "end", "low", "high"])
    take(looking, view(50, 99))
    assert moved == [False]
    assert looking.count == 0
    data.state.param.update(start=t(10), end=t(20))
    assert moved == [False, True]
    assert looking.count == 1
    take(looking, view(50, 99))
    assert (moved[-1], looking.count) == (False, 1)


def test_view__from_before_a_move_of_the_state_is_not_taken(market: Market) -> None:
    data = Data(market)
    looking = Looking(data)
    old = looking.count
    data.state.param.update(start=t(100), end=t(200))
    assert looking.moved()
    for count in (old, None, "1", looking.count + 1):
        looking.take({"view": view(300, 400), "count": count})
        assert (data.state.start, data.state.end) == (t(100), t(200))
    take(looking, view(300, 400))
    assert (data.state.start, data.state.end) == (t(300), t(400))


@pytest.mark.parametrize("nowhere", [
    [float("nan")] * 4, [0, float("inf"), 490, 510], [0, 1e9, 490, float("nan")], [2e9, 1e9, 490, 510],
    [0, 1e9, 510, 490], [0, 1e300, 490, 510], [0, 1e9, -1e300, 1e300], "view", None, [0, 1e9],
])  # fmt: skip
def test_view__of_nowhere_is_refused_and_not_taken(market: Market, nowhere: Any) -> None:
    data = Data(market)
    whole = query_of(data.state)
    with pytest.raises(GridError, match="view: expected"):
        Looking(data).take({"view": nowhere, "count": 0})
    assert query_of(data.state) == whole


def test_view__while_no_session_is_shown_is_not_taken(market: Market) -> None:
    data = Data(market)
    data.session = None
    take(Looking(data), view(50, 99))
    assert data.state.start is None


def test_view__while_it_is_played_keeps_its_width_and_the_right_edge_of_the_play(market: Market) -> None:
    data = Data(market, State(start=t(100), end=t(200), at=t(200), speed=1))
    looking = Looking(data)
    data.state.playing = True
    take(looking, view(160, 190, 488.0, 498.0))
    assert (data.state.start, data.state.end, data.state.at) == (t(170), t(200), t(200))
    assert (data.state.low, data.state.high) == (488.0, 498.0)
    data.state.playing = False
    take(looking, view(150, 180, 488.0, 498.0))
    assert (data.state.start, data.state.end) == (t(150), t(180))


def test_zoom__is_not_lost_to_a_move_of_the_play_that_comes_after(market: Market) -> None:
    data = Data(market, State(start=t(100), end=t(200), at=t(200), speed=1))
    looking = Looking(data)
    data.state.playing = True
    take(looking, view(160, 190))
    go_on(data, 1.0)
    assert data.state.end - data.state.start == np.timedelta64(30, "s")
    assert looking.moved()
    message = looking.message()
    assert message["view"][1] == message["until"] == ns(201) - BASE


# ------------------------------------------------------------------ views of links


@pytest.mark.parametrize(("at", "end"), [(300, t(300)), (-5, None), (900, None)])
def test_link__to_a_time_of_the_play_outside_of_the_session_is_not_taken(
    market: Market, at: float, end: Any
) -> None:
    data = Data(market, State(at=t(at)))
    assert (data.state.at, data.state.end) == (end, end)
    assert bool(data.warnings) == (end is None)


def test_link__to_prices_far_away_is_not_taken(market: Market) -> None:
    data = Data(market, State(low=0.0, high=1e300))
    assert (data.state.low, data.state.high) == (None, None)


@pytest.mark.parametrize("row", [7, 10**6])
def test_row__of_many_ticks_is_no_choice_of_a_view(market: Market, row: int) -> None:
    data = Data(market, State(row_ticks=row))
    looking = Looking(data)
    take(looking, looking.message()["view"])
    assert (data.state.low, data.state.high) == (None, None)

"""Half-life and prune by what is in view: named, kept in links, and out of the way of what is fixed."""

from __future__ import annotations

import holoviews as hv
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import liqmap as lm
from liqmap.app import explore
from liqmap.app.controls import Controls
from liqmap.app.data.carry import state_carry
from liqmap.app.data.data import Data
from liqmap.app.picture.answers import Answers
from liqmap.app.state.link import query_of, state_of
from liqmap.app.state.options import AUTO
from liqmap.app.state.presets import choose, chosen, names, save
from liqmap.app.state.state import State
from liqmap.app.views import Strip
from liqmap.render.frames.auto_carry import auto_half_life, auto_prune
from liqmap.render.frames.presets import presets
from liqmap.render.frames.stops import DURATIONS
from tests.app.asking import ask_of, asked_of, show, t
from tests.app.choosing import choose as choose_by_hand
from tests.render.market import Market

SECOND = 10**9
MINUTE, HOUR = 60 * SECOND, 3600 * SECOND
BY_VIEW = {"half_life_s": AUTO, "prune_s": AUTO}


@pytest.mark.parametrize(("view", "half_life", "prune"), [
    (8 * HOUR, 20 * MINUTE, 4 * HOUR), (24 * HOUR, HOUR, 12 * HOUR),
    (30 * MINUTE, int(1.5 * MINUTE), 15 * MINUTE),
    (10 * SECOND, SECOND, 5 * SECOND), (0, SECOND, SECOND), (10**6 * HOUR, 24 * HOUR, 24 * HOUR),
])  # fmt: skip
def test_auto__is_a_stop_near_a_part_of_the_view(view: int, half_life: int, prune: int) -> None:
    assert (auto_half_life(view), auto_prune(view)) == (half_life, prune)


@given(st.integers(20 * SECOND, 400 * HOUR), st.integers(0, 10**15))
def test_auto__rises_with_the_view_and_is_no_more_than_a_stop_away(view: int, more: int) -> None:
    assert auto_half_life(view) in DURATIONS
    assert auto_half_life(view) <= auto_half_life(view + more)
    assert 2 / 3 < auto_half_life(view) / (view / 20) < 3 / 2
    assert auto_half_life(view) <= auto_prune(view)


def test_state__takes_auto_and_nothing_like_it() -> None:
    assert State(**BY_VIEW).half_life_s == AUTO
    for wrong in ("none", "Auto", "", 0):
        with pytest.raises(ValueError, match="half_life_s"):
            State(half_life_s=wrong)


def test_link__spells_auto_and_reads_it() -> None:
    assert query_of(State(**BY_VIEW)) == "half_life=auto&prune=auto"
    state, notices = state_of("half_life=auto&prune=5s")
    assert (state.half_life_s, state.prune_s, notices) == (AUTO, 5.0, [])
    assert "auto" in state_of("half_life=soon")[1][0]


def test_app__opened_without_a_link_goes_by_the_view(market: Market) -> None:
    assert (explore(market).state.half_life_s, explore(market).state.prune_s) == (AUTO, AUTO)
    assert explore(market, theme="light").state.half_life_s == AUTO
    fixed = explore(market, half_life_s=30.0, prune_s=None).state
    assert (fixed.half_life_s, fixed.prune_s) == (30.0, None)
    assert State().half_life_s == state_of("theme=light")[0].half_life_s == 30.0


def test_carry__follows_the_view_and_what_is_fixed_stays(market: Market) -> None:
    data = Data(market, State(half_life_s=AUTO, prune_s=100.0))
    assert data.carry.half_life == np.timedelta64(30, "s")
    data.state.param.update(start=t(100), end=t(200))
    assert data.carry.half_life == np.timedelta64(5, "s")
    assert data.carry.prune == np.timedelta64(100, "s")
    data.state.half_life_s = 17.0
    data.state.param.update(start=None, end=None)
    assert data.carry.half_life == np.timedelta64(17, "s")
    data.state.param.update(view="as transmitted", prune_s=AUTO)
    assert state_carry(data.state, HOUR).prune == np.timedelta64(0, "s")


def test_strip__names_what_is_auto(market: Market) -> None:
    data = Data(market, State(half_life_s=AUTO, prune_s=300.0))
    strip = Strip(data=data)
    show(data)
    assert "half-life 30 s (auto), prune 5 min<" in strip.words(data.shown)
    data.state.prune_s = AUTO
    assert "half-life 30 s (auto), prune 5 min (auto)<" in strip.words(data.shown)
    data.state.view = "as transmitted"
    assert "as transmitted" not in strip.words(data.shown)  # before there is such a picture
    show(data)
    assert "as transmitted (prune 0)<" in strip.words(data.shown)


def test_picture__is_that_of_the_view_it_shows(market: Market) -> None:
    """A page asks for a view that the state has not yet heard of: half-life and prune go by that."""
    view = {"start": t(150), "end": t(400), "low": 488.0, "high": 506.0}
    ahead, data = Data(market, State(**BY_VIEW, **view)), Data(market, State(**BY_VIEW))
    fixed = Data(market, State(half_life_s=15.0, prune_s=120.0, **view))
    ask = ask_of(data, view=ask_of(ahead)["view"])
    assert asked_of(data, view=ask["view"]) == asked_of(ahead) == asked_of(fixed)
    assert ahead.carry == fixed.carry != data.carry
    answers = Answers(data)
    answers.answer("frame", ask)
    answers.settle()
    assert data.shown.carry == fixed.carry


def test_controls__stand_where_the_picture_has_it_and_take_over_when_moved(market: Market) -> None:
    data = Data(market, State(**BY_VIEW))
    controls = Controls(state=data.state)
    data.param.watch(lambda event: controls.follow(event.new), "shown")
    show(data)

    def stand() -> list[float]:
        return [controls.form.values[name] / 1e9 for name in BY_VIEW]

    assert stand() == [30.0, 300.0]
    data.state.param.update(start=t(100), end=t(200))
    show(data)
    assert stand() == [5.0, 45.0]
    assert (data.state.half_life_s, data.state.prune_s) == (AUTO, AUTO)
    choose_by_hand(controls, half_life_s=60 * 10**9)
    assert (data.state.half_life_s, data.state.prune_s) == (60.0, AUTO)
    assert not controls.form.values["carry_by_view"]
    choose_by_hand(controls, carry_by_view=True)
    assert (data.state.half_life_s, data.state.prune_s) == (AUTO, AUTO)
    assert stand() == [60.0, 45.0]  # until there is a picture
    show(data)
    choose_by_hand(controls, carry_by_view=False)
    assert (data.state.half_life_s, data.state.prune_s) == (5.0, 45.0)  # as it is drawn


def test_preset__of_that_name_is_the_apps() -> None:
    state = State()
    assert "by view" in names()
    choose(state, "by view")
    assert chosen(state) == "by view"
    assert state_of("preset=by%20view")[0].prune_s == AUTO
    choose(state, "default")
    assert (state.half_life_s, chosen(state)) == (30.0, "default")


def test_preset__of_the_user_keeps_auto_for_the_app_and_has_none_for_python(market: Market) -> None:
    save(State(half_life_s=AUTO, prune_s=60.0, agg="mean"), "mine")
    assert presets()["mine"]["half_life"] == AUTO
    state = State()
    choose(state, "mine")
    assert (state.half_life_s, state.prune_s, chosen(state)) == (AUTO, 60.0, "mine")
    title = hv.render(lm.heatmap(market, preset="mine")).title.text
    assert "half-life 30 s, prune 1 min" in title

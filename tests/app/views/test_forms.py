"""Head, bar and play: what their components take of a page, and refuse in words."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liqmap.app.data.data import Data
from liqmap.app.state.link import query_of, state_of
from liqmap.app.state.state import State
from liqmap.app.views import Bar, Head, Player
from tests.app.asking import t
from tests.app.choosing import choose
from tests.app.picture.test_asked import json_values
from tests.render.market import Market

NAMES = ["market", "jump", "whole", "last hour", "time_zone", "theme", "view", "range", "play", "speed", "at"]


def tell(form: Any, kind: str, **said: Any) -> None:
    form._handle_msg({"id": 0, "kind": kind, "ask": said})


@given(
    st.sampled_from(["choose", "press", "painted", ""]) | json_values,
    st.dictionaries(st.sampled_from(["name", "count"]), st.sampled_from(NAMES) | json_values)
    | st.fixed_dictionaries(
        {"count": st.integers(), "values": st.dictionaries(st.sampled_from(NAMES), json_values)}
    )
    | json_values,
)
@settings(deadline=None)
def test_message__whatever_it_is_leaves_a_state_that_can_be_drawn(kind: Any, ask: Any) -> None:
    data = Data(Market(), State())
    head = Head(data=data)
    for form in (head.left, head.right, Bar(data=data).form, Player(data=data).form):
        form._handle_msg({"id": 0, "kind": kind, "ask": ask})
    again, notices = state_of(query_of(data.state))
    assert (query_of(again), notices) == (query_of(data.state), [])


def test_head__chooses_theme_zone_and_view_both_ways(market: Market) -> None:
    data = Data(market, State())
    head, bar = Head(data=data), Bar(data=data)
    assert choose(head.right, theme="light", time_zone="Asia/Tokyo") == []
    assert choose(bar.form, view="as transmitted") == []
    state = data.state
    assert (state.theme, state.time_zone, state.view) == ("light", "Asia/Tokyo", "as transmitted")
    state.param.update(theme="dark", time_zone="Europe/Berlin", view="carried")
    assert (head.right.values["theme"], head.right.values["time_zone"]) == ("dark", "Europe/Berlin")
    assert ["Europe/Berlin"] * 2 in head.right.looks["time_zone"]["options"]  # named by a link, and offered
    assert bar.form.values["view"] == "carried"
    assert bar.form.values["range"].endswith("Europe/Berlin")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [("theme", "blue", "theme: expected one of dark, light, got 'blue'"),
     ("time_zone", "Mars/Base", "time zone: expected one of UTC, "),
     ("jump", "noon", "jump to: expected a time such as 14:30")],
)  # fmt: skip
def test_head__says_what_it_cannot_take(market: Market, name: str, value: Any, words: str) -> None:
    data = Data(market, State())
    before = query_of(data.state)
    choose(Head(data=data).right, **{name: value})
    assert data.warnings[0].startswith(words)
    assert query_of(data.state) == before


def test_head__buttons_show_the_last_hour_and_the_whole(market: Market) -> None:
    data = Data(market, State())
    head = Head(data=data)
    whole = data.time_range
    choose(head.right, jump="12:05")
    assert data.time_range != whole
    tell(head.right, "press", name="whole")
    assert data.time_range == whole
    assert "press" not in query_of(data.state)


def test_play__is_begun_and_ended_by_its_button_and_hears_what_is_painted(market: Market) -> None:
    data = Data(market, State(start=t(100), end=t(200)))
    player = Player(data=data)
    assert player.form.values["play"] == "▶ play"
    tell(player.form, "press", name="play")
    assert (data.state.playing, player.form.values["play"]) == (True, "❚❚ pause")
    assert choose(player.form, speed=10) == []
    assert choose(player.form, speed=True) == ["speed"]
    assert data.state.speed == 10
    before = data.time_range
    player._since = time.monotonic() - 1  # of a page without a document nothing ticks
    player._tick()
    assert data.time_range[1] > before[1]
    player._tick()
    sent = player.form.values["sent"]
    assert sent == 2
    player._tick()  # two are on their way: the next waits until the page has painted one
    assert player.form.values["sent"] == sent
    tell(player.form, "painted", count=1)
    player._tick()
    assert player.form.values["sent"] == sent + 1
    tell(player.form, "painted", count=10**6)  # of what was never sent
    assert player._painted == 1
    tell(player.form, "press", name="play")
    assert not data.state.playing

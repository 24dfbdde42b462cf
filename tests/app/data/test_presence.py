"""Shading by presence as a choice of the app, without a page: offered, asked for, drawn, told, saved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import liqmap as lm
from liqmap.app.controls import Controls
from liqmap.app.data.data import Data
from liqmap.app.data.exports import View, grid, png
from liqmap.app.data.opened import Opened
from liqmap.app.picture.answers import Answers
from liqmap.app.picture.choice import choice_of
from liqmap.app.picture.scene import scene_of
from liqmap.app.state.link import query_of, state_of
from liqmap.app.views import Strip
from liqmap.app.views.legend import Legend
from liqmap.app.views.saver import WITHOUT, Saver
from liqmap.render.frames.colour import SHADES, pixels_of, presence_places_of, presence_shades
from liqmap.render.frames.frame import draw
from liqmap.render.frames.there import GREYER, LEVELS, presence_words
from tests.app.asking import ask_of, show
from tests.app.choosing import choose
from tests.app.fitted import PRESENCE, make_store

MARKET, OTHER = "bybit/AAAUSDT/ob20", "bybit/BBBUSDT/ob20"
LINK = "half_life=none&prune=none&layers=none&presence=on"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[lm.Store]:
    """Of which the first market has a calibration with a presence."""
    made = make_store(tmp_path_factory.mktemp("presence"))
    found = lm.calibrate(made.session("bybit", "AAAUSDT"), 10)
    made.save_calibration(replace(found, presence=PRESENCE))
    return made


def data_of(store: lm.Store, link: str = LINK, market: str = MARKET, opened: Opened | None = None) -> Data:
    state, notices = state_of(f"market={market}&{link}")
    assert notices == []
    return Data(store, state, opened)


def controls_of(data: Data) -> Controls:
    return Controls(state=data.state, say=data.warn, calibrated=lambda: data.calibration)


def carried_cell(data: Data, frame: Any) -> tuple[tuple[int, int, int], list[float]]:
    """The largest carried cell of a picture, and a place in it as a page asks."""
    sizes = np.where(frame.state == 2, frame.liquidity, 0.0)
    at = tuple(map(int, np.unravel_index(np.argmax(sizes), sizes.shape)))
    base = int(frame.times[0]) // (86_400 * 10**9) * 86_400 * 10**9
    return at, [int(frame.times[at[2]]) + 1 - base, (frame.rows[at[1]] + 0.5) * frame.tick_size]


def test_places__are_numbers_of_colours_by_side_presence_and_size(store: lm.Store) -> None:
    data = data_of(store)
    last = show(data).last
    frame = draw(
        data.session.spans(), last.frame.times, last.frame.rows, data.carry, "peak", presence=PRESENCE.likely
    )
    np.testing.assert_array_equal(last.frame.presence, frame.presence)
    message = last.message(0)
    assert message["there"]
    places = np.frombuffer(message["places"], "<u2").reshape(message["height"], message["width"])[::-1]
    np.testing.assert_array_equal(places, presence_places_of(frame, data.look, last.scale))
    table = np.concatenate([np.zeros(2, np.uint32), presence_shades(data.look).ravel()])
    assert len(table) == 2 + 2 * LEVELS * SHADES < 2**16
    lit = places > 1
    own = pixels_of(frame, data.look, last.scale)
    np.testing.assert_array_equal(table[places][lit], own[lit])
    assert lit.mean() > 0.05


def test_presence__off_is_the_picture_as_it_was(store: lm.Store) -> None:
    message = show(data_of(store, LINK.replace("&presence=on", ""))).last.message(0)
    assert not message["there"]
    one, other = (show(data_of(store, f"{LINK}&carried_shown={shown}")).last for shown in ("outline", "hide"))
    assert not one.message(0)["there"]  # which says something else of what is carried
    assert one.frame.presence is other.frame.presence is None


def test_visitors__share_a_picture(store: lm.Store) -> None:
    opened = Opened()
    one, other = (data_of(store, opened=opened) for _ in range(2))
    assert one.presence == other.presence
    first = show(one).last.number
    assert Answers(other).answer("frame", ask_of(other))["number"] == first


@pytest.mark.parametrize("more", ["", "&carried_shown=outline"])
def test_cell__says_how_likely_it_is_still_there(store: lm.Store, more: str) -> None:
    data = data_of(store, LINK + more)
    answers = show(data)
    _, at = carried_cell(data, answers.last.frame)
    cell = answers.answer("cell", {"at": at})
    age = np.array([cell["age"]])
    rates = (model.weight(age)[0] for model in (PRESENCE.likely, PRESENCE.low, PRESENCE.high))
    assert cell["there"] == presence_words(*rates)
    plain = show(data_of(store, LINK.replace("&presence=on", "")))
    assert "there" not in plain.answer("cell", {"at": at})


def test_link__names_it_and_a_market_without_says_so(store: lm.Store) -> None:
    data = data_of(store)
    assert "presence=on" in query_of(data.state)
    assert choice_of(data)["presence"] is True
    other = data_of(store, market=OTHER)
    assert not other.state.presence
    assert choice_of(other)["presence"] is False
    assert "got bybit BBBUSDT ob20" in other.warnings[0]


def test_scene__is_drawn_by_python_while_it_is_on(store: lm.Store) -> None:
    session = data_of(store).session
    assert [scene_of(session, "1", by)["drawn"] for by in (False, True)] == ["page", "python"]


def test_control__is_offered_only_where_it_is_known(store: lm.Store) -> None:
    data, without = data_of(store), data_of(store, "layers=none", OTHER)
    assert controls_of(without).form.looks["presence"] == {"hidden": True}
    assert choose(controls_of(without), presence=True) == ["presence"]
    controls = controls_of(data)
    assert "presence" not in controls.form.looks
    choose(controls, carried_shown="outline")
    assert "pointer" in controls.form.looks["presence"]["title"]
    choose(controls, presence=False)
    assert not data.state.presence


def test_words__say_both(store: lm.Store) -> None:
    data = data_of(store)
    show(data)
    legend, strip = Legend(data=data).words(data.shown), Strip(data=data).words(data.shown)
    assert "surely there<br>surely gone" in legend
    assert legend.count('class="there"') == 12
    assert GREYER in strip
    data.state.presence = False
    assert "observed<br>carried" in Legend(data=data).words(data.shown)
    assert GREYER not in Strip(data=data).words(data.shown)


def test_files__have_it_or_say_that_they_have_not(store: lm.Store, tmp_path: Path) -> None:
    data = data_of(store)
    show(data)
    view = View(data)
    assert {"presence", "presence_low", "presence_high"} <= set(grid(view).data_vars)
    png(view, tmp_path / "app.png")
    lm.picture(
        data.session, tmp_path / "own.png", half_life=None, prune=None, overlays=(), width=1920, height=1080,
        scale=data.shown.scale, time_range=data.time_range, price_range=data.price_range, presence=PRESENCE,
    )  # fmt: skip
    assert (tmp_path / "app.png").read_bytes() == (tmp_path / "own.png").read_bytes()
    Saver(data).answer("file", {"kind": "PNG"})
    assert data.warnings == []
    Saver(data).answer("file", {"kind": "HTML"})
    assert data.warnings == [WITHOUT]

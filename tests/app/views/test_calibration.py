"""The page of a calibration: what it says, shows and hears, without a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import liqmap as lm
from liqmap.app import explore
from liqmap.app.data.data import Data
from liqmap.app.data.study import Study
from liqmap.app.state.state import State
from liqmap.app.views import CalibrationPage
from liqmap.app.views.calibration_words import sliders_words
from liqmap.render.charts.calibration import NOW
from liqmap.simulation import write_bybit
from tests.app.choosing import choose


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> lm.Session:
    folder: Path = tmp_path_factory.mktemp("page")
    capture = lm.simulate(minutes=2, seed=3, levels=20, volatility=4.0, keep_truth=False)
    lm.ingest(write_bybit(capture, folder / "raw"), store=folder / "store")
    return lm.open_store(folder / "store").session("bybit", "SIMUSDT")


@pytest.fixture
def page(session: lm.Session) -> CalibrationPage:
    study = Study(Data(session, State(page="calibration")))
    study.calibrate()
    return CalibrationPage(study=study)


def press(page: CalibrationPage, name: str) -> None:
    page.form._handle_msg({"id": 0, "kind": "press", "ask": {"name": name}})


def cross(page: CalibrationPage) -> tuple[Any, Any]:
    """Where the cross stands on the surface, and the line beside it."""
    surface, errors = page._figures[:2]
    at = surface.select_one({"name": NOW}).data_source.data
    return (at["x"][0], at["y"][0]), errors.select_one({"name": NOW}).location


def test_page__shows_the_answer_its_surface_and_its_tables(page: CalibrationPage) -> None:
    chosen = page.study.chosen
    assert chosen.sentence in page.answer.object
    assert "bybit SIMUSDT" in page.head.object
    assert len(page.charts) == 2 + (chosen.learnt is not None)
    for words in ("10 of 20", "never decay", "occupancy", "Is a weight a probability?", "still there"):
        assert words in page.tables.object
    beyond = page.study.found.beyond
    assert f"if that goes on it is {beyond.half_life} at 20 (widened interval" in page.tables.object
    for value in (chosen.best.error, chosen.best.out_of_sample, chosen.best.hold):
        assert f">{value:.2f}<" in page.tables.object


def test_cross__follows_the_sliders_and_says_their_error(page: CalibrationPage) -> None:
    state, found = page.study.data.state, page.study.chosen
    drawn = page._figures
    lives = found.measures["half_life"].values.tolist()
    assert choose(page.form, half_life_s=60 * 10**9, prune_s=120 * 10**9) == []
    assert (state.half_life_s, state.prune_s) == (60.0, 120.0)
    assert cross(page) == ((("1min", 0), ("2min", 0)), lives.index("1min"))
    error = float(found.surface.sel(half_life="1min", prune="2min"))
    assert f"{error:.2f}" in sliders_words(found, page.study.data.carry)
    choose(page.form, half_life_s=45 * 10**9)
    (name, beside), _ = cross(page)[0]
    assert name in ("30s", "1min")
    assert 0 < abs(beside) < 0.5
    assert page._figures is drawn  # nothing was drawn anew for that
    assert "nothing is carried" in sliders_words(found, lm.HalfLife("1min", 0))


def test_buttons__use_and_default(page: CalibrationPage) -> None:
    state, best = page.study.data.state, page.study.chosen.best
    press(page, "use")
    assert state.page == "picture"
    state.page = "calibration"
    assert lm.HalfLife(best.half_life, best.prune) == page.study.data.carry
    press(page, "default")
    assert (state.half_life_s, state.prune_s) == (30.0, 300.0)
    press(page, "picture")
    assert state.page == "picture"


def test_theme__and_levels_draw_anew(page: CalibrationPage) -> None:
    state, first = page.study.data.state, page._figures
    state.theme = "light"
    assert page._figures is not first
    light = page._figures
    assert choose(page.form, levels=5) == []
    assert page._figures is not light
    assert page.study.chosen.sentence in page.answer.object
    assert choose(page.form, levels=7) == ["levels"]
    assert "one of 2, 5, 10" in page.study.data.warnings[-1]


def test_refusal__is_said_in_words(session: lm.Session) -> None:
    begin, _ = session.time_range
    study = Study(Data(session, State(page="calibration", over="view", start=begin, end=begin + 20 * 10**9)))
    page = CalibrationPage(study=study)
    press(page, "run")
    assert "Take a longer session" in page.head.object
    assert len(page.charts) == 0


def test_app__goes_there_and_back(session: lm.Session) -> None:
    app = explore(session, page="calibration")
    layout = app.__panel__()
    picture, place = layout[1], layout[2]
    assert (picture.visible, place.visible) == (False, True)
    app.state.page = "picture"
    assert (picture.visible, place.visible) == (True, False)


def test_app__loads_no_charts_until_it_is_asked(session: lm.Session) -> None:
    assert len(explore(session).__panel__()[2]) == 0

"""The fitted model as a choice of the app, without a page: offered, begun with, drawn by, saved, left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import liqmap as lm
from liqmap.app import explore
from liqmap.app.controls import Controls
from liqmap.app.controls.carry import FITTED_WORDS
from liqmap.app.data import calibrating
from liqmap.app.data.calibrations import Carried, carried_of, doubt_of
from liqmap.app.data.carry import carry_of, same, state_carry
from liqmap.app.data.data import Data
from liqmap.app.data.exports import HALF, View, file_name, grid, html, png
from liqmap.app.data.measured import measured
from liqmap.app.data.opened import Opened
from liqmap.app.data.study import Study
from liqmap.app.picture.answers import Answers
from liqmap.app.picture.asked import asked_carry
from liqmap.app.picture.choice import choice_of, models_of
from liqmap.app.state.link import query_of, state_of
from liqmap.app.state.presets import chosen, save
from liqmap.app.state.state import State, seconds_of
from liqmap.app.views import Strip
from liqmap.app.views.legend import Legend
from liqmap.render.frames.colour import places_of
from liqmap.render.frames.frame import draw
from liqmap.schema import GridError
from tests.app.asking import ask_of, show
from tests.app.choosing import choose
from tests.app.fitted import MODEL, make_store, times_of, with_model

MARKET, OTHER = "bybit/AAAUSDT/ob20", "bybit/BBBUSDT/ob20"
MINUTE = 60 * 10**9

Keep = Callable[..., lm.Calibration]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> lm.Store:
    return make_store(tmp_path_factory.mktemp("fitted"))


@pytest.fixture(scope="module")
def plain(store: lm.Store) -> lm.Calibration:
    """Of the first market, as it is."""
    return lm.calibrate(store.session("bybit", "AAAUSDT"), 10)


@pytest.fixture
def keep(store: lm.Store, plain: lm.Calibration) -> Iterator[Keep]:
    """Saves the calibration of the first market with `MODEL`, for the time of a test."""
    paths = []

    def save_it(recommended: bool = True, **other: Any) -> lm.Calibration:
        found = with_model(plain, recommended, **other)
        paths.append(store.save_calibration(found))
        return found

    yield save_it
    for path in paths:
        path.unlink(missing_ok=True)


def data_of(store: lm.Store, link: str = "", market: str = MARKET, opened: Opened | None = None) -> Data:
    """As a page opens that has this link."""
    state, notices = state_of(f"market={market}&{link}")
    assert notices == []
    said = {"half_life", "prune"} & {part.split("=")[0] for part in link.split("&")}
    return Data(store, state, opened, is_carry_free=not said and "carry=half-life" not in link)


def controls_of(data: Data) -> Controls:
    return Controls(state=data.state, say=data.warn, calibrated=lambda: data.calibration)


# ---------------------------------------------------------------------- which model choices stand for


def test_model__of_choices_keeps_the_prune_and_leaves_the_half_life() -> None:
    state = State(carry_by="fitted", half_life_s=7.0, prune_s=60.0)
    made = state_carry(state, 0, MODEL)
    assert isinstance(made, lm.Mixture)
    assert made.prune == MINUTE
    ages = np.array([0, 10**9, 59 * 10**9, MINUTE])
    size, far = np.full(4, 9.0), np.full(4, 5.0)
    own = MODEL.weight(ages, far, size)
    np.testing.assert_array_equal(made.weight(ages, far, size), np.append(own[:3], 0.0))
    assert MODEL.prune is None
    state.prune_s = None
    assert state_carry(state, 0, MODEL) is same(MODEL)
    state.prune_s = "auto"
    assert state_carry(state, 4 * MINUTE, MODEL).prune == 2 * MINUTE
    state.carry_by = "half-life"
    assert state_carry(state, 4 * MINUTE, MODEL) == lm.HalfLife("7s", "2min")


def test_transmitted__carries_nothing_by_any_model() -> None:
    nothing = lm.HalfLife("30s", "0s")
    assert state_carry(State(carry_by="fitted", view="as transmitted"), 0, MODEL) == nothing
    assert carry_of(30 * 10**9, 0, 0, MODEL) == nothing


def test_equal_models__are_one_so_that_pictures_are_shared() -> None:
    other = lm.Mixture(["3s", "2min", None], MODEL.shares, MODEL.sizes, MODEL.distances)
    assert other is not MODEL
    assert carry_of(None, MINUTE, 0, other) is carry_of(None, MINUTE, 0, MODEL)


# ---------------------------------------------------------------------- what a page opens with


def test_market__opens_with_its_fitted_model_where_that_is_recommended(store: lm.Store, keep: Keep) -> None:
    keep()
    app = explore(store, market=MARKET)
    own = carried_of(app.data.calibration)
    assert own.carry_by == "fitted"
    assert own.prune_s is None
    assert Carried.of(app.state) == own
    assert app.data.carry is same(MODEL)
    assert app.data.is_calibrated
    assert app.data.warnings == []
    app.data.choose(OTHER)  # nobody has chosen: it begins as it would have
    assert Carried.of(app.state) == ("half-life", "auto", "auto")
    assert app.data.warnings == []
    app.data.choose(MARKET)
    assert Carried.of(app.state) == own


def test_market__opens_with_its_half_life_where_the_model_is_not(store: lm.Store, keep: Keep) -> None:
    keep(recommended=False)
    app = explore(store, market=MARKET)
    assert app.state.carry_by == "half-life"
    assert app.data.is_calibrated
    assert app.data.fitted is same(MODEL)  # it can be chosen all the same
    app = explore(store, market=MARKET, carry_by="fitted")
    assert Carried.of(app.state) == carried_of(app.data.calibration, "fitted")
    assert not app.data.is_calibrated
    assert "not surely better than a half-life, gains 0.010 (−0.020 to 0.040)" in doubt_of(
        app.data.calibration
    )


def test_choice__of_a_half_life_wins(store: lm.Store, keep: Keep) -> None:
    keep()
    for choices in ({"half_life_s": 20.0}, {"prune_s": None}, {"carry_by": "half-life"}):
        app = explore(store, market=MARKET, **choices)
        assert app.state.carry_by == "half-life"
        assert not app.data.is_calibrated


def test_link__names_the_model_and_comes_back(store: lm.Store, keep: Keep) -> None:
    keep()
    data = data_of(store, "carry=fitted&half_life=20s&prune=2min")
    assert Carried.of(data.state) == ("fitted", 20.0, 120.0)
    assert data.carry.prune == 2 * MINUTE
    query = query_of(data.state, data.said())
    assert "carry=fitted&half_life=20s&prune=2min" in query
    again, notices = state_of(query)
    assert notices == []
    assert Carried.of(again) == Carried.of(data.state)
    bare = data_of(store, "carry=fitted")  # with its own prune, as it was judged
    assert Carried.of(bare.state) == carried_of(bare.calibration)
    _, (notice,) = state_of("carry=fited")
    assert "expected one of half-life, fitted" in notice
    assert "Did you mean fitted?" in notice


def test_link__to_a_market_without_one_opens_with_a_half_life_and_words(store: lm.Store) -> None:
    data = data_of(store, "carry=fitted&half_life=20s&prune=2min", OTHER)
    assert Carried.of(data.state) == ("half-life", 20.0, 120.0)
    assert data.carry == lm.HalfLife("20s", "2min")
    (words,) = data.warnings
    assert "expected a market with a fitted model, got bybit BBBUSDT ob20" in words
    assert data_of(store, "carry=fitted", OTHER).carry == lm.HalfLife("30s", "5min")


def test_other_market__without_one_is_drawn_by_a_half_life_and_words(store: lm.Store, keep: Keep) -> None:
    keep()
    data = data_of(store, "carry=fitted&half_life=20s&prune=none")
    data.choose(OTHER)
    assert Carried.of(data.state) == ("half-life", 20.0, None)
    assert "bybit BBBUSDT" in data.warnings[-1]


def test_preset__takes_over_and_holds_no_model(
    store: lm.Store, keep: Keep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIQMAP_CONFIG", str(tmp_path))
    keep()
    data = data_of(store)
    controls = controls_of(data)
    assert controls.form.values["presets"]["name"] == "custom"
    data.state.agg = "mean"
    save(data.state, "mine")
    assert chosen(data.state, "mine") == "mine"
    choose(controls, preset="default")
    assert Carried.of(data.state) == ("half-life", 30.0, 300.0)
    choose(controls, carry_by="fitted")
    choose(controls, preset="mine")  # which says nothing of what carries
    assert data.state.carry_by == "fitted"
    choose(controls, preset="by view")
    assert Carried.of(data.state) == ("half-life", "auto", "auto")


# ---------------------------------------------------------------------- controls


def test_control__is_offered_only_where_there_is_a_model(store: lm.Store, keep: Keep) -> None:
    without = controls_of(data_of(store, "", OTHER))
    assert without.form.looks["carry_by"] == {"hidden": True}
    assert without.form.values["carry_doubt"] == ""
    assert choose(without, carry_by="fitted") == ["carry_by"]
    keep()
    there = controls_of(data_of(store))
    assert "carry_by" not in there.form.looks
    assert there.form.values["carry_doubt"] == ""
    keep(recommended=False)
    doubted = controls_of(data_of(store))
    assert "not recommended" in doubted.form.values["carry_doubt"]


def test_half_life__says_that_the_model_decides_and_takes_over_once_it_is_moved(
    store: lm.Store, keep: Keep
) -> None:
    keep()
    data = data_of(store, "half_life=20s&prune=1min")
    controls = controls_of(data)
    assert "half_life_s" not in controls.form.looks
    assert choose(controls, carry_by="fitted") == []
    assert Carried.of(data.state) == ("fitted", 20.0, None)
    assert controls.form.looks["half_life_s"]["words"] == FITTED_WORDS
    choose(controls, prune_s=90 * 10**9)
    assert data.carry.prune == 90 * 10**9
    assert data.state.carry_by == "fitted"
    choose(controls, half_life_s=10**10)
    assert Carried.of(data.state) == ("half-life", 10.0, 90.0)
    assert "half_life_s" not in controls.form.looks
    choose(controls, carry_by="fitted")
    choose(controls, carry_by="half-life")
    assert Carried.of(data.state) == ("half-life", 10.0, 90.0)  # the prune of before
    choose(controls, carry_by="fitted")
    choose(controls, carry_by_view=True)
    assert Carried.of(data.state) == ("half-life", "auto", "auto")


def test_half_life__of_a_page_that_opened_with_the_model_is_the_best(store: lm.Store, keep: Keep) -> None:
    found = keep()
    app = explore(store, market=MARKET)
    choose(controls_of(app.data), carry_by="half-life")
    assert Carried.of(app.state) == carried_of(found, "half-life")


# ---------------------------------------------------------------------- pictures, words, files


def test_picture__is_that_of_the_model(store: lm.Store, keep: Keep) -> None:
    keep()
    link, opened = "prune=1min&carry=fitted&layers=none", Opened()
    data = data_of(store, link, opened=opened)
    last = show(data).last
    frame = draw(data.session.spans(), last.frame.times, last.frame.rows, data.carry, data.state.agg)
    np.testing.assert_array_equal(last.frame.liquidity, frame.liquidity)
    want = places_of(frame, data.look, last.scale)[::-1].astype("<u2").tobytes()
    assert last.places == want
    other = show(data_of(store, "prune=1min&half_life=20s&layers=none")).last
    assert other.places != want
    again = Answers(data_of(store, link, opened=opened))  # another visitor, who has read it for himself
    assert again.answer("frame", ask_of(again.data))["number"] == last.number


def test_cell__weighs_what_is_carried_by_the_model(store: lm.Store, keep: Keep) -> None:
    keep()
    data = data_of(store, "prune=none&carry=fitted&layers=none")
    answers = show(data)
    frame = answers.last.frame
    sizes = np.where(frame.state == 2, frame.liquidity, 0.0)
    side, row, column = map(int, np.unravel_index(np.argmax(sizes), sizes.shape))
    begin, _ = times_of(data.session)
    base = begin // (86_400 * 10**9) * 86_400 * 10**9
    at = [int(frame.times[column]) + 1 - base, (frame.rows[row] + 0.5) * frame.tick_size]
    cell = answers.answer("cell", {"at": at})
    assert (cell["side"], cell["state"]) == (side, 2)
    assert cell["size"] == pytest.approx(float(frame.liquidity[side, row, column]))
    spans = data.session.spans()
    weights = {
        float(MODEL.weight(np.array([cell["age"]]), np.array([far]), np.array([cell["raw"]]))[0])
        for far in (1.0, 5.0)
    }
    assert spans.tick_size > 0
    assert any(cell["size"] == pytest.approx(cell["raw"] * weight, rel=1e-5) for weight in weights)


def test_question__may_only_name_the_model(store: lm.Store, keep: Keep) -> None:
    keep()
    data = data_of(store)
    assert choice_of(data)["carry"] == "fitted"
    (model,) = models_of(data).values()
    assert (model["name"], model["kind"], model["shares"]) == ("fitted", "mixture", MODEL.shares.tolist())
    assert asked_carry({"carry": "fitted", "prune": MINUTE}, 0, MODEL).prune == MINUTE
    for wrong, fitted in (("fitted", None), ("other", MODEL), ({"kind": "mixture"}, MODEL), (1, MODEL)):
        with pytest.raises(GridError, match="carry"):
            asked_carry({"carry": wrong}, 0, fitted)
    without = data_of(store, "", OTHER)
    assert (choice_of(without)["carry"], models_of(without)) == (None, {})


def test_words__name_the_model(store: lm.Store, keep: Keep) -> None:
    keep()
    data = data_of(store, "carry=fitted&layers=none")
    show(data)
    strip, legend = Strip(data=data).words(data.shown), Legend(data=data).words(data.shown)
    assert "fitted model: 3 half-lives by 2 sizes and 2 distances, no prune, calibrated" in strip
    assert "carried: fitted" in legend
    data.state.half_life_s = 20.0
    data.state.carry_by = "half-life"
    show(data)
    assert "fitted" not in Strip(data=data).words(data.shown) + Legend(data=data).words(data.shown)
    keep(recommended=False)
    doubted = data_of(store, "carry=fitted&layers=none")
    show(doubted)
    assert "no prune, not recommended" in Strip(data=doubted).words(doubted.shown)


def test_measure__is_of_the_model(store: lm.Store, keep: Keep) -> None:
    keep()
    one, other = data_of(store, "carry=fitted&prune=none"), data_of(store, "half_life=none&prune=none")
    begin, end = times_of(one.session)
    box = (begin + (end - begin) // 2, end), one.session.price_range
    assert 0 < measured(one, *box).bids < measured(other, *box).bids


def test_files__are_of_the_model(store: lm.Store, keep: Keep, tmp_path: Path) -> None:
    keep()
    data = data_of(store, "carry=fitted&prune=none&layers=none")
    show(data)
    view = View(data)
    assert "fitted-model_prune-none" in file_name(view)
    assert grid(view).attrs["carry"] == repr(MODEL)
    png(view, tmp_path / "app.png")
    lm.picture(
        data.session, tmp_path / "own.png", carry=MODEL, overlays=(), width=1920, height=1080,
        scale=data.shown.scale, time_range=data.time_range, price_range=data.price_range,
    )  # fmt: skip
    assert (tmp_path / "app.png").read_bytes() == (tmp_path / "own.png").read_bytes()
    html(view, tmp_path / "app.html")
    assert '"kind":"mixture"' in (tmp_path / "app.html").read_text()


def test_before_and_after__is_a_file_of_both(store: lm.Store, keep: Keep, tmp_path: Path) -> None:
    from matplotlib.image import imread

    keep()
    data = data_of(store, "carry=fitted&prune=none&layers=none&view=before%20and%20after")
    show(data)
    png(View(data), tmp_path / "both.png")
    both = imread(tmp_path / "both.png")
    assert both.shape[1] == 2 * HALF
    left, right = both[200:-100, :HALF, :3], both[200:-100, HALF:, :3]
    assert (right.max(axis=-1) > 0.2).mean() > (left.max(axis=-1) > 0.2).mean()


# ---------------------------------------------------------------------- the page of the calibration


def test_use__takes_the_model_where_it_is_recommended(store: lm.Store, keep: Keep) -> None:
    keep()
    study = Study(data_of(store, "half_life=20s&prune=1min&page=calibration"))
    assert study.is_fitted
    study.use()
    assert Carried.of(study.data.state) == carried_of(study.chosen)
    assert study.data.carry is same(MODEL)
    assert study.buttons()["calibrated"] == {"hidden": False, "on": True}
    study.use_default()
    assert Carried.of(study.data.state) == ("half-life", 30.0, 300.0)
    study.use_own()
    assert study.data.state.carry_by == "fitted"


def test_target_mean__uses_the_rival(store: lm.Store, plain: lm.Calibration) -> None:
    aims = replace(plain, target="mean", rival=("10min", "none"), fitted=None, recommended=False)
    assert carried_of(aims) == ("half-life", 600.0, None)
    median = replace(plain, rival=("10min", "none"), fitted=None, recommended=False)
    best = median.best
    assert carried_of(median)[1:] == (seconds_of(best.half_life), seconds_of(best.prune))


def test_made__is_offered_and_found_again_by_a_link(store: lm.Store, monkeypatch: pytest.MonkeyPatch) -> None:
    real = calibrating.calibrate
    monkeypatch.setattr(calibrating, "calibrate", lambda *a, **k: with_model(real(*a, **k)))
    opened = Opened()
    data = Data(store, State(market=OTHER, page="calibration"), opened)
    assert controls_of(data).form.looks["carry_by"] == {"hidden": True}
    study = Study(data)
    study.calibrate()
    assert data.calibration is study.chosen
    assert not study.is_kept
    assert "carry_by" not in controls_of(data).form.looks
    study.use()
    link = query_of(data.state, data.said())
    state, _ = state_of(link)
    other = Data(store, state, opened)  # as a reload of the page, and another visitor
    assert other.warnings == []
    assert other.carry is data.carry
    alone = Data(store, state_of(link)[0])  # of another server, which has made none
    assert alone.state.carry_by == "half-life"
    assert "fitted model" in alone.warnings[0]

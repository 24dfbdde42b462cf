"""A calibration in the app, without a page: asked for, shared, refused, used, and begun with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import liqmap as lm
from liqmap.app import explore
from liqmap.app.data import calibrating
from liqmap.app.data.calibrating import Calibrated
from liqmap.app.data.calibrations import Carried, carried_of
from liqmap.app.data.data import Data
from liqmap.app.data.study import Study
from liqmap.app.data.work import Worker
from liqmap.app.state.link import names_in, query_of, state_of
from liqmap.app.state.state import State
from liqmap.app.views import Strip
from liqmap.simulation import write_bybit
from tests.render.market import Market

PAGE = "calibration"


class Later(Worker):
    """Work that is begun when the test says so."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Future[Any], Callable[[], Any]]] = []
        self.then: list[tuple[Future[Any], Callable[[Any], None]]] = []

    def submit_long(self, work: Callable[[], Any]) -> Future[Any]:
        self.waiting.append((Future(), work))
        return self.waiting[-1][0]

    def hand_on(self, future: Future[Any], then: Callable[[Any], None]) -> None:
        if future.done():
            then(future)
        else:
            self.then.append((future, then))

    def do(self) -> None:
        """All of it."""
        for future, work in self.waiting:
            try:
                future.set_result(work())
            except BaseException as error:
                future.set_exception(error)
        for future, then in self.then:
            then(future)
        self.waiting, self.then = [], []


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> lm.Store:
    """Two markets of two minutes, of 20 levels."""
    folder = tmp_path_factory.mktemp("study")
    for seed, symbol in ((3, "AAAUSDT"), (4, "BBBUSDT")):
        capture = lm.simulate(
            minutes=2, seed=seed, levels=20, volatility=4.0, symbol=symbol, keep_truth=False
        )
        lm.ingest(write_bybit(capture, folder / symbol), store=folder / "store")
    return lm.open_store(folder / "store")


@pytest.fixture
def session(store: lm.Store) -> lm.Session:
    return store.session("bybit", "AAAUSDT")


def study_of(source: Any, worker: Worker | None = None, **choices: Any) -> Study:
    return Study(Data(source, State(page=PAGE, **choices), worker=worker))


def test_answer__is_that_of_calibrate(session: lm.Session) -> None:
    study = study_of(session)
    assert study.offered == (2, 5, 10)
    study.calibrate()
    assert (study.busy, study.notice) == ("", "")
    own = lm.calibrate(session)
    assert study.chosen.best == own.best
    columns = [name for name in own.views if name != "refused"]
    assert study.found.views[columns].equals(own.views[columns])
    study.data.state.levels = 5
    assert study.chosen.view == 5
    assert study.chosen.best == lm.calibrate(session, 5).best


def test_view__is_calibrated_alone(session: lm.Session) -> None:
    begin, _ = session.time_range
    start, end = begin + np.timedelta64(20, "s"), begin + np.timedelta64(110, "s")
    study = study_of(session, over="view", start=start, end=end)
    assert study.times == (start, end)
    study.calibrate()
    assert study.chosen.time_range[1] <= int(end.astype("datetime64[ns]").astype(np.int64))
    study.data.state.start = start + np.timedelta64(1, "s")
    assert study.found is None  # of another time nothing is known yet


def test_made_once__for_all_who_ask_for_the_same(
    session: lm.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    real = calibrating.calibrate
    monkeypatch.setattr(calibrating, "calibrate", lambda *a, **k: made.append(a[1]) or real(*a, **k))
    worker = Later()
    one, two = (study_of(session, worker) for _ in range(2))
    one.calibrate()
    two.calibrate()
    assert "2 of 20 levels" in one.busy
    one.cancel()  # the other one still waits for it
    assert one.busy == ""
    worker.do()
    assert made == [2, 5, 10]
    assert one.found is None
    assert two.found is not None
    late = study_of(session)
    assert late.found is two.found  # there at once
    assert late.is_made


def test_cancelled__by_all_it_is_given_up_and_can_be_asked_for_again(session: lm.Session) -> None:
    worker = Later()
    study = study_of(session, worker)
    study.calibrate()
    study.cancel()
    given_up = worker.waiting[0]
    study.calibrate()
    assert len(worker.waiting) == 2
    worker.do()
    assert given_up[0].exception() is not None
    assert study.found is not None


def test_left__for_the_picture_it_goes_on(session: lm.Session) -> None:
    worker = Later()
    study = study_of(session, worker)
    study.calibrate()
    study.show_picture()
    study.show()
    assert study.busy
    worker.do()
    assert study.found is not None


def test_another_market__has_no_answer_yet(store: lm.Store) -> None:
    study = study_of(store, market="bybit/AAAUSDT/ob20")
    study.calibrate()
    assert study.chosen.meta.symbol == "AAAUSDT"
    study.data.choose("bybit/BBBUSDT/ob20")
    assert study.found is None
    study.data.choose("bybit/AAAUSDT/ob20")
    assert study.found is not None


def test_too_little__is_refused_in_words(market: Market, session: lm.Session) -> None:
    begin, _ = session.time_range
    short = study_of(session, over="view", start=begin, end=begin + np.timedelta64(30, "s"))
    short.calibrate()
    assert short.found is None
    assert "Take a longer session" in short.notice

    class Shallow(Market):
        """One level a side."""

        def spans(self, depth_limit: int | None = None) -> lm.Spans:
            table = super().spans().to_arrow()
            meta = dict(table.schema.metadata) | {b"depth_limit": b"1"}
            return lm.Spans.from_arrow(table.replace_schema_metadata(meta), super().spans().window)

    shallow = study_of(Shallow())
    shallow.calibrate()
    assert shallow.offered == ()
    assert "two levels a side or more" in shallow.notice


def test_use__sets_half_life_and_prune_and_goes_back(session: lm.Session) -> None:
    study = study_of(session, view="as transmitted")
    state = study.data.state
    study.calibrate()
    study.use()
    assert Carried.of(state) == carried_of(study.chosen)
    assert (state.page, state.view) == ("picture", "carried")
    assert study.data.is_calibrated
    assert study.buttons()["calibrated"] == {"hidden": False, "on": True}
    study.use_default()
    assert (state.half_life_s, state.prune_s) == (30.0, 300.0)
    study.use_own()
    assert study.data.is_calibrated


@pytest.fixture
def saved(store: lm.Store, session: lm.Session) -> Iterator[lm.Calibration]:
    """What the store has of its first market, for the time of a test."""
    path = store.save_calibration(lm.calibrate(session, 10))
    yield session.calibration
    path.unlink()


def test_session__opens_with_its_own_half_life(store: lm.Store, saved: lm.Calibration) -> None:
    app = explore(store, market="bybit/AAAUSDT/ob20")
    own = carried_of(saved)
    assert Carried.of(app.state) == own
    query = query_of(app.state, app.data.said())
    assert "half_life=" in query  # else a link to the default would open with it
    assert "prune=" in query
    app.data.choose("bybit/BBBUSDT/ob20")  # which has none
    assert (app.state.half_life_s, app.state.prune_s) == ("auto", "auto")
    app.data.choose("bybit/AAAUSDT/ob20")
    assert Carried.of(app.state) == own
    app.state.half_life_s = 7.0
    app.data.choose("bybit/BBBUSDT/ob20")
    app.data.choose("bybit/AAAUSDT/ob20")
    assert app.state.half_life_s == 7.0  # a hand has chosen it


def test_choice__wins_over_what_is_saved(store: lm.Store, saved: lm.Calibration) -> None:
    app = explore(store, market="bybit/AAAUSDT/ob20", half_life_s=30.0)
    assert app.state.half_life_s == 30.0
    assert app.data.calibration.best == saved.best
    assert not app.data.is_calibrated
    said = names_in("half_life=30s&theme=light&preset=default")
    assert said == {"carry_by", "half_life_s", "prune_s", "theme"}
    assert names_in("theme=light&preset=unheard&x=1") == {"theme"}


def test_saved__with_other_ticks_is_told_and_not_taken(store: lm.Store, session: lm.Session) -> None:
    found = lm.calibrate(session, 10)
    other = replace(found, meta=replace(found.meta, tick_size=10 * found.meta.tick_size))
    path = store.save_calibration(other)
    app = explore(store, market="bybit/AAAUSDT/ob20")
    path.unlink()
    assert (app.state.half_life_s, app.data.calibration) == ("auto", None)
    assert any("tick" in words for words in app.data.warnings)


def test_keep__saves_it_and_the_next_visitor_begins_with_it(store: lm.Store) -> None:
    study = Study(Data(store, State(page=PAGE, market="bybit/BBBUSDT/ob20")), may_write=True)
    assert not study.can_keep  # before there is an answer
    study.calibrate()
    assert study.can_keep
    study.keep()
    assert study.is_kept
    app = explore(store, market="bybit/BBBUSDT/ob20")
    assert app.data.is_calibrated
    assert Carried.of(app.state) == carried_of(study.chosen)
    assert app.data.calibration.best == study.chosen.best
    (path,) = store.path.rglob("calibration.json")
    path.unlink()


def test_saved__is_shown_on_the_page_and_can_be_made_anew(store: lm.Store, saved: lm.Calibration) -> None:
    begin = np.datetime64(saved.time_range[0] + 15 * 10**9, "ns")  # of which no other test has made any
    study = study_of(store, market="bybit/AAAUSDT/ob20", over="view", start=begin)
    assert study.found == Calibrated({10: study.data.calibration}, {})
    assert study.chosen.best == saved.best
    assert study.is_kept
    assert not study.is_made
    study.calibrate()
    assert study.is_made


def test_strip__says_that_it_is_calibrated(session: lm.Session) -> None:
    from tests.app.asking import show

    study = study_of(session)
    study.calibrate()
    study.use()
    show(study.data)
    strip = Strip(data=study.data)
    assert ", calibrated" in strip.words(study.data.shown)
    study.use_default()
    assert ", calibrated" not in strip.words(study.data.shown)


def test_link__holds_page_levels_and_time() -> None:
    query = "page=calibration&levels=25&over=view"
    state, notices = state_of(query)
    assert (state.page, state.levels, state.over, notices) == ("calibration", 25, "view", [])
    assert query_of(state) == query
    assert query_of(State(), ("half_life_s", "prune_s")) == "half_life=30s&prune=5min"


def test_read_only__keeps_nothing(store: lm.Store) -> None:
    study = Study(Data(store, State(page=PAGE)), may_write=False)
    study.calibrate()
    assert not study.can_keep
    study.keep()
    assert list(store.path.rglob("calibration.json")) == []

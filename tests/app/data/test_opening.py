"""Days of a market, and opening them while the page answers."""

from __future__ import annotations

import threading
import time
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import liqmap as lm
from liqmap.app.data import background
from liqmap.app.data.background import in_background
from liqmap.app.data.data import Data
from liqmap.app.data.days import Days
from liqmap.app.data.lately import Lately
from liqmap.app.data.opened import Opened
from liqmap.app.data.sample import make_sample
from liqmap.app.state.state import State

FIRST, SECOND, THIRD = date(2026, 1, 5), date(2026, 1, 6), date(2026, 1, 7)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> lm.Store:
    """A market of three days, of which the last has just begun, and another of one."""
    from liqmap.simulation import write_bybit

    folder = tmp_path_factory.mktemp("days")
    sessions = (("AAAUSDT", "2026-01-05 23:00", 0.5), ("AAAUSDT", "2026-01-06 01:00", 1.0),
                ("AAAUSDT", "2026-01-07", 0.1), ("BBBUSDT", "2026-01-05", 0.5))  # fmt: skip
    for k, (symbol, start, minutes) in enumerate(sessions):
        capture = lm.simulate(minutes=minutes, seed=k, levels=20, symbol=symbol, start=start)
        raw = write_bybit(capture, folder / f"raw{k}")
        assert lm.ingest(raw, store=folder / "store", feed="ob20").exit_code < 2
    return lm.open_store(folder / "store")


def test_days__the_last_with_much_to_see_is_shown_unless_others_are_asked_for(store: lm.Store) -> None:
    data = Data(store)
    assert data.days == (FIRST, SECOND, THIRD)
    assert data.state.dates == (SECOND, SECOND)
    assert data.state.market == "bybit/AAAUSDT/ob20"
    data.choose(dates=(FIRST, FIRST))
    assert str(data.session.time_range[0])[:13] == "2026-01-05T23"


def test_days__several_make_one_session(store: lm.Store) -> None:
    data = Data(store, State(dates=(FIRST, SECOND)))
    begin, end = data.session.time_range
    assert (str(begin)[:10], str(end)[:10]) == (str(FIRST), str(SECOND))


def test_days__that_are_not_there_are_reported(store: lm.Store) -> None:
    data = Data(store, State(dates=(date(2025, 1, 1), date(2025, 1, 2))))
    assert data.session is None
    assert data.notice == (
        "dates: expected days of bybit AAAUSDT ob20 from 2026-01-05 to 2026-01-07, "
        "got 2025-01-01 to 2025-01-02"
    )
    data.choose(dates=(FIRST, FIRST))
    assert (data.notice, data.session.symbol) == ("", "AAAUSDT")


def test_market__another_is_shown_whole(store: lm.Store) -> None:
    data = Data(
        store,
        State(
            start=np.datetime64("2026-01-06T01:00:05"), playing=True, at=np.datetime64("2026-01-06T01:00:10")
        ),
    )
    data.choose("bybit/BBBUSDT/ob20")
    state = data.state
    assert (data.session.symbol, state.dates) == ("BBBUSDT", (FIRST, FIRST))
    assert (state.start, state.end, state.at, state.playing) == (None, None, None, False)


class Doc:
    """A document as far as the work in the background needs it."""

    session_context = object()

    def __init__(self) -> None:
        self.calls: list[Any] = []

    def add_periodic_callback(self, call: Any, period: int) -> Any:
        self.calls.append(lambda: call())  # bokeh gives an object of its own for each
        return self.calls[-1]

    def remove_periodic_callback(self, ticking: Any) -> None:
        self.calls.remove(ticking)

    def tick(self) -> None:
        """A tick of its clock."""
        for call in list(self.calls):
            call()


def waited(condition: Any) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_opening__leaves_the_page_free(store: lm.Store) -> None:
    doc, go_on = Doc(), threading.Event()
    opened = Slow(go_on)
    data = Data(store, State(), opened, in_background(doc))
    assert data.session is None
    assert data.busy == "Opening bybit AAAUSDT ob20, 2026-01-06: replaying its messages"
    doc.tick()
    assert data.session is None
    go_on.set()
    waited(lambda: opened.done == 1)
    waited(lambda: doc.tick() or not doc.calls)
    assert (data.busy, data.session.symbol) == ("", "AAAUSDT")


def test_opening__waits_until_the_browser_has_loaded_the_page(
    store: lm.Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not all that changes before then reaches it."""
    state = SimpleNamespace(loaded=False)
    monkeypatch.setattr(background, "pn", SimpleNamespace(state=state))
    doc, go_on = Doc(), threading.Event()
    opened = Slow(go_on)
    data = Data(store, State(), opened, in_background(doc))
    go_on.set()
    waited(lambda: opened.done == 1)
    doc.tick()
    assert data.session is None
    state.loaded = True
    waited(lambda: doc.tick() or not doc.calls)
    assert (data.busy, data.session.symbol) == ("", "AAAUSDT")


def test_opening__what_was_asked_for_last_is_shown(store: lm.Store) -> None:
    doc, go_on = Doc(), threading.Event()
    data = Data(store, State(), Slow(go_on), in_background(doc))
    data.choose("bybit/BBBUSDT/ob20")
    go_on.set()
    waited(lambda: doc.tick() or not doc.calls)
    assert (data.busy, data.session.symbol) == ("", "BBBUSDT")


def test_opening__who_waits_for_the_same_days_keeps_nobody_from_others(
    store: lm.Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, open_days = threading.Event(), Days.open

    def open_slowly(days: Days, source: lm.Store) -> Any:
        assert days.symbol == "BBBUSDT" or go_on.wait(600)
        return open_days(days, source)

    monkeypatch.setattr(Days, "open", open_slowly)
    monkeypatch.setattr(background, "PATIENCE_S", 0)
    opened, docs = Opened(), [Doc() for _ in range(5)]
    wanted = ["bybit/AAAUSDT/ob20"] * 4 + ["bybit/BBBUSDT/ob20"]  # as many ask for one as there are threads
    pages = [Data(store, State(market=m), opened, in_background(d)) for m, d in zip(wanted, docs)]
    try:
        waited(lambda: docs[4].tick() or not docs[4].calls)
        assert pages[4].session.symbol == "BBBUSDT"
        assert all(page.busy for page in pages[:4])
    finally:
        go_on.set()
    for doc in docs[:4]:
        waited(lambda doc=doc: doc.tick() or not doc.calls)
    assert len({id(page.session) for page in pages}) == 2


class Slow:
    """Opens when asked to."""

    def __init__(self, go_on: threading.Event) -> None:
        self.go_on, self.done, self.lately = go_on, 0, Lately()

    def ask(self, key: Any, open_session: Any, submit: Any) -> Any:
        def work() -> Any:
            assert self.go_on.wait(60)
            session = open_session()
            self.done += 1
            return session

        return submit(work)


def test_sample__fills_an_empty_store_and_is_shown(tmp_path: Path) -> None:
    data = Data(lm.open_store(tmp_path))
    assert "liqmap demo" in data.notice
    make_sample(data, minutes=0.1)
    assert (data.notice, data.busy) == ("", "")
    assert data.session.symbol == "SIMUSDT"
    assert len(data.session.spans()) > 0


def test_sample__that_cannot_be_written_is_reported(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    data = Data(lm.open_store(tmp_path))
    data.source.path = tmp_path / "file"
    (tmp_path / "file").write_text("")
    make_sample(data, minutes=0.1)
    assert data.notice
    assert "Traceback" not in data.notice
    assert data.session is None

"""Sessions shared by visitors."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import liqmap as lm
from liqmap.app.data import Data
from liqmap.app.opened import Opened
from liqmap.schema import SessionError
from liqmap.session import Session


def test_opened__opens_once_for_all_who_ask_at_once() -> None:
    opened, calls, inside, go_on = Opened(), [], threading.Event(), threading.Event()

    def open_session() -> object:
        calls.append(1)
        inside.set()
        assert go_on.wait(10)
        return object()

    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(opened.get, "day", open_session)
        assert inside.wait(10)
        others = [pool.submit(opened.get, "day", open_session) for _ in range(3)]
        assert opened.get("another day", lambda: 2) == 2  # which does not wait
        go_on.set()
        sessions = {id(f.result(10)) for f in (first, *others)}
    assert len(sessions) == len(calls) == 1


def test_opened__forgets_the_least_recently_used() -> None:
    opened, calls = Opened(kept=2), []

    def ask(key: str) -> None:
        opened.get(key, lambda: calls.append(key))

    for key in "abacab":
        ask(key)
    assert calls == ["a", "b", "c", "b"]


def test_opened__does_not_keep_what_failed() -> None:
    opened = Opened()
    with pytest.raises(ZeroDivisionError):
        opened.get("day", lambda: 1 / 0)
    assert opened.get("day", lambda: 1) == 1


@pytest.fixture
def path(tmp_path: Path) -> Path:
    from liqmap.simulate import write_bybit

    raw = write_bybit(lm.simulate(minutes=0.2, seed=1, levels=20), tmp_path / "raw")
    assert lm.ingest(raw, store=tmp_path / "store").exit_code == 0
    return tmp_path / "store"


def test_visitors__share_a_day_and_its_replay(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = []
    open_spans = Session._open_spans
    monkeypatch.setattr(Session, "_open_spans", lambda self, n: read.append(n) or open_spans(self, n))
    opened = Opened()
    with ThreadPoolExecutor(4) as pool:
        visits = [pool.submit(Data, lm.open_store(path), None, opened) for _ in range(4)]
        sessions = {id(v.result(60).session) for v in visits}
    assert len(sessions) == len(read) == 1
    assert id(Data(lm.open_store(path)).session) not in sessions  # a notebook has its own
    assert len(read) == 2


def test_visitors__who_come_later_see_what_was_ingested_since(path: Path, tmp_path: Path) -> None:
    from liqmap.simulate import write_bybit

    opened = Opened()
    before = Data(lm.open_store(path), opened=opened).session
    more = lm.simulate(minutes=0.2, seed=2, levels=20, start="2026-01-05 00:10")
    assert lm.ingest(write_bybit(more, tmp_path / "more"), store=path, feed="ob20").exit_code < 2
    after = Data(lm.open_store(path), opened=opened).session
    assert after is not before


def test_days__of_a_symbol_with_a_space(tmp_path: Path) -> None:
    from liqmap.simulate import write_bybit

    capture = lm.simulate(minutes=0.2, seed=1, levels=20, symbol="BTC USD")
    raw = write_bybit(capture, tmp_path / "raw")
    assert lm.ingest(raw, store=tmp_path / "store").exit_code == 0
    data = Data(lm.open_store(tmp_path / "store"))
    assert (data.notice, data.session.symbol) == ("", "BTC USD")
    data.state.market = "bybit/ELSE/ob20"
    assert data.session is None
    assert "expected one of bybit/BTC USD/ob20" in data.notice


def test_server__gives_its_visitors_one_place_for_sessions(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from liqmap.app import server

    visits = []
    monkeypatch.setattr(server.pn, "serve", lambda app, **_: (app(), app()))
    monkeypatch.setattr(server, "explore", lambda source, **given: visits.append(given["opened"]))
    server.start(path)
    assert isinstance(visits[0], Opened)
    assert visits[0] is visits[1]


def test_explore__says_where_sessions_come_from() -> None:
    with pytest.raises(SessionError, match="expected a Session or a Store, got str 'data/store'"):
        lm.explore("data/store")
    with pytest.raises(SessionError, match="got Capture"):
        lm.explore(lm.simulate(minutes=0.1, seed=1, levels=5))

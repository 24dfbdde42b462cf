"""Sessions shared by visitors."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest

import liqmap as lm
from liqmap.app.data.data import Data
from liqmap.app.data.lately import Lately
from liqmap.app.data.opened import Opened
from liqmap.array_bytes import array_bytes
from liqmap.schema import SessionError
from liqmap.session import Session


def test_opened__opens_once_for_all_who_ask_at_once() -> None:
    opened, calls, inside, go_on = Opened(), [], threading.Event(), threading.Event()

    def open_session() -> object:
        calls.append(1)
        inside.set()
        assert go_on.wait(60)
        return object()

    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(opened.get, "day", open_session)
        assert inside.wait(60)
        others = [pool.submit(opened.get, "day", open_session) for _ in range(3)]
        assert opened.get("another day", lambda: 2) == 2  # which does not wait
        go_on.set()
        sessions = {id(f.result(60)) for f in (first, *others)}
    assert len(sessions) == len(calls) == 1


def test_opened__forgets_the_least_recently_used() -> None:
    opened, calls = Opened(kept=2), []

    def ask(key: str) -> None:
        opened.get(key, lambda: calls.append(key))

    for key in "abacab":
        ask(key)
    assert calls == ["a", "b", "c", "b"]


def test_opened__does_not_forget_what_is_still_being_opened() -> None:
    opened, begun = Opened(kept=3), []
    days = ("mon", "tue", "wed", "thu")
    asked = [opened.ask(day, lambda day=day: day, begun.append) for day in (*days, "mon")]
    assert len(begun) == 4
    assert asked[4] is asked[0]
    for work in begun:
        work()
    assert [session.result() for session in asked] == [*days, "mon"]
    for day in days[1:]:  # the last three are kept
        opened.get(day, lambda: 1 / 0)
    opened.ask("mon", lambda: "mon", begun.append)
    assert len(begun) == 5


def test_opened__does_not_keep_what_failed() -> None:
    opened = Opened()
    with pytest.raises(ZeroDivisionError):
        opened.get("day", lambda: 1 / 0)
    assert opened.get("day", lambda: 1) == 1


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
    from liqmap.simulation import write_bybit

    opened = Opened()
    opened.lately = Lately(0.0)
    before = Data(lm.open_store(path), opened=opened).session
    more = lm.simulate(minutes=0.2, seed=2, levels=20, start="2026-01-05 00:10")
    assert lm.ingest(write_bybit(more, tmp_path / "more"), store=path, feed="ob20").exit_code < 2
    after = Data(lm.open_store(path), opened=opened).session
    assert after is not before


def test_days__of_a_symbol_with_a_space(tmp_path: Path) -> None:
    from liqmap.simulation import write_bybit

    capture = lm.simulate(minutes=0.2, seed=1, levels=20, symbol="BTC USD")
    raw = write_bybit(capture, tmp_path / "raw")
    assert lm.ingest(raw, store=tmp_path / "store").exit_code == 0
    data = Data(lm.open_store(tmp_path / "store"))
    assert (data.notice, data.session.symbol) == ("", "BTC USD")
    data.state.market = "bybit/ELSE/ob20"
    assert data.session is None
    assert "expected one of bybit/BTC USD/ob20" in data.notice


def visited(app: Callable[[], object], times: int) -> Mock:
    """A server that so many have visited."""
    for _ in range(times):
        app()
    return Mock()


def test_server__gives_its_visitors_one_place_for_sessions(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from liqmap.app.publish import server

    visits = []
    monkeypatch.setattr(server.pn, "serve", lambda app, **_: visited(app, times=2))
    monkeypatch.setattr(server, "open_gate", lambda *_: None)
    monkeypatch.setattr(server, "explore", lambda source, **given: visits.append(given["opened"]))
    server.start(path)
    assert isinstance(visits[0], Opened)
    assert visits[0] is visits[1]


@pytest.mark.parametrize("read_only", [False, True])
def test_server__tells_the_app_that_it_is_read_only(
    read_only: bool, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from liqmap.app import Access
    from liqmap.app.publish import server

    def explore(
        source: object, height: object, opened: Opened, read_only: bool = False, live: object = None
    ) -> None:
        options.append(read_only)

    options: list[bool] = []
    monkeypatch.setattr(server.pn, "serve", lambda app, **_: visited(app, times=1))
    monkeypatch.setattr(server, "explore", explore)
    monkeypatch.setattr(server, "open_gate", lambda *_: None)
    server.start(path, access=Access(read_only=read_only))
    assert options == [read_only]


def test_explore__says_where_sessions_come_from() -> None:
    with pytest.raises(SessionError, match="expected a Session or a Store, got str 'data/store'"):
        lm.explore("data/store")
    with pytest.raises(SessionError, match="got Capture"):
        lm.explore(lm.simulate(minutes=0.1, seed=1, levels=5))


class Sized:
    """A session of so many bytes."""

    def __init__(self, size: int) -> None:
        self.array = np.zeros(size, np.uint8)


def test_opened__forgets_others_where_memory_is_short() -> None:
    opened, calls = Opened(kept=3, memory=100), []

    def ask(key: str) -> None:
        opened.get(key, lambda: calls.append(key) or Sized(40))

    for key in "abcb":  # with the third the first has to go
        ask(key)
    assert calls == ["a", "b", "c"]
    assert opened.memory_used == 80
    ask("a")
    assert calls == ["a", "b", "c", "a"]


def test_opened__counts_what_is_looked_at_and_finds_it_again() -> None:
    opened = Opened(kept=1, memory=100)
    first = opened.get("a", lambda: Sized(60))
    opened.get("b", lambda: Sized(30))  # which pushes the first out, though somebody looks at it
    assert opened.memory_used == 90
    assert opened.get("a", lambda: Sized(60)) is first
    with pytest.raises(SessionError, match="c: expected room for it in the") as refused:
        opened.get("c", lambda: Sized(50))
    assert str(refused.value).endswith("or serve with a larger memory=...")
    assert opened.memory_used == 60  # what was refused is gone, and so is what nobody looked at
    del first
    assert opened.get("c", lambda: Sized(50)).array.nbytes == 50  # others have closed theirs


def test_opened__lets_go_of_what_it_refuses() -> None:
    made: list[weakref.ref[Sized]] = []

    def open_session() -> Sized:
        session = Sized(101)
        made.append(weakref.ref(session))
        return session

    with pytest.raises(SessionError) as refused:
        Opened(memory=100).get("a", open_session)
    assert refused.value is not None  # somebody still has the error, and what it tells of where it came from
    assert made[0]() is None


def test_opened__refuses_what_alone_is_too_much_each_time() -> None:
    opened = Opened(memory=100)
    for _ in range(2):
        with pytest.raises(SessionError, match="expected room for it"):
            opened.get("a", lambda: Sized(101))
    assert opened.memory_used == 0


def test_opened__counts_what_has_grown_since() -> None:
    opened = Opened(memory=100)
    first = opened.get("a", lambda: Sized(10))
    first.kept = {"frames": (np.zeros(85, np.uint8), threading.Lock())}
    del first
    opened.get("b", lambda: Sized(10))
    assert opened.memory_used == 10


def test_opened__holds_its_bound_while_many_ask() -> None:
    opened, there, refused = Opened(kept=3, memory=100), {}, []

    def visit(k: int) -> None:
        try:
            there[k] = opened.get(k, lambda: Sized(60))  # and looks at it for ever
        except SessionError as error:
            refused.append(error)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(visit, range(40)))
    assert len(there) <= 1
    assert len(refused) == 40 - len(there)
    assert opened.memory_used == 60 * len(there)


def test_opened__is_read_and_changed_by_one_thread_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Opened(memory=100)

    class Alive(weakref.WeakValueDictionary):
        """Who goes through it must not find it changed on the way."""

        def values(self) -> Any:
            assert opened._lock.locked()
            return super().values()

        def __setitem__(self, key: str, session: object) -> None:
            assert opened._lock.locked()
            super().__setitem__(key, session)

        def pop(self, *key: Any) -> Any:
            assert opened._lock.locked()
            return super().pop(*key)

        def __delitem__(self, key: str) -> None:
            assert opened._lock.locked()
            super().__delitem__(key)

    def counted(sessions: list[object]) -> int:
        assert not opened._lock.locked()  # which takes long
        return array_bytes(sessions)

    opened._alive = Alive()
    monkeypatch.setattr("liqmap.app.data.opened.array_bytes", counted)
    first = opened.get("a", lambda: Sized(60))
    with pytest.raises(SessionError, match="b: expected room for it"):
        opened.get("b", lambda: Sized(60))
    assert opened.memory_used == first.array.nbytes


def test_array_bytes__count_an_array_once() -> None:
    array = np.zeros(100, np.uint8)

    @dataclass
    class Pair:
        left: object
        right: object

    nested = {"a": [array, array[:10]], "b": Pair(array[50:], (np.zeros(5, np.uint8), None, "text", 3))}
    nested["itself"] = nested
    assert array_bytes(nested) == 105
    assert array_bytes(lm.simulate(minutes=0.1, seed=1, levels=5)) == 0  # Arrow tables are not counted


def test_array_bytes__of_a_session_are_those_of_its_spans(path: Path) -> None:
    session = lm.open_store(path).session("bybit", "SIMUSDT")
    spans = session.spans()
    least = 36 * len(spans)
    assert least <= array_bytes(session)
    before = array_bytes(session)
    Data(session).frame(300, 200)
    assert array_bytes(session) > before

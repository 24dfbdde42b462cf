"""What pages that open at one time read once."""

from __future__ import annotations

from pathlib import Path

import pytest

import liqmap as lm
from liqmap.app.data.data import Data
from liqmap.app.data.lately import Lately
from liqmap.app.data.opened import Opened
from liqmap.schema import StoreError
from liqmap.session import Store


def test_lately__makes_once_in_a_moment_and_anew_after_it() -> None:
    now, made = [0.0], []
    lately = Lately(1.0, lambda: now[0])

    def make() -> int:
        made.append(now[0])
        return len(made)

    assert [lately.get("a", make), lately.get("a", make)] == [1, 1]
    now[0] = 0.99
    assert lately.get("a", make) == 1
    now[0] = 1.0
    assert lately.get("a", make) == 2
    assert lately.get("b", make) == 3
    lately.forget()
    assert lately.get("a", make) == 4


def test_lately__is_as_old_as_the_beginning_of_its_reading() -> None:
    now = [0.0]
    lately = Lately(1.0, lambda: now[0])

    def slow() -> str:
        now[0] += 5.0
        return "read"

    lately.get("a", slow)
    assert lately.get("a", lambda: "anew") == "anew"


def test_lately__does_not_keep_what_failed() -> None:
    lately = Lately()

    def fail() -> None:
        raise StoreError(where="store", expected="an answer", got="none")

    with pytest.raises(StoreError):
        lately.get("a", fail)
    assert lately.get("a", lambda: 1) == 1


def test_visitors__read_store_and_calibration_once_in_a_moment(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    markets, calibration = Store.sessions, lm.Session.calibration.fget

    def sessions(self: Store) -> object:
        read.append("markets")
        return markets(self)

    def saved(self: lm.Session) -> object:
        read.append("calibration")
        return calibration(self)  # type: ignore[misc]

    monkeypatch.setattr(Store, "sessions", sessions)
    monkeypatch.setattr(lm.Session, "calibration", property(saved))
    store, opened = lm.open_store(path), Opened()
    opened.lately = Lately(3600.0)
    pages = [Data(store, opened=opened) for _ in range(5)]
    assert read == ["markets", "calibration"]
    pages[0].changed()
    Data(store, opened=opened)
    assert read == ["markets", "calibration"] * 2

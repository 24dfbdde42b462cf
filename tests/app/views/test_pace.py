"""Pictures do not queue up: the next one goes out when the browser has painted the last."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from liqmap.app.views import pace
from liqmap.app.views.pace import LONGEST_MS, PATIENCE_MS, QUIET_MS, Pace


class Browser:
    """A source in a served document, whose clock and callbacks the test moves on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.callbacks = 1e6, []
        self.document: Any = SimpleNamespace(session_context=object(), add_timeout_callback=self._later)
        self.tell: Callable[..., None] = lambda *_: None
        monkeypatch.setattr(pace, "_now", lambda: self.now)

    def _later(self, do: Callable[[], None], ms: int) -> None:
        self.callbacks.append((self.now + ms, do))

    def js_on_change(self, name: str, callback: Any) -> None:
        assert name == "data"

    def on_change(self, name: str, tell: Callable[..., None]) -> None:
        self.tell = tell

    def painted(self) -> None:
        self.tell("tags", [], [1])

    def wait(self, ms: float) -> None:
        until = self.now + ms
        while due := [c for c in self.callbacks if c[0] <= until]:
            first = min(due, key=lambda c: c[0])
            self.callbacks.remove(first)
            self.now = max(self.now, first[0])
            first[1]()
        self.now = until


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> tuple[Browser, Pace, list[str]]:
    browser, done = Browser(monkeypatch), []

    def paint() -> None:
        done.append("paint")
        paced.sent()

    paced = Pace(paint, lambda: done.append("settle"))
    paced.watch(browser)
    return browser, paced, done


Made = tuple[Browser, Pace, list[str]]


def test_asks__while_one_is_on_its_way_are_one(made: Made) -> None:
    browser, paced, done = made
    for _ in range(5):
        paced.ask()
    assert done == ["paint"]
    browser.painted()
    assert done == ["paint", "paint"]
    browser.painted()
    assert done == ["paint", "paint"]


def test_browser__that_is_hidden_does_not_hold_pictures_back_for_ever(made: Made) -> None:
    browser, paced, done = made
    paced.ask()
    paced.ask()
    browser.wait(PATIENCE_MS + 1)
    assert done.count("paint") == 2


def test_what_follows__waits_for_rest(made: Made) -> None:
    browser, paced, done = made
    for _ in range(3):
        paced.ask()
        browser.wait(20)
        browser.painted()
    assert done == ["paint"] * 3
    browser.wait(3 * QUIET_MS)
    assert done == ["paint"] * 3 + ["settle"]
    browser.wait(10 * QUIET_MS)
    assert done.count("settle") == 1


def test_what_follows__is_not_put_off_for_ever(made: Made) -> None:
    browser, paced, done = made
    for _ in range(round(1.5 * LONGEST_MS / 20)):
        paced.ask()
        browser.wait(20)
        browser.painted()
    assert done.count("settle") == 1


def test_without_a_browser__all_is_done_at_once(made: Made) -> None:
    browser, paced, done = made
    browser.document.session_context = None
    paced.ask()
    paced.ask()
    assert done == ["paint", "settle"] * 2

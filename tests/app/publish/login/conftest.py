"""Cheap hashes, a clock to set, and an entrance over files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from liqmap.app.publish.access import Access
from liqmap.app.publish.login import passwords
from liqmap.app.publish.login.entrance import Entrance, entrance_of
from liqmap.app.publish.login.passwords import set_password


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: float = 1.8e9) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "COST", 2**4)
    monkeypatch.delenv("LIQMAP_COOKIE_SECRET", raising=False)


@pytest.fixture
def users(tmp_path: Path) -> Path:
    """A file of passwords: ann's and bob's."""
    path = tmp_path / "users.json"
    set_password(path, "ann", "correct horse")
    set_password(path, "bob", "battery staple")
    return path


@pytest.fixture
def enter(users: Path, clock: Clock) -> Callable[..., Entrance]:
    """An entrance, as a server makes it when it starts; another one is the server started anew."""

    def enter(**given: Any) -> Entrance:
        made = entrance_of(Access(**({"basic_auth": users} | given)))
        assert made is not None
        made.logins._clock = made.logins.ledger._clock = made.tokens._clock = clock
        made.attempts._clock = made.refusals._clock = clock
        return made

    return enter

"""What a server has to know of logins after a restart: a number for each user, and the logins that are over.

A user's number is drawn when he logs in, and dropped when his entry has gone or changed: what was signed with
it never fits again, also if the same entry comes back. So a login is over by what is *not* in the file; only
a logout has to be written down, until the login would have ended by itself.
"""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from liqmap.app.publish.login.passwords import alone, write_own
from liqmap.app.publish.login.secret import unwritten
from liqmap.app.publish.login.watched import Watched
from liqmap.schema import LiqmapError

log = logging.getLogger("liqmap.app")


MOST_ENDED = 200
"""Logouts of a user that are remembered at a time."""


class Number(NamedTuple):
    """entry : print of the user's entry that the number was drawn for; until : when his last login ends by
    itself, s since 1970."""

    entry: str
    number: str
    until: float


class Ended(NamedTuple):
    """A login that is over: whose it was, and when it would have ended by itself, s since 1970."""

    user: str
    until: float


@dataclass
class Page:
    """The file: numbers by user, and logins that are over by their ids."""

    users: dict[str, Number] = field(default_factory=dict)
    ended: dict[str, Ended] = field(default_factory=dict)


class Ledger:
    """Numbers of users and ended logins, in a file that several servers may share, or in memory.

    Parameters
    ----------
    path : None keeps them as long as the process.
    clock : s since 1970.

    Raises
    ------
    LiqmapError : it cannot be written there.
    """

    def __init__(self, path: Path | None = None, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._own = Page()
        """What no file keeps: all without one, and what could not be written."""
        self._dropped: set[str] = set()
        """Numbers that were dropped here; a file that could not be written may still have them."""
        self._failed = False
        self._file: Watched[Page] | None = None
        if path is not None:
            self._file = self._watched(path)

    def _watched(self, path: Path) -> Watched[Page]:
        try:
            read_page(path)
            damaged = False
        except LiqmapError as error:
            log.warning("all have to log in again: %s", error)
            damaged = True
        try:
            with alone(path):
                if damaged or not path.exists():
                    write_own(path, _json(Page()))
        except (OSError, LiqmapError) as error:
            raise unwritten(path, error if isinstance(error, OSError) else OSError(str(error))) from None
        return Watched(path, read_page, "all have to log in again")

    def number(self, user: str, entry: str) -> str | None:
        """The number of a user whose entry has this print; None: he has not logged in with it."""
        file = self._page()
        found = self._own.users.get(user) or (file.users.get(user) if file else None)
        if found is None or found.entry != entry or found.number in self._dropped:
            return None
        return found.number

    def ended(self, login: str) -> bool:
        """Whether a login is over."""
        file = self._page()
        return login in self._own.ended or (file is not None and login in file.ended)

    def draw(self, user: str, entry: str, until: float) -> str:
        """The number for a new login, that ends by itself at ``until``."""
        drawn = secrets.token_hex(8)

        def edit(page: Page) -> None:
            there = page.users.get(user)
            if there is not None and there.entry == entry:
                page.users[user] = there._replace(until=max(there.until, until))
            else:
                page.users[user] = Number(entry, drawn, until)

        return self._change(edit).users[user].number

    def end(self, login: str, user: str, until: float) -> None:
        """Say that a login is over, which would have ended by itself at ``until``; of `MOST_ENDED` of a user
        all of his are, which takes no room."""

        def edit(page: Page) -> None:
            page.ended[login] = Ended(user, until)
            own = [one for one, ended in page.ended.items() if ended.user == user]
            if len(own) > MOST_ENDED and user in page.users:
                self._dropped.add(page.users.pop(user).number)
                page.ended = {one: ended for one, ended in page.ended.items() if ended.user != user}

        self._change(edit)

    def keep(self, prints: Mapping[str, str | None]) -> None:
        """Drop the numbers of all users but those whose entries have these prints."""

        def gone(page: Page) -> dict[str, str]:
            return {u: n.number for u, n in page.users.items() if prints.get(u) != n.entry}

        def edit(page: Page) -> None:
            for user, number in gone(page).items():
                self._dropped.add(number)
                del page.users[user]

        file = self._page()
        if gone(self._own) or (file and gone(file)):
            self._change(edit)

    def catch_up(self) -> None:
        """Write down what could not be written, if it can by now: a restart would bring a logout back."""
        if self._failed:
            self._change(lambda _: None)

    @property
    def users(self) -> set[str]:
        """Those who have a number."""
        file = self._page()
        return {*self._own.users, *(file.users if file else ())}

    def _page(self) -> Page | None:
        return self._file.value if self._file else None

    def _change(self, edit: Callable[[Page], None]) -> Page:
        """All that is known, edited; what cannot be written is kept in memory, said once."""
        if self._file is None:
            return self._edited(self._own, edit)
        path = self._file.path
        try:
            with alone(path):
                page = self._edited(self._joined(path), edit)
                write_own(path, _json(page))
            self._own, self._failed = Page(), False
            return page
        except (OSError, LiqmapError) as error:
            if not self._failed:
                log.warning("a restart will forget logins and logouts of now: %s: %s", path, error)
            self._failed = True
        self._own = self._edited(self._joined(path), edit)
        return self._own

    def _edited(self, page: Page, edit: Callable[[Page], None]) -> Page:
        """Without what has ended by itself."""
        now = self._clock()
        page.users = {user: number for user, number in page.users.items() if number.until > now}
        page.ended = {login: ended for login, ended in page.ended.items() if ended.until > now}
        edit(page)
        return page

    def _joined(self, path: Path) -> Page:
        """What the file has now, and what it has not got yet."""
        try:
            page = read_page(path)
        except LiqmapError:
            page = Page()
        users = {u: n for u, n in page.users.items() if n.number not in self._dropped}
        return Page(users | self._own.users, page.ended | self._own.ended)


def read_page(path: Path) -> Page:
    """What a file says; nothing, where there is none.

    Raises
    ------
    LiqmapError : it is something else, or cannot be read.
    """
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        users = {
            user: Number(str(n["entry"]), str(n["number"]), float(n["until"]))
            for user, n in said["users"].items()
        }
        ended = {i: Ended(str(e["user"]), float(e["until"])) for i, e in said["ended"].items()}
        return Page(users, ended)
    except FileNotFoundError:
        return Page()
    except OSError as error:
        raise LiqmapError(error.strerror or str(error), where=path, expected="who has logged in") from None
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        raise LiqmapError(where=path, expected="who has logged in, as JSON", got="something else") from None


def _json(page: Page) -> str:
    users = {user: number._asdict() for user, number in page.users.items()}
    ended = {login: ended._asdict() for login, ended in page.ended.items()}
    return json.dumps({"users": users, "ended": ended}, indent=1) + "\n"

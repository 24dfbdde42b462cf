"""Who has logged in: a signed cookie, checked at each page, each opening of a socket and each message.

The cookie holds an id of the login, the user, when he logged in, and a keyed fingerprint of his entry and of
a number drawn for it (see `ledger`). So it is refused as soon as it is too old, logged out, signed with a
secret that was rotated, or of a user who has been removed or has another password, here and in other servers
that use the same files, and after a restart.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from liqmap.app.publish.login.ledger import Ledger
from liqmap.app.publish.login.secret import Secret
from liqmap.app.publish.login.signing import fingerprint, opened, signed

COOKIE = "liqmap_login"

MOST_SHOWN = 8
"""Cookies of a request that are looked at, or none."""

AHEAD_S = 60
"""By which a clock may have been set back since a login."""


class Users(Protocol):
    """Who may enter."""

    @property
    def known(self) -> Mapping[str, Any] | None:
        """Another object when anything has changed; None while that cannot be known."""

    def entry(self, user: str) -> str | None:
        """What has to stay the same for a login to go on; None: he may not enter."""


class Login(NamedTuple):
    """A login that is in force: its id, whose it is, when it ends by itself (s since 1970)."""

    id: str
    user: str
    until: float


class Logins:
    """Begins, finds and ends logins.

    Parameters
    ----------
    hours : after which a login ends, whatever its user does.
    clock : s since 1970.
    """

    def __init__(
        self,
        users: Users,
        secret: Secret,
        ledger: Ledger | None = None,
        hours: float = 12,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.users, self.secret = users, secret
        self.ledger = ledger or Ledger(clock=clock)
        self.seconds, self._clock = hours * 3600, clock
        self._settled: tuple[Any, bytes] | None = None
        self.watchers: list[Callable[[], Any]] = []
        """Called when a login has been ended, to close what it had open."""

    def begin(self, user: str, shown: str | None = None) -> str | None:
        """The cookie of a new login; None: the user may not enter just now.

        Parameters
        ----------
        shown : the entry whose password he has said: it may be another by now, for which that is none.
        """
        key, entry = self._key(), self.users.entry(user)
        if key is None or entry is None or shown not in (None, entry):
            return None
        now = self._clock()
        number = self.ledger.draw(user, _print(key, user, entry), now + self.seconds)
        said = {"i": secrets.token_urlsafe(12), "u": user, "t": int(now)}
        return signed(said | {"f": _fingerprint(key, user, entry, number)}, key)

    def find(self, cookie: str | None) -> Login | None:
        """The login that a cookie stands for, if it is in force."""
        key = self._key()
        said = opened(cookie, key)
        if said is None or key is None or set(said) != {"i", "u", "t", "f"}:
            return None
        login = Login(said["i"], said["u"], said["t"] + self.seconds)
        entry = self.users.entry(login.user)
        if entry is None or not said["t"] - AHEAD_S <= self._clock() < login.until:
            return None
        number = self.ledger.number(login.user, _print(key, login.user, entry))
        if number is None or self.ledger.ended(login.id):
            return None
        right = hmac.compare_digest(said["f"], _fingerprint(key, login.user, entry, number))
        return login if right else None

    def end(self, login: Login) -> None:
        """Log out: the cookie is refused from now on, and what it had open is closed."""
        self.ledger.end(login.id, login.user, login.until)
        for tell in self.watchers:
            tell()

    def of(self, handler: Any) -> Login | None:
        """The login that a request, or an open socket, belongs to; None where it shows those of two: a site
        whose name ends like ours can put another's beside a visitor's own."""
        found = self.shown(handler)
        return found[0] if len(found) == 1 else None

    def shown(self, handler: Any) -> list[Login]:
        """All logins in force whose cookies a request has."""
        found = (self.find(cookie) for cookie in _cookies(handler))
        return list({login.id: login for login in found if login is not None}.values())

    def user_of(self, handler: Any) -> str | None:
        """Who a request, or an open socket, is from; None: nobody who may enter."""
        login = self.of(handler)
        return login.user if login else None

    def login_of(self, handler: Any) -> str | None:
        """The id of the login that a request, or an open socket, belongs to."""
        login = self.of(handler)
        return login.id if login else None

    def settle(self) -> None:
        """Drop the numbers of users who have been removed or have another password, so that what was signed
        with them never fits again; at each look, and each second where nobody comes. What no disk had room
        for is tried again."""
        self.ledger.catch_up()
        self._key()

    def _key(self) -> bytes | None:
        """What cookies are signed with; None while it cannot be known who may enter."""
        known, key = self.users.known, self.secret.key("login")
        if known is None or key is None:
            return None
        if self._settled is None or self._settled[0] is not known or self._settled[1] != key:
            prints = {user: self._print_of(key, user) for user in self.ledger.users}
            self.ledger.keep(prints)
            self._settled = (known, key)
        return key

    def _print_of(self, key: bytes, user: str) -> str | None:
        entry = self.users.entry(user)
        return None if entry is None else _print(key, user, entry)


def _cookies(handler: Any) -> set[str]:
    """Of our name, as a browser has one by path: of those for tornado the last one is the only one."""
    pairs = (pair.partition("=") for pair in handler.request.headers.get("Cookie", "").split(";"))
    found = {value.strip().strip('"') for name, _, value in pairs if name.strip() == COOKIE}
    return found if len(found) <= MOST_SHOWN else set()


def _print(key: bytes, user: str, entry: str) -> str:
    return fingerprint(key, "entry", user, entry)


def _fingerprint(key: bytes, user: str, entry: str, number: str) -> str:
    return fingerprint(key, "login", user, entry, number)

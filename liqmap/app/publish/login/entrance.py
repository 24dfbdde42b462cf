"""`Entrance`: all that a closed app needs to let somebody in: who may, how often it is tried, who has."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from liqmap.app.publish.access import Access
from liqmap.app.publish.login.attempts import Asking, Attempts, network
from liqmap.app.publish.login.forms import Tokens
from liqmap.app.publish.login.lane import Lane
from liqmap.app.publish.login.ledger import Ledger
from liqmap.app.publish.login.logins import Logins
from liqmap.app.publish.login.oauth.identity import Allowed
from liqmap.app.publish.login.oauth.provider import Provider, provider_of
from liqmap.app.publish.login.passwords import Passwords
from liqmap.app.publish.login.refusals import Refusals
from liqmap.app.publish.login.secret import Secret, beside
from liqmap.app.publish.login.signing import fingerprint, opened, signed

BROWSER = "liqmap_browser"
"""The cookie of a browser that somebody has logged in with: its own count of tries, and nothing else."""

BROWSER_DAYS = 90
BUSY_S = 2.0
"""After which a try may come again that found no place in the queue."""


class Tried(NamedTuple):
    """What came of a try.

    user : None: not let in. entry : of his, whose password he has said.
    wait : seconds until another try is taken; 0: this one was, and it was wrong.
    closed : whether nobody can be let in just now.
    """

    user: str | None = None
    wait: float = 0.0
    closed: bool = False
    entry: str | None = None


@dataclass
class Entrance:
    """What the handlers of the login pages share.

    prefix : path that the app is served under. users : who may enter, and by what.
    provider : of OAuth; None where the users are `Passwords`.
    """

    prefix: str
    users: Passwords | Allowed
    secret: Secret
    logins: Logins
    provider: Provider | None = None
    attempts: Attempts = field(default_factory=Attempts)
    refusals: Refusals = field(default_factory=Refusals)
    known_lane: Lane = field(default_factory=lambda: Lane("known"))
    """Of browsers that have been here before; all others share the second one."""
    new_lane: Lane = field(default_factory=lambda: Lane("new"))

    asking_provider: int = 0
    """Questions to the provider that it has not answered yet."""

    def __post_init__(self) -> None:
        self.tokens = Tokens(self.secret)

    async def try_password(self, user: str, password: str, address: str, browser: str | None) -> Tried:
        """Check a password beside the loop; one line of the log for each refusal, never with the password.

        Parameters
        ----------
        browser : what its cookie says, see `browser_cookie`.
        """
        assert isinstance(self.users, Passwords)
        if self.users.known is None or self.secret.key("login") is None:
            return Tried(closed=True)
        entry = self.users.entry(user)
        asking = Asking(user, network(address), self._browser_of(user, entry, browser))
        known = user if entry is not None else None
        lane = self.known_lane if asking.browser else self.new_lane
        whom = asking.browser or user
        if lane.full(whom):
            self.refusals.tell("too many at a time", known, address)
            return Tried(wait=BUSY_S)
        wait = self.attempts.wait(asking)
        if wait > 0:
            self.refusals.tell("too many tries", known, address)
            return Tried(wait=wait)
        right = await lane.run(whom, self.users.fits, entry, password)
        if not right or self.users.entry(user) != entry:
            self.refusals.tell("a wrong password", known, address)
            return Tried()
        self.attempts.right(asking)
        return Tried(user, entry=entry)

    def browser_cookie(self, user: str, entry: str) -> str | None:
        """What a browser shows from now on that this user has logged in with, by the password of this entry:
        who had an older one has perhaps collected them, and would guess with each as if he were known."""
        key = self.secret.key("browser")
        if key is None:
            return None
        said = {"b": secrets.token_urlsafe(8), "u": user, "t": int(time.time())}
        return signed(said | {"f": fingerprint(key, user, entry)}, key)

    def _browser_of(self, user: str, entry: str | None, cookie: str | None) -> str | None:
        """An id of the browser, if that user has logged in with it before, by the password he has now."""
        key = self.secret.key("browser")
        said = opened(cookie, key)
        if said is None or key is None or entry is None or said.get("u") != user:
            return None
        is_old = time.time() - said["t"] > BROWSER_DAYS * 86_400
        return None if is_old or said.get("f") != fingerprint(key, user, entry) else f"{user} {said['b']}"


def entrance_of(access: Access) -> Entrance | None:
    """The entrance of an app; None where anybody may enter.

    Raises
    ------
    LiqmapError : the file of passwords or the secret is not what it should be, or nothing can be kept there.
    """
    if access.basic_auth is not None:
        return _entrance(access, Passwords(access.basic_auth), None)
    if access.oauth is not None:
        provider = provider_of(access)
        return _entrance(access, Allowed(access.users, provider), provider)
    return None


def _entrance(access: Access, users: Passwords | Allowed, provider: Provider | None) -> Entrance:
    """Whose files are made once it is known that the rest is right."""
    secret = secret_of(access)
    place = _place(access)
    ledger = Ledger(place.with_name(f"{place.name}.logins") if place else None)
    logins = Logins(users, secret, ledger, access.login_hours)
    return Entrance(access.prefix, users, secret, logins, provider)


def secret_of(access: Access) -> Secret:
    """What signs logins and pages: of the environment, of a file, or as long as the process.

    Raises
    ------
    LiqmapError : see `Secret`.
    """
    if access.secret_file is not None:
        return Secret(access.cookie_secret, Path(access.secret_file))
    return Secret(access.cookie_secret, beside(Path(access.basic_auth)) if access.basic_auth else None)


def _place(access: Access) -> Path | None:
    """The file that what is known of logins stands beside."""
    found = access.secret_file or access.basic_auth
    return Path(found) if found is not None else None

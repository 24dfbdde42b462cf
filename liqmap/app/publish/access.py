"""`Access`: who may reach a served app, from where, how many at a time; refused before anything listens."""

from __future__ import annotations

import ipaddress
import os
import re
import socket
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from liqmap.app.data.opened import MEMORY
from liqmap.app.publish.gate.headers import ORIGIN as FRAME
from liqmap.app.publish.gate.proxy import network
from liqmap.schema import Keyword, LiqmapError, Sentence

PROVIDERS = ("auth0", "azure", "azurev2", "bitbucket", "generic", "github", "gitlab", "google", "okta")
"""Of OAuth, as Panel names them."""

OAUTH_KEY, OAUTH_SECRET, COOKIE_SECRET = "LIQMAP_OAUTH_KEY", "LIQMAP_OAUTH_SECRET", "LIQMAP_COOKIE_SECRET"
"""Environment variables: what stands on a command line, every process of the machine can read."""

LONGEST_HOURS = 24 * 366
"""Of a login."""

EVERYBODY = "*"
"""Among the editors: whoever enters."""

ORIGIN = re.compile(r"(\*|[\w*-]+(\.[\w*-]+)*)(:\d+)?")


@dataclass(frozen=True, kw_only=True)
class Access:
    """How an app is published.

    basic_auth : file of users and passwords, see `passwords`.
    oauth : one of `PROVIDERS`; oauth_key, oauth_secret : what the provider has given, by default from the
        environment; oauth_redirect : the address the provider sends visitors back to.
    users : who may enter by OAuth: names, mail addresses, ``@domain``; none: whom the provider knows.
    no_auth : a word of consent that anybody who reaches the address may enter.
    origins : HOST or HOST:PORT under which visitors reach the server, beside its own address.
    frames : origins of pages that may show the app within them, such as https://wiki.example.org.
    proxies : addresses or networks whose word is taken for whom they ask, and whether he speaks HTTPS.
    prefix : path that the app is served under.
    max_sessions : visitors at one time; None: no limit.
    editors : who may keep presets and calibrations, and make the sample session; all others only look. Names
        of those that log in, or `EVERYBODY` for whoever enters. Without any, it is nobody where there is a
        login, ``no_auth`` or ``origins``, and whoever is at this machine where the app is for that alone.
    read_only : nothing is written by anybody.
    memory : bytes that open sessions may hold together.
    cookie_secret : signs who has logged in; by default from the environment. None: that of a file.
    secret_file : keeps that secret, made at first use; by default beside the file of passwords. With OAuth
        and neither of both it lasts as long as the server.
    login_hours : after which a login ends, whatever its user does.
    """

    basic_auth: str | Path | None = None
    oauth: str | None = None
    oauth_key: str | None = field(default_factory=lambda: os.environ.get(OAUTH_KEY))
    oauth_secret: str | None = field(default_factory=lambda: os.environ.get(OAUTH_SECRET), repr=False)
    oauth_redirect: str | None = None
    users: tuple[str, ...] = ()
    no_auth: bool = False
    origins: tuple[str, ...] = ()
    frames: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    prefix: str = ""
    max_sessions: int | None = None
    editors: tuple[str, ...] = ()
    read_only: bool = False
    memory: int = MEMORY
    cookie_secret: str | None = field(
        default_factory=lambda: os.environ.get(COOKIE_SECRET) or None, repr=False
    )
    secret_file: str | Path | None = None
    login_hours: float = 12.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "prefix", _prefix(self.prefix))
        for origin in self.origins:
            if not ORIGIN.fullmatch(origin):
                raise LiqmapError(
                    argument="origins",
                    expected="HOST or HOST:PORT such as charts.example.org",
                    got=repr(origin),
                )
        for frame in self.frames:
            if not FRAME.fullmatch(frame):
                raise LiqmapError(
                    argument="frames", expected="an origin such as https://wiki.example.org", got=repr(frame)
                )
        for proxy in self.proxies:
            network(proxy)
        for name, value in (("max_sessions", self.max_sessions), ("memory", self.memory)):
            if value is not None and value < 1:
                raise LiqmapError(argument=name, expected="at least 1", got=str(value))
        if not 0 < self.login_hours <= LONGEST_HOURS:
            raise LiqmapError(
                argument="login_hours",
                expected=f"more than 0 and at most {LONGEST_HOURS}",
                got=str(self.login_hours),
            )
        if self.users and not self.oauth:
            raise LiqmapError(
                argument="users", expected=Sentence("beside ", Keyword("oauth")), got="it alone"
            )
        self._check_editors()
        if (self.basic_auth is not None) + (self.oauth is not None) + self.no_auth > 1:
            several = Sentence(
                "one of ", Keyword("basic_auth"), ", ", Keyword("oauth"), " and ", Keyword("no_auth", True)
            )
            raise LiqmapError(expected=several, got="several")
        if self.oauth is not None:
            self._check_oauth()

    def _check_editors(self) -> None:
        if self.editors and self.read_only:
            raise LiqmapError(argument="editors", expected="none where nothing is written", got="some")
        if set(self.editors) - {EVERYBODY} and not self.closed:
            login = Sentence(Keyword("basic_auth"), " or ", Keyword("oauth"))
            raise LiqmapError(argument="editors", expected=Sentence("beside ", login), got="it alone")
        if not all(name.strip() for name in self.editors):
            raise LiqmapError(argument="editors", expected="names", got="an empty one")

    def _check_oauth(self) -> None:
        if self.oauth not in PROVIDERS:
            raise LiqmapError(
                argument="oauth", expected=f"one of {', '.join(PROVIDERS)}", got=repr(self.oauth)
            )
        for what, value, name in (
            ("key", self.oauth_key, OAUTH_KEY),
            ("secret", self.oauth_secret, OAUTH_SECRET),
        ):
            if not value:
                raise LiqmapError(
                    argument="oauth",
                    expected=f"the {what} that {self.oauth} has given for this app",
                    got="none",
                    remedy=f"Set {name} in the environment",
                )
        own = f"{self.prefix}/login"
        back = urlsplit(self.oauth_redirect or f"https://host{own}")
        if back.scheme not in ("http", "https") or back.path != own or back.query or back.fragment:
            raise LiqmapError(
                argument="oauth_redirect",
                expected=f"the address of the login page, such as https://charts.example.org{own}",
                got=repr(self.oauth_redirect),
            )

    @property
    def closed(self) -> bool:
        """Whether visitors have to say who they are."""
        return self.basic_auth is not None or self.oauth is not None

    @property
    def is_shared(self) -> bool:
        """Whether others than who is at this machine are let in, as far as its publisher has said."""
        return self.closed or self.no_auth or bool(self.origins)

    @property
    def signed(self) -> bool:
        """Whether a picture is only for pages that this server has handed out, as where they are counted."""
        return self.closed or self.max_sessions is not None

    def check_address(self, address: str) -> None:
        """Refuse to listen beyond this machine where anybody may enter, unless that is wanted.

        Raises
        ------
        LiqmapError : neither a login nor ``no_auth``.
        """
        if not (self.closed or self.no_auth or loopback(address)):
            login = Sentence(Keyword("basic_auth"), " or ", Keyword("oauth"))
            raise LiqmapError(
                where=address or "every interface",
                expected=Sentence(login, " to listen beyond this machine"),
                got="neither",
                remedy=Sentence(
                    "`liqmap passwd FILE USER` makes a file of passwords; ",
                    Keyword("no_auth", True),
                    " lets everybody in",
                ),
            )


def loopback(address: str) -> bool:
    """Whether only this machine reaches an address; a name counts by all that it stands for."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        pass
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(address, None)} if address else set()
    except OSError:
        return False
    return bool(found) and all(ipaddress.ip_address(a.partition("%")[0]).is_loopback for a in found)


def _prefix(given: str) -> str:
    path = given.strip("/")
    if not re.fullmatch(r"[\w.~-]*(/[\w.~-]+)*", path) or ".." in path.split("/"):
        raise LiqmapError(argument="prefix", expected="a path such as /liqmap", got=repr(given))
    return f"/{path}" if path else ""

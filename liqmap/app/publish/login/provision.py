"""An entrance in bokeh's server: its pages, and what asks it who is there."""

from __future__ import annotations

from typing import Any

from bokeh.server.auth_provider import AuthProvider
from tornado.ioloop import PeriodicCallback

from liqmap.app.internals.bokeh import application_of, sign_pages_with
from liqmap.app.publish.login.entrance import Entrance
from liqmap.app.publish.login.oauth.page import OAuthPage
from liqmap.app.publish.login.pages import LoginPage, LogoutPage, Style

SETTLE_MS = 1_000
"""After which a change of the files is seen, also where nobody comes."""


class LoginProvider(AuthProvider):
    """Who is there, and where to say so; Panel's own pages are not among it."""

    def __init__(self, entrance: Entrance) -> None:
        self.entrance = entrance
        super().__init__()

    @property
    def endpoints(self) -> Any:
        """Addresses below the prefix, and what answers there."""
        given = {"entrance": self.entrance}
        page = OAuthPage if self.entrance.provider is not None else LoginPage
        return [("/login", page, given), ("/logout", LogoutPage, given), ("/login.css", Style)]

    @property
    def get_user(self) -> Any:
        return self.entrance.logins.user_of

    @property
    def login_url(self) -> str:
        return "/login"

    @property
    def logout_url(self) -> str:
        return "/logout"


def login_options(entrance: Entrance | None) -> dict[str, Any]:
    """What a server has to be told of its entrance, if it has one: its pages, and that a page's token is good
    as long as the login that it is bound to, so that it finds back after a restart."""
    if entrance is None:
        return {}
    return {
        "auth_provider": LoginProvider(entrance),
        "session_token_expiration": max(1, int(entrance.logins.seconds)),
    }


def open_entrance(server: Any, gate: Any, entrance: Entrance | None) -> None:
    """Let the gate of a server ask its entrance who is there.

    A login that is ended closes its sockets at once; what changes in the files is seen within `SETTLE_MS`.
    """
    if entrance is None:
        return
    logins = entrance.logins
    gate.user_of, gate.login_of = logins.user_of, logins.login_of
    logins.watchers.append(gate.sockets.recheck)
    application = application_of(server)

    def settle() -> None:
        logins.settle()
        key = entrance.secret.key("pages")
        if key is not None and key != application.secret_key:  # rotated
            sign_pages_with(application, key)

    server.io_loop.add_callback(PeriodicCallback(settle, SETTLE_MS).start)

"""The login of a published app: passwords of a file, or an OAuth provider and a list of who may enter."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from panel.auth import BasicAuthProvider, BasicLoginHandler
from tornado.ioloop import IOLoop

from liqmap.app.internals.panel import login_attributes, login_page
from liqmap.app.publish.login.passwords import Passwords

FOLDER = Path(__file__).parent
WRONG = "No such user, or another password."
PAUSE_S = 0.5
"""After a wrong password."""


class PasswordLogin(BasicAuthProvider):
    """A login page over a file of passwords.

    Panel's own compares plain passwords, and asks once; here a user who is removed of the file is out.
    """

    def __init__(self, passwords: Passwords) -> None:
        self.passwords = passwords
        super().__init__(login_template=FOLDER / "login.html", logout_template=FOLDER / "logout.html")

    @property
    def get_user(self) -> Any:
        """Who a request is from, None for who has not logged in."""
        named = super().get_user

        def get_user(handler: Any) -> str | None:
            user = named(handler)
            return user if user in self.passwords.users else None

        return get_user

    @property
    def login_handler(self) -> type[LoginHandler]:
        """The page that asks."""
        return type("LoginHandler", (LoginHandler,), {"passwords": self.passwords, **login_attributes(self)})


class LoginHandler(BasicLoginHandler):
    """Asks for user and password; a wrong one is answered by status 401, after a pause."""

    passwords: Passwords

    async def post(self) -> None:
        """Check what was typed, beside the loop that serves others."""
        user, password = self.get_argument("username", ""), self.get_argument("password", "", strip=False)
        if await IOLoop.current().run_in_executor(None, self.passwords.check, user, password):
            self.set_current_user(user)
            self.redirect(self._next_page())
            return
        await asyncio.sleep(PAUSE_S)
        self.set_status(401)
        self.write(login_page(self, WRONG))

    def _next_page(self) -> str:
        """The page that one was sent here from, if it is of this server; else the app."""
        path = self.get_cookie("next_url") or ""
        here = path.startswith("/") and not path.startswith("//") and path.isprintable() and "\\" not in path
        return path if here else f"{self.application.prefix}/"


def authorizer(users: tuple[str, ...]) -> Any:
    """Whether an OAuth user may enter, as Panel asks it: by name, mail address, or ``@domain`` of it."""
    allowed = {user.lower() for user in users}

    def authorize(found: dict[str, Any] | None) -> bool:
        found = found or {}
        names = _values(found, "login", "username")
        mails = set() if found.get("email_verified") is False else _values(found, "email", "upn")
        domains = {f"@{mail.rpartition('@')[2]}" for mail in mails}
        return bool((names | mails | domains) & allowed)

    return authorize


def _values(found: dict[str, Any], *fields: str) -> set[str]:
    return {str(found[name]).lower() for name in fields if found.get(name)}

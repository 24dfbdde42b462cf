"""The pages that let in and out: forms of their own, without a script, style or address of elsewhere."""

from __future__ import annotations

import logging
import math
from pathlib import Path
from typing import Any

from tornado.template import Loader
from tornado.web import HTTPError, RequestHandler, stream_request_body

from liqmap.app.publish.login.entrance import BROWSER, BROWSER_DAYS, Entrance
from liqmap.app.publish.login.forms import (
    COOKIE,
    MOST,
    SAME,
    FormRefused,
    check_headers,
    check_site,
    own_path,
    read_form,
)
from liqmap.app.publish.login.logins import COOKIE as LOGIN
from liqmap.app.publish.login.passwords import LONGEST, LONGEST_NAME

log = logging.getLogger("liqmap.app")

LOOKS = Path(__file__).parent / "looks"

WRONG = "No such user, or another password."
STALE = "This form was open for too long, came from elsewhere, or came without its cookie. Please try again."
NOBODY = "Nobody can log in just now. The log of the server says why."

_pages = Loader(str(LOOKS))
"""Templates that escape whatever is put into them."""


class Page(RequestHandler):
    """What the pages have in common: nothing is kept of them, and what goes wrong is said in words."""

    def initialize(self, entrance: Entrance) -> None:
        self.entrance = entrance

    def set_default_headers(self) -> None:
        self.set_header("Cache-Control", "no-store")

    @property
    def address(self) -> str:
        """Of the visitor, as the gate has found it."""
        return str(self.request.remote_ip)

    def put_cookie(self, name: str, value: str, seconds: float) -> None:
        """A cookie for these pages alone, which no script reads; none is sent from pages of others."""
        self.set_cookie(
            name, value, path=self.entrance.prefix or "/", max_age=int(seconds), httponly=True,
            samesite="Lax", secure=self.request.protocol == "https",
        )  # fmt: skip

    def drop_cookie(self, name: str) -> None:
        self.clear_cookie(
            name, path=self.entrance.prefix or "/", httponly=True, samesite="Lax",
            secure=self.request.protocol == "https",
        )  # fmt: skip

    def show(self, page: str, status: int = 200, **values: Any) -> None:
        """Answer with a page."""
        self.set_status(status)
        self.finish(_pages.load(page).generate(**values))

    def tell(self, status: int, heading: str, words: str, link: str = "login", label: str = "Log in") -> None:
        """Answer with a few words, and where to go from here."""
        self.show("message.html", status, heading=heading, words=words, link=link, label=label)

    def token(self, purpose: str) -> str | None:
        """The token of a form, and the cookie that it belongs to; None while none can be made."""
        nonce = self.entrance.tokens.nonce(self.get_cookie(COOKIE))
        self.put_cookie(COOKIE, nonce, 86_400)
        return self.entrance.tokens.make(purpose, nonce)

    def welcome(self, user: str, path: str, shown: str | None = None) -> None:
        """Begin a login and go to a page of the app; what this browser had before is over."""
        logins = self.entrance.logins
        before = logins.shown(self)
        cookie = logins.begin(user, shown)
        if cookie is None:
            self.tell(503, "No login just now", NOBODY)
            return
        for one in before:
            logins.end(one)
        self.put_cookie(LOGIN, cookie, logins.seconds)
        self.drop_cookie(COOKIE)
        self.redirect(path)

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Where it went wrong, without the address: a provider sends its codes in that."""
        if not isinstance(value, HTTPError):
            log.error("a login page failed", exc_info=(typ, value, tb))

    def _log(self) -> None:
        """Nothing more: what is refused has its line, and addresses hold codes of providers."""

    def write_error(self, status_code: int, **rest: Any) -> None:
        """Whatever it was: no word of what was sent, or of the server's insides."""
        words = (
            "This page cannot be had that way." if status_code < 500 else "The log of the server says more."
        )
        self.tell(status_code, "That did not work", words)


@stream_request_body
class FormPage(Page):
    """A page with a form, of which no more is read than a form can hold."""

    async def prepare(self) -> None:
        """Look at what is coming before it comes."""
        self._body = bytearray()
        if self.request.method == "POST":
            headers = self.request.headers
            try:
                check_site(headers.get("Sec-Fetch-Site", SAME))
                check_headers(headers.get("Content-Type", ""), headers.get("Content-Length", "0"))
            except FormRefused as refused:
                self.refuse(refused)

    def data_received(self, chunk: bytes) -> None:
        if len(self._body) <= MOST:
            self._body += chunk

    def fields(self) -> dict[str, str] | None:
        """What was sent; None: it was refused, and answered."""
        try:
            return read_form(bytes(self._body))
        except FormRefused as refused:
            self.refuse(refused)
            return None

    def refuse(self, refused: FormRefused) -> None:
        self.set_header("Connection", "close")
        self.tell(refused.status, "That form was not taken", refused.words)


class LoginPage(FormPage):
    """Asks for user and password."""

    def get(self) -> None:
        self.ask(next_=self.get_query_argument("next", ""))

    def ask(self, status: int = 200, message: str = "", next_: str = "") -> None:
        """The form, with a word on the last try."""
        token = self.token("login")
        if token is None:
            self.tell(503, "No login just now", NOBODY)
            return
        path = own_path(next_, self.entrance.prefix)
        self.show("login.html", status, message=message, next=path, token=token)

    async def post(self) -> None:
        """Try what was typed."""
        fields = self.fields()
        if fields is None:
            return
        path = own_path(fields.get("next", ""), self.entrance.prefix)
        user, password = fields.get("username", ""), fields.get("password", "")
        if not self.entrance.tokens.right(fields.get("token", ""), "login", self.get_cookie(COOKIE)):
            self.ask(403, STALE, path)
        elif len(user) > LONGEST_NAME or len(password) > LONGEST:
            self.ask(400, "That is longer than any user or password here.", path)
        else:
            await self._try(user, password, path)

    async def _try(self, user: str, password: str, path: str) -> None:
        tried = await self.entrance.try_password(user, password, self.address, self.get_cookie(BROWSER))
        if tried.user is not None and tried.entry is not None:
            browser = self.entrance.browser_cookie(tried.user, tried.entry)
            if browser is not None:
                self.put_cookie(BROWSER, browser, BROWSER_DAYS * 86_400)
            self.welcome(tried.user, path, tried.entry)
        elif tried.closed:
            self.tell(503, "No login just now", NOBODY)
        elif tried.wait > 0:
            seconds = math.ceil(tried.wait)
            self.set_header("Retry-After", str(seconds))
            self.ask(429, f"Too many tries. Please try again in {_words(seconds)}.", path)
        else:
            self.ask(401, WRONG, path)


class LogoutPage(FormPage):
    """Ends the login, on the server: whoever has copied its cookie has nothing."""

    def get(self) -> None:
        login = self.entrance.logins.of(self)
        token = self.token(f"logout {login.id}") if login else None
        if login is None or token is None:
            self.tell(200, "liqmap", "You are not logged in.")
        else:
            self.show("logout.html", user=login.user, token=token)

    def post(self) -> None:
        fields = self.fields()
        if fields is None:
            return
        login = self.entrance.logins.of(self)
        if login is not None:
            cookie, token = self.get_cookie(COOKIE), fields.get("token", "")
            if not self.entrance.tokens.right(token, f"logout {login.id}", cookie):
                self.tell(403, "Still logged in", STALE, "logout", "Log out")
                return
            self.entrance.logins.end(login)
        if self.get_cookie(LOGIN):  # a page of others, whose forms come without it, takes it from nobody
            self.drop_cookie(LOGIN)
            self.drop_cookie(COOKIE)
        self.tell(200, "liqmap", "You have logged out.", label="Log in again")


class Style(RequestHandler):
    """The looks of the pages, as a file: a policy need not let in styles of a page for them."""

    def get(self) -> None:
        self.set_header("Content-Type", "text/css; charset=utf-8")
        self.set_header("Cache-Control", "public, max-age=3600")
        self.write((LOOKS / "style.css").read_bytes())


def _words(seconds: int) -> str:
    if seconds < 120:
        return f"{seconds} second{'s' * (seconds != 1)}"
    return f"{math.ceil(seconds / 60)} minutes"

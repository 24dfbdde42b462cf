"""Forms of the login pages: what is taken of one, and the token that shows that it came from this server."""

from __future__ import annotations

import hmac
import re
import secrets
import time
from collections.abc import Callable
from urllib.parse import parse_qsl, unquote

from liqmap.app.publish.login.secret import Secret
from liqmap.app.publish.login.signing import fingerprint

COOKIE = "liqmap_form"
"""A random word, which the token of a form is made of: another site can neither read nor set both."""

MOST = 16_384
"""Bytes of a form."""

SAME = "same-origin"
"""What a browser says of a form of ours."""

FIELDS = 8
LONGEST_NEXT = 2_000
HOURS = 24.0
"""After which a form that was left open has to be loaded again."""

ADDRESS = re.compile(r"[\w.~:/?@!$&'()*+,;=%-]+", re.ASCII)
"""What addresses are made of, as RFC 3986 has it."""

OWN = ("login", "logout")
"""Pages that nobody is sent back to."""

NONCE = re.compile(r"[\w-]{20,40}", re.ASCII)


class FormRefused(Exception):
    """A form that is not taken: the status to answer with, and why in words."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words


TOO_LARGE = FormRefused(413, "That form is larger than any of this server.")


def check_site(said: str) -> None:
    """Refuse a form of another site, a neighbour by name too, which could set our cookies: its visitor would
    go on, without knowing, as whom it likes.

    Parameters
    ----------
    said : by the browser, in Sec-Fetch-Site; `SAME` where it says nothing.

    Raises
    ------
    FormRefused : of another site.
    """
    if said not in (SAME, "none"):
        raise FormRefused(403, "This page takes the form that it shows, and no other site's.")


def check_headers(content_type: str, length: str) -> None:
    """Refuse a form by what its headers say, before anything of it is read.

    Raises
    ------
    FormRefused : of another type, or too large.
    """
    kind, _, rest = content_type.partition(";")
    charset = rest.strip().lower().removeprefix("charset=").strip('"')
    if kind.strip().lower() != "application/x-www-form-urlencoded" or charset not in ("", "utf-8"):
        raise FormRefused(415, "This page takes the form that it shows, and nothing else.")
    if length.isdecimal() and (len(length) > 9 or int(length) > MOST):
        raise TOO_LARGE


def read_form(body: bytes) -> dict[str, str]:
    """The fields of a form, each once.

    Raises
    ------
    FormRefused : too large, too many fields, one twice, or no text.
    """
    if len(body) > MOST:
        raise TOO_LARGE
    try:
        pairs = parse_qsl(
            body.decode(), keep_blank_values=True, errors="strict", max_num_fields=FIELDS, separator="&"
        )
    except ValueError:
        raise FormRefused(400, "That form cannot be read.") from None
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise FormRefused(400, "That form says something twice.")
    return fields


def own_path(path: str, prefix: str) -> str:
    """The page of this app that somebody came to the login from; the app itself, where it is another's."""
    first = f"{prefix}/"
    inside = path.startswith(first) and not path.startswith("//") and ADDRESS.fullmatch(path)
    steps = unquote(path.partition("?")[0]).split("/")  # to browsers, %2e%2e is .. as well
    if inside and len(path) <= LONGEST_NEXT and ".." not in steps and steps[-1] not in OWN:
        return path
    return first


class Tokens:
    """Tokens of forms: good for one purpose, in the browser that got the form, for `HOURS`.

    Parameters
    ----------
    clock : s since 1970.
    """

    def __init__(self, secret: Secret, clock: Callable[[], float] = time.time) -> None:
        self._secret, self._clock = secret, clock

    @staticmethod
    def nonce(cookie: str | None) -> str:
        """The word of a browser's cookie, a new one where it has none: several forms may be open at once."""
        return cookie if cookie and NONCE.fullmatch(cookie) else secrets.token_urlsafe(18)

    def make(self, purpose: str, nonce: str) -> str | None:
        """A token; None while the secret cannot be read."""
        key, now = self._secret.key("form"), str(int(self._clock()))
        return f"{now}.{fingerprint(key, purpose, nonce, now)}" if key else None

    def right(self, token: str, purpose: str, cookie: str | None) -> bool:
        """Whether a form that came back is one that this browser got."""
        key, (made, _, print_) = self._secret.key("form"), token.partition(".")
        if key is None or not cookie or not NONCE.fullmatch(cookie) or not token.isascii():
            return False
        if not (made.isdecimal() and len(made) < 15 and self._clock() - int(made) < HOURS * 3600):
            return False
        return hmac.compare_digest(print_, fingerprint(key, purpose, cookie, made))

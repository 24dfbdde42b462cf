"""Who an OAuth provider says somebody is, and whether he may enter."""

from __future__ import annotations

import re
from typing import Any

from liqmap.app.publish.login.oauth.provider import Provider

NAME = re.compile(r"[\w.+-]{1,100}", re.ASCII)
"""Of a user at his provider; what looks like a mail address is none, so that nobody calls himself so."""

MAIL = re.compile(r"[\w.+'%-]{1,100}@[\w.-]{1,200}", re.ASCII)
"""ASCII alone: of other letters some turn into those of another when they are made small."""

NUMBER = "id:"
"""What the number of a user at his provider begins with here, and neither a name nor a mail address can."""

YES = (True, "true", "True", 1, "1")


class Allowed:
    """Users of an OAuth provider who may enter.

    Parameters
    ----------
    users : names, mail addresses, ``@domain``; none: whomever the provider knows.
    """

    def __init__(self, users: tuple[str, ...], provider: Provider) -> None:
        self._users = frozenset(user.lower() for user in users)
        self._provider = provider

    @property
    def known(self) -> dict[str, Any]:
        """The same as long as the server runs."""
        return _NOTHING

    def entry(self, user: str) -> str | None:
        """What has to stay for a login to go on: the list of who may enter, and the provider."""
        return f"{self._provider.name} {self._provider.key}" if self._allows(user) else None

    def named(self, claims: dict[str, Any]) -> str | None:
        """The user that claims of the provider stand for, by the name that lets him in; None: none does.

        Of several names that would, the first of: name, mail address, number. A mail address counts where the
        provider says that it is the user's own; it is `NUMBER` that his number begins with.
        """
        names = [*self._names(claims), *self._mails(claims), *_numbers(claims)]
        return next((name for name in names if self._allows(name)), None)

    def _allows(self, user: str) -> bool:
        if user.startswith(NUMBER):  # whatever stands in it
            return not self._users or user in self._users
        domain = f"@{user.rpartition('@')[2]}" if "@" in user else user
        return not self._users or user in self._users or domain in self._users

    def _names(self, claims: dict[str, Any]) -> list[str]:
        return _fitting(NAME, claims, "login", "username")

    def _mails(self, claims: dict[str, Any]) -> list[str]:
        said = claims.get("email_verified", claims.get("xms_edov"))
        checked = said in YES or (said is None and self._provider.checks_mail)
        if claims.get("confirmed_at", "") is None:  # as GitLab says of an address nobody has answered for
            checked = False
        mails = _fitting(MAIL, claims, "email") if checked else []
        return mails + (_fitting(MAIL, claims, "upn") if self._provider.directory else [])


_NOTHING: dict[str, Any] = {}


def _fitting(pattern: re.Pattern[str], claims: dict[str, Any], *fields: str) -> list[str]:
    texts = [claims[name] for name in fields if isinstance(claims.get(name), str)]
    return [text.lower() for text in texts if pattern.fullmatch(text)]


def _numbers(claims: dict[str, Any]) -> list[str]:
    found = next((claims[name] for name in ("sub", "oid", "id") if claims.get(name)), None)
    text = str(found)
    is_number = isinstance(found, str | int) and 0 < len(text) <= 200 and text.isprintable()
    return [f"{NUMBER}{text}"] if is_number else []

"""A file of users and their passwords, as salted hashes: JSON, ``{"ann": "scrypt$16384$8$1$salt$hash"}``."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import NamedTuple

from liqmap.app.publish.login.watched import Watched
from liqmap.files import whole
from liqmap.schema import LiqmapError
from liqmap.store import locked

COST, BLOCK, PARALLEL = 2**14, 8, 1
"""Of scrypt: 16 MB and some tens of milliseconds a try (RFC 7914, interactive logins)."""

MOST_MEMORY = 2**28
"""Bytes that a try may take; an entry that asks for more is damaged."""

SHORTEST, LONGEST = 8, 1_000
"""Characters of a password that `set_password` takes; no login form takes more."""

LONGEST_NAME = 200
"""Characters of a user."""


class Scrypt(NamedTuple):
    """An entry of the file: the cost of a try, and what it has to come to."""

    n: int
    r: int
    p: int
    salt: bytes
    wanted: bytes

    @classmethod
    def read(cls, entry: str) -> Scrypt:
        """The parts of an entry.

        Raises
        ------
        ValueError : there are others, or their cost cannot be paid.
        """
        _, *cost, salt, wanted = entry.split("$")
        n, r, p = map(int, cost)
        if n < 2 or n & (n - 1) or not (r > 0 and 0 < p <= 16 and 128 * n * r <= MOST_MEMORY):
            raise ValueError("no cost of scrypt")
        found = cls(n, r, p, base64.b64decode(salt, validate=True), base64.b64decode(wanted, validate=True))
        if len(found.wanted) != 32:
            raise ValueError("no hash of 32 bytes")
        return found

    def takes(self, password: str) -> bool:
        return hmac.compare_digest(_scrypt(password, self.salt, self.n, self.r, self.p), self.wanted)


def hashed(password: str, n: int | None = None) -> str:
    """A salted hash of a password, another one each time; ``n``, by default `COST`, is what it costs in time
    and memory."""
    n, salt = n or COST, secrets.token_bytes(16)
    made = _scrypt(password, salt, n, BLOCK, PARALLEL)
    return "$".join(("scrypt", str(n), str(BLOCK), str(PARALLEL), _text(salt), _text(made)))


def matches(password: str, entry: str) -> bool:
    """Whether a password is that of an entry: a hash, or the password as it is."""
    if not entry.startswith("scrypt$"):
        return hmac.compare_digest(password.encode(), entry.encode())
    return Scrypt.read(entry).takes(password)


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=n, r=r, p=p, dklen=32, maxmem=256 * n * r)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


class Passwords:
    """The users of a file, as it is now: who is removed from it is out at once.

    Raises
    ------
    LiqmapError : no such file, or not one of users and passwords.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._file = Watched(self.path, read_passwords, "nobody may enter")
        if not self._file.value:
            raise _refused(self.path, "a JSON object, user to password", "an empty one")
        costs = [Scrypt.read(e).n for e in self._file.value.values() if e.startswith("scrypt$")]
        self._nobody = hashed(secrets.token_hex(), max(costs, default=COST))

    @property
    def known(self) -> dict[str, str] | None:
        """Entries by user, one object as long as they are the same; None while the file cannot be read."""
        return self._file.value

    @property
    def users(self) -> dict[str, str]:
        """Entries by user; none while the file cannot be read."""
        return self.known or {}

    def entry(self, user: str) -> str | None:
        """What the file says of a user; None: nothing."""
        return self.users.get(user)

    @property
    def plain(self) -> bool:
        """Whether a password stands in the file as it is."""
        return not all(entry.startswith("scrypt$") for entry in self.users.values())

    @property
    def open_to_others(self) -> bool:
        """Whether others on this machine can read the file, or write to it."""
        return os.name == "posix" and bool(self.path.stat().st_mode & 0o077)

    def check(self, user: str, password: str) -> bool:
        """Whether this is the user's password; of an unknown user it takes as long to say."""
        return self.fits(self.entry(user), password)

    def fits(self, entry: str | None, password: str) -> bool:
        """Whether a password is that of an entry, in the same time where there is none; in any thread."""
        if entry is None or not entry.startswith("scrypt$"):
            matches(password, self._nobody)
        return entry is not None and matches(password, entry)


def read_passwords(path: Path) -> dict[str, str]:
    """Entries by user.

    Raises
    ------
    LiqmapError : no such file, or not one of users and passwords.
    """
    try:
        users = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise LiqmapError(
            error.strerror or str(error), where=path, expected="a file of passwords", remedy=_make(path)
        ) from None
    except (ValueError, RecursionError):
        raise _refused(path, 'JSON such as {"ann": "..."}', "something else") from None
    if not (isinstance(users, dict) and all(isinstance(v, str) and v for v in users.values())):
        raise _refused(path, "a JSON object, user to password", "another")
    for user, entry in users.items():
        if entry.startswith("scrypt$") and not _whole(entry):
            raise _refused(path, f"scrypt$N$r$p$salt$hash for {user!r}", "a damaged entry")
    return users


def _make(path: Path) -> str:
    return f"Make one by `liqmap passwd {path} USER`"


def _refused(path: Path, expected: str, got: str) -> LiqmapError:
    return LiqmapError(where=path, expected=expected, got=got, remedy=_make(path))


def _whole(entry: str) -> bool:
    try:
        Scrypt.read(entry)
    except ValueError:
        return False
    return True


def set_password(path: str | Path, user: str, password: str) -> None:
    """Add a user to a file of passwords, or give one another password; only the owner can read the file.

    In a running server all logins of the user end.

    Raises
    ------
    LiqmapError : no name, a short password, no such directory, or a file that is something else.
    """
    path = Path(path)
    if not user.strip() or not user.isprintable() or len(user) > LONGEST_NAME:
        raise LiqmapError(argument="user", expected="a name", got=repr(user[: LONGEST_NAME + 1]))
    if not SHORTEST <= len(password) <= LONGEST:
        wanted = f"at least {SHORTEST} characters" if len(password) < SHORTEST else f"at most {LONGEST}"
        raise LiqmapError(argument="password", expected=wanted, got=str(len(password)))
    if not path.parent.is_dir():
        raise LiqmapError(f"the directory {path.parent} does not exist", where=path, remedy="Make it first")
    entry = hashed(password)
    with alone(path):
        users = read_passwords(path) if path.exists() else {}
        write_own(path, json.dumps(users | {user: entry}, indent=2) + "\n")


def remove_user(path: str | Path, user: str) -> None:
    """Take a user out of a file of passwords; in a running server all logins of the user end.

    Raises
    ------
    LiqmapError : no such file, or no such user in it.
    """
    path = Path(path)
    read_passwords(path)
    with alone(path):
        users = read_passwords(path)
        if user not in users:
            known = ", ".join(sorted(users)) or "no users"
            raise LiqmapError(where=path, argument="user", expected=f"one of it: {known}", got=repr(user))
        del users[user]
        write_own(path, json.dumps(users, indent=2) + "\n")


def alone(path: Path) -> AbstractContextManager[None]:
    """One process at a time may change a file; two would lose one change, a removal perhaps. The lock is the
    owner's as well: another user of the machine who took it would keep whoever waits for it, a server too."""
    path = _itself(path)
    return locked(path.with_name(f".{path.name}.lock"), mode=0o600)


def write_own(path: Path, text: str) -> None:
    """Write a file whole, that its owner alone may read, from its first moment on."""
    own = partial(os.open, mode=0o600)
    with whole(_itself(path)) as unfinished, open(unfinished, "x", encoding="utf-8", opener=own) as file:
        file.write(text)


def _itself(path: Path) -> Path:
    """The file that a link leads to: in place of the link alone, what is written would be news to nobody who
    knows the file by its own name, such as a server that goes on letting in a user who was removed."""
    return Path(os.path.realpath(path))

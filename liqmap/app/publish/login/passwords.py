"""A file of users and their passwords, as salted hashes: JSON, ``{"ann": "scrypt$16384$8$1$salt$hash"}``."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import os
import secrets
from functools import partial
from pathlib import Path

from liqmap.files import whole
from liqmap.schema import LiqmapError

log = logging.getLogger("liqmap.app")

COST, BLOCK, PARALLEL = 2**14, 8, 1
"""Of scrypt: 16 MB and some tens of milliseconds a try (RFC 7914, interactive logins)."""

SHORTEST = 8
"""Characters of a password that `set_password` takes."""


def hashed(password: str) -> str:
    """A salted hash of a password; another one each time."""
    salt = secrets.token_bytes(16)
    made = _scrypt(password, salt, COST, BLOCK, PARALLEL)
    return "$".join(("scrypt", str(COST), str(BLOCK), str(PARALLEL), _text(salt), _text(made)))


def matches(password: str, entry: str) -> bool:
    """Whether a password is that of an entry: a hash, or the password as it is."""
    if not entry.startswith("scrypt$"):
        return hmac.compare_digest(password.encode(), entry.encode())
    _, *cost, salt, wanted = entry.split("$")
    made = _scrypt(password, base64.b64decode(salt), *map(int, cost))
    return hmac.compare_digest(made, base64.b64decode(wanted))


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=n, r=r, p=p, dklen=32, maxmem=256 * n * r)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


class Passwords:
    """The users of a file, read again when it has changed: who is removed from it is out at once.

    Raises
    ------
    LiqmapError : no such file, or not one of users and passwords.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._stamp = self._now()
        self._users = read_passwords(self.path)
        self._nobody = hashed(secrets.token_hex())

    def _now(self) -> tuple[int, int, int]:
        try:
            found = self.path.stat()
        except OSError:
            return (0, 0, 0)
        return found.st_mtime_ns, found.st_size, found.st_ino

    @property
    def users(self) -> dict[str, str]:
        """Entries by user; none while the file cannot be read."""
        now = self._now()
        if now != self._stamp:
            self._stamp = now
            try:
                self._users = read_passwords(self.path)
            except LiqmapError as error:
                log.warning("nobody may enter: %s", error)
                self._users = {}
        return self._users

    @property
    def plain(self) -> bool:
        """Whether a password stands in the file as it is."""
        return not all(entry.startswith("scrypt$") for entry in self.users.values())

    def check(self, user: str, password: str) -> bool:
        """Whether this is the user's password; an unknown user takes as long as a known one."""
        entry = self.users.get(user)
        right = matches(password, entry or self._nobody)
        return right and entry is not None


def read_passwords(path: Path) -> dict[str, str]:
    """Entries by user.

    Raises
    ------
    LiqmapError : no such file, or not one of users and passwords.
    """
    make = f"Make one by `liqmap passwd {path} USER`"
    try:
        users = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise LiqmapError(
            error.strerror or str(error), where=path, expected="a file of passwords", remedy=make
        ) from None
    except ValueError:
        raise LiqmapError(
            where=path, expected='JSON such as {"ann": "..."}', got="something else", remedy=make
        ) from None
    if not (isinstance(users, dict) and users and all(isinstance(v, str) and v for v in users.values())):
        raise LiqmapError(
            where=path, expected="a JSON object, user to password", got="another or none", remedy=make
        )
    for user, entry in users.items():
        if entry.startswith("scrypt$") and not _whole(entry):
            raise LiqmapError(
                where=path,
                expected=f"scrypt$N$r$p$salt$hash for {user!r}",
                got="a damaged entry",
                remedy=make,
            )
    return users


def _whole(entry: str) -> bool:
    try:
        matches("", entry)
    except (ValueError, TypeError):
        return False
    return True


def set_password(path: str | Path, user: str, password: str) -> None:
    """Add a user to a file of passwords, or give one another password; only the owner can read the file.

    Raises
    ------
    LiqmapError : no name, a short password, no such directory, or a file that is something else.
    """
    path = Path(path)
    if not user.strip() or not user.isprintable():
        raise LiqmapError(argument="user", expected="a name", got=repr(user))
    if len(password) < SHORTEST:
        raise LiqmapError(
            argument="password", expected=f"at least {SHORTEST} characters", got=str(len(password))
        )
    if not path.parent.is_dir():
        raise LiqmapError(f"the directory {path.parent} does not exist", where=path, remedy="Make it first")
    users = read_passwords(path) if path.exists() else {}
    users[user] = hashed(password)
    own = partial(os.open, mode=0o600)  # from its first moment on
    with whole(path) as unfinished, open(unfinished, "x", encoding="utf-8", opener=own) as file:
        file.write(json.dumps(users, indent=2) + "\n")

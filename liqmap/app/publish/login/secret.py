"""What signs who has logged in: a secret, in a file of the server's owner or given by the environment."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from pathlib import Path

from liqmap.app.publish.login.passwords import write_own
from liqmap.app.publish.login.watched import Watched
from liqmap.schema import LiqmapError

SHORTEST = 16
"""Characters of a secret that is given: what is shorter can be guessed from a single cookie."""

KEPT = re.compile(r"[0-9a-f]{64}\n?")
"""What the file holds."""

KEPT_MOST = 100
"""Characters of the file that are looked at."""


class Secret:
    """A secret, and keys made of it, one for each purpose; when its file is rotated, all keys change at once.

    Parameters
    ----------
    given : the secret itself, which wins over a file.
    path : where it is kept; made whole where there is none. Neither: it lasts as long as the process.

    Raises
    ------
    LiqmapError : the given one is short; the file is something else, readable to others, or cannot be made.
    """

    def __init__(self, given: str | None = None, path: Path | None = None) -> None:
        if given is not None and len(given) < SHORTEST:
            raise LiqmapError(
                argument="cookie_secret",
                expected=f"at least {SHORTEST} characters",
                got=str(len(given)),
                remedy="`openssl rand -hex 32` makes one",
            )
        self._given = given or (None if path else secrets.token_hex(32))
        self._file: Watched[str] | None = None
        if path is not None and self._given is None:
            if not path.exists():
                make_secret(path)
            self._file = Watched(path, read_secret, "nobody may enter")

    def key(self, purpose: str) -> bytes | None:
        """A key of 32 bytes; None while the file cannot be read.

        HMAC-SHA256 of the purpose under the secret: one key tells nothing of another.
        """
        secret = self._given or (self._file.value if self._file else None)
        return hmac.digest(secret.encode(), purpose.encode(), hashlib.sha256) if secret else None


def read_secret(path: Path) -> str:
    """The secret of a file.

    Raises
    ------
    LiqmapError : no such file, others own or can read it, or it is something else.
    """
    try:
        with path.open(encoding="utf-8") as file:
            found = os.fstat(file.fileno())
            text = file.read(KEPT_MOST)
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else None
        raise LiqmapError(said or "it is no text", where=path, expected="the secret of a server") from None
    if os.name == "posix":
        _check_own(path, found)
    if not KEPT.fullmatch(text):
        raise LiqmapError(
            where=path,
            expected="64 hexadecimal digits",
            got="something else",
            remedy=f"`liqmap passwd {path} --rotate-secret` makes another",
        )
    return text.strip()


def _check_own(path: Path, found: os.stat_result) -> None:
    """Refuse a file that others can read, or have put there: root would read theirs."""
    mode = found.st_mode & 0o777
    if mode & 0o077:
        raise LiqmapError(
            where=path,
            expected="a secret that its owner alone can read",
            got=f"the mode {mode:04o}",
            remedy=f"`chmod 600 {path}`, and make another by `liqmap passwd {path} --rotate-secret`",
        )
    if found.st_uid not in (os.geteuid(), 0):
        raise LiqmapError(
            where=path,
            expected="a secret of the server's own user",
            got=f"one of the user {found.st_uid}",
            remedy=f"Make another as the server's user: `liqmap passwd {path} --rotate-secret`",
        )


def make_secret(path: Path) -> None:
    """Make a file with a new secret where there is none; another process that is quicker wins.

    Raises
    ------
    LiqmapError : it cannot be written there.
    """
    made = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        write_own(made, secrets.token_hex(32) + "\n")
        try:
            os.link(made, path)
        except FileExistsError:
            pass
        except OSError:  # a file system without links
            made.replace(path)
    except OSError as error:
        raise unwritten(path, error) from None
    finally:
        made.unlink(missing_ok=True)


def rotate_secret(path: str | Path) -> Path:
    """Put a new secret in the place of a file's; all logins that the old one has signed are over.

    Parameters
    ----------
    path : the secret, or the file of passwords that it stands beside.

    Returns
    -------
    Its place.
    """
    path = Path(path)
    place = path if path.suffix == ".secret" or _is_secret(path) else beside(path)
    if not (place.exists() or path.exists()):
        raise LiqmapError(
            where=path, expected="a file of passwords, or the secret of a server", got="no such file"
        )
    try:
        write_own(place, secrets.token_hex(32) + "\n")
    except OSError as error:
        raise unwritten(place, error) from None
    return place


def _is_secret(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8") as file:
            return KEPT.fullmatch(file.read(KEPT_MOST)) is not None
    except (OSError, ValueError):
        return False


def beside(passwords: Path) -> Path:
    """The place of a secret that belongs to a file of passwords."""
    return passwords.with_name(f"{passwords.name}.secret")


def unwritten(path: Path, error: OSError) -> LiqmapError:
    """The server's own files cannot be kept there."""
    return LiqmapError(
        f"cannot be written there: {error.strerror or error}",
        where=path,
        argument="secret_file",
        remedy="Name a place that the server may write to",
    )

"""Locks between processes, which go with the process that has them.

Where the system or the file system has none, a file stands for the lock, and whoever finds it is refused in
words: it cannot be known whether its owner lives.
"""

from __future__ import annotations

import errno
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import IO, Any

from liqmap.schema import StoreError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]
try:
    import msvcrt
except ImportError:
    msvcrt = None  # type: ignore[assignment]

NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL)
POLL_S = 0.05


class NoLocks(Exception):
    """This system, or this file system, has no locks."""


def lock(file: IO[Any], wait: bool = True) -> bool:
    """Lock an open file for as long as it is open; False: another has it.

    Raises
    ------
    NoLocks : there are none here.
    """
    try:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            return True
        if msvcrt is not None:
            return _lock_byte(file, wait)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno in NO_LOCKS:
            raise NoLocks from error
        raise
    raise NoLocks


def _lock_byte(file: IO[Any], wait: bool) -> bool:
    """As Windows does it, whose own waiting ends after ten seconds."""
    while True:
        try:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
            return True
        except OSError as error:
            if error.errno not in (errno.EACCES, errno.EDEADLK):
                raise
        if not wait:
            return False
        time.sleep(POLL_S)


@contextmanager
def locked(path: Path, mode: int = 0o666) -> Iterator[None]:
    """One process, and thread, at a time.

    Parameters
    ----------
    mode : of the file, less the umask, where there is none yet; whoever may read it may keep it locked.

    Raises
    ------
    StoreError : there are no locks here, and another process is, or was, at it.
    """
    with open(path, "ab", opener=partial(os.open, mode=mode)) as file:
        try:
            lock(file)
            instead = None
        except NoLocks:
            instead = _owned(path)
        try:
            yield
        finally:
            if instead is not None:
                with suppress(OSError):
                    instead.unlink()


def _owned(path: Path) -> Path:
    """A file that stands for the lock, ours from now on."""
    owner = path.with_name(f"{path.name}.owner")
    try:
        with owner.open("x") as file:
            file.write(f"process {os.getpid()} of {socket.gethostname()}")
    except FileExistsError:
        with suppress(OSError):
            said = owner.read_text().strip()[:200]
        raise StoreError(
            where=owner,
            expected="nobody else to write here, where the file system has no locks",
            got=said or "another process",
            remedy="Wait until it has ended; if it has died, remove this file",
        ) from None
    return owner

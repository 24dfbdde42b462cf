"""Work in progress: folders under ``.staging/`` of a store, and locks.

What is made there is moved to its place complete. A process that dies leaves only staged files, which the
next one removes.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

try:
    import fcntl
except ImportError:  # Windows: no protection against a second process
    fcntl = None  # type: ignore[assignment]

STAGING = ".staging"
TRIES = 1000


@contextmanager
def staged(root: Path) -> Iterator[Path]:
    """A folder to work in, on the file system of the store; removed on leaving, with what is still in it.

    Raises
    ------
    OSError : the store cannot be written.
    """
    clean(root)
    folder, alive = make_folder(root)
    try:
        yield folder
    finally:
        alive.close()
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(OSError):
            (root / STAGING).rmdir()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One process, and thread, at a time; the lock goes with the process."""
    with path.open("ab") as file:
        if fcntl:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def make_folder(root: Path) -> tuple[Path, Any]:
    """A new folder, and a file in it locked for as long as this process lives: the folder is in use.

    Tried again where another process removes the empty ``.staging``, or the folder before it is locked.
    """
    for left in reversed(range(TRIES)):
        folder = root / STAGING / f"{os.getpid()}-{secrets.token_hex(4)}"
        try:
            folder.mkdir(parents=True)
            alive = (folder / "alive").open("wb")
        except (FileNotFoundError, FileExistsError):  # the latter: a parent that went while it was looked at
            if not left:
                raise
            continue
        if fcntl:
            fcntl.flock(alive, fcntl.LOCK_EX)
        if (folder / "alive").exists():
            return folder, alive
        alive.close()
    raise OSError(f"{root / STAGING} is emptied faster than it can be used")


def clean(root: Path) -> None:
    """Remove what dead processes left unfinished."""
    if fcntl is None:
        return
    folders: list[Path] = []
    with suppress(FileNotFoundError, NotADirectoryError):  # another writer removes the empty ``.staging``
        folders = list((root / STAGING).iterdir())
    for folder in folders:
        with suppress(OSError), (folder / "alive").open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)

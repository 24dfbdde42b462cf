"""Work in progress: folders under ``.staging/`` of a store.

What is made there is moved to its place complete. A process that dies leaves only staged files, which the
next one removes; if it died in the middle of a change, `commit.recovery` settles that first.
"""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from liqmap.store.layout import STAGING
from liqmap.store.locks import NoLocks, lock

ALIVE, JOURNAL = "alive", "journal.json"
TRIES = 1000
UNUSED_S = 3_600


@contextmanager
def staged(root: Path) -> Iterator[Path]:
    """A folder to work in, on the file system of the store; removed on leaving, with what is still in it.

    A folder with a journal stays: its change was begun and is settled by the next write.

    Raises
    ------
    OSError : the store cannot be written.
    """
    clean(root)
    folder, alive = make_folder(root)
    try:
        yield folder
    finally:
        remove_folder(root, folder, alive)


def make_folder(root: Path) -> tuple[Path, Any]:
    """A new folder, and a file in it locked for as long as this process lives: the folder is in use.

    Tried again where another process removes the empty ``.staging``, or the folder before it is locked.
    """
    for left in reversed(range(TRIES)):
        folder = root / STAGING / f"{os.getpid()}-{secrets.token_hex(4)}"
        try:
            folder.mkdir(parents=True)
            alive = (folder / ALIVE).open("wb")
        except (FileNotFoundError, FileExistsError):  # the latter: a parent that went while it was looked at
            if not left:
                raise
            continue
        with suppress(NoLocks):
            lock(alive)
        if (folder / ALIVE).exists():
            return folder, alive
        alive.close()
    raise OSError(f"{root / STAGING} is emptied faster than it can be used")


def remove_folder(root: Path, folder: Path, alive: Any) -> None:
    """End the use of a folder."""
    alive.close()
    if not (folder / JOURNAL).exists():
        shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):
        (root / STAGING).rmdir()


def abandoned(root: Path) -> Iterator[Path]:
    """The folders of dead processes, each ours while it is given."""
    for folder in _folders(root):
        dead = False
        with suppress(OSError, NoLocks), (folder / ALIVE).open("rb+") as file:
            if dead := lock(file, wait=False):
                yield folder
        with suppress(OSError):
            if dead and os.listdir(folder) == [ALIVE]:  # Windows: it was open
                shutil.rmtree(folder, ignore_errors=True)


def clean(root: Path) -> bool:
    """Remove what dead processes left unfinished; whether there are changes under way, or to settle."""
    for folder in abandoned(root):
        if not (folder / JOURNAL).exists():
            shutil.rmtree(folder, ignore_errors=True)
    for folder in _folders(root):
        with suppress(OSError):  # made, and not begun to be used for an hour
            if not os.listdir(folder) and time.time() - folder.stat().st_mtime > UNUSED_S:
                folder.rmdir()
    with suppress(OSError):
        (root / STAGING).rmdir()
    return bool(begun(root))


def begun(root: Path) -> list[Path]:
    """The folders of changes that were begun. A journal is written under the lock of the store: to whoever
    has that lock they are of dead processes, whatever the file system knows of locks."""
    return [folder for folder in _folders(root) if (folder / JOURNAL).exists()]


def _folders(root: Path) -> list[Path]:
    with suppress(FileNotFoundError, NotADirectoryError):  # another writer removes the empty ``.staging``
        return sorted((root / STAGING).iterdir())
    return []

"""The folder of a day as plain readers see it: it changes in one step, whatever the number of files.

A folder that other files replace is made anew beside the tables, with links to what stays, and the two change
places. Where a system cannot do that (Windows, some network file systems), the files are moved one by one.
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

from liqmap.store.commit.durable import make_folder, sync_folder

RENAME_EXCHANGE, RENAME_SWAP, AT_FDCWD = 2, 2, -100


def arrange(folder: Path, adds: Mapping[str, Path], drops: Iterable[str], work: Path, root: Path) -> None:
    """Put files into a folder and take others out of it.

    Parameters
    ----------
    adds : by name in the folder, where each is now: below ``work`` or another staged folder.
    drops : names of files that go; what becomes of them is that they lie below ``work``, or are gone.
    work : an empty place on the same file system.
    root : the store.
    """
    there = _names(folder)
    drops = sorted(set(drops) & there - set(adds))
    if drops and set(drops) == there and not adds:
        with suppress(OSError):  # Windows: a file of it is open
            os.rename(folder, _free(work))
            _leave(folder.parent, root)
            return
    if drops and _exchanged(folder, adds, drops, work):
        return
    make_folder(folder, root)
    for name, made in adds.items():
        os.replace(made, folder / name)
    if drops:
        aside = _free(work)
        aside.mkdir()
        for name in drops:
            os.replace(folder / name, aside / name)
    sync_folder(folder)
    if not _names(folder):
        _leave(folder, root)


def _exchanged(folder: Path, adds: Mapping[str, Path], drops: Iterable[str], work: Path) -> bool:
    """The folder made anew took the place of the one that was; False: this cannot be done here."""
    exchange = _exchange()
    if exchange is None:
        return False
    new = _free(work)
    new.mkdir()
    try:
        for name in sorted(_names(folder) - set(drops) - set(adds)):
            os.link(folder / name, new / name)
        for name, made in adds.items():
            os.replace(made, new / name)
        sync_folder(new)
        exchange(new, folder)
    except OSError as error:
        for name, made in adds.items():
            with suppress(OSError):
                os.replace(new / name, made)
        shutil.rmtree(new, ignore_errors=True)
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EACCES):
            raise
        return False
    sync_folder(folder.parent)
    return True


def _names(folder: Path) -> set[str]:
    """Everything in a folder, what others put there included."""
    try:
        return set(os.listdir(folder))
    except FileNotFoundError:
        return set()


def _free(work: Path) -> Path:
    """A name that nothing has."""
    return next(path for n in range(1 << 20) if not (path := work / f"day-{n}").exists())


def _leave(folder: Path, root: Path) -> None:
    """Remove folders that are empty, up to the store."""
    with suppress(OSError):
        while folder != root:
            folder.rmdir()
            folder = folder.parent


@cache
def _exchange() -> Callable[[Path, Path], None] | None:
    """How two folders change places in one step; None where the system has no such call."""
    if sys.platform not in ("linux", "darwin"):
        return None
    try:
        library = ctypes.CDLL(None, use_errno=True)
        call = library.renameat2 if sys.platform == "linux" else library.renamex_np
    except (OSError, AttributeError):
        return None

    def exchange(one: Path, other: Path) -> None:
        a, b = os.fsencode(one), os.fsencode(other)
        if sys.platform == "linux":
            failed = call(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE)
        else:
            failed = call(a, b, RENAME_SWAP)
        if failed:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(one), None, str(other))

    return exchange

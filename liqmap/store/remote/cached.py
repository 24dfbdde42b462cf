"""The mirrors that the cache of the user holds: what they take, and how they go."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from liqmap.schema import StoreError
from liqmap.store.layout import LOCK, STAGING
from liqmap.store.locks import NoLocks, lock
from liqmap.store.remote.address import STORES, address, cache_folder, mirror_folder
from liqmap.store.remote.mirror import MARKER, mirror_of
from liqmap.store.staging import ALIVE

FOLDER = re.compile(r"[0-9a-f]{32}")
GONE = re.compile(r"[0-9a-f]{32}\.gone-[0-9a-f]{8}")


@dataclass(frozen=True)
class Cached:
    """A mirror. url : empty where it is damaged. read : when the store was looked at last."""

    url: str
    path: Path
    bytes: int
    read: datetime | None


def cached(url: str | None = None) -> list[Cached]:
    """The mirrors of the user's cache, or that of one address, the largest first.

    Raises
    ------
    StoreError : not an address.
    """
    paths = [mirror_folder(address(url))] if url else sorted(_folders(FOLDER))
    found = [_of(path) for path in paths if path.is_dir() and not path.is_symlink()]
    return sorted(found, key=lambda one: -one.bytes)


def _folders(name: re.Pattern[str]) -> Iterator[Path]:
    with suppress(OSError):
        yield from (path for path in (cache_folder() / STORES).iterdir() if name.fullmatch(path.name))


def _of(path: Path) -> Cached:
    url, read = "", None
    with suppress(StoreError, OSError):
        mirror = mirror_of(path)
        url = mirror.url if mirror is not None else ""
        read = datetime.fromtimestamp((path / MARKER).stat().st_mtime, UTC)
    return Cached(url, path, sum(_sizes(path)), read)


def _sizes(path: Path) -> Iterator[int]:
    for folder, _, names in os.walk(path):
        for name in names:
            with suppress(OSError):
                yield os.lstat(os.path.join(folder, name)).st_size


def clear(one: Cached) -> None:
    """Remove a mirror; it is made anew when its store is opened again. What others removed half way goes too.

    Raises
    ------
    StoreError : it is written to at this moment, or cannot be removed.
    """
    if _is_in_use(one.path):
        raise StoreError(
            where=one.path,
            expected="a mirror that nobody writes to",
            got=f"one of {one.url or 'a store'} that is in use",
            remedy="Wait until it has ended",
        )
    try:
        os.rename(one.path, one.path.with_name(f"{one.path.name}.gone-{secrets.token_hex(4)}"))
    except OSError as error:
        raise StoreError(
            where=one.path, expected="a mirror that can be removed", got=str(error.strerror or error)
        ) from error
    for path in list(_folders(GONE)):
        shutil.rmtree(path, ignore_errors=True)


def _is_in_use(path: Path) -> bool:
    """Whether the lock of the store, or a folder of work in progress, is held."""
    for file in (path / LOCK, *path.glob(f"{STAGING}/*/{ALIVE}")):
        with suppress(OSError, NoLocks), file.open("rb+") as held:
            if not lock(held, wait=False):
                return True
    return False

"""Parts of a remote store come into its mirror, whole."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from liqmap.schema import StoreError
from liqmap.store.commit.durable import make_folder
from liqmap.store.commit.manifest import Manifest
from liqmap.store.parts import Part
from liqmap.store.remote.client import AT_ONCE
from liqmap.store.remote.faults import Absent
from liqmap.store.remote.mirror import Mirror
from liqmap.store.staging import staged


def has(mirror: Mirror, part: Part) -> bool:
    """Whether the store has a part, of its size."""
    try:
        return mirror.client.head(mirror.place(part)).size == part.bytes
    except Absent:
        return False


def has_all(mirror: Mirror, parts: Sequence[Part]) -> bool:
    """As `has`, of several parts of a market: those of one table and feed in one request."""
    if len(parts) < 4:
        return all(has(mirror, part) for part in parts)
    there: dict[str, int] = {}
    for folder in {mirror.place(part).rpartition("/date=")[0] for part in parts}:
        there |= {found.path: found.size for found in mirror.client.list(folder)}
    return all(there.get(mirror.place(part)) == part.bytes for part in parts)


def fetch(mirror: Mirror, part: Part, again: bool = False) -> None:
    """Get a part into its place in the mirror, whatever its bytes are: who opens it verifies them.

    Parameters
    ----------
    again : although it is here, damaged.

    Raises
    ------
    FileNotFoundError : it went meanwhile; the manifests are those of now.
    StoreError : the store cannot be reached, or lacks what its manifest names.
    """
    with mirror.lock_of(part):
        if part.path.exists() and not again:  # another thread was faster
            return
        try:
            _place(mirror, part)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise StoreError(
                where=mirror.root,
                expected=f"room for {part.bytes:,} bytes of {mirror.url}",
                got=str(error.strerror or error),
                remedy="Name another folder in LIQMAP_CACHE, or remove this one: it is made anew",
            ) from error


def _place(mirror: Mirror, part: Part) -> None:
    with staged(mirror.root) as work:
        made = work / part.path.name
        try:
            _download(mirror, part, made)
        except Absent:
            _missing(mirror, part)
        with mirror.applying():
            make_folder(part.path.parent, mirror.root)
            os.replace(made, part.path)


def _download(mirror: Mirror, part: Part, made: Path) -> None:
    """No more than it should have: what is longer is damaged anyway."""
    left = part.bytes + 1
    with made.open("wb") as file:
        for chunk in mirror.client.chunks(mirror.place(part)):
            file.write(chunk[:left])
            left -= len(chunk)
            if left <= 0:
                break


def _missing(mirror: Mirror, part: Part) -> None:
    place = mirror.place(part)
    mirror.refresh()
    now = Manifest.load(mirror.root, part.meta.venue, part.meta.symbol)
    if now is None or place not in now.paths:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(part.path))
    raise StoreError(
        where=f"{mirror.url}/{place}",
        expected=f"a part of {part.bytes:,} bytes",
        got="nothing there",
        remedy="`liqmap store check --repair` says what to ingest again",
    )


def fetch_missing(mirror: Mirror, parts: Sequence[Part]) -> None:
    """Get what is missing here, several at a time."""
    missing = [part for part in parts if part.digest and not part.path.exists()]
    if len(missing) > 1:
        with ThreadPoolExecutor(AT_ONCE) as threads:
            list(threads.map(partial(fetch, mirror), missing))

"""Where things stand in a store.

``<store>/depth/venue=bybit/symbol=BTCUSDT/feed=ob200/date=2025-11-28/*.parquet``; trades and bands have no
feed level. ``calibrations`` has the levels of depth but for the days. Folders that start with a dot hold what
is agreed on (``.markets``), what was ingested (``.sources``), spans (``.spans``) and work in progress
(``.staging``); no reader of the tables needs them.
"""

from __future__ import annotations

import datetime
import os
from pathlib import Path
from urllib.parse import quote, unquote

from liqmap.schema import TABLES, Meta, StoreError
from liqmap.schema.arguments import path_text
from liqmap.store.remote.address import is_address

DAY = 86_400_000_000_000
MARKETS, SOURCES, SPANS_FOLDER, STAGING = ".markets", ".sources", ".spans", ".staging"
LOCK = ".lock"
ASIDE = ".damaged"
"""Files that a repair took out, as they are."""

RAW = "raw"
"""Where a recorder puts what it heard, unless it is told another place."""

CALIBRATIONS = "calibrations"
"""What is kept of the calibrations of feeds."""

TABLE_FOLDERS = tuple(TABLES)
MANIFEST = "manifest.json"
MAKE_ONE = "Make one with `liqmap ingest`"


def day_name(day: int) -> str:
    """A day number since the epoch as 2025-11-28."""
    return str(datetime.date(1970, 1, 1) + datetime.timedelta(days=day))


def day_number(name: str) -> int:
    """The inverse of `day_name`.

    Raises
    ------
    ValueError : no date.
    """
    return (datetime.date.fromisoformat(name) - datetime.date(1970, 1, 1)).days


def market_levels(venue: str, symbol: str) -> tuple[str, str]:
    """The names of the two folders of a market."""
    return f"venue={quote(venue, safe='')}", f"symbol={quote(symbol, safe='')}"


def market_folder(kind: str, meta: Meta) -> Path:
    """The folder, below the store, of one market's table."""
    levels = [kind, *market_levels(meta.venue, meta.symbol)]
    if kind in ("depth", CALIBRATIONS):
        levels.append(f"feed={quote(meta.feed or 'full', safe='')}")
    return Path(*levels)


def partition(kind: str, meta: Meta, day: int) -> Path:
    """The folder, below the store, of one market's day."""
    return market_folder(kind, meta) / f"date={day_name(day)}"


def manifest_path(root: Path, venue: str, symbol: str) -> Path:
    """The file that says what a market has."""
    return Path(root, MARKETS, *market_levels(venue, symbol), MANIFEST)


def market_of(folder: Path) -> tuple[str, str]:
    """Venue and symbol of a path with ``venue=.../symbol=...`` in it."""
    found = dict(part.partition("=")[::2] for part in folder.parts if "=" in part)
    return unquote(found["venue"]), unquote(found["symbol"])


def check_store(root: str | os.PathLike[str]) -> Path:
    """The path of a store; of one that is named by an address, that of its mirror, as of now.

    Raises
    ------
    StoreError : nothing there, not a directory, or a directory without tables; no answer.
    """
    if is_address(root):
        from liqmap.store.remote.opening import open_mirror

        return open_mirror(str(root)).root
    path = Path(path_text(root, "store", StoreError))
    if os.fspath(root) == "":
        raise StoreError(
            argument="store",
            expected="a directory",
            got="an empty path",
            remedy="Name one, such as data/store",
        )
    if not path.is_dir():
        got = "a file" if path.exists() else "nothing there"
        raise StoreError(where=path, expected="a store (a directory)", got=got, remedy=MAKE_ONE)
    visible = [p.name for p in path.iterdir() if not p.name.startswith(".")]
    if visible and not set(visible) & {*TABLES, RAW, CALIBRATIONS}:  # an empty directory is an empty store
        raise StoreError(
            where=path,
            expected=f"a store with one of {', '.join(TABLES)}/",
            got="a directory without them",
            remedy=MAKE_ONE,
        )
    return path


def root_of(part: Path) -> Path:
    """The store that a file of a table is in."""
    return next(p.parent for p in part.parents if p.name in TABLE_FOLDERS)


def refuse_links(root: Path, path: Path) -> None:
    """That nothing between a store and one of its files is a symbolic link, which may lead anywhere.

    Raises
    ------
    StoreError : there is one.
    """
    for place in (path, *path.parents):
        if place == root:
            return
        if place.is_symlink():
            raise StoreError(
                where=place,
                expected="a folder or file of the store",
                got="a symbolic link",
                remedy="Move what it points at into the store; the store itself may be a link",
            )

"""What a store has: by the manifests of its markets, or, where an older liqmap wrote it, by the footers."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from liqmap.schema import TABLES, StoreError, StoreWarning
from liqmap.store.commit.manifest import Manifest, markets_of, refuse_listed
from liqmap.store.layout import day_name, market_levels
from liqmap.store.parts import Part, open_part, replaced_by
from liqmap.store.rereading import retried


def list_parts(
    root: Path,
    kind: str,
    venue: str | None = None,
    symbol: str | None = None,
    feed: str | None = None,
    days: tuple[int, int] | None = None,
) -> list[Part]:
    """Parts of one table in the order of the feed; of one market, and of a range of days, if given.

    Of a market that is named, a damaged manifest is an error; of all markets it is a warning, and the others
    are listed.

    Raises
    ------
    StoreError : the manifest of the market is damaged.
    """
    found: list[Part] = []
    chosen = markets(root, venue, symbol)
    if not chosen and _refreshed(root):
        chosen = markets(root, venue, symbol)
    for market in chosen:
        try:
            found += _parts(root, kind, *market, feed, days)
        except StoreError as error:
            if symbol is not None and venue is not None:
                raise
            warnings.warn(str(error), StoreWarning, stacklevel=2)
    return sorted(found, key=lambda p: p.key)


def markets(root: Path, venue: str | None = None, symbol: str | None = None) -> list[tuple[str, str]]:
    """The markets of a store, or those of a venue or symbol."""
    found = set(markets_of(root)) | set(_footed(root))
    return sorted(m for m in found if venue in (None, m[0]) and symbol in (None, m[1]))


def _footed(root: Path) -> Iterator[tuple[str, str]]:
    """Markets that have folders of tables."""
    for kind in TABLES:
        for venue in _folders(root / kind, "venue"):
            for symbol in _folders(venue, "symbol"):
                yield unquote(venue.name[6:]), unquote(symbol.name[7:])


def _parts(
    root: Path, kind: str, venue: str, symbol: str, feed: str | None, days: tuple[int, int] | None
) -> list[Part]:
    manifest = Manifest.load(root, venue, symbol)
    if manifest is None and _refreshed(root):
        manifest = Manifest.load(root, venue, symbol) or Manifest(root, venue, symbol)
    if manifest is None:
        try:
            return retried(lambda: parts_by_footers(root, kind, venue, symbol, feed, days))
        except StoreError:
            manifest = Manifest.load(root, venue, symbol)  # it may be new
            if manifest is None:
                raise
    low, high = days or (-(1 << 62), 1 << 62)
    return [
        p
        for p in manifest.parts
        if p.kind == kind and (kind != "depth" or feed in (None, p.meta.feed)) and low <= p.day <= high
    ]


def _refreshed(root: Path) -> bool:
    """Of a remote store, what it has now comes into the mirror, which may be new; False: it is none."""
    from liqmap.store.remote.mirror import mirror_of

    if (mirror := mirror_of(root)) is None:
        return False
    mirror.refresh(offline=True)
    return True


def parts_by_footers(
    root: Path,
    kind: str,
    venue: str,
    symbol: str,
    feed: str | None = None,
    days: tuple[int, int] | None = None,
) -> list[Part]:
    """Parts of a market of an older store. Of a day with a file that cannot be read nothing is listed, which
    is warned of."""
    found: list[Part] = []
    for folder in day_folders(root, kind, venue, symbol, feed):
        if days is not None and not day_name(days[0]) <= folder.name[5:] <= day_name(days[1]):
            continue
        try:
            parts = [open_part(file, kind, root) for file in sorted(folder.glob("*.parquet"))]
        except StoreError as error:
            warnings.warn(f"{error} (the day is left out)", StoreWarning, stacklevel=2)
            continue
        refuse_listed(root, parts)
        found += without_replaced(parts)
    return sorted(found, key=lambda p: p.key)


def without_replaced(parts: list[Part]) -> list[Part]:
    """The files of a day without those that a joined one says it replaces."""
    joined = [p.path for p in parts if p.path.name.startswith("joined-")]
    gone = {name for path in joined for name in replaced_by(path)}
    return [p for p in parts if p.path.name not in gone]


def files_of(root: Path, venue: str, symbol: str) -> Iterator[Path]:
    """The Parquet files in the folders of a market."""
    for kind in TABLES:
        for folder in day_folders(root, kind, venue, symbol):
            yield from sorted(folder.glob("*.parquet"))


def day_folders(root: Path, kind: str, venue: str, symbol: str, feed: str | None = None) -> Iterator[Path]:
    """The folders of the days of one table of a market, of all its feeds if none is given."""
    market = root.joinpath(kind, *market_levels(venue, symbol))
    parents = [market]
    if kind == "depth":
        parents = [f for f in _folders(market, "feed") if feed in (None, unquote(f.name[5:]))]
    for parent in parents:
        yield from _folders(parent, "date")


def _folders(parent: Path, name: str) -> list[Path]:
    """The folders ``name=...`` in another."""
    if not parent.is_dir():
        return []
    return sorted(f for f in parent.iterdir() if f.name.startswith(f"{name}=") and f.is_dir())

"""Markets whose manifest is gone, and whose parts are still there: told, and never taken for new ones."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from liqmap.schema import StoreError
from liqmap.store.commit.journal import is_place
from liqmap.store.commit.manifest import REPAIR
from liqmap.store.layout import TABLE_FOLDERS, market_levels, market_of
from liqmap.store.remote.claims import pendings
from liqmap.store.remote.client import AT_ONCE, Object
from liqmap.store.remote.faults import Absent
from liqmap.store.remote.mirror import Mirror
from liqmap.store.remote.names import Market, remote_manifest


def objects_of(mirror: Mirror, market: Market) -> Iterator[Object]:
    """What may be parts of a market, by their paths."""
    levels = market_levels(*market)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        folders = ["/".join((kind, *levels)) for kind in TABLE_FOLDERS]
        for found in threads.map(mirror.client.list, folders):
            yield from (o for o in found if is_place(o.path, levels))


def is_lost(mirror: Mirror, market: Market) -> bool:
    """Whether a market has parts that no writer is about to add, and no manifest."""
    there = {o.path for o in objects_of(mirror, market)}
    if there:
        for _, pending in pendings(mirror):
            there -= set(pending.adds)
    return bool(there) and not _has_manifest(mirror, market)


def lost_markets(mirror: Mirror) -> list[Market]:
    """Of a store without any manifest, the markets that have had one."""
    there = {o.path for kind in TABLE_FOLDERS for o in mirror.client.list(kind)}
    if there:
        for _, pending in pendings(mirror):
            there -= set(pending.adds)
    found = {market for path in there if (market := market_of_part(path)) is not None}
    return [] if any(_has_manifest(mirror, market) for market in found) else sorted(found)


def market_of_part(path: str) -> Market | None:
    """Of which market an object is a part, by its path; None: of none."""
    try:
        market = market_of(Path(path))
    except KeyError:
        return None
    return market if is_place(path, market_levels(*market)) else None


def _has_manifest(mirror: Mirror, market: Market) -> bool:
    try:
        mirror.client.head(remote_manifest(*market))
    except Absent:
        return False
    return True


def refuse_lost(mirror: Mirror, market: Market) -> None:
    """That a market without a manifest is a new one.

    Raises
    ------
    StoreError : it has parts, whose rows would be lost without a word.
    """
    if is_lost(mirror, market):
        raise StoreError(
            where=f"{mirror.url}/{remote_manifest(*market)}",
            expected="the manifest of a market",
            got="none, and files that have one",
            remedy=REPAIR,
        )

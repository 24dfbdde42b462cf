"""What can be wrong with a store on object storage: its objects are looked at, whatever the mirror has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Literal

import xxhash

from liqmap.schema import StoreError
from liqmap.store.commit.digests import is_sound
from liqmap.store.commit.manifest import Manifest, markets_of
from liqmap.store.layout import SOURCES, TABLE_FOLDERS
from liqmap.store.parts import Part
from liqmap.store.remote.claims import pendings
from liqmap.store.remote.client import Object
from liqmap.store.remote.faults import Absent
from liqmap.store.remote.fetching import fetch
from liqmap.store.remote.ledger import fetch_sources
from liqmap.store.remote.lost import market_of_part
from liqmap.store.remote.mirror import Mirror
from liqmap.store.remote.names import Market, remote_manifest
from liqmap.store.sources import entries, partial_sources
from liqmap.store.upkeep.finding import Finding


def find_remote(
    mirror: Mirror, whole: bool = True, read: Callable[[int], None] | None = None
) -> Iterator[Finding]:
    """Everything that is wrong with the tables of a store, as `upkeep.findings.find` says it of a folder.

    Raises
    ------
    StoreError : the store cannot be reached.
    """
    mirror.refresh()
    objects = {found.path: found for found in mirror.client.list()} if mirror.address.writable else {}
    expected: set[str] = set()
    for path, pending in pendings(mirror) if mirror.address.writable else ():
        expected |= {*pending.adds, *pending.drops}
        yield Finding("unfinished", f"{mirror.url}/{path}")
    lost: set[Market] = set()
    for market in markets_of(mirror.root):
        try:
            manifest = Manifest.load(mirror.root, *market)
        except StoreError as error:
            lost.add(market)
            yield Finding("manifest", error.where or str(error), market=market)
            continue
        assert manifest is not None
        for part in manifest.parts:
            place = mirror.place(part)
            expected.add(place)
            if (fault := _fault(mirror, objects.get(place), part, whole)) is not None:
                names = tuple(dict.fromkeys(s.name for s in part.meta.sources))
                yield Finding(fault, f"{mirror.url}/{place}", names, part, market)
            if read is not None:
                read(part.bytes)
    yield from _unexpected(mirror, sorted(objects.keys() - expected), lost)
    fetch_sources(mirror)
    for file in sorted((mirror.root / SOURCES).glob("*.json")):
        if not entries(file):
            yield Finding("ledger", str(file))
    for name in partial_sources(mirror.root):
        yield Finding("partial", name, (name,))


def _unexpected(mirror: Mirror, paths: Sequence[str], lost: set[Market]) -> Iterator[Finding]:
    """Parts that no manifest names: strangers, or of a market whose manifest is gone.

    Parameters
    ----------
    lost : markets whose manifest is told of already.
    """
    have = set(markets_of(mirror.root))
    for path in paths:
        if path.split("/")[0] not in TABLE_FOLDERS or not path.endswith(".parquet"):
            continue
        market = market_of_part(path)
        if market in lost:
            continue
        if market is None or market in have:
            yield Finding("foreign", f"{mirror.url}/{path}", market=market)
        else:
            lost.add(market)
            yield Finding("manifest", f"{mirror.url}/{remote_manifest(*market)}", market=market)


def _fault(
    mirror: Mirror, there: Object | None, part: Part, whole: bool
) -> Literal["missing", "damaged"] | None:
    """What is wrong with a part; of one whose bytes are others, those come into the mirror."""
    if not mirror.address.writable:
        return _digest_fault(mirror, part) if whole else None
    if there is None:
        return "missing"
    fault: Literal["damaged"] | None = "damaged" if there.size != part.bytes else None
    if fault is None and whole:
        return _digest_fault(mirror, part)
    return fault


def _digest_fault(mirror: Mirror, part: Part) -> Literal["missing", "damaged"] | None:
    found = xxhash.xxh3_128()
    try:
        for chunk in mirror.client.chunks(mirror.place(part)):
            found.update(chunk)
    except Absent:
        return "missing"
    if found.hexdigest() == part.digest:
        return None
    if not is_sound(part.path, part.digest, part.bytes):
        with suppress(OSError, StoreError):  # so that what is taken out can be kept aside
            fetch(mirror, part, again=True)
    return "damaged"

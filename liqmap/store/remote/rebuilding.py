"""The manifest of a market made anew, where the one on object storage cannot be read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from liqmap.schema import StoreError
from liqmap.store.commit.journal import is_place
from liqmap.store.commit.manifest import Manifest
from liqmap.store.layout import TABLE_FOLDERS, manifest_path, market_levels, market_of
from liqmap.store.parts import Part, open_part
from liqmap.store.remote.faults import Absent, Refused
from liqmap.store.remote.mirror import Mirror, remote_manifest
from liqmap.store.upkeep.adoption import from_parts
from liqmap.store.upkeep.finding import Finding


def rebuild_remote(mirror: Mirror, market: tuple[str, str], work: Path) -> list[Finding]:
    """From all the objects of the market, whose footers are read; those that cannot be read are told, and
    left out.

    Raises
    ------
    StoreError : the store cannot be reached or written, or another writer was faster.
    """
    parts: list[Part] = []
    lost = []
    for kind in TABLE_FOLDERS:
        for found in mirror.client.list("/".join((kind, *market_levels(*market)))):
            if not is_place(found.path, market_levels(*market)):
                continue
            path = mirror.root / found.path
            try:
                parts.append(_fetched(mirror, path, kind, found.path))
            except (StoreError, Absent):
                lost.append(Finding("damaged", f"{mirror.url}/{found.path}", market=market))
    name = remote_manifest(*market)
    made = from_parts(mirror.root, *market, parts)
    made = replace(made, number=made.number + 1)
    try:
        there = mirror.client.put_over(name, made.to_bytes(), mirror.client.head(name))
    except (Absent, Refused):
        raise StoreError(
            where=f"{mirror.url}/{name}",
            expected="nobody else to change the market",
            got="another writer",
            remedy="Do it again",
        ) from None
    with mirror.applying():
        made.save(work)
        mirror.keep_record(market, there, made.number, work)
    return lost


def _fetched(mirror: Mirror, path: Path, kind: str, name: str) -> Part:
    """A part by its footer, once it is in the mirror."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        for chunk in mirror.client.chunks(name):
            file.write(chunk)
    part = open_part(path, kind, mirror.root)
    before = Manifest(mirror.root, part.meta.venue, part.meta.symbol)
    if before.path != manifest_path(mirror.root, *market_of(path.relative_to(mirror.root))):
        raise StoreError(where=path, expected="a part of its own market")
    return part

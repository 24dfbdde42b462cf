"""Markets of a store that an older liqmap wrote get their manifest: what the footers and the ledger say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq

from liqmap.store.commit.digests import digest_file
from liqmap.store.commit.durable import sync_file
from liqmap.store.commit.journal import Journal
from liqmap.store.commit.manifest import Manifest, Reading, refuse_listed
from liqmap.store.layout import market_of
from liqmap.store.listing import files_of, without_replaced
from liqmap.store.parts import Part, open_part, reading
from liqmap.store.remote.mirror import mirror_of
from liqmap.store.sources import all_entries, markets_of_entry
from liqmap.store.staging import JOURNAL


def adopted(root: Path, venue: str, symbol: str, work: Path) -> Manifest:
    """The manifest of a market, made where there is none; the lock of the store is held by the caller.

    Of an interrupted compaction of old, the files that the joined one replaced are removed.

    Raises
    ------
    StoreError : the manifest is damaged, or a file of the market cannot be read.
    OSError : the store cannot be written.
    """
    found = Manifest.load(root, venue, symbol)
    if found is not None:
        return found
    if mirror_of(root) is not None:
        return Manifest(root, venue, symbol)
    files = files_of(root, venue, symbol)
    every = [open_part(file, file.relative_to(root).parts[0], root) for file in files]
    for part in every:
        decode(part)
    refuse_listed(root, every)
    kept: list[Part] = []
    for folder in {part.path.parent for part in every}:
        kept += without_replaced([part for part in every if part.path.parent == folder])
    made = from_parts(root, venue, symbol, kept)
    gone = [place for place in map(made.place, every) if place not in made.paths]
    journal = Journal(venue, symbol, {}, gone)
    journal.write(work)
    journal.move(root, work)
    made.save(work)
    (work / JOURNAL).unlink()
    return made


def decode(part: Part) -> None:
    """Read every page of a file of which no digest is kept, with the checksum of the page if it has one: its
    digest is to be that of a file that can be read.

    Raises
    ------
    StoreError : it cannot be.
    """
    with reading(part), pq.ParquetFile(part.path, page_checksum_verification=True) as file:
        for group in range(file.metadata.num_row_groups):
            file.read_row_group(group)


def from_parts(root: Path, venue: str, symbol: str, parts: list[Part]) -> Manifest:
    """A manifest of files as they are now, and of the sources that the ledger says are in them."""
    for part in parts:
        sync_file(part.path)
    own = [replace(part, digest=digest_file(part.path)) for part in parts]
    made = Manifest(root, venue, symbol).changed(own, [], [])
    readings = [
        Reading(path.stem, entry["key"], went)
        for path, entry in all_entries(root)
        if (venue, symbol) in markets_of_entry(entry)
        if (went := _went(made, path.stem, entry["files"])) is not None
    ]
    return replace(made, readings=tuple(readings))


def _went(manifest: Manifest, sha256: str, files: list[str]) -> tuple[str, ...] | None:
    """The parts that have a source now, of the files that it went to; None where a day of it is not there.

    Files that were joined since have other names: a part of the same day that names the source has its rows.
    """
    went: list[str] = []
    for file in files:
        if market_of(Path(file)) != (manifest.venue, manifest.symbol):
            continue
        beside = [part for part in manifest.parts if part.path.parent == (manifest.root / file).parent]
        same = [p for p in beside if manifest.place(p) == file]
        named = same or [p for p in beside if any(s.sha256 == sha256 for s in p.meta.sources)]
        if not named:
            return None
        went += [manifest.place(part) for part in named]
    return tuple(dict.fromkeys(went))

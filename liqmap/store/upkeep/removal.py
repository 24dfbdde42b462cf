"""Removal of what is not wanted in a store, and what all upkeep of it has in common."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import astuple, dataclass
from functools import partial
from pathlib import Path

from liqmap.schema import TABLES, StoreError
from liqmap.store.commit.change import Change
from liqmap.store.commit.manifest import Manifest
from liqmap.store.commit.recovery import recover
from liqmap.store.layout import LOCK, SOURCES, SPANS_FOLDER, check_store, market_folder
from liqmap.store.listing import list_parts
from liqmap.store.locks import locked
from liqmap.store.parts import Part
from liqmap.store.remote.ledger import fetch_sources, send_sources
from liqmap.store.remote.mirror import mirror_of
from liqmap.store.remote.opening import name_of
from liqmap.store.remote.publishing import until_agreed
from liqmap.store.sources import entries, forget, mark_removed, markets_of_entry
from liqmap.store.staging import staged
from liqmap.store.upkeep.adoption import adopted
from liqmap.store.write import write_errors


@dataclass(frozen=True)
class Done:
    """What was done: files before and after, bytes before and after."""

    files: int = 0
    files_after: int = 0
    bytes: int = 0
    bytes_after: int = 0

    def __add__(self, other: Done) -> Done:
        return Done(*(a + b for a, b in zip(astuple(self), astuple(other))))


def select(
    root: str | os.PathLike[str],
    venue: str,
    symbol: str,
    feed: str | None = None,
    kind: str | None = None,
    first: str | None = None,
    last: str | None = None,
) -> list[Part]:
    """The files of one market; of one feed (depth alone has one), table and range of UTC days, if given.

    Raises
    ------
    StoreError : not a store, or nothing there.
    """
    path = check_store(root)
    kinds = [k for k in TABLES if kind in (None, k) and (feed is None or k == "depth")]
    found = [
        part
        for k in kinds
        for part in list_parts(path, k, venue, symbol, feed)
        if (first or "") <= part.date and part.date <= (last or "9999")
    ]
    if not found:
        days = first and f"from {first}", last and f"to {last}"
        asked = " ".join(word for word in (venue, symbol, feed, kind, *days) if word)
        raise StoreError(
            where=name_of(path),
            expected="a market of the store",
            got=asked,
            remedy="`liqmap info` lists them",
        )
    return found


def remove(root: str | os.PathLike[str], parts: Sequence[Part]) -> Done:
    """Remove files, what is known of the sources they came from, and the spans made from them.

    Of a day whose files were joined since they were listed, the joined one goes.

    Each market loses its files in one step. A source that was removed in part may be ingested again: it fills
    what is missing.

    Raises
    ------
    StoreError : the store cannot be written, or a manifest is damaged.
    """
    path = check_store(root)
    files = size = 0
    with exclusive(path) as work:
        for market in sorted({(part.meta.venue, part.meta.symbol) for part in parts}):
            own = [part for part in parts if (part.meta.venue, part.meta.symbol) == market]
            gone, after = until_agreed(path, work, partial(_take_out, path, own, work))
            files, size = files + len(gone), size + sum(part.bytes for part in gone)
            drop_spans(path, gone, work)
            _forget(path, gone, after, work)
    return Done(files, 0, size, 0)


def _take_out(path: Path, parts: Sequence[Part], work: Path) -> tuple[list[Part], Manifest]:
    """Take parts of one market out of it: those that went, and what it has now."""
    meta = parts[0].meta
    change = Change(adopted(path, meta.venue, meta.symbol, work), work)
    asked = {part.path for part in parts}
    there = {part.path.parent for part in change.manifest.parts if part.path in asked}
    joined = {path.parent for path in asked} - there  # since they were listed
    gone = [p for p in change.manifest.parts if p.path in asked or p.path.parent in joined]
    for part in gone:
        change.drop(part)
    return gone, change.commit()


def _forget(root: Path, gone: Sequence[Part], after: Manifest, work: Path) -> None:
    """Remove a market that has nothing, and what was kept of sources of which nothing is there any more."""
    mirror = mirror_of(root)
    if not after.parts and mirror is None:  # a remote one stays: writers take turns by it
        after.path.unlink(missing_ok=True)
        with suppress(OSError):
            for folder in list(after.path.parents)[:3]:
                folder.rmdir()
    if mirror is not None:
        fetch_sources(mirror)
    there = {s.sha256 for part in after.parts for s in part.meta.sources}
    there |= {reading.sha256 for reading in after.readings}
    for sha in {s.sha256 for part in gone for s in part.meta.sources}:
        ledger = root / SOURCES / f"{sha}.json"
        alone = all(markets_of_entry(e) <= {(after.venue, after.symbol)} for e in entries(ledger))
        if sha not in there and alone:
            forget(root, sha)
        elif not any(reading.sha256 == sha for reading in after.readings):
            mark_removed(root, sha, work)
    if mirror is not None:
        send_sources(mirror)


@contextmanager
def exclusive(root: Path) -> Iterator[Path]:
    """Alone in the store, as ingest is when it commits, what dead processes left settled; gives a folder to
    work in.

    Raises
    ------
    StoreError : the store cannot be written.
    """
    with write_errors(root), locked(root / LOCK):
        recover(root)
        with staged(root) as work:
            yield work


def drop_spans(root: Path, parts: Sequence[Part], work: Path) -> None:
    """Remove what was replayed from the depth of these markets; it is made anew when it is wanted."""
    feeds = {Path(*market_folder("depth", p.meta).parts[1:]) for p in parts if p.kind == "depth"}
    for number, feed in enumerate(sorted(feeds)):
        with suppress(OSError):  # there are none; or Windows, where they are in use: they are stale
            os.rename(root / SPANS_FOLDER / feed, work / f"spans-{number}-{secrets.token_hex(4)}")

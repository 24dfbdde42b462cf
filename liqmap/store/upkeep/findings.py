"""What can be wrong with a store: looked at market by market, nothing is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Literal

from liqmap.schema import StoreError
from liqmap.store.commit.digests import digest_file
from liqmap.store.commit.journal import Journal
from liqmap.store.commit.manifest import Manifest
from liqmap.store.layout import MARKETS, SOURCES, STAGING, TABLE_FOLDERS, manifest_path
from liqmap.store.listing import files_of, markets
from liqmap.store.parts import Part, open_part
from liqmap.store.remote.findings import find_remote
from liqmap.store.remote.mirror import mirror_of
from liqmap.store.sources import entries, partial_sources
from liqmap.store.staging import JOURNAL, abandoned, begun
from liqmap.store.upkeep.adoption import decode
from liqmap.store.upkeep.finding import Finding

TRIES = 5


def find(root: Path, whole: bool = True, read: Callable[[int], None] | None = None) -> Iterator[Finding]:
    """Everything that is wrong with the tables of a store.

    Parameters
    ----------
    whole : read every byte; without it only names and sizes are compared, which takes milliseconds.
    read : told the bytes of each file that was looked at.
    """
    if (mirror := mirror_of(root)) is not None:
        yield from find_remote(mirror, whole, read)
        return
    for folder in abandoned(root):
        if (folder / JOURNAL).exists():
            yield Finding("unfinished", str(folder))
    yield from _links(root)
    for market in markets(root):
        yield from _market(root, market, whole, read)
    for path in sorted((root / SOURCES).glob("*.json")):
        if not entries(path):
            yield Finding("ledger", str(path))
    for name in partial_sources(root):
        yield Finding("partial", name, (name,))


def _market(
    root: Path, market: tuple[str, str], whole: bool, read: Callable[[int], None] | None
) -> Iterator[Finding]:
    """One market; looked at again where it is changed meanwhile."""
    for left in reversed(range(TRIES)):
        try:
            manifest = Manifest.load(root, *market)
            if manifest is None:
                yield from _old_market(root, market, whole)
                return
            found = list(_with_manifest(manifest, whole, read))
            now = Manifest.load(root, *market)
        except StoreError as error:
            yield Finding("manifest", error.where or str(error), market=market)
            return
        if not found or not left or (now is not None and now.number == manifest.number):
            yield from found
            return


def _with_manifest(manifest: Manifest, whole: bool, read: Callable[[int], None] | None) -> Iterator[Finding]:
    root, market = manifest.root, (manifest.venue, manifest.symbol)
    moving = _moving(root)
    for part in manifest.parts:
        fault = _fault(part, whole)
        if fault is not None:
            names = tuple(dict.fromkeys(s.name for s in part.meta.sources))
            yield Finding(fault, str(part.path), names, part, market)
        if read is not None:
            read(part.bytes)
    listed = {part.path for part in manifest.parts}
    for file in files_of(root, *market):
        if file not in listed | moving and not file.is_symlink():
            yield Finding("foreign", str(file), market=market)


def _moving(root: Path) -> set[Path]:
    """Files of changes that are under way, or were when their process died."""
    found: set[Path] = set()
    for folder in begun(root):
        with suppress(OSError, ValueError):
            journal = Journal.read(folder)
            found |= {root / place for place in (*journal.adds, *journal.drops)}
    return found


def _fault(part: Part, whole: bool) -> Literal["missing", "damaged"] | None:
    """What is wrong with a part."""
    place = part.place()
    try:
        size = place.stat().st_size
    except OSError:
        return "missing"
    try:
        sound = size == part.bytes and (not whole or digest_file(place) == part.digest)
    except FileNotFoundError:
        return "missing"
    return None if sound else "damaged"


def _old_market(root: Path, market: tuple[str, str], whole: bool) -> Iterator[Finding]:
    """One without a manifest: its footers can be looked at, and whether its pages can be read. If the footers
    say that there was one, it is lost."""
    damaged: list[Finding] = []
    every = list(files_of(root, *market))
    for file in every:
        try:
            part = open_part(file, file.relative_to(root).parts[0])
            if part.listed:
                yield Finding("manifest", str(manifest_path(root, *market)), market=market)
                return
            if whole:
                decode(part)
        except (StoreError, OSError):
            damaged.append(Finding("damaged", str(file), market=market))
    if every:
        yield Finding("old", str(every[0].parents[1]), market=market)
    yield from damaged


def _links(root: Path) -> Iterator[Finding]:
    """Symbolic links below the tables."""
    for name in (*TABLE_FOLDERS, MARKETS, SOURCES, STAGING):
        for place in (root / name, *sorted((root / name).rglob("*"))):
            if place.is_symlink():
                yield Finding("link", str(place))

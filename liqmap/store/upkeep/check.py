"""``liqmap store check``: whether a store is sound, and what is to be done where it is not."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from liqmap.schema import StoreError
from liqmap.store.commit.change import Change
from liqmap.store.commit.digests import digest_file
from liqmap.store.commit.journal import Journal
from liqmap.store.commit.manifest import Manifest
from liqmap.store.layout import ASIDE, TABLE_FOLDERS, check_store
from liqmap.store.listing import files_of, list_parts, without_replaced
from liqmap.store.parts import NAMED, Part, open_part
from liqmap.store.remote.ledger import send_sources
from liqmap.store.remote.mirror import mirror_of
from liqmap.store.remote.publishing import until_agreed
from liqmap.store.remote.rebuilding import put_back, rebuild_remote
from liqmap.store.sources import forget
from liqmap.store.staging import JOURNAL, begun
from liqmap.store.upkeep.adoption import from_parts
from liqmap.store.upkeep.finding import Finding
from liqmap.store.upkeep.findings import find
from liqmap.store.upkeep.removal import drop_spans, exclusive


@dataclass(frozen=True)
class Checked:
    """What was found, and what was done about it.

    findings : faults, as they were. repaired : whether they were mended. sources : names of the files to
    ingest again, so that nothing is missing.
    """

    findings: tuple[Finding, ...]
    repaired: bool
    sources: tuple[str, ...]


def check(root: str | os.PathLike[str], repair: bool = False, progress: bool | None = None) -> Checked:
    """Read every byte of a store, and say what is wrong.

    Parameters
    ----------
    repair : settle what died half way, take damaged files out (they are kept in ``.damaged``), and make
        manifests anew that cannot be read. What was lost comes back when its sources are ingested again.
    progress : show a bar; by default only on a terminal.

    Raises
    ------
    StoreError : not a store, or one that cannot be written (with ``repair``).
    """
    path = check_store(root)
    if not repair:
        with _bar(path, progress) as read:
            found = tuple(find(path, read=read))
        return Checked(found, False, _sources(found))
    with exclusive(path) as work:
        with _bar(path, progress) as read:
            found = tuple(find(path, read=read))
        rebuilt: list[Finding] = []
        for finding in found:
            if finding.kind == "manifest" and finding.market is not None:
                rebuilt += _rebuild(path, finding.market, work)
        lost = [f for f in found if f.part is not None and f.kind in ("damaged", "missing")]
        mirror = mirror_of(path)
        if mirror is not None:
            lost = [f for f in lost if f.part is None or not put_back(mirror, f.part)]
        _take_out(path, lost, work)
        for finding in found:
            if finding.kind == "ledger":
                forget(path, Path(finding.where).stem)
            elif finding.kind == "damaged" and finding.part is None:  # of an older store
                _keep_aside(path, Path(finding.where))
                Path(finding.where).unlink(missing_ok=True)
        if mirror is not None:
            send_sources(mirror)
        left = tuple(find(path, whole=False))
        return Checked((*found, *rebuilt), True, _sources((*lost, *rebuilt, *left)))


def _sources(findings: Sequence[Finding]) -> tuple[str, ...]:
    return tuple(sorted({name for finding in findings for name in finding.sources}))


def _take_out(root: Path, lost: Sequence[Finding], work: Path) -> None:
    """Damaged parts leave their markets, and what is known of their sources; the files are kept aside."""
    for market in sorted({f.market for f in lost if f.market is not None}):
        gone = [f.part for f in lost if f.market == market and f.part is not None]
        for part in gone:
            _keep_aside(root, part.path)
        until_agreed(root, work, partial(_drop, root, market, gone, work))
        drop_spans(root, gone, work)


def _drop(root: Path, market: tuple[str, str], gone: Sequence[Part], work: Path) -> None:
    """Take parts out of a market."""
    manifest = Manifest.load(root, *market)
    assert manifest is not None
    change = Change(manifest, work)
    for part in gone:
        if manifest.place(part) in manifest.paths:
            change.drop(part)
    change.commit()


def _rebuild(root: Path, market: tuple[str, str], work: Path) -> list[Finding]:
    """A manifest from the files of the market: of a change that was under way, those of before it. Files that
    are damaged are kept aside; copies and other strangers are left where they are."""
    if (mirror := mirror_of(root)) is not None:
        return rebuild_remote(mirror, market, work)
    for folder in begun(root):
        with suppress(OSError, ValueError):
            journal = Journal.read(folder)
            if (journal.venue, journal.symbol) == market:
                journal.bring(root, folder, journal.drops)
                (folder / JOURNAL).unlink()
    parts: list[Part] = []
    lost = []
    for file in files_of(root, *market):
        try:
            part = open_part(file, file.relative_to(root).parts[0], root)
            digest = digest_file(file)
        except (StoreError, OSError):
            part, digest = None, ""
        if part is not None and (not part.listed or file.stem.endswith(digest[:16])):
            parts.append(part)
        elif part is None or NAMED.search(file.stem):
            _keep_aside(root, file)
            with suppress(OSError):
                file.unlink()
            names = tuple(s.name for s in part.meta.sources) if part is not None else ()
            lost.append(Finding("damaged", str(file), names, market=market))
    kept = [
        part
        for folder in sorted({p.path.parent for p in parts})
        for part in without_replaced([p for p in parts if p.path.parent == folder])
    ]
    from_parts(root, *market, kept).save(work)
    return lost


def _keep_aside(root: Path, file: Path) -> None:
    """A second name for a file, out of the tables."""
    aside = root / ASIDE / file.relative_to(root).with_name(f"{file.name}.damaged")  # which no pattern reads
    if not file.exists() or aside.exists():
        return
    aside.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(file, aside)
    except OSError:
        os.replace(file, aside)


@contextmanager
def _bar(root: Path, shown: bool | None) -> Iterator[Any]:
    """A progress bar over the bytes of all files, or silence."""
    if not (shown if shown is not None else sys.stderr.isatty()):
        yield None
        return
    from tqdm import tqdm

    total = sum(part.bytes for kind in TABLE_FOLDERS for part in list_parts(root, kind))
    with tqdm(total=total, unit="B", unit_scale=True, desc="check") as bar:
        yield bar.update

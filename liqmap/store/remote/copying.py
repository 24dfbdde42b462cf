"""Markets and days from one store to another: push to object storage, and pull from it.

Both keep what is there: a file is added, or, where it overlaps with what the other store has, merged as if
its source had been ingested. They go on in steps of some files, each of which the other store has wholly or
not at all; what it has, by its digest, is not sent again.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from liqmap.schema import SessionError, Source, StoreError
from liqmap.store.calibrations import copy_calibration
from liqmap.store.commit.change import Change
from liqmap.store.commit.manifest import Manifest
from liqmap.store.layout import check_store
from liqmap.store.listing import markets
from liqmap.store.merge.parts import overlapping
from liqmap.store.merge.placing import beside, merge_into
from liqmap.store.parts import Part, fetch_all
from liqmap.store.remote.address import is_address
from liqmap.store.remote.ledger import fetch_sources
from liqmap.store.remote.mirror import mirror_of
from liqmap.store.remote.opening import folder_to_write, name_of
from liqmap.store.remote.publishing import until_agreed, write_listing
from liqmap.store.sources import FACTS, all_entries, entries, remember
from liqmap.store.upkeep.adoption import adopted
from liqmap.store.upkeep.removal import exclusive
from liqmap.store.write import write_errors

PathLike = str | os.PathLike[str]
Market = tuple[str, str]

STEP_BYTES, STEP_FILES = 64 << 20, 48


@dataclass(frozen=True)
class Copied:
    """files, bytes : that were sent. there : files that were there already, or hold nothing new."""

    files: int = 0
    bytes: int = 0
    there: int = 0

    def __add__(self, other: Copied) -> Copied:
        return Copied(self.files + other.files, self.bytes + other.bytes, self.there + other.there)


def push(
    store: PathLike,
    to: str,
    venue: str | None = None,
    symbol: str | None = None,
    first: str | None = None,
    last: str | None = None,
    progress: bool | None = None,
) -> Copied:
    """Send markets and days of a store to object storage; what that has beside them stays.

    Their calibrations go along where the other store has none of the feed.

    Parameters
    ----------
    to : such as ``s3://bucket/store``; made if it is not there.
    venue, symbol : only these. first, last : only these UTC days, both included.
    progress : show a bar of the bytes; by default only on a terminal.

    Raises
    ------
    StoreError : not a store, one of before there were manifests, a damaged file, or files that contradict
        what is there; no such bucket, no rights, no network.
    SessionError : nothing of that market and those days.
    """
    source, target = check_store(store), Path(folder_to_write(_remote(to)))
    done = _copy(source, target, (venue, symbol), (first, last), progress, "push")
    mirror = mirror_of(target)
    assert mirror is not None
    write_listing(mirror)
    return done


def pull(
    source: str,
    store: PathLike,
    venue: str | None = None,
    symbol: str | None = None,
    first: str | None = None,
    last: str | None = None,
    progress: bool | None = None,
) -> Copied:
    """Get markets and days from object storage into a store by itself; what that has beside them stays.

    Parameters
    ----------
    source : such as ``s3://bucket/store``.
    store : directory; made if it is not there. The others as in `push`.

    Raises
    ------
    StoreError, SessionError : as `push`.
    """
    target = Path(folder_to_write(store))
    return _copy(check_store(_remote(source)), target, (venue, symbol), (first, last), progress, "pull")


def _remote(text: str) -> str:
    if not is_address(text):
        raise StoreError(
            argument="address", expected="the address of a store, such as s3://bucket/store", got=repr(text)
        )
    return text


def _copy(
    source: Path,
    target: Path,
    market: tuple[str | None, str | None],
    days: tuple[str | None, str | None],
    progress: bool | None,
    verb: str,
) -> Copied:
    """Market by market, alone in the store that is written."""
    found = {m: _selected(source, m, days) for m in markets(source, *market)}
    found = {m: parts for m, parts in found.items() if parts}
    if not found:
        asked = " ".join(word for word in (*market, *days) if word) or "anything"
        raise SessionError(
            where=name_of(source), expected="a market of the store, and days of it", got=f"nothing of {asked}"
        )
    if (mirror := mirror_of(source)) is not None:
        fetch_sources(mirror, offline=False)
    with write_errors(target):
        target.mkdir(parents=True, exist_ok=True)
    done = Copied()
    total = sum(part.bytes for parts in found.values() for part in parts)
    with exclusive(target) as work, _bar(total, progress, verb) as sent:
        for m, parts in found.items():
            done += _Copy(source, target, m, work, sent).run(parts)
    return done


def _selected(source: Path, market: Market, days: tuple[str | None, str | None]) -> list[Part]:
    """Parts of a market and days, day by day."""
    manifest = Manifest.load(source, *market)
    if manifest is None and mirror_of(source) is not None:
        return []  # folders of one that the store has no more
    if manifest is None:
        raise StoreError(
            where=source,
            expected="a store whose markets have manifests",
            got=f"{' '.join(market)} of an older liqmap",
            remedy="`liqmap store migrate` makes them",
        )
    first, last = days
    chosen = [p for p in manifest.parts if (first or "") <= p.date <= (last or "9999")]
    return sorted(chosen, key=lambda p: (p.day, p.kind, p.meta.feed or "", p.key))


class _Copy:
    """Of one market. went : where the rows of each part are in the target, by paths below the stores."""

    def __init__(
        self, source: Path, target: Path, market: Market, work: Path, sent: Callable[[int], object]
    ) -> None:
        self.source, self.target, self.market = source, target, market
        self.work, self.sent = work, sent
        before = Manifest.load(source, *market)
        assert before is not None
        self.before = before
        self.went: dict[str, list[str]] = {}

    def run(self, parts: Sequence[Part]) -> Copied:
        done = Copied()
        at = 0
        while at < len(parts):
            left = parts[at:]
            fetch_all([p for p in left[:STEP_FILES] if not self._is_there(p)])
            count, copied = until_agreed(self.target, self.work, partial(self._step, left))
            done += copied
            self.sent(sum(part.bytes for part in left[:count]))
            at += count
        until_agreed(self.target, self.work, self._tell)
        self._calibrations(parts)
        return done

    def _is_there(self, part: Part) -> bool:
        manifest = Manifest.load(self.target, *self.market)
        return manifest is not None and self._found(manifest, part) is not None

    def _step(self, left: Sequence[Part]) -> tuple[int, Copied]:
        """Some files, in one change; gives how many were looked at."""
        change = Change(adopted(self.target, *self.market, self.work), self.work)
        went: dict[str, list[str]] = {}
        merged: set[Path] = set()
        sent = size = there = count = 0
        for number, part in enumerate(left):
            if size >= STEP_BYTES or sent >= STEP_FILES:
                break
            place = self.before.place(part)
            if (found := self._found(change.manifest, part)) is not None:
                went[place], there, count = found, there + 1, number + 1
                continue
            shared = overlapping(part, beside(part, change.manifest.parts))
            if shared and any(p.path.parent in merged for p in shared):
                break  # what was merged is read again, once it is in its place
            made = self._staged(part, number)
            if shared:
                merged |= {p.path.parent for p in shared}
                went[place] = merge_into(change, made, shared, number)
            else:
                went[place] = [change.manifest.place(change.add(made, _prefix(part)))]
            sent, size, count = sent + 1, size + part.bytes, number + 1
        if change.adds or change.drops:
            change.commit()
        self.went |= went
        for place, places in self.went.items():
            self.went[place] = list(dict.fromkeys(change.moved.get(p, p) for p in places))
        return count, Copied(sent, size, there)

    def _found(self, manifest: Manifest, part: Part) -> list[str] | None:
        """Where a part is in the target already: a file with the same bytes, or with all its sources."""
        own = beside(part, manifest.parts)
        same = [manifest.place(p) for p in own if p.digest == part.digest]
        if same:
            return same
        place = self.before.place(part)
        readings = [r for r in self.before.readings if place in r.parts]
        if not {s.sha256 for s in part.meta.sources} <= {r.sha256 for r in readings}:
            return None
        there = {(r.sha256, r.key): r for r in manifest.readings}
        if not readings or any((r.sha256, r.key) not in there for r in readings):
            return None
        paths = {manifest.place(p) for p in own}
        return [p for r in readings for p in there[r.sha256, r.key].parts if p in paths]

    def _staged(self, part: Part, number: int) -> Part:
        """A second name for a verified file, where the change takes it from."""
        made = self.work / f"copied-{number}.parquet"
        made.unlink(missing_ok=True)
        path = part.checked()
        try:
            os.link(path, made)
        except OSError:
            shutil.copyfile(path, made)
        return replace(part, path=made, digest="")

    def _tell(self) -> None:
        """The sources that are whole in the target now."""
        change = Change(adopted(self.target, *self.market, self.work), self.work)
        there = {(r.sha256, r.key) for r in change.manifest.readings}
        told = {path.stem: entries(path) for path, _ in all_entries(self.source)}
        for reading in self.before.readings:
            places = [p for place in reading.parts for p in self.went.get(place, [""])]
            new = (reading.sha256, reading.key) not in there
            if new and places and set(places) <= change.manifest.paths:
                change.others.append(replace(reading, parts=tuple(dict.fromkeys(places))))
                for entry in told.get(reading.sha256, []):
                    if entry["key"] == reading.key:
                        source = Source(name=entry["name"], sha256=reading.sha256)
                        remember(self.target, source, reading.key, entry["files"], entry[FACTS], self.work)
        if change.others:
            change.commit()

    def _calibrations(self, parts: Sequence[Part]) -> None:
        """What is kept of the feeds that were sent."""
        for feed in sorted({part.meta.feed or "full" for part in parts if part.kind == "depth"}):
            copy_calibration(self.source, self.target, (*self.market, feed))


def _prefix(part: Part) -> str:
    """Of a part's name, what comes before tokens and digests."""
    return re.sub(r"(-[0-9a-f]{16}){1,2}$", "", part.path.stem)[:40]


@contextmanager
def _bar(total: int, shown: bool | None, verb: str) -> Iterator[Callable[[int], object]]:
    """A progress bar over bytes, or silence."""
    if not (shown if shown is not None else sys.stderr.isatty()):
        yield lambda count: None
        return
    from tqdm import tqdm

    with tqdm(total=total, unit="B", unit_scale=True, desc=verb) as bar:
        yield bar.update

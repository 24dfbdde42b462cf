"""A source that grows, such as a recording, into the store: what is new of it becomes visible at each flush.

Each flush is a part of its day, and every so many of them become one, so that the manifest stays small. What
a source that grows has in the store names the source as it was at the time (its sha256 then); only once it
has ended is it whole, and known, as if the file had been ingested.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from liqmap.schema import EVENTS, GAP, OWN_IDS, TABLES, Meta, Source, codes, int64
from liqmap.store.commit.change import Change
from liqmap.store.commit.manifest import Reading
from liqmap.store.commit.recovery import open_for_writing, recover
from liqmap.store.layout import DAY, LOCK
from liqmap.store.locks import locked
from liqmap.store.merge.parts import overlapping
from liqmap.store.merge.placing import beside, merge_into
from liqmap.store.part_writer import PartWriter
from liqmap.store.parts import Part
from liqmap.store.remote.publishing import until_agreed
from liqmap.store.sources import remember
from liqmap.store.staging import staged
from liqmap.store.upkeep.adoption import adopted
from liqmap.store.upkeep.compaction import join_parts
from liqmap.store.write import sorted_trades, write_errors

Day = tuple[str, int]
"""A table, and days since the epoch."""

SECOND = 1_000_000_000

MOST_SMALL = 60
"""Flushes of a day that become one part."""


@dataclass
class _Own:
    """What the source has of one table and day.

    small : places of parts that hold one flush, in order. joined : of those that hold many.
    shared : of parts that hold rows of other sources too.
    first_ts, last_ts, last_seq : of its first and last rows.
    """

    small: list[str] = field(default_factory=list)
    joined: list[str] = field(default_factory=list)
    shared: list[str] = field(default_factory=list)
    first_ts: int | None = None
    last_ts: int = 0
    last_seq: int = -1

    @property
    def places(self) -> list[str]:
        return [*self.shared, *self.joined, *self.small]

    def replace(self, gone: set[str], went: Sequence[str]) -> None:
        """Parts went into others: these are its own as long as those were."""
        mine = gone <= {*self.small, *self.joined}
        was_joined = not gone <= {*self.small}
        for name in ("small", "joined", "shared"):
            setattr(self, name, [p for p in getattr(self, name) if p not in gone and p not in went])
        (self.shared if not mine else self.joined if was_joined else self.small).extend(went)


class GrowingSource:
    """What one source of one market has in a store. One thread at a time may call it.

    Parameters
    ----------
    root : the folder of the store, made if it is not there.
    """

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self.root = Path(root)
        self._market = "", ""
        self._own: dict[Day, _Own] = {}
        self._last_seq: int | None = None
        self._feed: str | None = None

    @property
    def parts(self) -> int:
        """Files that hold its rows."""
        return sum(len(own.places) for own in self._own.values())

    def add(
        self,
        rows: Mapping[str, Sequence[pa.RecordBatch]],
        metas: Mapping[str, Meta],
        source: Source,
        follows: int = -1,
    ) -> None:
        """Make rows visible, in one step.

        Parameters
        ----------
        rows : by table, in the order of the source, after those that were added before. Depth does not end
            with a gap row: what comes after it may continue.
        metas : of each table; they are of one market.
        source : as it is now.
        follows : seq that the first depth message of all says it follows; -1 for a snapshot.

        Raises
        ------
        StoreError : they contradict what another source said, or the store cannot be written. Nothing of
            them is in the store.
        """
        self._change(rows, metas, source, follows)

    def end(
        self,
        rows: Mapping[str, Sequence[pa.RecordBatch]],
        metas: Mapping[str, Meta],
        source: Source,
        follows: int = -1,
        key: str = "",
        facts: Any = None,
    ) -> None:
        """As `add`, of the last rows: the source is whole, its parts of a day become one, and `known` gives
        ``facts`` back, as after `Writer.commit`."""
        self._change(rows, metas, source, follows, ended=(key, facts))

    def _change(
        self,
        rows: Mapping[str, Sequence[pa.RecordBatch]],
        metas: Mapping[str, Meta],
        source: Source,
        follows: int,
        ended: tuple[str, Any] | None = None,
    ) -> None:
        self._feed = metas["depth"].feed if "depth" in metas else None
        self._market = next((meta.venue, meta.symbol) for meta in metas.values())
        with write_errors(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            open_for_writing(self.root)
            with staged(self.root) as work:
                new = self._written(rows, metas, source, follows, work)
                if not new and ended is None:
                    return
                with locked(self.root / LOCK):
                    recover(self.root)
                    own = until_agreed(self.root, work, lambda: self._commit(new, source, ended, work))
        self._own = own
        depth = [part for part in new if part.kind == "depth"]
        if depth:
            self._last_seq = depth[-1].facts.last_seq

    def _written(
        self,
        rows: Mapping[str, Sequence[pa.RecordBatch]],
        metas: Mapping[str, Meta],
        source: Source,
        follows: int,
        work: Path,
    ) -> list[Part]:
        """The rows as files, one a table and day, in the order of time."""
        parts = []
        for kind in TABLES:
            before = follows if self._last_seq is None else self._last_seq
            for day, table in _days(kind, rows.get(kind, ())):
                meta = replace(metas[kind], sources=(source,))
                writer = PartWriter(work / f"{kind}-{day}.parquet", kind)
                writer.write(table)
                part = writer.close(meta, before if kind == "depth" else -1)
                if not writer.ordered and kind not in ("orders", "quotes"):
                    part = sorted_trades(part, meta.trade_ids in OWN_IDS)
                before = part.facts.last_seq
                parts.append(part)
        return parts

    def _commit(
        self, new: Sequence[Part], source: Source, ended: tuple[str, Any] | None, work: Path
    ) -> dict[Day, _Own]:
        """All of it in one step; gives what the source has then."""
        manifest = adopted(self.root, *self._market, work)
        change = Change(manifest, work)
        place = manifest.place
        there = {place(part): part for part in manifest.parts}
        after = {day: _found(own, day, self._feed, there) for day, own in self._own.items()}
        for number, part in enumerate(new):
            self._place(change, part, number, after.setdefault((part.kind, part.day), _Own()))
        made = {place(part): part for _, part in change.adds}
        for day, own in after.items():
            self._join(change, there | made, own, source, day, ended is not None)
        if ended is not None:
            key, facts = ended
            places = tuple(place for own in after.values() for place in own.places)
            change.reading = Reading(source.sha256, key, places)
            remember(self.root, source, key, places, facts, work)
        change.commit()
        return after

    def _place(self, change: Change, part: Part, number: int, own: _Own) -> None:
        """Where a new part goes: a file of its own, or into those of others that it overlaps."""
        manifest = change.manifest
        shared = [
            old
            for old in overlapping(part, beside(part, manifest.parts))
            if not _before(old, part, own, manifest.place(old))
        ]
        if shared:
            went = merge_into(change, part, shared, number)
            own.replace({manifest.place(old) for old in shared}, went)
        else:
            added = change.add(part, f"live-{part.facts.first_ts // SECOND}")
            own.small.append(manifest.place(added))
        own.first_ts = part.facts.first_ts if own.first_ts is None else own.first_ts
        own.last_ts, own.last_seq = part.facts.last_ts, part.facts.last_seq

    def _join(
        self, change: Change, parts: Mapping[str, Part], own: _Own, source: Source, day: Day, ended: bool
    ) -> None:
        """Make one part of many, where there are many."""
        places = [*own.joined, *own.small] if ended else own.small
        if len(places) < 2 or not (ended or len(own.small) >= MOST_SMALL):
            return
        place = change.manifest.place
        own.joined, own.small = ([] if ended else own.joined), []
        for run in _runs(sorted((parts[p] for p in places), key=lambda part: part.key)):
            if len(run) == 1:
                own.joined.append(place(run[0]))
                continue
            fresh = {place(part): made for made, part in change.adds}
            files = [fresh.get(place(part), part) for part in run]
            out = change.work / f"joined-{day[0]}-{day[1]}-{len(own.joined)}.parquet"
            joined = join_parts(files, out, (source,))
            taken = {place(part) for part in run}
            change.adds = [(made, part) for made, part in change.adds if place(part) not in taken]
            name = source.sha256[:16] if ended else f"live-{joined.facts.first_ts // SECOND}"
            old = [part for part in run if place(part) not in fresh]
            own.joined.append(place(change.join(old, joined, name)))


def _runs(parts: Sequence[Part]) -> list[list[Part]]:
    """Parts that can be one file: of depth, those that continue each other."""
    runs: list[list[Part]] = []
    for part in parts:
        if runs and (part.kind != "depth" or part.continues(runs[-1][-1])):
            runs[-1].append(part)
        else:
            runs.append([part])
    return runs


def _found(own: _Own, day: Day, feed: str | None, parts: Mapping[str, Part]) -> _Own:
    """Where it is now: another process may have joined its parts with others, which keeps every row."""
    if all(place in parts for place in own.places):
        return _Own(**{name: _copied(value) for name, value in vars(own).items()})
    kept = _Own([], [], [], own.first_ts, own.last_ts, own.last_seq)
    for place, part in parts.items():
        if (part.kind, part.day) != day or (part.kind == "depth" and part.meta.feed != feed):
            continue
        if part.facts.last_ts >= (own.first_ts or 0) and part.facts.first_ts <= own.last_ts:
            which = next((n for n in ("small", "joined") if place in getattr(own, n)), "shared")
            getattr(kept, which).append(place)
    return kept


def _copied(value: Any) -> Any:
    return list(value) if isinstance(value, list) else value


def _before(old: Part, part: Part, own: _Own, place: str) -> bool:
    """Whether an older part ends with what the source said last, so that nothing of the new one is in it."""
    if part.facts.first_ts < old.facts.last_ts:
        return False
    if place in own.small or place in own.joined:
        return True
    told = (old.facts.last_ts, old.facts.last_seq) == (own.last_ts, own.last_seq)
    return place in own.shared and part.kind == "depth" and told


def _days(kind: str, batches: Sequence[pa.RecordBatch]) -> list[tuple[int, pa.Table]]:
    """Rows by UTC day, the earliest first."""
    filled = [batch for batch in batches if batch.num_rows]
    if not filled:
        return []
    table = pa.Table.from_batches(filled, schema=TABLES[kind]).unify_dictionaries().combine_chunks()
    days = int64(table["ts"]) // DAY
    if days[0] == days[-1] and (days == days[0]).all():
        return [(int(days[0]), table)]
    return [(int(day), table.filter(pa.array(days == day))) for day in np.unique(days)]


def closing_gap(batch: pa.RecordBatch) -> int:
    """How many rows of depth at the end of a batch are gap rows."""
    events = codes(batch.column("event"), EVENTS)
    count = 0
    while count < len(events) and events[-1 - count] == GAP:
        count += 1
    return count

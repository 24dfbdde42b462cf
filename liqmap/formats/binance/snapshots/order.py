"""Diffs and REST snapshots of one Binance book, put into the order of their update ids.

A capture holds the snapshot somewhere after the first diffs: it belongs before the first diff with
``u > lastUpdateId``. A diff covers the ids (prev, u], so one with ``prev <= lastUpdateId < u`` continues the
snapshot. Source: https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from liqmap.formats.binance.snapshots.owner import Others
from liqmap.formats.text.rejected_lines import RejectedLines
from liqmap.schema import MISSING, SNAPSHOT, Messages, Rejected
from liqmap.schema.messages import join, part

KEPT = 2_000
"""Diffs kept back for a snapshot that is still on its way: minutes of them at 100 ms."""

WAITING = 512
"""Snapshots of a capture of several symbols that wait for a diff which says whose they are."""


class Order:
    """Keeps back the last diffs of each batch until the next, so that memory is bounded.

    Where it is ``prompt``, it keeps back none that a snapshot and an unbroken chain of ids stand behind: as
    of a live stream, whose recorder asks for a snapshot only at the beginning and after a break.

    ``late`` counts snapshots older than what was given out; ``strange`` those that, in a capture of several
    symbols, nothing ties to these diffs; ``before`` the diffs from before a first snapshot that was saved
    ``apart``, in another file: as it comes to its place for certain, nothing is known better from them.
    """

    def __init__(
        self, others: Others | None = None, apart: Sequence[Messages] = (), prompt: bool = False
    ) -> None:
        self.late = self.strange = self.before = 0
        self._apart = sorted(apart, key=lambda snapshot: int(snapshot.seq[0]))
        self._others = Others() if others is None else others
        self._kept: list[Messages] = []
        self._rejected = RejectedLines()
        self._waiting: list[Messages] = []
        self._emitted = self._last = -1
        self._prompt, self._settled = prompt, False

    def push(
        self, diffs: Messages | None, snapshots: Sequence[Messages], rejected: Sequence[Rejected]
    ) -> tuple[Messages | None, tuple[Rejected, ...]]:
        """The messages and lost lines that are settled now. A snapshot without a time of the engine's has
        ``ts`` MISSING: it gets that of the diff beside it."""
        self._rejected.add(rejected)
        found = join([*self._kept, *([diffs] if diffs is not None else [])])
        found = self._place_apart(self._place_all(found, snapshots, wait=True), last=False)
        if found is None:
            return None, ()
        keep = self._certain(found) if self._prompt else 0
        keep = max(len(found.seq) - KEPT, keep)
        self._kept = [part(found, keep, len(found.seq))]
        out = part(found, 0, keep)
        if keep:
            self._emitted, self._last = int(out.seq.max()), int(out.seq[-1])
        self._settled = self._settled and keep == len(found.seq)
        until = int(found.line[keep]) if keep < len(found.seq) else None
        return (out if keep else None), self._rejected.before(until)

    def _certain(self, found: Messages) -> int:
        """How many messages no snapshot can come before any more: those up to the last that an unbroken chain
        ties to a snapshot. A repeat breaks none."""
        snapshot = found.event == SNAPSHOT
        newest = np.maximum.accumulate(np.concatenate([[self._emitted], found.seq[:-1]]))
        tied = ~snapshot & ((found.prev == newest) | (found.seq <= newest))
        breaks = np.flatnonzero(~tied)
        if len(breaks) and snapshot[breaks[-1]] and breaks[-1] + 1 < len(tied):
            self._settled = True
            return len(tied)
        if not self._settled:
            return 0
        return int(breaks[0]) if len(breaks) else len(tied)

    def finish(self) -> tuple[Messages | None, tuple[Rejected, ...]]:
        """What was still kept back."""
        found = self._place_all(join(self._kept), [], wait=False)
        return self._place_apart(found, last=True), self._rejected.before(None)

    def _place_apart(self, found: Messages | None, last: bool) -> Messages | None:
        """Those of other files before the first diff that is newer, or after the ``last`` of all."""
        while found is not None and self._apart:
            snapshot = self._apart[0]
            number = int(snapshot.seq[0])
            newer = found.seq > number
            if not (newer.any() or (last and number == found.seq[-1])):
                break
            del self._apart[0]
            at = int(np.argmax(newer)) if newer.any() else len(newer)
            before, after = part(found, 0, at), part(found, at, len(newer))
            spoken = int(before.seq[-1]) if at else self._last
            if self._emitted < 0 and not (before.event == SNAPSHOT).any() and len(after.seq):
                self.before += at
                before, spoken = part(before, 0, 0), -1
            found = join([before, *_between(before, snapshot, after, spoken)])
        return found

    def _place_all(
        self, found: Messages | None, snapshots: Sequence[Messages], wait: bool
    ) -> Messages | None:
        """All snapshots at their places; the last may ``wait`` for the diff that comes after it, and all may
        where only that diff says whose they are."""
        todo = [*self._waiting, *snapshots]
        self._waiting = []
        for i, snapshot in enumerate(todo):
            newer = found is not None and bool((found.seq > snapshot.seq[0]).any())
            if wait and not newer and (self._others or i == len(todo) - 1):
                self._waiting.append(snapshot)
            else:
                found = self._place(found, snapshot)
        self.strange += max(len(self._waiting) - WAITING, 0)
        self._waiting = self._waiting[-WAITING:]
        return found

    def _place(self, diffs: Messages | None, snapshot: Messages) -> Messages | None:
        """The snapshot before the first diff that is newer; one older than what was given out is left out."""
        last = int(snapshot.seq[0])
        if last < self._emitted or (diffs is None and self._others):
            self.strange += bool(self._others)
            self.late += not self._others
            return diffs
        if diffs is None:
            return snapshot if snapshot.ts[0] != MISSING else replace(snapshot, ts=snapshot.ts_recv)
        newer = diffs.seq > last
        at = int(np.argmax(newer)) if newer.any() else len(newer)
        before, after = part(diffs, 0, at), part(diffs, at, len(newer))
        follows, line = -1, int(snapshot.line[0])
        spoken = int(before.seq[-1]) if at else self._last
        if self._others and not self._others.is_ours(snapshot, before, after, spoken):
            self.strange += 1
            return diffs
        if len(after.seq):
            line = min(line, int(after.line[0]))
            if after.prev[0] == spoken and 0 <= spoken < last:
                follows = spoken
            if after.prev[0] <= last:
                after.prev[0] = last
        ts = int(snapshot.ts[0])
        if ts == MISSING:
            ts = int(before.ts[-1] if at else after.ts[0])
        placed = replace(snapshot, ts=np.array([ts]), prev=np.array([follows]), line=np.array([line]))
        return join([before, placed, after])


def _between(before: Messages, snapshot: Messages, after: Messages, spoken: int) -> tuple[Messages, Messages]:
    """A snapshot of another file with its time and what it follows, and what comes after it."""
    number, ts = int(snapshot.seq[0]), int(snapshot.ts[0])
    near = (after if len(after.seq) else before).line
    earliest = int(before.ts[-1]) if len(before.seq) else ts
    latest = int(after.ts[0]) if len(after.seq) else max(ts, earliest)
    if ts == MISSING or not earliest <= ts <= latest:
        ts = latest
    follows = -1
    if len(after.seq):
        if after.prev[0] == spoken and 0 <= spoken < number:
            follows = spoken
        after.prev[0] = max(after.prev[0], number)
    placed = replace(
        snapshot, ts=np.array([ts]), prev=np.array([follows]), line=near[:1] if len(after.seq) else near[-1:]
    )
    return placed, after

"""An outcome judged: cells, gaps, recovery."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from typing import Any, NamedTuple

import pyarrow as pa

import liqmap as lm
from liqmap.live.play import Fault
from liqmap.live.play.faults import SPAN
from tests.live.faults.rehearsal import Outcome
from tests.live.faults.truth import (
    SIDES,
    Change,
    Wrong,
    apply,
    best_of,
    changes,
    contradictions,
    tick_size_of,
)

COMPARED = 10
"""Levels a side that Kraken's checksums cover."""

HARMLESS = ("double", "drip")
"""Kinds of faults that lose nothing."""


LATE_NS = 20 * 10**9
"""A message that is late, or comes out of a silence of a second at most, does so by then."""


class Unknown(NamedTuple):
    """From a gap row to the next snapshot there is no whole book; ns, ``until`` None where none comes."""

    after: int
    until: int | None

    def covers(self, ts: int) -> bool:
        return self.after <= ts and (self.until is None or ts <= self.until)


class Judged:
    """What an outcome shows, and what was so."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        market = outcome.served.market
        self.session = lm.open_store(outcome.store).session(market.venue, market.symbol)
        depth = self.session.depth()
        self.tick_size = tick_size_of(outcome.truth.depth)
        self.truth = changes(outcome.truth.depth, self.tick_size)
        self.recorded = changes(depth, self.tick_size)
        self.unknown = list(_unknown(depth))
        self.deep = 0  # cells that were wrong beyond the levels of checksums, and told as unverifiable

    @cached_property
    def wrong(self) -> list[Wrong]:
        """Cells that are shown as observed, and were not so, of those that are vouched for.

        Kraken sends no ids, and its checksums cover the best `COMPARED` levels: of a deeper book, what lies
        beyond may be wrong from a fault on to the next snapshot, where `trust` tells it as unverifiable and,
        once a checksum was contradicted before that snapshot, as doubted.
        """
        found, told, self.deep = [], {}, 0
        for cell in contradictions(self.session.spans(), self.truth, self.tick_size):
            if cell.ts not in told:
                told[cell.ts] = self._is_partly_covered and self._is_told_as_unverifiable(cell.ts)
            is_told = told[cell.ts] and cell.rank >= COMPARED
            self.deep += is_told
            found += [] if is_told else [cell]
        return found

    def _is_told_as_unverifiable(self, ts: int) -> bool:
        """Whether a fault was struck since the last snapshot, and trust tells of what it may have done."""
        snapshots = [change.ts for change in self.recorded if change.snapshot]
        at = bisect_right(snapshots, ts)
        since, until = snapshots[at - 1], snapshots[at] if at < len(snapshots) else self.truth[-1].ts + 1
        lossy = [at for fault, at in self.outcome.struck if fault.kind not in HARMLESS]
        struck = any(self.times[max(at - 1, 1)] <= ts and since <= self._end_of(at) for at in lossy)
        found = any(gap.reason == "checksum" and ts <= gap.after < until for gap in self.outcome.report.lost)
        row = self.trust[bisect_right(self._trust_starts, ts) - 1]
        return struck and row.beyond == "unverifiable" and (row.doubted or not found)

    def _end_of(self, at: int) -> int:
        """Until when what was struck at a message may come, ns."""
        last = max(_last(fault, at) for fault, number in self.outcome.struck if number == at)
        return self.times[min(last, self.outcome.messages)] + LATE_NS

    @property
    def _is_partly_covered(self) -> bool:
        served = self.outcome.served
        return served.venue == "kraken" and served.levels is not None and served.levels > COMPARED

    @cached_property
    def trust(self) -> list[Any]:
        return list(self.session.trust().itertuples())

    @cached_property
    def _trust_starts(self) -> list[int]:
        return [row.start.value for row in self.trust]

    @cached_property
    def times(self) -> dict[int, int]:
        """When each message of the truth was, by its number, ns."""
        return {change.number: change.ts for change in self.truth}

    def is_unknown(self, ts: int) -> bool:
        return any(one.covers(ts) for one in self.unknown)

    @cached_property
    def told(self) -> list[Change]:
        """Messages of the truth that change what is subscribed, after the recording's first snapshot and
        before its last message; of a book that checksums cover in part, what they cover."""
        first = next(change.ts for change in self.recorded if change.snapshot)
        last = self.recorded[-1].ts
        levels = COMPARED if self._is_partly_covered else self.outcome.served.levels
        book: dict[str, dict[int, float]] = {side: {} for side in SIDES}
        before, found = None, []
        for change in self.truth:
            apply(book, change)
            best = {side: best_of(sizes, side, levels) for side, sizes in book.items()}
            if best != before and first < change.ts < last:
                found.append(change)
            before = best
        return found

    @cached_property
    def missing(self) -> list[Change]:
        """Of these, those that the recording does not have, and tells no gap over."""
        have = {change.ts for change in self.recorded}
        return [c for c in self.told if c.ts not in have and not self.is_unknown(c.ts)]

    @cached_property
    def unreported(self) -> list[Unknown]:
        """Gaps of the store that the recorder's report, or the session, does not list."""
        reported = {gap.after for gap in self.outcome.report.lost}
        listed = {after.value for after in self.session.gaps()["after"]}
        return [gap for gap in self.unknown if gap.after not in reported & listed]

    @cached_property
    def unexplained(self) -> list[Unknown]:
        """Gaps that no fault can have made."""
        times, end = self.times, self.truth[-1].ts

        def can(gap: Unknown, fault: Fault, at: int) -> bool:
            begin = times[max(at - 1, 1)]
            seconds = fault.duration if fault.kind == "late" else 0.0
            last = times[min(_last(fault, at), self.outcome.messages)] + int(seconds * 1e9)
            if fault.kind in ("silence", "drop") or fault.kind.startswith("restart"):
                last = end
            if self._is_partly_covered:  # what a checksum finds may have been wrong for long
                last = end
            return begin <= (end if gap.until is None else gap.until) and gap.after <= last

        lossy = [(f, n) for f, n in self.outcome.struck if f.kind not in HARMLESS]
        return [gap for gap in self.unknown if not any(can(gap, *fault) for fault in lossy)]

    @property
    def needed(self) -> list[tuple[Fault, int]]:
        """Struck faults after which a new connection may be needed."""
        closing = ("drop",) if self.outcome.served.venue == "bybit" else ("drop", "restart", "restart-empty")
        return [
            (fault, number)
            for fault, number in self.outcome.struck
            if fault.kind in closing or (fault.kind == "silence" and fault.duration > self.outcome.silence_s)
        ]

    @property
    def reconnects(self) -> list[int]:
        """How many connections were opened after each of these, before the next."""
        counts = [0] * len(self.needed)
        for number in self.outcome.opened:
            before = [i for i, (_, at) in enumerate(self.needed) if at <= number]
            if not before:
                return [2]  # one that nothing asked for
            counts[before[-1]] += 1
        return counts

    def verdict(self) -> list[str]:
        """What is wrong with it, in words; nothing where nothing is."""
        wrong, found = self.wrong, []
        if wrong:
            found.append(f"{len(wrong):,} cells are shown as observed and were not so, first {wrong[0]}")
        if self.missing:
            found.append(f"no gap tells that messages {[c.number for c in self.missing]} are missing")
        if self.unreported:
            found.append(f"gaps that are not reported: {self.unreported}")
        if self.unexplained:
            found.append(f"gaps without a fault: {self.unexplained}")
        if max(self.reconnects, default=0) > 1:
            found.append(f"connections after each of {self.needed}: {self.reconnects}")
        if not self.ends_known:
            found.append("the book is not observed at the end")
        if self.outcome.report.errors:
            found.append(f"the recorder failed: {self.outcome.report.errors}")
        return found

    @property
    def ends_known(self) -> bool:
        """Whether both sides are observed at the last message."""
        steps = self.session.spans().window.to_pylist()
        last = self.recorded[-1].ts
        for side in SIDES:
            before = [s for s in steps if s["side"] == side and s["start"].value < last]
            if not before or not before[-1]["known"]:
                return False
        return True


def _last(fault: Fault, at: int) -> int:
    """The last message that a fault takes in."""
    return at + SPAN.get(fault.kind, 0) if fault.last is None else fault.last


def _heads(depth: pa.Table) -> list[tuple[int, str]]:
    return list(zip(depth["ts"].cast(pa.int64()).to_pylist(), depth["event"].to_pylist()))


def _unknown(depth: pa.Table) -> Iterator[Unknown]:
    after = None
    for ts, event in _heads(depth):
        if event == "gap" and after is None:
            after = ts
        elif event == "snapshot" and after is not None:
            yield Unknown(after, ts)
            after = None
    if after is not None:
        yield Unknown(after, None)

"""Depth of two sources as one feed: what both have is kept once, a gap stays where neither bridges it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from liqmap.schema import DEPTH, EVENTS, GAP, MISSING, SIDES, SNAPSHOT, codes, depth_rows, int64
from liqmap.store.merge.conflict import Conflict
from liqmap.store.parts import Part


@dataclass
class _Columns:
    """Rows of DEPTH as arrays, and the messages in them; gap rows are no messages but separate runs."""

    ts: np.ndarray
    ts_recv: np.ndarray
    seq: np.ndarray
    event: np.ndarray
    side: np.ndarray
    price: np.ndarray
    size: np.ndarray
    begin: np.ndarray = field(init=False)
    length: np.ndarray = field(init=False)
    run: np.ndarray = field(init=False)
    gaps: int = field(init=False)

    def __post_init__(self) -> None:
        event, seq, ts = self.event, self.seq, self.ts
        if len(ts) == 0:
            self.begin = self.length = self.run = np.empty(0, np.int64)
            self.gaps = 0
            return
        new = np.ones(len(ts), np.bool_)
        new[1:] = (
            (seq[1:] != seq[:-1]) | (event[1:] != event[:-1]) | (ts[1:] != ts[:-1]) | (event[1:] > SNAPSHOT)
        )
        begin = np.flatnonzero(new)
        length = np.diff(np.append(begin, len(ts)))
        gap = event[begin] == GAP
        self.gaps = int(gap.sum())
        self.run = np.cumsum(gap)[~gap]
        self.begin, self.length = begin[~gap], length[~gap]

    @classmethod
    def of(cls, table: pa.Table) -> _Columns:
        return cls(
            ts=int64(table["ts"]),
            ts_recv=int64(table["ts_recv"], null=MISSING),
            seq=int64(table["seq"], null=-1),
            event=codes(table["event"], EVENTS),
            side=codes(table["side"], SIDES),
            price=table["price"].to_numpy(),
            size=table["size"].to_numpy(),
        )


class DepthMerge:
    """Messages of two parts in the order of the feed; a gap stands where neither source bridges it."""

    def __init__(self, old: Part, new: Part) -> None:
        self.added = False
        self.first_is_new = False
        self._conflict = Conflict(old, new)
        self._parts = old, new
        self._runs = np.zeros(2, np.int64)
        self._gaps = 0
        self._last: tuple[int, int, np.ndarray] | None = None
        self._seq: list[int | None] = [None, None]
        self._tail: tuple[int, int] | None = None

    def slice(self, left: pa.Table, right: pa.Table) -> Iterator[pa.Table]:
        """The merged rows of one slice of time."""
        both = (_Columns.of(left), _Columns.of(right))
        runs = [c.run + base for c, base in zip(both, self._runs)]
        self._runs += [c.gaps for c in both]
        self._gaps += both[0].gaps
        rows = self._join(both)
        source = np.repeat([0, 1], [len(c.begin) for c in both])
        begin = np.concatenate([both[0].begin, both[1].begin + len(both[0].ts)])
        length = np.concatenate([c.length for c in both])
        if len(begin) == 0:
            return
        ts, seq, snap = rows.ts[begin], rows.seq[begin], rows.event[begin] == SNAPSHOT
        order = np.lexsort((source, snap, seq, self._begun_anew(both, ts, seq, snap), ts))
        a, b = order[:-1], order[1:]
        twin = (ts[a] == ts[b]) & (seq[a] == seq[b]) & (snap[a] == snap[b]) & (source[a] < source[b])
        self._compare(rows, begin, length, a[twin], b[twin])
        self._stray(both)
        run_of = np.full((2, len(order)), -1, np.int64)  # source, message: the run it is in
        run_of[source, np.arange(len(order))] = np.concatenate(runs)
        run_of[1, a[twin]] = run_of[1, b[twin]]
        keep = np.ones(len(order), np.bool_)
        keep[1:] = ~twin
        order = order[keep]
        snapshots = rows.event[begin[order]] == SNAPSHOT
        before = (-1, -1) if self._last is None else self._last[2]
        for one, last in zip(run_of, before):
            one[order] = _bridged(one[order], snapshots, int(last))
        self.added |= bool((source[order] == 1).any())
        if self._last is None:
            self.first_is_new = bool(source[order[0]] == 1)
        yield self._build(rows, begin[order], length[order], run_of[:, order])

    def end(self) -> Iterator[pa.Table]:
        """A gap at the end of the stored part stays, unless the new source goes on without one."""
        if self._last is None:
            return
        ts, seq, run_of = self._last
        bridged = run_of[1] == self._runs[1]
        if 0 <= run_of[0] < self._runs[0] and not bridged:
            self._gaps -= 1
            yield _gap_row(ts, seq)
        self.added |= self._gaps != 0

    def _begun_anew(
        self, both: tuple[_Columns, _Columns], ts: np.ndarray, seq: np.ndarray, snap: np.ndarray
    ) -> np.ndarray:
        """How often ids had begun anew at a message's own time: of two at one time the one with the lower id
        is the later then. Where both sources have a message, what either knows counts."""
        begun = []
        for k, columns in enumerate(both):
            own, at = columns.seq[columns.begin], columns.ts[columns.begin]
            if not len(own):
                continue
            back = np.diff(own, prepend=own[0] if (last := self._seq[k]) is None else last) < 0
            count, first = np.cumsum(back), np.searchsorted(at, at, side="left")
            begun.append(count - count[first] + back[first])
            self._seq[k] = int(own[-1])
        found = np.concatenate(begun)
        if not found.any():  # nearly always
            return found
        order = np.lexsort((snap, seq, ts))
        same = np.stack([ts, seq, snap])[:, order]
        heads = np.flatnonzero(np.append(True, (np.diff(same, axis=1) != 0).any(axis=0)))
        most = np.maximum.reduceat(found[order], heads)
        found[order] = np.repeat(most, np.diff(np.append(heads, len(order))))
        return found

    def _join(self, both: tuple[_Columns, _Columns]) -> _Columns:
        names = ("ts", "ts_recv", "seq", "event", "side", "price", "size")
        return _Columns(**{n: np.concatenate([getattr(c, n) for c in both]) for n in names})

    def _compare(
        self, rows: _Columns, begin: np.ndarray, length: np.ndarray, a: np.ndarray, b: np.ndarray
    ) -> None:
        """Messages that both sources have must hold the same levels, in any order."""
        if len(a) == 0:
            return
        wrong = np.flatnonzero(length[a] != length[b])
        if len(wrong) == 0:
            i, j = _ranges(begin[a], length[a]), _ranges(begin[b], length[b])
            message = np.repeat(np.arange(len(a)), length[a])
            i = i[np.lexsort((rows.size[i], rows.price[i], rows.side[i], message))]
            j = j[np.lexsort((rows.size[j], rows.price[j], rows.side[j], message))]
            same = (rows.side[i] == rows.side[j]) & (rows.side[i] < 0)
            same |= (
                (rows.side[i] == rows.side[j])
                & (rows.price[i] == rows.price[j])
                & (rows.size[i] == rows.size[j])
            )
            wrong = message[~same]
        if len(wrong):
            raise self._conflict.error(f"the message with seq {rows.seq[begin[a[wrong[0]]]]}")

    def _stray(self, both: tuple[_Columns, _Columns]) -> None:
        """One seq at two times is a conflict too, unless ids began again in between."""
        found = []
        for columns in both:
            updates = columns.begin[columns.event[columns.begin] != SNAPSHOT]
            seq = columns.seq[updates]
            if (np.diff(seq) <= 0).any():
                return
            found.append((seq, columns.ts[updates]))
        common, i, j = np.intersect1d(found[0][0], found[1][0], assume_unique=True, return_indices=True)
        wrong = found[0][1][i] != found[1][1][j]
        if wrong.any():
            raise self._conflict.error(f"the message with seq {common[wrong][0]}")

    def _build(self, rows: _Columns, begin: np.ndarray, length: np.ndarray, runs: np.ndarray) -> pa.Table:
        """Rows of the messages, with a gap row before each that continues nothing."""
        gap = np.zeros(len(begin), np.bool_)
        ts, seq = rows.ts[begin], rows.seq[begin]
        snap = rows.event[begin] == SNAPSHOT
        before_ts, before_seq = np.roll(ts, 1), np.roll(seq, 1)
        before_runs = np.roll(runs, 1, axis=1)
        if self._last is not None:
            before_ts[0], before_seq[0], before_runs[:, 0] = self._last
        shared = (runs >= 0) & (before_runs >= 0)
        joined = (shared & (runs == before_runs)).any(axis=0)
        step = seq - before_seq
        follows = [(seq == p.facts.first_seq) & (before_seq == p.facts.follows) for p in self._parts]
        joined |= ~shared.any(axis=0) & ((step == 1) | (snap & (step == 0)) | follows[0] | follows[1])
        gap = ~joined
        if self._last is None:
            gap[0] = False
        self._gaps -= int(gap.sum())
        self._last = int(ts[-1]), int(seq[-1]), runs[:, -1]
        index = np.full(int(length.sum() + gap.sum()), -1, np.int64)
        starts = np.cumsum(length + gap) - length
        index[_ranges(starts, length)] = _ranges(begin, length)
        at = starts[gap] - 1
        columns = {
            n: getattr(rows, n)[index] for n in ("ts", "seq", "ts_recv", "event", "side", "price", "size")
        }
        columns["ts"][at], columns["seq"][at] = before_ts[gap], before_seq[gap]
        columns["ts_recv"][at], columns["event"][at], columns["side"][at] = MISSING, GAP, -1
        return pa.Table.from_batches([depth_rows(**columns)])


def _bridged(runs: np.ndarray, snapshots: np.ndarray, last: int) -> np.ndarray:
    """The run of each message in one source, -1 where it is not in it: a snapshot of the other that stands
    within a run of this one, in which nothing was lost, breaks nothing either.

    Parameters
    ----------
    last : run of the message before these.
    """
    known = np.concatenate([[last], runs])
    at = np.where(known >= 0, np.arange(len(known)), 0)
    before = known[np.maximum.accumulate(at)][1:]
    after = np.append(runs, -1)
    at = np.where(after >= 0, np.arange(len(after)), len(after) - 1)
    after = after[np.minimum.accumulate(at[::-1])[::-1]][:-1]
    return np.where((runs < 0) & snapshots & (before == after), before, runs)


def _ranges(begin: np.ndarray, length: np.ndarray) -> np.ndarray:
    """The indices of many ranges, one after the other."""
    ends = np.cumsum(length)
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(begin - ends + length, length)


def _gap_row(ts: int, seq: int) -> pa.Table:
    one = np.ones(1, np.int64)
    nothing = np.zeros(1)
    row = depth_rows(
        ts * one,
        MISSING * one,
        seq * one,
        (GAP * one).astype(np.int8),
        (-one).astype(np.int8),
        nothing,
        nothing,
    )
    return pa.Table.from_batches([row], schema=DEPTH)

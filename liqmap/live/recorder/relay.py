"""The rows of a market's recordings, one after the other, as one feed for who watches it.

Where one recording takes the place of another, both were heard for a moment: what both have is passed on
once. Where messages are missing between two, a gap row stands between them, as when the store is read.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liqmap.schema import EVENTS, GAP, MISSING, SNAPSHOT, Meta, codes, depth_rows, int64

REMEMBERED = 4_000
"""Trades whose ids are known, so that none is passed on twice."""

Pass = Callable[[str, pa.RecordBatch, Meta], None]


@dataclass(frozen=True)
class Place:
    """Where a feed is: time (ns) and id of its last message."""

    ts: int
    seq: int


@dataclass(frozen=True)
class Missing:
    """Between two recordings messages are missing."""

    before: Place
    after: Place


class Relay:
    """Passes on the rows of one recording at a time; those of the next wait until it is `switched` to.

    Parameters
    ----------
    receive : what the rows are passed to; None where nobody watches.
    last : where the feed was before; None where it is not known.
    missing : told once for each time that messages are missing between two recordings.
    """

    def __init__(
        self,
        receive: Pass | None,
        last: Place | None = None,
        missing: Callable[[Missing], None] | None = None,
    ) -> None:
        self._receive, self._missing = receive, missing
        self.last = last
        self._lock = threading.RLock()
        self._current: object = None
        self._joining = False
        self._waiting: dict[int, list[tuple[str, pa.RecordBatch, Meta]]] = {}
        self._trades: deque[frozenset[str]] = deque()

    def switch(self, recording: object) -> None:
        """Another recording is passed on from here on."""
        with self._lock:
            self._current, self._joining = recording, True
            for rows in self._waiting.pop(id(recording), []):
                self._pass(*rows)

    def take(self, recording: object, kind: str, rows: pa.RecordBatch, meta: Meta) -> None:
        """Rows of one of them."""
        with self._lock:
            if recording is self._current:
                self._pass(kind, rows, meta)
            else:
                self._waiting.setdefault(id(recording), []).append((kind, rows, meta))

    def _pass(self, kind: str, rows: pa.RecordBatch, meta: Meta) -> None:
        if kind == "depth":
            rows = self._depth(rows, meta)
        elif kind == "trades" and self._receive is not None:
            rows = self._new_trades(rows)
        if rows.num_rows and self._receive is not None:
            self._receive(kind, rows, meta)

    def _depth(self, rows: pa.RecordBatch, meta: Meta) -> pa.RecordBatch:
        """Those after the last that was passed on."""
        if self._joining:
            rows = self._joined(rows, meta)
        if rows.num_rows:
            ts, seq = int64(rows.column("ts")), int64(rows.column("seq"), null=-1)
            self.last = Place(int(ts[-1]), int(seq[-1]))
        return rows

    def _joined(self, rows: pa.RecordBatch, meta: Meta) -> pa.RecordBatch:
        """The first rows of a recording: those that the one before has too are left out."""
        ts, seq = int64(rows.column("ts")), int64(rows.column("seq"), null=-1)
        last = self.last
        if last is None:
            self._joining = False
            return rows
        known = (seq <= last.seq) & (ts <= last.ts)
        if known.all():
            self._overlapped = True
            return rows.slice(0, 0)
        at = int(np.argmin(known))
        overlapped, self._overlapped = self._overlapped or at > 0, False
        self._joining = False
        rows = rows.slice(at)
        event = codes(rows.column("event"), EVENTS)
        first = Place(int(ts[at]), int(seq[at]))
        follows = event[0] == SNAPSHOT and first.seq - last.seq in (0, 1)
        if overlapped or follows or event[0] == GAP:
            return rows
        if self._missing is not None:
            self._missing(Missing(last, first))
        if self._receive is not None:
            self._receive("depth", _gap_row(last), meta)
        return rows

    _overlapped = False

    def _new_trades(self, rows: pa.RecordBatch) -> pa.RecordBatch:
        """Trades whose ids were not passed on."""
        names = rows.column("id")
        ids = frozenset(name for name in names.to_pylist() if name)
        known = [name for before in self._trades for name in before & ids]
        self._trades.append(ids)
        while sum(map(len, self._trades)) - len(self._trades[0]) > REMEMBERED:
            self._trades.popleft()
        if not known:
            return rows
        return rows.filter(pc.invert(pc.is_in(names, pa.array(known, pa.string()))))


def _gap_row(place: Place) -> pa.RecordBatch:
    one, nothing = np.ones(1, np.int64), np.zeros(1)
    gap, none = np.full(1, GAP, np.int8), np.full(1, -1, np.int8)
    return depth_rows(one * place.ts, one * MISSING, one * place.seq, gap, none, nothing, nothing)

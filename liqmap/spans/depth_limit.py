"""Show only the best N levels of a deeper feed, as the venue's shallower feed would have sent them.

It tells what a feed of 50 levels would have known of a book of 1,000. The cut feed is replayed like any
other, under the policy of the deeper one. Where that is ``truncate``, what leaves the window is not removed,
and what leaves the deeper feed's own is forgotten, for nobody says what becomes of it. Where there is no
window (before a snapshot, after a gap) nobody knows which levels are the best: updates pass as they are.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numba import njit

from liqmap.compiling import borrowing
from liqmap.schema import GAP, HEARD, SNAPSHOT, UPDATE
from liqmap.spans.levels import (
    ABSENT,
    COUNT,
    IN_BOOK,
    NO_WINDOW,
    UNBOUNDED,
    WINDOW,
    Levels,
    next_level,
    slot_of,
    used_pages,
)

BEST, SHOWN = 1, 3
"""Registers of this kernel beside COUNT and WINDOW: the best tick (if COUNT), how many levels are shown."""


@dataclass
class _Side:
    """One side of the deep book, and the levels of it that are shown, best first."""

    limit: int
    levels: Levels = field(default_factory=Levels)
    ticks: np.ndarray = field(init=False)
    sizes: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.ticks, self.sizes = np.zeros(self.limit, np.int64), np.zeros(self.limit)

    def state(self) -> tuple:
        v = self.levels
        return v.first, v.pages, v.table, v.registers, self.ticks, self.sizes

    def copy(self) -> _Side:
        twin = _Side(self.limit, self.levels.copy())
        twin.ticks, twin.sizes = self.ticks.copy(), self.sizes.copy()
        return twin


class Cut:
    """The state of a cut to ``limit`` levels a side, fed whole messages.

    Parameters
    ----------
    client_limit : under the policy ``truncate``, the N that the client of the deeper feed cuts to.
    """

    def __init__(self, limit: int, client_limit: int | None = None) -> None:
        self.client_limit = client_limit
        self.sides = (_Side(limit), _Side(limit))

    def copy(self) -> Cut:
        twin = Cut(self.sides[0].limit, self.client_limit)
        twin.sides = (self.sides[0].copy(), self.sides[1].copy())
        return twin

    def shown(self, s: int) -> int:
        """How many levels of a side are shown: what `ticks` and `sizes` hold of it."""
        return int(self.sides[s].levels.registers[SHOWN])

    def feed(
        self,
        offsets: np.ndarray,
        ts: np.ndarray,
        seq: np.ndarray,
        event: np.ndarray,
        side: np.ndarray,
        tick: np.ndarray,
        size: np.ndarray,
    ) -> tuple[np.ndarray, ...]:
        """The cut feed's rows: ts, seq, event, side, tick, size."""
        for s, mine in enumerate(self.sides):
            mine.levels.make_room(used_pages(tick, side, s))
        rows = (np.empty(len(ts), np.int64), np.empty(len(ts), np.int8), np.empty(len(ts), np.int8),
                np.empty(len(ts), np.int32), np.empty(len(ts), np.float64))  # fmt: skip
        states = (self.sides[0].state(), self.sides[1].state())
        n, (source, *columns) = _cut(self.client_limit or 0, offsets, event, side, tick, size, states, rows)
        source = source[:n]
        return ts[source], seq[source], *(c[:n] for c in columns)


@njit(cache=True, nogil=True)
def _with_room(rows, n, more):
    """The row arrays, grown if ``more`` rows do not fit after ``n``."""
    source, event, side, tick, size = rows
    if n + more <= source.shape[0]:
        return rows
    fresh = np.empty(max(2 * source.shape[0], n + more), np.int64)
    length = fresh.shape[0]
    events, sides = np.empty(length, np.int8), np.empty(length, np.int8)
    ticks, sizes = np.empty(length, np.int32), np.empty(length, np.float64)
    fresh[:n], events[:n], sides[:n], ticks[:n], sizes[:n] = (
        source[:n],
        event[:n],
        side[:n],
        tick[:n],
        size[:n],
    )
    return fresh, events, sides, ticks, sizes


@borrowing
def _write(rows, n, source, event, side, tick, size):
    """Write one row; returns the number of rows."""
    rows[0][n], rows[1][n], rows[2][n], rows[3][n], rows[4][n] = source, event, side, tick, size
    return n + 1


@borrowing
def _put(outward, tick, size, state):
    """Set or remove one level of the deep book."""
    first, pages, table, reg, _, _ = state
    level = table[slot_of(tick, first, pages)]
    if size > 0.0:
        if level["status"] == ABSENT:
            level["status"] = IN_BOOK
            if reg[COUNT] == 0 or (tick - reg[BEST]) * outward < 0:
                reg[BEST] = tick
            reg[COUNT] += 1
        level["size"] = size
    elif level["status"] == IN_BOOK:
        level["status"] = ABSENT
        reg[COUNT] -= 1


@njit(cache=True, nogil=True)
def _show(outward, snapshot, silent, source, side, state, n, rows):
    """Write what changed among the best levels since last shown (all of them for a snapshot); ``silent``: no
    word of levels that still rest but are no longer among them."""
    first, pages, table, reg, ticks, sizes = state
    limit = ticks.shape[0]
    count = min(np.int64(limit), reg[COUNT])
    new_ticks, new_sizes = np.empty(count, np.int64), np.empty(count, np.float64)
    tick = reg[BEST]
    for k in range(count):
        tick = next_level(tick, outward, IN_BOOK, first, pages, table)
        if k == 0:
            reg[BEST] = tick
        new_ticks[k] = tick
        new_sizes[k] = table[slot_of(tick, first, pages)]["size"]
        tick += outward
    event = SNAPSHOT if snapshot else UPDATE
    shown = np.int64(0) if snapshot else reg[SHOWN]
    rows = _with_room(rows, n, shown + count)
    i = j = 0
    while i < shown or j < count:  # two lists, both from the best outward
        if j == count or (i < shown and (ticks[i] - new_ticks[j]) * outward < 0):
            if not silent or table[slot_of(ticks[i], first, pages)]["status"] == ABSENT:
                n = _write(rows, n, source, event, side, ticks[i], 0.0)
            i += 1
        elif i == shown or (ticks[i] - new_ticks[j]) * outward > 0:
            n = _write(rows, n, source, event, side, new_ticks[j], new_sizes[j])
            j += 1
        else:
            if sizes[i] != new_sizes[j]:
                n = _write(rows, n, source, event, side, new_ticks[j], new_sizes[j])
            i += 1
            j += 1
    ticks[:count], sizes[:count] = new_ticks, new_sizes
    reg[SHOWN] = count
    return n, rows


@borrowing
def _forget_beyond(outward, client_limit, state):
    """Take the levels that the client cuts off out of the book."""
    first, pages, table, reg, ticks, _ = state
    if reg[COUNT] <= client_limit:
        return
    tick = ticks[reg[SHOWN] - 1]
    for _ in range(client_limit - reg[SHOWN]):
        tick = next_level(tick + outward, outward, IN_BOOK, first, pages, table)
    while reg[COUNT] > client_limit:
        tick = next_level(tick + outward, outward, IN_BOOK, first, pages, table)
        table[slot_of(tick, first, pages)]["status"] = ABSENT
        reg[COUNT] -= 1


@njit(cache=True, nogil=True)
def _cut(client_limit, offsets, event, sides, ticks, sizes, states, rows):
    n = 0
    for m in range(offsets.shape[0] - 1):
        r0, r1, e = offsets[m], offsets[m + 1], event[offsets[m]]
        begin = n
        if e == GAP or e == SNAPSHOT:
            for _, _, table, reg, _, _ in states:
                for slot in range(table.shape[0]):
                    table[slot]["status"] = ABSENT
                reg[COUNT] = 0
                reg[WINDOW] = NO_WINDOW if e == GAP else UNBOUNDED
        if e == GAP or e == HEARD:
            rows = _with_room(rows, n, 1)
            n = _write(rows, n, r0, e, -1, 0, 0.0)
            continue
        rows = _with_room(rows, n, r1 - r0 + 1)
        windowed = states[0][3][WINDOW] != NO_WINDOW
        for r in range(r0, r1):
            if not windowed:
                n = _write(rows, n, r0, e, sides[r], ticks[r], sizes[r])
            elif sides[r] == 0:
                _put(-1, ticks[r], sizes[r], states[0])
            elif sides[r] == 1:
                _put(1, ticks[r], sizes[r], states[1])
        if windowed:
            silent = client_limit > 0
            n, rows = _show(-1, e == SNAPSHOT, silent, r0, 0, states[0], n, rows)
            n, rows = _show(1, e == SNAPSHOT, silent, r0, 1, states[1], n, rows)
            if client_limit > 0:
                _forget_beyond(-1, client_limit, states[0])
                _forget_beyond(1, client_limit, states[1])
        if n == begin:  # nothing shown changed, but the book was confirmed; or a snapshot lists nothing
            rows = _with_room(rows, n, 1)
            n = _write(rows, n, r0, SNAPSHOT if e == SNAPSHOT else HEARD, -1, 0, 0.0)
    return n, rows

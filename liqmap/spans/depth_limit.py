"""Show only the best N levels of a deeper feed, as the venue's shallower feed would have sent them.

It tells what a feed of 50 levels would have known of a book of 1,000. The cut feed is replayed like any
other, under the policy of the deeper one. Where that is ``truncate``, what leaves the window is not removed,
and what leaves the deeper feed's own is forgotten, for nobody says what becomes of it. Where there is no
window (before a snapshot, after a gap) nobody knows which levels are the best: updates pass as they are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numba import njit

from liqmap.compiling import borrowing
from liqmap.schema import GAP, HEARD, SNAPSHOT, UPDATE
from liqmap.spans.levels import (
    ABSENT,
    IN_BOOK,
    NO_WINDOW,
    UNBOUNDED,
    BookSide,
    Levels,
    next_level,
    slot_of,
    used_pages,
)
from liqmap.spans.rows import Rows

REGISTERS = np.dtype(
    [
        ("count", np.int64),  # levels in the deep book
        ("best", np.int64),  # its best tick, if it has levels
        ("window", np.int64),  # NO_WINDOW or UNBOUNDED
        ("shown", np.int64),  # how many levels are shown
        *[(f"unused_{n}", np.int64) for n in range(4)],
    ]
)
"""What a cut knows of one side beside its levels; as many as a replay has, for a saved state holds both."""


class ShownSide(NamedTuple):
    """One side of the deep book, and the levels of it that are shown (N at most), best first.

    book : with `REGISTERS` of this module. ticks : (N,) int64; sizes : (N,) float64, base units.
    """

    book: BookSide
    ticks: np.ndarray
    sizes: np.ndarray


class CutRows(NamedTuple):
    """Rows of the cut feed (R): ``source`` int64, the row of the deeper feed whose ts and seq they have;
    ``event``, ``side`` int8, ``tick`` int32, ``size`` float64."""

    source: np.ndarray
    event: np.ndarray
    side: np.ndarray
    tick: np.ndarray
    size: np.ndarray


@dataclass
class _Side:
    """One side at work: its levels, and those that are shown."""

    limit: int
    levels: Levels = field(default_factory=lambda: Levels(registers=np.zeros(1, REGISTERS)))
    ticks: np.ndarray = field(init=False)
    sizes: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.ticks, self.sizes = np.zeros(self.limit, np.int64), np.zeros(self.limit)

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
        return int(self.sides[s].levels.registers[0]["shown"])

    def feed(self, rows: Rows, offsets: np.ndarray) -> Rows:
        """The cut feed's rows; ``offsets`` (M + 1,) as `message_offsets` gives them."""
        for s, mine in enumerate(self.sides):
            mine.levels.make_room(used_pages(rows.tick, rows.side, s))
        room = _room(len(rows))
        bids, asks = (ShownSide(own.levels.book(s), own.ticks, own.sizes) for s, own in enumerate(self.sides))
        n, made = _cut(self.client_limit or 0, rows.messages(offsets), (bids, asks), room)
        source, *columns = (column[:n] for column in made)
        return Rows(rows.ts[source], rows.seq[source], *columns)


@njit(cache=True, nogil=True)
def _room(n):
    """Room for ``n`` rows."""
    return CutRows(
        np.empty(n, np.int64),
        np.empty(n, np.int8),
        np.empty(n, np.int8),
        np.empty(n, np.int32),
        np.empty(n, np.float64),
    )


@njit(cache=True, nogil=True)
def _with_room(rows, n, more):
    """The rows, moved to a larger room if ``more`` do not fit after ``n``."""
    if n + more <= rows.source.shape[0]:
        return rows
    fresh = _room(max(2 * rows.source.shape[0], n + more))
    fresh.source[:n], fresh.event[:n], fresh.side[:n] = rows.source[:n], rows.event[:n], rows.side[:n]
    fresh.tick[:n], fresh.size[:n] = rows.tick[:n], rows.size[:n]
    return fresh


@borrowing
def _write(rows, n, source, event, side, tick, size):
    """Write one row; returns the number of rows."""
    rows.source[n], rows.event[n], rows.side[n], rows.tick[n], rows.size[n] = source, event, side, tick, size
    return n + 1


@borrowing
def _put(book, tick, size):
    """Set or remove one level of the deep book."""
    reg = book.registers[0]
    level = book.table[slot_of(book, tick)]
    if size > 0.0:
        if level["status"] == ABSENT:
            level["status"] = IN_BOOK
            if reg["count"] == 0 or (tick - reg["best"]) * book.outward < 0:
                reg["best"] = tick
            reg["count"] += 1
        level["size"] = size
    elif level["status"] == IN_BOOK:
        level["status"] = ABSENT
        reg["count"] -= 1


@njit(cache=True, nogil=True)
def _show(deep, snapshot, silent, source, n, rows):
    """Write what changed among the best levels since last shown (all of them for a snapshot); ``silent``: no
    word of levels that still rest but are no longer among them."""
    book, ticks, sizes = deep
    side, outward, reg = book.side, book.outward, book.registers[0]
    count = min(np.int64(ticks.shape[0]), reg["count"])
    new_ticks, new_sizes = np.empty(count, np.int64), np.empty(count, np.float64)
    tick = reg["best"]
    for k in range(count):
        tick = next_level(book, tick, outward, IN_BOOK)
        if k == 0:
            reg["best"] = tick
        new_ticks[k] = tick
        new_sizes[k] = book.table[slot_of(book, tick)]["size"]
        tick += outward
    event = SNAPSHOT if snapshot else UPDATE
    shown = np.int64(0) if snapshot else reg["shown"]
    rows = _with_room(rows, n, shown + count)
    i = j = 0
    while i < shown or j < count:  # two lists, both from the best outward
        if j == count or (i < shown and (ticks[i] - new_ticks[j]) * outward < 0):
            if not silent or book.table[slot_of(book, ticks[i])]["status"] == ABSENT:
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
    reg["shown"] = count
    return n, rows


@borrowing
def _forget_beyond(deep, client_limit):
    """Take the levels that the client cuts off out of the book."""
    book = deep.book
    outward, reg = book.outward, book.registers[0]
    if reg["count"] <= client_limit:
        return
    tick = deep.ticks[reg["shown"] - 1]
    for _ in range(client_limit - reg["shown"]):
        tick = next_level(book, tick + outward, outward, IN_BOOK)
    while reg["count"] > client_limit:
        tick = next_level(book, tick + outward, outward, IN_BOOK)
        book.table[slot_of(book, tick)]["status"] = ABSENT
        reg["count"] -= 1


@borrowing
def _empty(book, window):
    """Nothing is known of the side any more, or nothing rests on it."""
    for slot in range(book.table.shape[0]):
        book.table[slot]["status"] = ABSENT
    book.registers[0]["count"] = 0
    book.registers[0]["window"] = window


@njit(cache=True, nogil=True)
def _cut(client_limit, messages, sides, rows):
    """The rows of the cut feed, and their number.

    Parameters
    ----------
    client_limit : N that the client cuts the deeper feed to, 0: it does not.
    messages : `Messages` of the deeper feed.
    sides : `ShownSide` of the bids and of the asks, changed in place.
    rows : `CutRows` to begin with.
    """
    n = 0
    for m in range(messages.offsets.shape[0] - 1):
        r0, r1 = messages.offsets[m], messages.offsets[m + 1]
        e = messages.event[r0]
        begin = n
        if e == GAP or e == SNAPSHOT:
            for deep in sides:
                _empty(deep.book, NO_WINDOW if e == GAP else UNBOUNDED)
        if e == GAP or e == HEARD:
            rows = _with_room(rows, n, 1)
            n = _write(rows, n, r0, e, -1, 0, 0.0)
            continue
        rows = _with_room(rows, n, r1 - r0 + 1)
        windowed = sides[0].book.registers[0]["window"] != NO_WINDOW
        for r in range(r0, r1):
            side, tick, size = messages.side[r], messages.tick[r], messages.size[r]
            if not windowed:
                n = _write(rows, n, r0, e, side, tick, size)
            elif side >= 0:
                _put(sides[side].book, tick, size)
        if windowed:
            for deep in sides:
                n, rows = _show(deep, e == SNAPSHOT, client_limit > 0, r0, n, rows)
            if client_limit > 0:
                for deep in sides:
                    _forget_beyond(deep, client_limit)
        if n == begin:  # nothing shown changed, but the book was confirmed; or a snapshot lists nothing
            rows = _with_room(rows, n, 1)
            n = _write(rows, n, r0, SNAPSHOT if e == SNAPSHOT else HEARD, -1, 0, 0.0)
    return n, rows

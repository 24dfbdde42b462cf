"""One side of a book in memory: every price ever spoken of, in pages of 256 ticks.

A dense array by tick is the fastest book there is, but one order at an absurd price would make it
gigabytes. So ticks are kept in pages: a lookup stays two loads, neighbours stay neighbours in the
cache, and memory follows the prices that were really used.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numba import njit

from liqmap.compiling import borrowing

PAGE_BITS = 8
PAGE = 1 << PAGE_BITS
"""Ticks a page."""

# status of a level
ABSENT, IN_BOOK, LEFT, LISTED = range(4)
"""Not known; observed; carried; listed by the snapshot at work."""

# registers of a side, one int64 each
COUNT, WORST, WINDOW, CARRIED, LAST, MESSAGE, EMITTED, STEPS = range(8)
"""Levels in the book; its worst tick (if COUNT); one of NO_WINDOW, BOUNDED, UNBOUNDED; carried levels;
ts of the last message, and its number; spans emitted and window steps written by this call."""

NO_WINDOW, BOUNDED, UNBOUNDED = range(3)


LEVEL = np.dtype(
    [
        ("size", np.float64),
        ("start", np.int64),  # ns, of the open span
        ("seen", np.int64),  # ns, where LEFT
        ("spoken", np.int64),  # number of the last update that spoke of the level
        ("spans", np.int64),  # emitted so far
        ("status", np.int64),
    ]
)
SPAN = np.dtype(
    [("tick", np.int64), ("start", np.int64), ("seen", np.int64), ("end", np.int64), ("size", np.float64)]
)
STEP = np.dtype([("start", np.int64), ("kind", np.int64), ("worst", np.int64)])


@dataclass
class Levels:
    """The levels of one side. ``pages[(tick >> 8) - first]`` is a page number or -1, and a level is found
    at ``table[page * 256 + (tick & 255)]``.

    One record a level, for one cache line a look-up, and one array to hand to kernels: numba counts
    references of every array that it passes on, and with small messages that would be half the time.
    """

    first: int = 0
    pages: np.ndarray = field(default_factory=lambda: np.empty(0, np.int32))
    page_tick: np.ndarray = field(default_factory=lambda: np.empty(0, np.int64))  # of a page's first level
    table: np.ndarray = field(default_factory=lambda: np.empty(0, LEVEL))
    registers: np.ndarray = field(default_factory=lambda: np.zeros(8, np.int64))

    def copy(self) -> Levels:
        return Levels(
            self.first, self.pages.copy(), self.page_tick.copy(), self.table.copy(), self.registers.copy()
        )

    def make_room(self, wanted: np.ndarray) -> None:
        """See that every page number (tick >> 8) in ``wanted`` (sorted, unique) has a page."""
        if not len(wanted):
            return
        low, high = int(wanted[0]), int(wanted[-1]) + 1
        if len(self.pages):
            low, high = min(low, self.first), max(high, self.first + len(self.pages))
        if high - low != len(self.pages):
            pages = np.full(high - low, -1, np.int32)
            pages[self.first - low : self.first - low + len(self.pages)] = self.pages
            self.first, self.pages = low, pages
        fresh = wanted[self.pages[wanted - low] < 0]
        if not len(fresh):
            return
        have = len(self.page_tick)
        self.pages[fresh - low] = np.arange(have, have + len(fresh), dtype=np.int32)
        self.page_tick = np.concatenate([self.page_tick, fresh.astype(np.int64) << PAGE_BITS])
        self.table = np.concatenate([self.table, np.zeros(len(fresh) * PAGE, LEVEL)])

    def ticks(self) -> np.ndarray:
        """The tick of every record of the table."""
        return (self.page_tick[:, None] + np.arange(PAGE)).ravel()


@njit(cache=True, nogil=True)
def used_pages(ticks, sides, side):
    """Sorted page numbers that the rows of one side fall on."""
    low, high = np.int64(1) << 40, -(np.int64(1) << 40)
    for i in range(ticks.shape[0]):
        if sides[i] == side:
            p = np.int64(ticks[i]) >> PAGE_BITS
            low, high = min(low, p), max(high, p)
    if high < low:
        return np.empty(0, np.int64)
    used = np.zeros(high - low + 1, np.bool_)
    for i in range(ticks.shape[0]):
        if sides[i] == side:
            used[(np.int64(ticks[i]) >> PAGE_BITS) - low] = True
    return np.flatnonzero(used) + low


@njit(cache=True, nogil=True, inline="always")
def slot_of(tick, first, pages):
    """The slot of a tick whose page exists."""
    return np.int64(pages[(np.int64(tick) >> PAGE_BITS) - first]) * PAGE + (np.int64(tick) & (PAGE - 1))


@borrowing
def next_level(tick, step, wanted, first, pages, table):
    """The nearest tick from ``tick`` on (itself included), going by ``step`` (+1, -1), whose level has the
    status ``wanted``. The caller knows that there is one. Pages that do not exist are jumped over."""
    t = np.int64(tick)
    while True:
        page = pages[(t >> PAGE_BITS) - first]
        if page < 0:
            t = ((t >> PAGE_BITS) + 1) << PAGE_BITS if step > 0 else ((t >> PAGE_BITS) << PAGE_BITS) - 1
            continue
        if table[np.int64(page) * PAGE + (t & (PAGE - 1))]["status"] == wanted:
            return t
        t += step

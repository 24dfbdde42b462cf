"""One side of a book in memory: every price ever spoken of, in pages of 256 ticks.

A dense array by tick is the fastest book there is, but one order at an absurd price would make it
gigabytes. So ticks are kept in pages: a lookup stays two loads, neighbours stay neighbours in the
cache, and memory follows the prices that were really used.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numba import njit

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


@dataclass
class Levels:
    """The levels of one side. ``pages[(tick >> 8) - first]`` is a page number or -1; a level's slot is
    ``page * 256 + (tick & 255)``; the arrays by slot hold what the open span of that level holds."""

    first: int
    pages: np.ndarray  # int32
    page_tick: np.ndarray  # int64, tick of each page's first slot
    status: np.ndarray  # uint8
    size: np.ndarray  # float64
    start: np.ndarray  # int64 ns
    seen: np.ndarray  # int64 ns, where LEFT
    spans: np.ndarray  # int64, spans emitted so far
    spoken: np.ndarray  # int64, number of the last update that spoke of the level
    registers: np.ndarray  # int64

    @classmethod
    def empty(cls) -> Levels:
        return cls(
            0,
            np.empty(0, np.int32),
            np.empty(0, np.int64),
            *(np.empty(0, t) for t in (np.uint8, np.float64, np.int64, np.int64, np.int64, np.int64)),
            np.zeros(8, np.int64),
        )

    def copy(self) -> Levels:
        values = (getattr(self, f.name) for f in fields(self))
        return Levels(*(v.copy() if isinstance(v, np.ndarray) else v for v in values))

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
        more = len(fresh) * PAGE
        for name in ("status", "size", "start", "seen", "spans", "spoken"):
            old = getattr(self, name)
            setattr(self, name, np.concatenate([old, np.zeros(more, old.dtype)]))

    def slots_by_tick(self) -> np.ndarray:
        """Every slot, by rising tick."""
        order = np.argsort(self.page_tick)
        return (order[:, None] * PAGE + np.arange(PAGE)[None, :]).ravel()


@njit(cache=True, nogil=True)
def to_ticks(prices, tick_size, sides, ticks):
    """Whole ticks of prices, in place; returns the first row whose price is not finite or fits no
    int32 (-1: none). Rows without a side (gap, heard) get 0."""
    for i in range(prices.shape[0]):
        if sides[i] < 0:
            ticks[i] = 0
            continue
        t = np.rint(prices[i] / tick_size)
        if not (abs(t) < 2147483647.0):
            return i
        ticks[i] = np.int32(t)
    return -1


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


@njit(cache=True, nogil=True)
def next_level(tick, step, wanted, first, pages, status):
    """The nearest tick from ``tick`` on (itself included), going by ``step`` (+1, -1), whose level has the
    status ``wanted``. The caller knows that there is one. Pages that do not exist are jumped over."""
    t = np.int64(tick)
    while True:
        page = pages[(t >> PAGE_BITS) - first]
        if page < 0:
            t = ((t >> PAGE_BITS) + 1) << PAGE_BITS if step > 0 else ((t >> PAGE_BITS) << PAGE_BITS) - 1
            continue
        if status[np.int64(page) * PAGE + (t & (PAGE - 1))] == wanted:
            return t
        t += step

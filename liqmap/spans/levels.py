"""One side of a book in memory: every price ever spoken of, in pages of 256 ticks.

A dense array by tick is the fastest book there is, but one order at an absurd price would make it
gigabytes. So ticks are kept in pages: a lookup stays two loads, neighbours stay neighbours in the
cache, and memory follows the prices that were really used.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numba import njit

from liqmap.compiling import borrowing

PAGE_BITS = 8
PAGE = 1 << PAGE_BITS
"""Ticks a page."""

# status of a level
ABSENT, IN_BOOK, LEFT, LISTED = range(4)
"""Not known; observed; carried; listed by the snapshot at work."""

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
REGISTERS = np.dtype(
    [
        ("count", np.int64),  # levels in the book
        ("worst", np.int64),  # its worst tick, if it has levels
        ("window", np.int64),  # NO_WINDOW, BOUNDED or UNBOUNDED
        ("carried", np.int64),  # carried levels
        ("last", np.int64),  # ts of the last message, ns
        ("message", np.int64),  # number of the last message
        ("emitted", np.int64),  # spans written by this call
        ("steps", np.int64),  # window steps written by this call
    ]
)
"""What a replay knows of one side beside its levels; as a state is saved, eight whole numbers."""


class BookSide(NamedTuple):
    """One side of a book as kernels take it: P pages from the lowest to the highest tick, U of them in use.

    side : 0 bids, 1 asks; outward : -1, 1, the direction away from the touch.
    first : number (tick >> 8) of the first page.
    pages : (P,) int32, places of the pages among those in use, -1 where there is none.
    page_tick : (U,) int64, tick of each page's first level.
    table : (256 U,) `LEVEL`, the levels of the pages in use.
    registers : (1,) `REGISTERS`, or those of another kernel that has ``count`` and ``window``.
    """

    side: np.int64
    outward: np.int64
    first: int
    pages: np.ndarray
    page_tick: np.ndarray
    table: np.ndarray
    registers: np.ndarray


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
    registers: np.ndarray = field(default_factory=lambda: np.zeros(1, REGISTERS))

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

    def book(self, side: int) -> BookSide:
        """As kernels take them; good until more room is made."""
        outward = np.int64(1 if side == 1 else -1)
        own = (self.first, self.pages, self.page_tick, self.table, self.registers)
        return BookSide(np.int64(side), outward, *own)

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
def slot_of(book, tick):
    """The slot of a tick whose page exists."""
    return np.int64(book.pages[(np.int64(tick) >> PAGE_BITS) - book.first]) * PAGE + (
        np.int64(tick) & (PAGE - 1)
    )


@njit(cache=True, nogil=True, inline="always")
def tick_of(book, slot):
    """The tick of a slot, the inverse of `slot_of`."""
    return book.page_tick[slot >> PAGE_BITS] + (slot & (PAGE - 1))


@borrowing
def next_level(book, tick, step, wanted):
    """The nearest tick from ``tick`` on (itself included), going by ``step`` (+1, -1), whose level has the
    status ``wanted``. The caller knows that there is one. Pages that do not exist are jumped over."""
    t = np.int64(tick)
    while True:
        page = book.pages[(t >> PAGE_BITS) - book.first]
        if page < 0:
            t = ((t >> PAGE_BITS) + 1) << PAGE_BITS if step > 0 else ((t >> PAGE_BITS) << PAGE_BITS) - 1
            continue
        if book.table[np.int64(page) * PAGE + (t & (PAGE - 1))]["status"] == wanted:
            return t
        t += step

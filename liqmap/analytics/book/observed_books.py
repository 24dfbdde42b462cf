"""The observed book at instants: what measures are computed from, block by block."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

import numpy as np

from liqmap.analytics.book.books import Books, BookSide
from liqmap.analytics.book.depths import Band, Tops, Within, best_within, near_within, reach_of, tops_of
from liqmap.fill.snapshots import books as best_levels
from liqmap.spans import Spans
from liqmap.spans.levels import BOUNDED, UNBOUNDED
from liqmap.spans.rows import both

T = TypeVar("T")

BLOCK = 4_000_000
"""Levels that are looked at together."""


def books_before(spans: Spans, times: np.ndarray, levels: int, whole: bool) -> Iterator[Books]:
    """What is observed in the instant before each time, in blocks that follow on each other.

    Parameters
    ----------
    levels : best levels a side; ``whole``: all of them.
    """
    found = ObservedBefore(spans, times, None if whole else levels)
    deepest = max(int(found.tops(n).levels.max(initial=0)) for n in (0, 1))
    step = max(1, BLOCK // max(1, 2 * (deepest if whole else min(levels, deepest))))
    for begin in range(0, len(times), step):
        yield Books(found, slice(begin, min(begin + step, len(times))))


class ObservedBefore:
    """What is observed in the instant before each of K times, int64 ns, rising; found when first asked for.

    Parameters
    ----------
    levels : how many best levels of a side are written out; None: all.
    """

    def __init__(self, spans: Spans, times: np.ndarray, levels: int | None) -> None:
        self.spans, self.before, self.levels = spans, times - 1, levels
        self.tick_size = spans.tick_size
        self._tops: list[Tops] = []
        self._within: dict[Band, list[Within]] = {}
        self._worst = [_worst(spans, number, self.before) for number in (0, 1)]

    def tops(self, number: int) -> Tops:
        """The best levels of a side."""
        if not self._tops:
            sides = self.spans.sides
            self._tops = self._of_both(lambda n: tops_of(sides[n], n, self.before))
        return self._tops[number]

    def within(self, number: int, band: Band) -> Within:
        """What of a side lies in a band; of one without an end, the best level."""
        if band not in self._within:
            bid, ask = (self.tops(n).tick * self.tick_size for n in (0, 1))
            mid = (bid + ask) / 2
            self._within[band] = self._of_both(lambda n: self._sums(n, band, mid))
        return self._within[band][number]

    def worst(self, number: int) -> np.ndarray:
        """(K,) the tick to which a side is known: -inf or inf where all of it is, NaN where none."""
        return self._worst[number]

    def sides(self, part: slice) -> tuple[BookSide, BookSide]:
        """Bids and asks, level by level, of a part of the instants."""
        before = self.before[part]
        deepest = max(int(self.tops(n).levels[part].max(initial=0)) for n in (0, 1))
        at, side, tick, size = best_levels(self.spans, before, self.levels or max(deepest, 1))
        bid, ask = (
            _side(at[side == n], tick[side == n], size[side == n], self._worst[n][part]) for n in (0, 1)
        )
        return bid, ask

    def _of_both(self, work: Callable[[int], T]) -> list[T]:
        return both(work, (0, 1), len(self.spans))

    def _sums(self, number: int, band: Band, mid: np.ndarray) -> Within:
        side = self.spans.sides[number]
        if band.bps is None:
            return best_within(side, number, self.before, band.levels or 1)
        return near_within(side, number, self.before, reach_of(mid, self.tick_size, number, band.bps))


def _side(at: np.ndarray, tick: np.ndarray, size: np.ndarray, worst: np.ndarray) -> BookSide:
    """One side of K books, whose levels stand by book, the best first."""
    begins = np.searchsorted(at, np.arange(len(worst)))
    return BookSide(at, np.arange(len(at)) - begins[at], tick.astype(np.int64), size, worst)


def _worst(spans: Spans, number: int, times: np.ndarray) -> np.ndarray:
    """(K,) the tick to which a side is known at times."""
    window = spans.windows[number]
    worst = np.full(len(times), np.nan)
    if len(window.start):
        k = np.searchsorted(window.start, times, side="right") - 1
        kind, beyond = window.kind[k], np.inf if number else -np.inf
        worst = np.where(kind == BOUNDED, window.worst[k], np.where(kind == UNBOUNDED, beyond, np.nan))
        worst[(k < 0) | (times >= spans.last)] = np.nan
    return worst

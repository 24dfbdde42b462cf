"""The observed book at instants: what measures are computed from, block by block."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from liqmap.analytics.book.books import Books, BookSide
from liqmap.fill.snapshots import books as best_levels
from liqmap.spans import Spans
from liqmap.spans.levels import BOUNDED, UNBOUNDED
from liqmap.spans.spans import SideSpans

BLOCK = 4_000_000
"""Levels that are looked at together."""


def books_before(spans: Spans, times: np.ndarray, levels: int, whole: bool) -> Iterator[Books]:
    """What is observed in the instant before each time, in blocks that follow on each other.

    Parameters
    ----------
    levels : best levels a side; ``whole``: all of them.
    """
    deepest = max(map(most_at_once, spans.sides))
    step = max(1, BLOCK // max(1, 2 * (deepest if whole else min(levels, deepest))))
    for begin in range(0, len(times), step):
        before = times[begin : begin + step] - 1
        at, side, tick, size = best_levels(spans, before, deepest or 1 if whole else levels)
        two = [_side(spans, n, before, at[side == n], tick[side == n], size[side == n]) for n in (0, 1)]
        yield Books(two[0], two[1], spans.tick_size)


def most_at_once(side: SideSpans) -> int:
    """The most levels of a side that are observed at one time: far fewer than it has had in all."""
    begun = np.arange(1, len(side) + 1)
    ended = np.searchsorted(np.sort(side.seen), np.sort(side.start), side="right")
    return int((begun - ended).max(initial=0))


def _side(
    spans: Spans, number: int, times: np.ndarray, at: np.ndarray, tick: np.ndarray, size: np.ndarray
) -> BookSide:
    """One side, whose levels stand by book, the best first."""
    begins = np.searchsorted(at, np.arange(len(times)))
    window = spans.windows[number]
    worst = np.full(len(times), np.nan)
    if len(window.start):
        k = np.searchsorted(window.start, times, side="right") - 1
        kind, beyond = window.kind[k], np.inf if number else -np.inf
        worst = np.where(kind == BOUNDED, window.worst[k], np.where(kind == UNBOUNDED, beyond, np.nan))
        worst[(k < 0) | (times >= spans.last)] = np.nan
    return BookSide(at, np.arange(len(at)) - begins[at], tick.astype(np.int64), size, worst)

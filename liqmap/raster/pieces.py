"""Carried pieces: the part of a span after the book last confirmed it. Few spans have one."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np

from liqmap.compiling import borrowing
from liqmap.raster.observe_spans import side_arrays
from liqmap.spans import Derivation, Spans, touch
from liqmap.spans.rows import both
from liqmap.spans.spans import SideSpans


class Pieces(NamedTuple):
    """C carried pieces of one side, by level and then by time: from ``seen`` to ``end``.

    levels : (L,) int32 ticks, rising, of the side; first : (L + 1,) int64, where the pieces of each begin.
    seen, end : (C,) int64 ns; size : (C,) float64.
    """

    levels: np.ndarray
    first: np.ndarray
    seen: np.ndarray
    end: np.ndarray
    size: np.ndarray

    @property
    def number(self) -> int:
        """How many pieces there are."""
        return len(self.seen)

    def chosen(self, which: np.ndarray) -> Pieces:
        """Some of the pieces, (C,) bool."""
        first = np.concatenate([[0], np.cumsum(which)])[self.first]
        return Pieces(self.levels, first, self.seen[which], self.end[which], self.size[which])

    def none(self) -> Pieces:
        """The same levels without a piece."""
        return Pieces(self.levels, np.zeros_like(self.first), self.seen[:0], self.end[:0], self.size[:0])


def pieces_of(side: SideSpans) -> Pieces:
    """The carried pieces of one side."""
    count = np.count_nonzero(side.seen < side.end)
    first = np.empty(len(side.first), np.int64)
    seen, end, size = np.empty(count, np.int64), np.empty(count, np.int64), np.empty(count)
    made = Pieces(side.levels, first, seen, end, size)
    _gather(side_arrays(side), made)
    return made


def carried_pieces(spans: Spans) -> list[Pieces]:
    """The carried pieces of the bids and of the asks, found once and kept with the spans."""
    return PIECES.of(spans)


def _all_pieces(spans: Spans) -> list[Pieces]:
    return both(pieces_of, spans.sides, len(spans))


PIECES = Derivation("pieces", _all_pieces)


def distances(spans: Spans) -> list[np.ndarray]:
    """How far from the touch each piece's level was when last confirmed: (C,) bps, NaN without a touch.

    The touch is the one that stood until that moment, so a level that a message pushes out is measured
    against the quote before it.
    """
    return DISTANCES.of(spans)


def _all_distances(spans: Spans) -> list[np.ndarray]:
    return both(partial(_distances, spans), (0, 1), len(spans))


DISTANCES = Derivation("distances", _all_distances)


def _distances(spans: Spans, side: int) -> np.ndarray:
    pieces = carried_pieces(spans)[side]
    return from_touch(spans, side, np.repeat(pieces.levels, np.diff(pieces.first)), pieces.seen)


def from_touch(spans: Spans, side: int, tick: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """The same of any levels, (C,) ticks, each when it was last confirmed, (C,) ns."""
    tick = tick.astype(np.float64)
    start, best, size = touch(spans, side)
    if not len(start):
        return np.full(len(tick), np.nan)
    at = np.searchsorted(start, seen, side="left") - 1
    there = (at >= 0) & (size[at] > 0)
    base = np.where(best[at] == 0, np.nan, np.abs(best[at]))
    return np.where(there, np.abs(tick - best[at]) / base, np.nan) * 1e4


@borrowing
def _gather(spans, out):
    """Write the pieces of a side's spans to `Pieces` of the right length."""
    n = 0
    for level in range(spans.levels.shape[0]):
        out.first[level] = n
        for i in range(spans.first[level], spans.first[level + 1]):
            if spans.seen[i] < spans.end[i]:
                out.seen[n], out.end[n], out.size[n] = spans.seen[i], spans.end[i], spans.size[i]
                n += 1
    out.first[spans.levels.shape[0]] = n

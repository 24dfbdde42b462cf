"""Carried pieces: the part of a span after the book last confirmed it. Few spans have one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from liqmap.compiling import borrowing
from liqmap.spans import Derivation, Spans, touch
from liqmap.spans.rows import both
from liqmap.spans.spans import SideSpans


@dataclass
class Pieces:
    """The carried pieces of one side, by level and then by time: from ``seen`` to ``end``.

    first : (L + 1,) int64, where each level of the side (`SideSpans.levels`) begins.
    seen, end : (C,) int64 ns; size : (C,) float64.
    """

    first: np.ndarray
    seen: np.ndarray
    end: np.ndarray
    size: np.ndarray

    @classmethod
    def of(cls, side: SideSpans) -> Pieces:
        count = np.count_nonzero(side.seen < side.end)
        first = np.empty(len(side.first), np.int64)
        seen, end, size = np.empty(count, np.int64), np.empty(count, np.int64), np.empty(count)
        _gather(side.first, side.seen, side.end, side.size, first, seen, end, size)
        return cls(first, seen, end, size)

    def __len__(self) -> int:
        return len(self.seen)

    def chosen(self, which: np.ndarray) -> Pieces:
        """Some of the pieces, (C,) bool."""
        first = np.concatenate([[0], np.cumsum(which)])[self.first]
        return Pieces(first, self.seen[which], self.end[which], self.size[which])


def carried_pieces(spans: Spans) -> list[Pieces]:
    """The carried pieces of the bids and of the asks, found once and kept with the spans."""
    return PIECES.of(spans)


def _all_pieces(spans: Spans) -> list[Pieces]:
    return both(Pieces.of, spans.sides, len(spans))


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
    pieces, s = carried_pieces(spans)[side], spans.sides[side]
    tick = np.repeat(s.levels.astype(np.float64), np.diff(pieces.first))
    start, best, size = touch(spans, side)
    if not len(start):
        return np.full(len(tick), np.nan)
    at = np.searchsorted(start, pieces.seen, side="left") - 1
    there = (at >= 0) & (size[at] > 0)
    return (
        np.where(there, np.abs(tick - best[at]) / np.where(best[at] == 0, np.nan, np.abs(best[at])), np.nan)
        * 1e4
    )


@borrowing
def _gather(begins, seen, end, size, first, out_seen, out_end, out_size):
    n = 0
    for level in range(begins.shape[0] - 1):
        first[level] = n
        for i in range(begins[level], begins[level + 1]):
            if seen[i] < end[i]:
                out_seen[n], out_end[n], out_size[n] = seen[i], end[i], size[i]
                n += 1
    first[begins.shape[0] - 1] = n

"""Time edges as kernels want them: where an instant falls, and how a decay looks from column to column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from liqmap.carry import integral, weight
from liqmap.compiling import borrowing
from liqmap.schema import OPEN
from liqmap.spans.levels import NO_WINDOW, UNBOUNDED

MEAN, PEAK, LAST = range(3)

NOTHING = np.int64(1) << 40
"""Beyond every tick: a window bound of ``-NOTHING`` or ``NOTHING`` covers all of a side or none of it."""

HALF_LIVES = 256.0
"""Half-lives a segment: powers of two up to this never leave the range of a double."""


@dataclass
class Columns:
    """Time columns, cut into segments.

    Every carried size decays at one rate, so over many columns a size is one coefficient, relative to an
    anchor in time, times a factor of the column. Segments keep the coefficients within range.

    edges : (T + 1,) int64 ns; slope: columns per ns if the edges are about even, else 0.
    anchor : (T,) int64 ns; segment_end : (T,) int64 column.
    entry, factor : (T,) float64, weight at the left edge (``last`` needs none), and factor of a size that
        covers the column, both relative to the anchor.
    """

    edges: np.ndarray
    slope: float
    anchor: np.ndarray
    segment_end: np.ndarray
    entry: np.ndarray
    factor: np.ndarray

    @classmethod
    def of(cls, edges: np.ndarray, rate: float, agg: int) -> Columns:
        return cls(edges, cls.even(edges), *_segments(edges, rate, agg))

    @property
    def layout(self) -> tuple[Any, ...]:
        """As kernels take it: edges, slope, anchor, segment_end, entry, factor, and 1 / width in ns."""
        per = 1.0 / np.diff(self.edges)
        return self.edges, self.slope, self.anchor, self.segment_end, self.entry, self.factor, per

    @staticmethod
    def even(edges: np.ndarray) -> float:
        """Columns per ns, if the edges are even enough that a guess is right or next to it; else 0."""
        slope = (len(edges) - 1) / float(edges[-1] - edges[0])
        off = np.abs((edges - edges[0]) * slope - np.arange(len(edges))).max()
        return slope if off < 1.0 else 0.0


@njit(cache=True, nogil=True)
def _segments(edges, rate, agg):
    n = edges.shape[0] - 1
    anchor, segment_end = np.empty(n, np.int64), np.empty(n, np.int64)
    entry, factor = np.empty(n), np.empty(n)
    begin = 0
    while begin < n:
        end = begin + 1
        while end < n and (edges[end + 1] - edges[begin]) * rate <= HALF_LIVES:
            end += 1
        fixed = edges[begin + 1] if agg == LAST else edges[begin]  # never before a size that a column takes
        for j in range(begin, end):
            anchor[j] = fixed
            segment_end[j] = end
            left, right = edges[j] - fixed, edges[j + 1] - fixed
            entry[j] = 0.0 if agg == LAST else weight(left, rate)
            if agg == MEAN:
                factor[j] = integral(left, right, rate)
            else:
                factor[j] = entry[j] if agg == PEAK else weight(right, rate)
        begin = end
    return anchor, segment_end, entry, factor


@borrowing
def column_of(t, edges, slope):
    """The column j with edges[j] <= t < edges[j + 1]; T for the last edge. ``t`` lies within the edges."""
    n = edges.shape[0] - 1
    if slope > 0.0:
        j = min(np.int64((t - edges[0]) * slope), n)
        while edges[j] > t:
            j -= 1
        while j < n and edges[j + 1] <= t:
            j += 1
        return j
    return np.searchsorted(edges, t, side="right") - 1


@njit(cache=True, nogil=True)
def window_bounds(side, instant, edges, slope, start, kind, worst):
    """The outermost tick known in each column: (T,) int64, lowest for bids, highest for asks.

    instant : True looks at the instant before each right edge, False at the whole column.
    """
    outward = -1 if side == 0 else 1
    n = edges.shape[0] - 1
    bound = np.full(n, -outward * NOTHING)
    k = max(0, np.searchsorted(start, edges[0], side="right") - 1)
    stop = column_of(min(max(start[k], edges[0]), edges[n]), edges, slope) if k < start.shape[0] else 0
    while k < start.shape[0] and start[k] < edges[n]:
        b = min(start[k + 1], edges[n]) if k + 1 < start.shape[0] else edges[n]
        j = stop  # a step begins in the column that the last one ended in
        if b >= edges[min(j + 1, n)]:
            stop = column_of(b, edges, slope)
        if kind[k] != NO_WINDOW and b > edges[0]:
            tick = outward * NOTHING if kind[k] == UNBOUNDED else worst[k]
            for c in range(j, stop if instant or b <= edges[stop] else stop + 1):
                if (tick - bound[c]) * outward > 0:
                    bound[c] = tick
        k += 1
    return bound


@njit(cache=True, nogil=True, inline="always")
def gone(seen, end, prune):
    """When a carried size is gone: when the book speaks of its price again, or pruned."""
    return min(end, seen + prune) if prune < OPEN - max(seen, 0) else end


@borrowing
def clear(cells):
    """Zeros, in place: a loop compiles in a tenth of the time that an assignment to a slice takes."""
    for c in range(cells.shape[0]):
        cells[c] = 0

"""Time columns as kernels take them: where an instant falls, and how a decay looks from column to column."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from liqmap.carry import HalfLife, integral, weight
from liqmap.compiling import borrowing
from liqmap.schema import OPEN

MEAN, PEAK, LAST = range(3)
"""Aggregates, by their place in `schema.AGGREGATES`."""

HALF_LIVES = 256.0
"""Half-lives a segment: powers of two up to this never leave the range of a double."""


class TimeAxis(NamedTuple):
    """T columns of time; column j is [edges[j], edges[j + 1]).

    edges : (T + 1,) int64 ns, rising.
    slope : columns per ns if the edges are about even, else 0.
    per_ns : (T,) float64, 1 / width in 1 / ns.
    """

    edges: np.ndarray
    slope: float
    per_ns: np.ndarray


class DecayColumns(NamedTuple):
    """The columns under one half-life, cut into segments.

    Every carried size decays at one rate, so over many columns a size is one coefficient, relative to an
    anchor in time, times a factor of the column:

        size 2**(-(t - seen) rate)  =  size 2**((seen - anchor) rate)  x  2**(-(t - anchor) rate)

    Segments keep the coefficients within range.

    anchor : (T,) int64 ns; segment_end : (T,) int64, the column that the segment ends before.
    entry : (T,) float64, weight at the left edge, relative to the anchor (``last`` needs none).
    factor : (T,) float64, of a size that covers the column, relative to the anchor: for ``mean`` the integral
        of its weight in ns, for ``peak`` the weight at the left edge, for ``last`` that at the right edge.
    rate : 1 / half-life in 1 / ns; prune : int64 ns, `OPEN` for never.
    """

    axis: TimeAxis
    anchor: np.ndarray
    segment_end: np.ndarray
    entry: np.ndarray
    factor: np.ndarray
    rate: float
    prune: int


class RowSums(NamedTuple):
    """What is carried in the T columns of one row, while it is summed up; zeros before and after.

    partial : (T,) float64, of pieces that touch a column in part: size x ns for ``mean``, size for ``peak``.
    coefficient : (T,) float64, of pieces that cover a column: size relative to its anchor.
    carried : (T,) uint8, 1 where anything is carried.
    """

    partial: np.ndarray
    coefficient: np.ndarray
    carried: np.ndarray


def time_axis(edges: np.ndarray) -> TimeAxis:
    """The axis of edges, (T + 1,) int64 ns. A slope guesses the column of an instant, right or next to it."""
    slope = (len(edges) - 1) / float(edges[-1] - edges[0])
    off = np.abs((edges - edges[0]) * slope - np.arange(len(edges))).max()
    return TimeAxis(edges, slope if off < 1.0 else 0.0, 1.0 / np.diff(edges))


def decay_columns(axis: TimeAxis, carry: HalfLife, how: int) -> DecayColumns:
    """The columns under a half-life; ``how`` is the aggregate."""
    anchor, segment_end, entry, factor = _segments(axis.edges, carry.rate, how)
    return DecayColumns(axis, anchor, segment_end, entry, factor, carry.rate, carry.prune_ns)


@njit(cache=True, nogil=True)
def _segments(edges, rate, agg):
    """anchor, segment_end, entry and factor of `DecayColumns`."""
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
def column_of(t, axis):
    """The column j with edges[j] <= t < edges[j + 1]; T for the last edge. ``t`` lies within the edges."""
    edges = axis.edges
    n = edges.shape[0] - 1
    if axis.slope > 0.0:
        j = min(np.int64((t - edges[0]) * axis.slope), n)
        while edges[j] > t:
            j -= 1
        while j < n and edges[j + 1] <= t:
            j += 1
        return j
    return np.searchsorted(edges, t, side="right") - 1


@njit(cache=True, nogil=True, inline="always")
def column_from(j, t, axis):
    """The column of ``t``, which lies in column ``j``, the next or later."""
    if t < axis.edges[j + 1]:
        return j
    if j + 2 < axis.edges.shape[0] and t < axis.edges[j + 2]:
        return j + 1
    return column_of(t, axis)


@njit(cache=True, nogil=True, inline="always")
def gone(seen, end, prune):
    """When a carried size is gone, ns: when the book speaks of its price again, or pruned."""
    return min(end, seen + prune) if prune < OPEN - max(seen, 0) else end


@borrowing
def clear(cells):
    """Zeros, in place: a loop compiles in a tenth of the time that an assignment to a slice takes."""
    for c in range(cells.shape[0]):
        cells[c] = 0

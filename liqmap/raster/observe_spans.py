"""The kernel of what was observed: spans -> rows of values.

``mean`` gathers size x ns of columns touched in part, and the size of those filled; ``peak`` the largest
size; ``last`` looks at the right edges alone and gallops from one to the next. Nothing is ever subtracted, so
an empty cell is exactly 0.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from liqmap.compiling import borrowing
from liqmap.raster.columns import LAST, MEAN, PEAK, clear, column_from, column_of
from liqmap.spans.spans import SideSpans

SMALLEST = np.float32(1e-45)


class SideArrays(NamedTuple):
    """The S spans of one side, by level and then by time (see `spans.SideSpans`).

    levels : (L,) int32 ticks, rising; first : (L + 1,) int64, where the spans of each begin.
    start, seen, end : (S,) int64 ns; size : (S,) float64.
    """

    levels: np.ndarray
    first: np.ndarray
    start: np.ndarray
    seen: np.ndarray
    end: np.ndarray
    size: np.ndarray


class ObservedSums(NamedTuple):
    """What was observed in the T columns of one row, while it is summed up; zeros before and after.

    partial : (T,) float64, of columns touched in part: size x ns for ``mean``, else size.
    full : (T,) float64, of columns covered from edge to edge: size.
    """

    partial: np.ndarray
    full: np.ndarray


class ObservedRows(NamedTuple):
    """values : (P, T) float32, written only in the rows that are ``lit``, (P,) bool."""

    values: np.ndarray
    lit: np.ndarray


def side_arrays(side: SideSpans) -> SideArrays:
    """The spans of one side, as kernels take them."""
    return SideArrays(side.levels, side.first, side.start, side.seen, side.end, side.size)


@borrowing
def first_after(ends, begin, stop, t):
    """The first of the rows begin to stop, rising, that is after ``t``."""
    if begin < stop and ends[begin] > t:
        return begin
    if begin < stop and ends[stop - 1] <= t:
        return stop
    while begin < stop:
        middle = (begin + stop) >> 1
        if ends[middle] > t:
            stop = middle
        else:
            begin = middle + 1
    return begin


@borrowing
def gallop(ends, i, stop, t):
    """`first_after`, from ``i`` on, where it is likely to be near: steps that double, then halve."""
    step = 1
    while i + step < stop and ends[i + step] <= t:
        i += step
        step <<= 1
    return first_after(ends, i, min(i + step + 1, stop), t)


@njit(cache=True, nogil=True, inline="always")
def add_piece(agg, j, a, b, size, axis, sums):
    """Add what was observed from a to b, ``a`` being in column ``j``; both within the edges."""
    edges = axis.edges
    if b <= edges[j + 1]:
        if agg == MEAN:
            sums.partial[j] += size * (b - a)
        else:
            sums.partial[j] = max(sums.partial[j], size)
        return
    stop = column_of(b, axis)
    if agg == PEAK:
        for c in range(j, stop + 1 if b > edges[stop] else stop):
            sums.partial[c] = max(sums.partial[c], size)
        return
    sums.partial[j] += size * (edges[j + 1] - a)
    for c in range(j + 1, stop):
        sums.full[c] += size
    if b > edges[stop]:
        sums.partial[stop] += size * (b - edges[stop])


@njit(cache=True, nogil=True, inline="always")
def _add_spans(agg, i, stop, spans, axis, sums):
    """Add the spans i to stop, of one level, clipped to the edges."""
    left, right = axis.edges[0], axis.edges[axis.edges.shape[0] - 1]
    start, seen, size = spans.start, spans.seen, spans.size
    j = 0
    while i < stop and start[i] < right:
        a, b = max(start[i], left), min(seen[i], right)
        if a < b:
            j = column_from(j, a, axis)
            add_piece(agg, j, a, b, size[i], axis, sums)
        i += 1


@borrowing
def sample_spans(begin, stop, spans, axis, sizes):
    """Add the sizes of the spans begin to stop, of one level, that rest in the instant before a right edge.

    sizes : (T,) float64.
    """
    edges, start, seen = axis.edges, spans.start, spans.seen
    columns = edges.shape[0] - 1
    edge = np.int64(1)  # the next right edge to look at
    i = first_after(seen, begin, stop, edges[edge] - 1)
    while i < stop and edge <= columns:
        if start[i] >= edges[edge]:
            if start[i] >= edges[columns]:
                break
            edge = column_of(start[i], axis) + 1
        last = column_of(min(seen[i], edges[columns]), axis)
        for c in range(edge - 1, last):
            sizes[c] += spans.size[i]
        edge = max(edge, last + 1)
        if edge <= columns:
            i = gallop(seen, i + 1, stop, edges[edge] - 1)


@borrowing
def observe_levels(agg, level, until, spans, axis, sums):
    """Add the levels from ``level`` to ``until`` (places in ``spans.levels``)."""
    first = spans.first
    for k in range(level, until):
        if agg == LAST:
            sample_spans(first[k], first[k + 1], spans, axis, sums.partial)
        else:
            i = first_after(spans.seen, first[k], first[k + 1], axis.edges[0])
            _add_spans(agg, i, first[k + 1], spans, axis, sums)


@borrowing
def close_row(agg, axis, sums, out):
    """Sums to values (T,) float32, and whether there are any: partial / width + full for ``mean``, else size.

    One too small for a float32 becomes the smallest there is, as it is not nothing. The sums become zeros.
    """
    partial, full = sums.partial, sums.full
    if agg == MEAN:
        for c in range(partial.shape[0]):
            partial[c] *= axis.per_ns[c]
    some = 0
    for c in range(partial.shape[0]):
        exact = partial[c] + full[c]
        value = np.float32(exact)
        out[c] = SMALLEST if (exact > 0.0) & (value == 0.0) else value
        some += exact > 0.0
    clear(partial)
    clear(full)
    return some > 0


@njit(cache=True, nogil=True)
def observe_rows(agg, begin, stop, row_ticks, spans, axis, out):
    """Values of what was observed, rows begin to stop of one side, from its spans.

    Parameters
    ----------
    row_ticks : (P + 1,) int64, first tick of each row.
    spans : `SideArrays`; axis : `columns.TimeAxis`; out : `ObservedRows`.
    """
    cells = axis.edges.shape[0] - 1
    sums = ObservedSums(np.zeros(cells), np.zeros(cells))
    for r in range(begin, stop):
        level = np.searchsorted(spans.levels, row_ticks[r])
        until = np.searchsorted(spans.levels, row_ticks[r + 1])
        out.lit[r] = False
        if level < until:
            observe_levels(agg, level, until, spans, axis, sums)
            out.lit[r] = close_row(agg, axis, sums, out.values[r])

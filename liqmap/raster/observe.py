"""The kernel of what was observed: spans -> rows of values.

``mean`` gathers size x ns of columns touched in part, and the size of those filled; ``peak`` the largest
size; ``last`` looks at the right edges alone and gallops from one to the next. Nothing is ever subtracted, so
an empty cell is exactly 0.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from liqmap.compiling import borrowing
from liqmap.raster.columns import LAST, MEAN, PEAK, clear, column_of

SMALLEST = np.float32(1e-45)


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
def column_from(j, t, edges, slope):
    """The column of ``t``, which lies in column ``j``, the next or later."""
    if t < edges[j + 1]:
        return j
    if j + 2 < edges.shape[0] and t < edges[j + 2]:
        return j + 1
    return column_of(t, edges, slope)


@njit(cache=True, nogil=True, inline="always")
def add_piece(agg, j, a, b, size, edges, slope, row, full):
    """Add what was observed from a to b, ``a`` being in column ``j``; both within the edges."""
    if b <= edges[j + 1]:
        if agg == MEAN:
            row[j] += size * (b - a)
        else:
            row[j] = max(row[j], size)
        return
    stop = column_of(b, edges, slope)
    if agg == PEAK:
        for c in range(j, stop + 1 if b > edges[stop] else stop):
            row[c] = max(row[c], size)
        return
    row[j] += size * (edges[j + 1] - a)
    for c in range(j + 1, stop):
        full[c] += size
    if b > edges[stop]:
        row[stop] += size * (b - edges[stop])


@njit(cache=True, nogil=True, inline="always")
def _add_spans(agg, i, stop, left, right, start, seen, size, edges, slope, row, full):
    """Add the spans from ``i`` on that begin before ``right``, clipped to left and right, of one level."""
    j = 0
    while i < stop and start[i] < right:
        a, b = max(start[i], left), min(seen[i], right)
        if a < b:
            j = column_from(j, a, edges, slope)
            add_piece(agg, j, a, b, size[i], edges, slope, row, full)
        i += 1


@borrowing
def sample_spans(begin, stop, start, seen, size, edges, slope, row):
    """Add the sizes that rest in the instant before a right edge, of one level."""
    columns = edges.shape[0] - 1
    edge = np.int64(1)  # the next right edge to look at
    i = first_after(seen, begin, stop, edges[edge] - 1)
    while i < stop and edge <= columns:
        if start[i] >= edges[edge]:
            if start[i] >= edges[columns]:
                break
            edge = column_of(start[i], edges, slope) + 1
        last = column_of(min(seen[i], edges[columns]), edges, slope)
        for c in range(edge - 1, last):
            row[c] += size[i]
        edge = max(edge, last + 1)
        if edge <= columns:
            i = gallop(seen, i + 1, stop, edges[edge] - 1)


@borrowing
def observe_levels(agg, level, low_stop, first, spans, edges, slope, row, full):
    """Add the levels from ``level`` to ``low_stop`` (places in `SideSpans.levels`)."""
    start, seen, size = spans
    left, right = edges[0], edges[edges.shape[0] - 1]
    for k in range(level, low_stop):
        if agg == LAST:
            sample_spans(first[k], first[k + 1], start, seen, size, edges, slope, row)
        else:
            i = first_after(seen, first[k], first[k + 1], left)
            _add_spans(agg, i, first[k + 1], left, right, start, seen, size, edges, slope, row, full)


@borrowing
def close_row(per, row, full, out):
    """Sums to values, and whether there are any. One too small for a float32 becomes the smallest there is,
    as it is not nothing. ``per`` is 1 / width for a ``mean``, else 1."""
    some = 0
    for c in range(row.shape[0]):
        exact = row[c] * per[c] + full[c]
        value = np.float32(exact)
        out[c] = SMALLEST if (exact > 0.0) & (value == 0.0) else value
        some += exact > 0.0
    return some > 0


@njit(cache=True, nogil=True)
def observe_rows(agg, begin, stop, row_ticks, levels, first, spans, edges, slope, per, out, lit):
    """Values of what was observed, rows begin to stop of one side, from the spans.

    Parameters
    ----------
    row_ticks : (P + 1,) int64, first tick of each row.
    levels, first, spans : of the side (see `replay.spans.SideSpans`); spans are start, seen, size.
    edges, slope : see `columns.Columns`; per : (T,) float64, 1 / width in ns for ``mean``, else 1.
    out : (P, T) float32; lit : (P,) bool, whether a row has any.
    """
    cells = edges.shape[0] - 1
    row, full = np.zeros(cells), np.zeros(cells)
    for r in range(begin, stop):
        level, end = np.searchsorted(levels, row_ticks[r]), np.searchsorted(levels, row_ticks[r + 1])
        lit[r] = False
        if level < end:
            observe_levels(agg, level, end, first, spans, edges, slope, row, full)
            lit[r] = close_row(per, row, full, out[r])
            clear(row)
            clear(full)

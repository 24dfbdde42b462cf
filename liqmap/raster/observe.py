"""The kernel of what was observed: spans, or the mipmap over them -> rows of values.

``mean`` gathers size x ns of columns touched in part, and the size of those filled; ``peak`` the largest
size; ``last`` looks at the right edges alone and gallops from one to the next. Nothing is ever subtracted, so
an empty cell is exactly 0.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from .columns import LAST, MEAN, PEAK, column_of

SMALLEST = np.float32(1e-45)


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def gallop(ends, i, stop, t):
    """`first_after`, from ``i`` on, where it is likely to be near: steps that double, then halve."""
    step = 1
    while i + step < stop and ends[i + step] <= t:
        i += step
        step <<= 1
    return first_after(ends, i, min(i + step + 1, stop), t)


@njit(cache=True, nogil=True, inline="always")
def _column_from(j, t, edges, slope):
    """The column of ``t``, which lies in column ``j``, the next or later."""
    if t < edges[j + 1]:
        return j
    if j + 2 < edges.shape[0] and t < edges[j + 2]:
        return j + 1
    return column_of(t, edges, slope)


@njit(cache=True, nogil=True, inline="always")
def _add_piece(agg, j, a, b, size, edges, slope, row, full):
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
            j = _column_from(j, a, edges, slope)
            _add_piece(agg, j, a, b, size[i], edges, slope, row, full)
        i += 1


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def _observe_levels(agg, level, low_stop, first, start, seen, size, edges, slope, row, full):
    """Add the levels from ``level`` to ``low_stop`` (places in `SideSpans.levels`)."""
    left, right = edges[0], edges[edges.shape[0] - 1]
    for k in range(level, low_stop):
        if agg == LAST:
            sample_spans(first[k], first[k + 1], start, seen, size, edges, slope, row)
        else:
            i = first_after(seen, first[k], first[k + 1], left)
            _add_spans(agg, i, first[k + 1], left, right, start, seen, size, edges, slope, row, full)


@njit(cache=True, nogil=True)
def _observe_cut(agg, cuts, bucket, k, stop, first, spans, edges, slope, row, full):
    """Add what the levels k to stop (places in `SideSpans.levels`) held in the buckets ``cuts``, rising."""
    start, seen, size = spans
    left, right = edges[0], edges[edges.shape[0] - 1]
    while k < stop:
        i, end = first_after(seen, first[k], first[k + 1], max(cuts[0] * bucket, left)), first[k + 1]
        j = np.int64(0)
        for n in range(cuts.shape[0]):
            begin, close = max(cuts[n] * bucket, left), min((cuts[n] + 1) * bucket, right)
            if i < end and seen[i] <= begin:
                i = gallop(seen, i + 1, end, begin)
            if i >= end:
                break
            at = i
            while at < end and start[at] < close:
                a, b = max(start[at], begin), min(seen[at], close)
                if a < b:
                    j = _column_from(j, a, edges, slope)
                    if b <= edges[j + 1]:
                        if agg == MEAN:
                            row[j] += size[at] * (b - a)
                        else:
                            row[j] = max(row[j], size[at])
                    else:
                        _add_piece(agg, j, a, b, size[at], edges, slope, row, full)
                at += 1
        k += 1


@njit(cache=True, nogil=True)
def _observe_block(agg, c, stop, bucket, cells, level, end, first, spans, edges, slope, scratch, row, full):
    """Add the cells of one block, c to stop; those that an edge cuts from the spans of its levels."""
    at, total, peak = cells
    right = edges[edges.shape[0] - 1]
    j, cut = np.int64(0), 0
    while c < stop:
        begin = np.int64(at[c]) * bucket
        if begin >= right:
            break
        if begin >= edges[0]:
            j = _column_from(j, begin, edges, slope)
        if begin < edges[0] or begin + bucket > edges[j + 1]:
            scratch[cut] = at[c]
            cut += 1
        elif agg == MEAN:
            row[j] += total[c]
        else:
            row[j] = max(row[j], np.float64(peak[c]))
        c += 1
    if cut > 0:
        _observe_cut(agg, scratch[:cut], bucket, level, end, first, spans, edges, slope, row, full)


@njit(cache=True, nogil=True)
def _observe_row(agg, low, high, levels, first, spans, mipmap, edges, slope, scratch, row, full):
    """Add all that was observed of the ticks low to high; returns whether there are levels at all."""
    start, seen, size = spans
    block, bucket, blocks, cells, at, total, peak = mipmap
    level, stop = np.searchsorted(levels, low), np.searchsorted(levels, high)
    if level == stop:
        return False
    b0, b1 = (-(-low // block), high // block) if block > 0 else (np.int64(0), np.int64(0))
    if b0 >= b1:
        _observe_levels(agg, level, stop, first, start, seen, size, edges, slope, row, full)
        return True
    inner, outer = np.searchsorted(levels, b0 * block), np.searchsorted(levels, b1 * block)
    _observe_levels(agg, level, inner, first, start, seen, size, edges, slope, row, full)
    k, last = np.searchsorted(blocks, b0), np.searchsorted(blocks, b1)
    level = inner
    while k < last:
        while levels[level] < blocks[k] * block:
            level += 1
        next_level = level
        while next_level < outer and levels[next_level] < (blocks[k] + 1) * block:
            next_level += 1
        c = first_after(at, cells[k], cells[k + 1], edges[0] // bucket - 1)
        _observe_block(
            agg, c, cells[k + 1], bucket, (at, total, peak), level, next_level, first, spans, edges, slope,
            scratch, row, full,
        )  # fmt: skip
        level = next_level
        k += 1
    _observe_levels(agg, outer, stop, first, start, seen, size, edges, slope, row, full)
    return True


@njit(cache=True, nogil=True)
def observe_rows(agg, begin, stop, row_ticks, levels, first, spans, mipmap, edges, slope, out, lit):
    """Values of what was observed, rows begin to stop of one side.

    Parameters
    ----------
    row_ticks : (P + 1,) int64, first tick of each row.
    levels, first, spans : of the side (see `replay.spans.SideSpans`); spans are start, seen, size.
    mipmap : block (0: none), bucket, blocks, first, at, total, peak (see `mipmap.Scale`).
    out : (P, T) float32; lit : (P,) bool, whether a row has any.
    """
    cells = edges.shape[0] - 1
    row, full = np.zeros(cells), np.zeros(cells)
    per = 1.0 / np.diff(edges) if agg == MEAN else np.ones(cells)
    scratch = np.empty(2 * cells + 2, np.int64)  # an edge cuts one bucket
    for r in range(begin, stop):
        low, high = row_ticks[r], row_ticks[r + 1]
        lit[r] = _observe_row(agg, low, high, levels, first, spans, mipmap, edges, slope, scratch, row, full)
        if not lit[r]:
            continue
        lit[r] = _close_row(per, row, full, out[r])
        row[:] = 0.0
        full[:] = 0.0


@njit(cache=True, nogil=True)
def _close_row(per, row, full, out):
    """Sums to values, and whether there are any. One too small for a float32 becomes the smallest there is,
    as it is not nothing. ``per`` is 1 / width for a ``mean``, else 1."""
    some = 0
    for c in range(row.shape[0]):
        exact = row[c] * per[c] + full[c]
        value = np.float32(exact)
        out[c] = SMALLEST if (exact > 0.0) & (value == 0.0) else value
        some += exact > 0.0
    return some > 0

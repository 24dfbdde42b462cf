"""The kernel of what was observed, from a mipmap: column by column, summed up by level and then by row.

Cells and pieces lie in order of time, so a column reads a few stretches of memory, one after another. Levels
near each other are summed at different places: an addition need not wait for the one before.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from liqmap.compiling import borrowing
from liqmap.raster.columns import MEAN, PEAK
from liqmap.raster.observe_spans import SMALLEST, first_after

ONE = np.uint64(1)
"""Places of cells and pieces are counted without a sign: numba looks at each index that has one, whether it
is negative, which takes a quarter of the time here."""


class LevelSums(NamedTuple):
    """What one column and the next one hold, while they are summed up.

    size, after : (L,) float64, by level, zeros before and in the end: size x ns for ``mean``, else size.
    clipped, beyond : (M,) float64, room for the times of one bucket.
    """

    size: np.ndarray
    after: np.ndarray
    clipped: np.ndarray
    beyond: np.ndarray


@borrowing
def _add_cells(agg, begin, stop, mipmap, sums):
    """Add the cells begin to stop."""
    level, size, c, last = mipmap.level, sums.size, np.uint64(begin), np.uint64(stop)
    if agg == MEAN:
        while c < last:
            size[level[c]] += mipmap.total[c]
            c += ONE
    elif agg == PEAK:
        while c < last:
            peak, place = np.float64(mipmap.peak[c]), level[c]
            size[place] = peak if peak > size[place] else size[place]
            c += ONE
    else:
        while c < last:
            size[level[c]] += mipmap.rest[c]
            c += ONE


@borrowing
def _add_pieces(agg, k, left, right, pieces, sums):
    """Add what the pieces of bucket ``k`` show between two instants."""
    times, base = pieces.times, pieces.first_time[k]
    number = pieces.first_time[k + 1] - base
    begun = ended = 0  # how many times are before the right edge, and how many not after the left one
    for p in range(number):
        begun += times[base + p] < right
        ended += times[base + p] <= left
    level, start, seen, size = pieces.level, pieces.start, pieces.seen, pieces.size
    shown = sums.size
    i = np.uint64(pieces.first[k])
    stop = np.uint64(first_after(start, pieces.first[k], pieces.first[k + 1], begun - 1))
    if agg == MEAN:
        for p in range(number):
            sums.clipped[p] = np.float64(min(max(times[base + p], left), right) - left)
        while i < stop:
            shown[level[i]] += size[i] * (sums.clipped[seen[i]] - sums.clipped[start[i]])
            i += ONE
    elif agg == PEAK:
        while i < stop:
            here, place = np.float64(size[i] if seen[i] >= ended else 0.0), level[i]
            shown[place] = here if here > shown[place] else shown[place]
            i += ONE
    else:
        while i < stop:
            if seen[i] >= ended:
                shown[level[i]] += size[i]
            i += ONE


@borrowing
def _add_both(agg, k, edge, pieces, sums):
    """Add what the pieces of bucket ``k`` show before an edge, and after it to the next column."""
    times, base = pieces.times, pieces.first_time[k]
    begun = ended = 0  # how many times are before the edge, and how many not after it
    for p in range(pieces.first_time[k + 1] - base):
        ns = np.float64(times[base + p] - edge)
        sums.clipped[p], sums.beyond[p] = min(ns, 0.0), max(ns, 0.0)
        begun += ns < 0.0
        ended += ns <= 0.0
    level, start, seen, size = pieces.level, pieces.start, pieces.seen, pieces.size
    before, after = sums.size, sums.after
    i, stop = np.uint64(pieces.first[k]), np.uint64(pieces.first[k + 1])
    middle = np.uint64(first_after(start, pieces.first[k], pieces.first[k + 1], begun - 1))
    if agg == MEAN:
        while i < middle:
            here, place, until = np.float64(size[i]), level[i], seen[i]
            before[place] += here * (sums.clipped[until] - sums.clipped[start[i]])
            if until >= ended:
                after[place] += here * sums.beyond[until]
            i += ONE
        while i < stop:
            after[level[i]] += size[i] * (sums.beyond[seen[i]] - sums.beyond[start[i]])
            i += ONE
    else:
        while i < middle:
            here, place = np.float64(size[i]), level[i]
            there = here if seen[i] >= ended else 0.0
            before[place] = here if here > before[place] else before[place]
            after[place] = there if there > after[place] else after[place]
            i += ONE
        while i < stop:
            there, place = np.float64(size[i]), level[i]
            after[place] = there if there > after[place] else after[place]
            i += ONE


@borrowing
def _close_column(agg, j, low, high, width, row_first, sums, out):
    """Sums of the levels low to high to the rows of column ``j``; they become zeros.

    A sum too small for a float32 becomes the smallest there is, as it is not nothing.
    """
    size, rows = sums.size, row_first.shape[0] - 1
    r = first_after(row_first, 0, rows + 1, low) - 1
    r = max(r, 0)
    while r < rows and row_first[r] < high:
        exact = 0.0
        for level in range(max(row_first[r], low), min(row_first[r + 1], high)):
            exact = max(exact, size[level]) if agg == PEAK else exact + size[level]
        if exact > 0.0:
            value = np.float32(exact / width)
            out.values[r, j] = SMALLEST if value == 0.0 else value
            out.lit[r] = True
        r += 1
    for level in range(low, high):
        size[level] = 0.0


@borrowing
def _observe_column(agg, j, begin, stop, plan, mipmap, row_first, sums, out):
    """One of the columns begin to stop; the one before it, if any, has added what they share of a bucket."""
    low, high = np.int64(row_first.shape[0] + sums.size.shape[0]), np.int64(0)
    first, level = mipmap.first, mipmap.level
    for n in range(plan.begin.shape[1]):
        for k in range(plan.begin[j, n], plan.stop[j, n]):
            low, high = min(low, level[first[k]]), max(high, level[first[k + 1] - 1] + 1)
        _add_cells(agg, first[plan.begin[j, n]], first[plan.stop[j, n]], mipmap, sums)
    left, right = plan.left[j], plan.right[j]
    for n in range(plan.cut.shape[1]):
        k = plan.cut[j, n]
        if k < 0:
            continue
        low, high = min(low, level[first[k]]), max(high, level[first[k + 1] - 1] + 1)
        if n == 0 and plan.shared[j] and j > begin:
            continue
        if n == 1 and j + 1 < stop and plan.shared[j + 1]:
            _add_both(agg, k, right, mipmap.pieces, sums)
        else:
            _add_pieces(agg, k, left, right, mipmap.pieces, sums)
    width = np.float64(right - left) if agg == MEAN else 1.0
    _close_column(agg, j, low, high, width, row_first, sums, out)


@njit(cache=True, nogil=True)
def observe_columns(agg, begin, stop, row_first, levels, plan, mipmap, out):
    """Write what was observed in the columns begin to stop of one side, from its mipmap.

    Parameters
    ----------
    row_first : (P + 1,) int64, the first level of each row; levels : how many there are.
    plan : `mipmap_plan.Plan`; mipmap : `mipmap.Mipmap`.
    out : `observe_spans.ObservedRows`, zeros before.
    """
    most = 0
    first_time = mipmap.pieces.first_time
    for k in range(first_time.shape[0] - 1):
        most = max(most, first_time[k + 1] - first_time[k])
    size, after, clipped, beyond = np.zeros(levels), np.zeros(levels), np.empty(most), np.empty(most)
    for j in range(begin, stop):
        _observe_column(
            agg, j, begin, stop, plan, mipmap, row_first, LevelSums(size, after, clipped, beyond), out
        )
        size, after = after, size

"""The kernel of what is carried under a half-life: pieces -> rows of cells, finished with what was observed.

A piece touches a first and a last column in part, and those between in full. Full columns take one
coefficient each (see `columns.Columns`), so the inner loops are plain additions; nothing is ever
subtracted, so an empty cell is exactly 0. Cost grows with pieces in view and cells, never with their product.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from liqmap.carry import integral, mean_weight, weight
from liqmap.compiling import borrowing
from liqmap.raster.columns import LAST, MEAN, PEAK, clear, column_of, gone
from liqmap.raster.far import STRIDE, carry_far
from liqmap.raster.finish import finish_carried, finish_plain, reach_of, write_parts
from liqmap.raster.observe import first_after
from liqmap.raster.settled import add_settled


@njit(cache=True, nogil=True, inline="always")
def _coefficient(size, age, rate):
    """A size relative to the anchor of a segment; ``age`` is below zero if it was seen after the anchor."""
    return size * np.exp2(-age * rate)


@njit(cache=True, nogil=True, inline="always")
def _fill(agg, j, stop, size, seen, columns, coefficient):
    """Give the columns j to stop, full ones, the coefficient of a size last seen at ``seen``."""
    _, _, anchor, segment_end, _, _, _, rate = columns
    while j < stop:
        end = min(segment_end[j], stop)
        value = _coefficient(size, anchor[j] - seen, rate)
        if agg == PEAK:
            for c in range(j, end):
                coefficient[c] = max(coefficient[c], value)
        else:
            for c in range(j, end):
                coefficient[c] += value
        j = end


@njit(cache=True, nogil=True, inline="always")
def _carry_far(agg, j, a, b, size, seen, columns, row):
    """Add the piece a to b (within the edges, ``a`` in column ``j``) that ends in another column."""
    edges, slope, anchor, segment_end, entry, _, _, rate = columns
    partial, coefficient, carried = row
    stop = column_of(b, edges, slope)
    cut = b > edges[stop]  # the last column, in part
    for c in range(j, stop + 1 if cut and agg != LAST else stop):
        carried[c] = 1
    if agg == LAST:
        _fill(agg, j, stop, size, seen, columns, coefficient)
    elif agg == PEAK:
        partial[j] = max(partial[j], size * weight(a - seen, rate))
        _fill(agg, j + 1, stop + 1 if cut else stop, size, seen, columns, coefficient)
    else:
        partial[j] += size * integral(a - seen, edges[j + 1] - seen, rate)
        width = float(b - edges[stop]) if cut else 0.0
        if segment_end[j] > stop:  # all in one segment: nearly always
            value = _coefficient(size, anchor[j] - seen, rate)
            for c in range(j + 1, stop):
                coefficient[c] += value
        else:
            _fill(agg, j + 1, stop, size, seen, columns, coefficient)
            value = _coefficient(size, anchor[stop] - seen, rate) if cut else 0.0
        if cut:
            partial[stop] += value * entry[stop] * width * mean_weight(width, rate)


@borrowing
def _carry_level(agg, i, stop, pieces, columns, prune, row):
    """Add the pieces i to stop of one level to a row's cells; most lie within one column."""
    seen, end, size = pieces
    edges, slope, _, _, _, _, _, rate = columns
    partial, _, carried = row
    left, right = edges[0], edges[edges.shape[0] - 1]
    j = 0
    while i < stop and seen[i] < right:
        a, b = max(seen[i], left), min(gone(seen[i], end[i], prune), right)
        if a < b:
            j = column_of(a, edges, slope)
            if b >= edges[j + 1]:
                _carry_far(agg, j, a, b, size[i], seen[i], columns, row)
            elif agg == MEAN:
                partial[j] += size[i] * integral(a - seen[i], b - seen[i], rate)
                carried[j] = 1
            elif agg == PEAK:
                partial[j] = max(partial[j], size[i] * weight(a - seen[i], rate))
                carried[j] = 1
        i += 1


@borrowing
def _sum_row(agg, columns, row):
    """Turn a row's sums into values, in ``partial``."""
    factor, per = columns[5], columns[6]
    partial, coefficient, _ = row
    if agg == MEAN:
        for c in range(partial.shape[0]):
            partial[c] = (partial[c] + coefficient[c] * factor[c]) * per[c]
    elif agg == PEAK:
        for c in range(partial.shape[0]):
            partial[c] = max(partial[c], coefficient[c] * factor[c])
    else:
        for c in range(partial.shape[0]):
            partial[c] = coefficient[c] * factor[c]


@njit(cache=True, nogil=True)
def carry_rows(
    agg, side, begin, stop, row_ticks, levels, first, pieces, far, settled, columns, bound, prune, observed,
    lit, out, parts,
):  # fmt: skip
    """Cells of rows begin to stop of one side: what was observed, and over it what is carried.

    Parameters
    ----------
    row_ticks : (P + 1,) int64, first tick of each row.
    levels, first, pieces : of the side (see `pieces.Pieces`); pieces are seen, end, size.
    far : first and pieces as well, of those that may reach over many columns (see `far.carry_far`).
    settled : first, column, moments (see `settled.Settled`).
    columns : see `columns.Columns.layout`, and 1 / half-life per ns.
    bound : (T,) int64, what the window knows in each column, outward positive.
    prune : ns.
    observed, lit : (P, T) float32 values, and which rows have any (see `observe.observe_rows`).
    out : liquidity (P, T) float32, state (P, T) uint8.
    parts : observed and carried (P, T) float32, or both (0, 0).
    """
    liquidity, state = out
    seen, end, _ = pieces
    edges = columns[0]
    cells = edges.shape[0] - 1
    row = (np.zeros(cells), np.zeros(cells), np.zeros(cells, np.uint8))
    partial, coefficient, carried = row
    strides, marks = np.zeros(cells // STRIDE), np.zeros(cells // STRIDE, np.uint8)
    level = np.searchsorted(levels, row_ticks[begin])
    for r in range(begin, stop):
        reach = reach_of(side, row_ticks[r], row_ticks[r + 1])
        used = settled[0][r] < settled[0][r + 1]
        if used:
            add_settled(
                agg, settled[0][r], settled[0][r + 1], settled[1], settled[2], columns[7], partial, carried
            )
        lowest = level
        while level < levels.shape[0] and levels[level] < row_ticks[r + 1]:
            i = first_after(end, first[level], first[level + 1], edges[0])
            if i < first[level + 1] and seen[i] < edges[cells]:
                _carry_level(agg, i, first[level + 1], pieces, columns, prune, row)
                used = True
            level += 1
        if far[0][level] > far[0][lowest]:
            carry_far(agg, lowest, level, far[0], far[1], columns, prune, row, strides, marks)
            used = True
        if used:
            _sum_row(agg, columns, row)
            finish_carried(agg, reach, bound, observed[r], lit[r], partial, carried, liquidity[r], state[r])
        else:
            finish_plain(reach, bound, observed[r], lit[r], liquidity[r], state[r])
        if parts[0].shape[0] > 0:
            write_parts(state[r], observed[r], lit[r], partial, used, parts[0][r], parts[1][r])
        if used:
            clear(partial)
            clear(coefficient)
            clear(carried)

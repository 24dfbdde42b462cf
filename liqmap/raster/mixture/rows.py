"""The kernel of what is carried under a mixture: pieces -> rows of cells, finished with what was observed."""

from __future__ import annotations

import numpy as np
from numba import njit

from liqmap.compiling import borrowing
from liqmap.raster.columns import MEAN, PEAK, clear, column_of, gone
from liqmap.raster.mixture.across import MixtureRow, carry_across, row_of, strides_of
from liqmap.raster.mixture.mean_weights import integral_of
from liqmap.raster.mixture.parts import weight_of
from liqmap.raster.mixture.summed import add_summed
from liqmap.raster.observe_spans import first_after
from liqmap.raster.strides import STRIDE, Shown, spread
from liqmap.raster.write_cells import write_row


@borrowing
def _carry_level(agg, i, stop, pieces, classes, columns, parts, row):
    """Add the pieces i to stop of one level to a row; most lie within one column."""
    edges = columns.axis.edges
    left, right = edges[0], edges[edges.shape[0] - 1]
    partial, means = row.partial, parts.means
    while i < stop and pieces.seen[i] < right:
        seen, size, m = pieces.seen[i], pieces.size[i], np.int64(classes[i])
        a, b = max(seen, left), min(gone(seen, pieces.end[i], parts.reach[m]), right)
        if a < b:
            j = column_of(a, columns.axis)
            if b >= edges[j + 1]:
                carry_across(agg, j, m, Shown(a, b, seen, size), columns, parts, row)
            elif agg == MEAN:
                partial[j] += size * integral_of(m, a - seen, b - seen, means)
                row.carried[j] = 1
            elif agg == PEAK:
                partial[j] = max(partial[j], size * weight_of(m, a - seen, parts))
                row.carried[j] = 1
        i += 1


@borrowing
def _sum_row(agg, columns, row):
    """Turn a row's sums into sizes, in ``partial``, as `half_life` does for a single part, and clear those of
    the parts."""
    partial, per_ns = row.partial, columns.axis.per_ns
    for k in range(row.coefficient.shape[0]):
        if row.used[k] == 0:
            continue
        row.used[k] = 0
        spread(agg, row_of(k, row), strides_of(k, row))
        coefficient, factor = row.coefficient[k], columns.factor[k]
        if agg == PEAK:
            for c in range(partial.shape[0]):
                partial[c] = max(partial[c], coefficient[c] * factor[c])
                coefficient[c] = 0.0
        else:
            for c in range(partial.shape[0]):
                partial[c] += coefficient[c] * factor[c]
                coefficient[c] = 0.0
    if agg == MEAN:
        for c in range(partial.shape[0]):
            partial[c] *= per_ns[c]


@njit(cache=True, nogil=True)
def mixture_rows(agg, begin, stop, row_ticks, pieces, columns, parts, seen, out):
    """Cells of rows begin to stop of one side: what was observed, and over it what is carried.

    Parameters
    ----------
    row_ticks : (P + 1,) int64, first tick of each row.
    pieces : `summed.MixturePieces` of the side; columns : `parts.MixtureColumns`; parts : `parts.Parts`.
    seen : `write_cells.ObservedSide`; out : `write_cells.CellArrays`.
    """
    short, rest, classes = pieces.short, pieces.rest, pieces.classes
    levels, edges = rest.levels, columns.axis.edges
    cells, number = edges.shape[0] - 1, parts.silent.shape[1]
    row = MixtureRow(
        np.zeros(cells), np.zeros(cells, np.uint8), np.zeros((number, cells)),
        np.zeros((number, cells // STRIDE)), np.zeros((number, cells // STRIDE), np.uint8),
        np.zeros(number, np.uint8), np.zeros(number), np.zeros(cells),
    )  # fmt: skip
    level = np.searchsorted(levels, row_ticks[begin])
    for r in range(begin, stop):
        used = short.first[r] < short.first[r + 1]
        if used:
            add_summed(agg, r, short, row)
        while level < levels.shape[0] and levels[level] < row_ticks[r + 1]:
            until = rest.first[level + 1]
            i = first_after(rest.end, rest.first[level], until, edges[0])
            if i < until and rest.seen[i] < edges[cells]:
                _carry_level(agg, i, until, rest, classes, columns, parts, row)
                used = True
            level += 1
        if used:
            _sum_row(agg, columns, row)
        write_row(agg, r, seen, row.partial, row.carried, used, out)
        if used:
            clear(row.partial)
            clear(row.carried)

"""The kernel of pieces that may be carried for long, over many columns: filled by whole strides.

Without prune a level stays until it is seen again, for most of a day. A stride of columns takes one number,
and the strides are spread over their columns once a row.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from liqmap.carry import integral, mean_weight, weight
from liqmap.compiling import borrowing
from liqmap.raster.columns import LAST, PEAK, column_of, gone
from liqmap.raster.observe import first_after

STRIDE = 64
"""Columns filled at once."""


@njit(cache=True, nogil=True, inline="always")
def add_ends(agg, j, stop, a, b, size, seen, columns, row):
    """Add the first and the last column, touched in part, of the piece a to b (within the edges) from column
    ``j`` to ``stop``. Returns the columns that it fills."""
    edges, _, anchor, _, entry, _, _, rate = columns
    partial, _, carried = row
    cut = b > edges[stop]
    if agg == LAST:
        return j, stop
    carried[j] = 1
    if agg == PEAK:
        partial[j] = max(partial[j], size * weight(a - seen, rate))
        return j + 1, stop + 1 if cut else stop
    if j == stop:
        partial[j] += size * integral(a - seen, b - seen, rate)
        return j + 1, stop
    partial[j] += size * integral(a - seen, edges[j + 1] - seen, rate)
    if cut:
        width = float(b - edges[stop])
        held = size * np.exp2((seen - anchor[stop]) * rate) * entry[stop]
        partial[stop] += held * width * mean_weight(width, rate)
        carried[stop] = 1
    return j + 1, stop


@njit(cache=True, nogil=True, inline="always")
def _fill(agg, j, stop, value, cells, marks):
    """Add a value to the cells j to stop, for ``peak`` the larger, and mark them."""
    if agg == PEAK:
        for c in range(j, stop):
            cells[c] = max(cells[c], value)
    else:
        for c in range(j, stop):
            cells[c] += value
    for c in range(j, stop):
        marks[c] = 1


@borrowing
def carry_far(agg, level, until, first, pieces, columns, prune, row, strides, marks):
    """Add the pieces of the levels from ``level`` to ``until`` to a row's cells.

    Parameters
    ----------
    first, pieces, columns, prune, row : as in `carried.carry_rows`.
    strides, marks : (T // STRIDE,) float64 and uint8, zeros; come back as zeros.
    """
    seen, end, size = pieces
    edges, slope, anchor, segment_end, rate = columns[0], columns[1], columns[2], columns[3], columns[7]
    _, coefficient, carried = row
    left, right = edges[0], edges[edges.shape[0] - 1]
    for k in range(level, until):
        for i in range(first_after(end, first[k], first[k + 1], left), first[k + 1]):
            a, b = max(seen[i], left), min(gone(seen[i], end[i], prune), right)
            if a >= b:
                continue
            j, stop = column_of(a, edges, slope), column_of(b, edges, slope)
            j, stop = add_ends(agg, j, stop, a, b, size[i], seen[i], columns, row)
            while j < stop:
                value = size[i] * np.exp2((seen[i] - anchor[j]) * rate)
                close = min(segment_end[j], stop) if value > 0.0 else stop  # faded to nothing, for good
                whole, last = -(-j // STRIDE), close // STRIDE
                if whole < last:
                    _fill(agg, j, whole * STRIDE, value, coefficient, carried)
                    _fill(agg, whole, last, value, strides, marks)
                    j = last * STRIDE
                _fill(agg, j, close, value, coefficient, carried)
                j = close
    for k in range(strides.shape[0]):
        if marks[k] == 1:
            _fill(agg, k * STRIDE, (k + 1) * STRIDE, strides[k], coefficient, carried)
            strides[k] = 0.0
            marks[k] = 0

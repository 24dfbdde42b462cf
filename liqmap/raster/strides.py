"""The kernel of pieces that may be carried for long, over many columns: filled by whole strides.

Without prune a level stays until it is seen again, for most of a day. A stride of columns takes one number,
and the strides are spread over their columns once a row.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from liqmap.carry import integral, mean_weight, weight
from liqmap.compiling import borrowing
from liqmap.raster.columns import LAST, PEAK, column_of, gone
from liqmap.raster.observe_spans import first_after

STRIDE = 64
"""Columns filled at once."""


class Strides(NamedTuple):
    """Whole strides of one row, while it is summed up; zeros before and after.

    coefficient : (T // STRIDE,) float64, as in `columns.RowSums`; carried : (T // STRIDE,) uint8.
    """

    coefficient: np.ndarray
    carried: np.ndarray


class Shown(NamedTuple):
    """A carried piece as far as the edges show it: from a to b (int64 ns), last seen at ``seen``."""

    a: int
    b: int
    seen: int
    size: float


@njit(cache=True, nogil=True, inline="always")
def add_last(stop, piece, columns, row):
    """Add the last column of a piece (`Shown`), which it has entered before and leaves, for ``mean``."""
    width = float(piece.b - columns.axis.edges[stop])
    entering = piece.size * np.exp2((piece.seen - columns.anchor[stop]) * columns.rate) * columns.entry[stop]
    row.partial[stop] += entering * width * mean_weight(width, columns.rate)
    row.carried[stop] = 1


@njit(cache=True, nogil=True, inline="always")
def add_ends(agg, j, stop, piece, columns, row):
    """Add the first and the last column, touched in part, of a piece (`Shown`) from column ``j`` to ``stop``:

        size x integral of 2**(-age rate) over the part of the column that it touches

    for ``mean``, the size as the piece begins for ``peak``. Returns the columns that it fills.
    """
    a, b, seen, size = piece.a, piece.b, piece.seen, piece.size
    edges, rate = columns.axis.edges, columns.rate
    cut = b > edges[stop]
    if agg == LAST:
        return j, stop
    row.carried[j] = 1
    if agg == PEAK:
        row.partial[j] = max(row.partial[j], size * weight(a - seen, rate))
        return j + 1, stop + 1 if cut else stop
    if j == stop:
        row.partial[j] += size * integral(a - seen, b - seen, rate)
        return j + 1, stop
    row.partial[j] += size * integral(a - seen, edges[j + 1] - seen, rate)
    if cut:
        add_last(stop, piece, columns, row)
    return j + 1, stop


@njit(cache=True, nogil=True, inline="always")
def _add(agg, j, stop, value, cells, marks):
    """Add a value to the cells j to stop, for ``peak`` the larger, and mark them."""
    if agg == PEAK:
        for c in range(j, stop):
            cells[c] = max(cells[c], value)
    else:
        for c in range(j, stop):
            cells[c] += value
    for c in range(j, stop):
        marks[c] = 1


@njit(cache=True, nogil=True, inline="always")
def fill(agg, j, stop, seen, size, columns, row, strides):
    """Give the columns j to stop, full ones, the coefficient of a size last seen at ``seen``; whole strides
    of them one number (see `spread`)."""
    while j < stop:
        value = size * np.exp2((seen - columns.anchor[j]) * columns.rate)
        close = min(columns.segment_end[j], stop) if value > 0.0 else stop  # faded to nothing, for good
        whole, last = -(-j // STRIDE), close // STRIDE
        if whole < last:
            _add(agg, j, whole * STRIDE, value, row.coefficient, row.carried)
            _add(agg, whole, last, value, strides.coefficient, strides.carried)
            j = last * STRIDE
        _add(agg, j, close, value, row.coefficient, row.carried)
        j = close


@njit(cache=True, nogil=True, inline="always")
def spread(agg, row, strides):
    """Spread the whole strides of a row over their columns, and clear them."""
    for k in range(strides.carried.shape[0]):
        if strides.carried[k] == 1:
            value = strides.coefficient[k]
            _add(agg, k * STRIDE, (k + 1) * STRIDE, value, row.coefficient, row.carried)
            strides.coefficient[k] = 0.0
            strides.carried[k] = 0


@borrowing
def carry_long(agg, level, until, pieces, columns, row, strides):
    """Add the pieces of the levels from ``level`` to ``until`` to a row.

    Parameters
    ----------
    pieces : `pieces.Pieces`; columns : `columns.DecayColumns`; row : `columns.RowSums`; strides : `Strides`.
    """
    axis = columns.axis
    left, right = axis.edges[0], axis.edges[axis.edges.shape[0] - 1]
    first, ends = pieces.first, pieces.end
    for k in range(level, until):
        for i in range(first_after(ends, first[k], first[k + 1], left), first[k + 1]):
            seen, size = pieces.seen[i], pieces.size[i]
            a, b = max(seen, left), min(gone(seen, ends[i], columns.prune), right)
            if a < b:
                j, stop = column_of(a, axis), column_of(b, axis)
                j, stop = add_ends(agg, j, stop, Shown(a, b, seen, size), columns, row)
                fill(agg, j, stop, seen, size, columns, row, strides)
    spread(agg, row, strides)

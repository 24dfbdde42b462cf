"""The kernel of what is carried under a mixture: pieces -> rows of cells.

For ``mean`` and ``last`` a mixture is the sum of its parts, each the closed form that a half-life has (see
`half_life`): a part has coefficients of its own, and takes the share of a size that is of the piece's class.
A part that has faded beside a slower one of its class is left out from there on (see `parts.FAINT`), so that
a long piece costs little more than its slowest part.

For ``peak`` the largest of the pieces is not that of their parts. A piece is weighed in every column that it
enters while it has several parts, and is one coefficient again as soon as a single part is left.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from liqmap.compiling import borrowing
from liqmap.raster.columns import LAST, MEAN, PEAK, RowSums, clear, column_of, gone
from liqmap.raster.mixture.mean_weights import integral_of
from liqmap.raster.mixture.parts import columns_of, weight_of
from liqmap.raster.mixture.summed import add_summed
from liqmap.raster.observe_spans import first_after
from liqmap.raster.strides import STRIDE, Shown, Strides, add_last, fill, spread
from liqmap.raster.write_cells import write_row


class MixtureRow(NamedTuple):
    """What is carried in the T columns of one row, while it is summed up; zeros before and after.

    partial, carried : as in `columns.RowSums`; coefficient : (K, T), one row of `RowSums` for each part.
    stride_sums, stride_marks : (K, T // STRIDE), one `strides.Strides` for each part.
    weighed : (T,) float64, room for a piece in the columns that it enters.
    """

    partial: np.ndarray
    carried: np.ndarray
    coefficient: np.ndarray
    stride_sums: np.ndarray
    stride_marks: np.ndarray
    weighed: np.ndarray


@njit(cache=True, nogil=True, inline="always")
def _row_of(k, row):
    return RowSums(row.partial, row.coefficient[k], row.carried)


@njit(cache=True, nogil=True, inline="always")
def _strides_of(k, row):
    return Strides(row.stride_sums[k], row.stride_marks[k])


@njit(cache=True, nogil=True, inline="always")
def _add_parts(agg, j, m, piece, columns, parts, row):
    """Add a piece (`Shown`) of class ``m`` that begins in column ``j`` and ends in another: each part that is
    not left out yet, to where it is."""
    a, b, seen = piece.a, piece.b, piece.seen
    axis = columns.axis
    begin = j if agg == LAST else j + 1
    if agg == MEAN:
        row.partial[j] += piece.size * integral_of(m, a - seen, axis.edges[j + 1] - seen, parts.means)
        row.carried[j] = 1
    for k in range(parts.silent.shape[1]):
        end = gone(seen, b, parts.silent[m, k])
        if end > axis.edges[begin]:
            stop = column_of(end, axis)
            part = Shown(a, end, seen, piece.size * parts.means.shares[m, k])
            own, sums = columns_of(k, columns, parts), _row_of(k, row)
            fill(agg, begin, stop, seen, part.size, own, sums, _strides_of(k, row))
            if agg == MEAN and end > axis.edges[stop]:
                add_last(stop, part, own, sums)


@njit(cache=True, nogil=True, inline="always")
def _weigh(c, stop, m, first, seen, size, columns, parts, row):
    """Raise the columns from ``c`` to what a size weighs as it enters them, sum over k of

        size share_k 2**((seen - anchor) rate_k)  x  factor_k

    as far as no part is left out, and each is within one segment. Returns the column that this ends before.
    """
    age = columns.axis.edges[c] - seen
    end = stop
    for k in range(first, parts.last[m] + 1):
        if age < parts.silent[m, k]:
            end = min(end, columns.segment_end[k, c])
    limit = gone(seen, columns.axis.edges[stop], parts.silent[m, first])
    if limit < columns.axis.edges[stop]:
        end = min(end, column_of(limit, columns.axis) + 1)
    weighed, factor = row.weighed, columns.factor
    for x in range(c, end):
        weighed[x] = 0.0
    for k in range(first, parts.last[m] + 1):
        if age < parts.silent[m, k]:
            rate = parts.means.rates[k]
            value = size * parts.means.shares[m, k] * np.exp2((seen - columns.anchor[k, c]) * rate)
            for x in range(c, end):
                weighed[x] += value * factor[k, x]
    for x in range(c, end):
        row.partial[x] = max(row.partial[x], weighed[x])
    return end


@njit(cache=True, nogil=True, inline="always")
def _raise(j, m, piece, columns, parts, row):
    """Raise the columns of a piece (`Shown`) of class ``m`` from column ``j`` on for ``peak``."""
    a, b, seen, size = piece.a, piece.b, piece.seen, piece.size
    edges = columns.axis.edges
    row.carried[j] = 1
    row.partial[j] = max(row.partial[j], size * weight_of(m, a - seen, parts))
    stop = column_of(b, columns.axis)
    if b > edges[stop]:
        stop += 1
    c, k, last = j + 1, 0, parts.last[m]
    for x in range(c, stop):
        row.carried[x] = 1
    while c < stop:
        while k < last and parts.silent[m, k] <= edges[c] - seen:
            k += 1
        if k == last:
            value = size * parts.means.shares[m, k]
            own = columns_of(k, columns, parts)
            fill(PEAK, c, stop, seen, value, own, _row_of(k, row), _strides_of(k, row))
            c = stop
        else:
            c = _weigh(c, stop, m, k, seen, size, columns, parts, row)


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
                if agg == PEAK:
                    _raise(j, m, Shown(a, b, seen, size), columns, parts, row)
                else:
                    _add_parts(agg, j, m, Shown(a, b, seen, size), columns, parts, row)
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
        spread(agg, _row_of(k, row), _strides_of(k, row))
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
        np.zeros((number, cells // STRIDE)), np.zeros((number, cells // STRIDE), np.uint8), np.zeros(cells),
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

"""The kernel of a piece that crosses columns under a mixture.

For ``mean`` and ``last`` a mixture is the sum of its parts, each the closed form that a half-life has (see
`half_life`): a part has coefficients of its own, and takes the share of a size that is of the piece's class.
A part that has faded beside a slower one of its class is left out from there on (see `parts.FAINT`), so that
a long piece costs little more than its slowest part.

For ``peak`` the largest of the pieces is not that of their parts. A piece is weighed in every column that it
enters while it has several parts, and is one coefficient again as soon as a single part is left.

Few columns, as most pieces cross, are not worth a coefficient: there all parts go from column to column.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from liqmap.carry import mean_weight
from liqmap.raster.columns import LAST, MEAN, PEAK, RowSums, column_of, gone
from liqmap.raster.mixture.mean_weights import integral_of
from liqmap.raster.mixture.parts import columns_of, weight_of
from liqmap.raster.strides import STRIDE, Shown, Strides, add_last, fill

NEAR = 16
"""Columns in which a long piece is weighed one by one; in those after them each part is a coefficient."""


class MixtureRow(NamedTuple):
    """What is carried in the T columns of one row, while it is summed up; zeros before and after.

    partial, carried : as in `columns.RowSums`; coefficient : (K, T), one row of `RowSums` for each part.
    stride_sums, stride_marks : (K, T // STRIDE), one `strides.Strides` for each part.
    used : (K,) uint8, 1 where a part has coefficients.
    value : (K,), weighed : (T,) float64, room for the parts of a piece, and for its sum in several columns.
    """

    partial: np.ndarray
    carried: np.ndarray
    coefficient: np.ndarray
    stride_sums: np.ndarray
    stride_marks: np.ndarray
    used: np.ndarray
    value: np.ndarray
    weighed: np.ndarray


@njit(cache=True, nogil=True, inline="always")
def row_of(k, row):
    return RowSums(row.partial, row.coefficient[k], row.carried)


@njit(cache=True, nogil=True, inline="always")
def strides_of(k, row):
    return Strides(row.stride_sums[k], row.stride_marks[k])


@njit(cache=True, nogil=True, inline="always")
def carry_across(agg, j, m, piece, columns, parts, row):
    """Add a piece (`Shown`) of class ``m`` that begins in column ``j`` and ends in another."""
    a, b, seen = piece.a, piece.b, piece.seen
    edges = columns.axis.edges
    stop = column_of(b, columns.axis)
    cut = b > edges[stop]
    for c in range(j, stop + 1 if cut and agg != LAST else stop):
        row.carried[c] = 1
    if agg == MEAN:
        row.partial[j] += piece.size * integral_of(m, a - seen, edges[j + 1] - seen, parts.means)
    elif agg == PEAK:
        row.partial[j] = max(row.partial[j], piece.size * weight_of(m, a - seen, parts))
        stop = stop + 1 if cut else stop
    near = stop if stop - j <= 2 * NEAR else j + NEAR
    _add_near(agg, j, near, near == stop, m, piece, columns, parts, row)
    if near < stop and agg == PEAK:
        _raise_far(near, stop, m, piece, columns, parts, row)
    elif near < stop:
        _add_far(agg, near, stop, m, piece, columns, parts, row)


@njit(cache=True, nogil=True, inline="always")
def _add_near(agg, j, stop, ends, m, piece, columns, parts, row):
    """Add a piece to the columns after ``j``, before ``stop``: all of its parts, from column to column

        size share_k 2**(-age rate_k) at the left edge  ->  x step_k at the next

    Parameters
    ----------
    ends : whether it ends in column ``stop``.
    """
    seen, value, partial = piece.seen, row.value, row.partial
    edges, rates, last = columns.axis.edges, parts.means.rates, parts.last[m]
    age = edges[j + 1] - seen
    first = 0
    while first < last and parts.silent[m, first] <= age:
        first += 1
    last += 1
    total = 0.0
    for k in range(first, last):
        value[k] = piece.size * parts.means.shares[m, k] * np.exp2(-age * rates[k])
        total += value[k]
    if agg == LAST:
        partial[j] += total
    for c in range(j + 1, stop):
        total = 0.0
        for k in range(first, last):
            if agg == MEAN:
                total += value[k] * columns.full[c, k]
                value[k] *= columns.step[c, k]
            elif agg == PEAK:
                total += value[k]
                value[k] *= columns.step[c, k]
            else:
                value[k] *= columns.step[c, k]
                total += value[k]
        partial[c] = max(partial[c], total) if agg == PEAK else partial[c] + total
    if agg == MEAN and ends and piece.b > edges[stop]:
        width = float(piece.b - edges[stop])
        total = 0.0
        for k in range(first, last):
            total += value[k] * mean_weight(width, rates[k])
        partial[stop] += total * width


@njit(cache=True, nogil=True, inline="always")
def _add_far(agg, c, stop, m, piece, columns, parts, row):
    """Add a piece to the columns from ``c`` to ``stop``, and to the last in part: each part to where it is
    left out, as under a half-life."""
    b, seen = piece.b, piece.seen
    axis = columns.axis
    for k in range(parts.last[m] + 1):
        end = gone(seen, b, parts.silent[m, k])
        if end > axis.edges[c]:
            part = Shown(piece.a, end, seen, piece.size * parts.means.shares[m, k])
            until = stop if end == b else column_of(end, axis)
            own, sums = columns_of(k, columns, parts), row_of(k, row)
            if until - c > STRIDE:
                row.used[k] = 1
                fill(agg, c, until, seen, part.size, own, sums, strides_of(k, row))
            else:
                _add_some(c, until, seen, part.size, own, row.partial)
            if agg == MEAN and end > axis.edges[until]:
                add_last(until, part, own, sums)


@njit(cache=True, nogil=True, inline="always")
def _add_some(c, stop, seen, size, columns, partial):
    """Add a size to the columns from ``c`` to ``stop``, too few to go through the whole row for its part."""
    while c < stop:
        value = size * np.exp2((seen - columns.anchor[c]) * columns.rate)
        close = min(columns.segment_end[c], stop)
        for x in range(c, close):
            partial[x] += value * columns.factor[x]
        c = close


@njit(cache=True, nogil=True, inline="always")
def _raise_far(c, stop, m, piece, columns, parts, row):
    """Raise the columns from ``c`` to ``stop`` to what a piece weighs as it enters them."""
    seen, size, edges = piece.seen, piece.size, columns.axis.edges
    k, last = 0, parts.last[m]
    while c < stop:
        while k < last and parts.silent[m, k] <= edges[c] - seen:
            k += 1
        if k == last:
            row.used[k] = 1
            share, own = size * parts.means.shares[m, k], columns_of(k, columns, parts)
            fill(PEAK, c, stop, seen, share, own, row_of(k, row), strides_of(k, row))
            c = stop
        else:
            c = _weigh(c, stop, k, m, seen, size, columns, parts, row)


@njit(cache=True, nogil=True, inline="always")
def _coefficient(k, c, m, seen, size, columns, parts):
    """What class ``m`` gives part ``k`` of a size, relative to the anchor of column ``c``."""
    return size * parts.means.shares[m, k] * np.exp2((seen - columns.anchor[k, c]) * parts.means.rates[k])


@njit(cache=True, nogil=True, inline="always")
def _weigh(c, stop, first, m, seen, size, columns, parts, row):
    """Raise the columns from ``c`` to the sum of several parts, from ``first`` on,

        sum over k of  size share_k 2**((seen - anchor) rate_k)  x  factor_k

    as far as each is within one segment, and ``first`` is not left out. Returns the column it ends before.
    """
    end, last = stop, parts.last[m]
    limit = gone(seen, columns.axis.edges[stop], parts.silent[m, first])
    if limit < columns.axis.edges[stop]:
        end = column_of(limit, columns.axis) + 1
    for k in range(first, last + 1):
        end = min(end, columns.segment_end[k, c])
    weighed, partial, factor = row.weighed, row.partial, columns.factor
    slow, fast = factor[last], factor[last - 1]
    a = _coefficient(last, c, m, seen, size, columns, parts)
    b = _coefficient(last - 1, c, m, seen, size, columns, parts)
    if first == last - 1:
        for x in range(c, end):
            partial[x] = max(partial[x], a * slow[x] + b * fast[x])
        return end
    for x in range(c, end):
        weighed[x] = a * slow[x] + b * fast[x]
    for k in range(first + 1, last - 1):
        own, value = factor[k], _coefficient(k, c, m, seen, size, columns, parts)
        for x in range(c, end):
            weighed[x] += value * own[x]
    own, value = factor[first], _coefficient(first, c, m, seen, size, columns, parts)
    for x in range(c, end):
        partial[x] = max(partial[x], weighed[x] + value * own[x])
    return end

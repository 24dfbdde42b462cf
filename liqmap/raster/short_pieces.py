"""Short carried pieces of one frame, summed up once for every half-life.

Most carried pieces are back within seconds and lie within one column. The integral of their decay is a power
series in 1 / half-life:

    integral of 2**(-t / h) over 0 to d  =  sum over m of  (-k)**m d**(m + 1) / (m + 1)!    with k = ln 2 / h

so a few moments a cell stand for all of them, exactly but for the terms left out: below 2e-7 of the value
while no piece is longer than a half-life. For ``peak`` it is the largest size, as a piece is at its largest
when it begins; ``last`` sees nothing of a piece within a column. The rest are drawn one by one.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
from numba import njit

from liqmap.carry import HalfLife
from liqmap.carry.exponential import LN2
from liqmap.compiling import borrowing
from liqmap.raster.canvas import Canvas
from liqmap.raster.columns import LAST, MEAN, PEAK, column_of
from liqmap.raster.pieces import Pieces, carried_pieces
from liqmap.spans import Spans
from liqmap.spans.rows import both

SHORT = 5 * 10**9
"""ns; no piece that is summed up is longer."""

LONG = 96
"""Columns."""

MOMENTS = 8


class ShortPieces(NamedTuple):
    """Short pieces of one side summed up by row and column: n cells in which there are any.

    first : (P + 1,) int64, where each row begins; column : (n,) int32.
    moments : (n, MOMENTS) float32 for ``mean``, moment m the sum of size d**(m + 1) / (m + 1)! with the
        length d in units of `SHORT`; (n, 1) for ``peak``, the largest size.
    """

    first: np.ndarray
    column: np.ndarray
    moments: np.ndarray


class SplitPieces(NamedTuple):
    """The carried pieces of one side: those summed up, and the others, which are drawn one by one.

    Long ones cross more than `LONG` columns unless pruned.
    """

    short: ShortPieces
    rest: Pieces
    long: Pieces


def unsplit(pieces: Pieces, rows: int) -> SplitPieces:
    """Every piece of a side to be drawn by itself, on so many rows."""
    return SplitPieces(no_short(rows), pieces, pieces.none())


def no_short(rows: int) -> ShortPieces:
    """No cell with short pieces, on so many rows."""
    return ShortPieces(np.zeros(rows + 1, np.int64), np.empty(0, np.int32), np.empty((0, 1), np.float32))


def exact_for(carry: HalfLife) -> bool:
    """Whether the series is exact enough under this half-life, and prune cuts none of the pieces."""
    return SHORT * carry.rate <= 1.0 and carry.prune_ns >= SHORT


def split(spans: Spans, canvas: Canvas) -> list[SplitPieces]:
    """The pieces of both sides, as one canvas takes them."""
    return both(partial(_split, spans, canvas), (0, 1), len(spans))


def _split(spans: Spans, canvas: Canvas, side: int) -> SplitPieces:
    pieces = carried_pieces(spans)[side]
    short, long = np.empty(pieces.number, np.bool_), np.empty(pieces.number, np.bool_)
    _find(pieces, canvas.axis, short, long)
    summed = sum_short(pieces, short, canvas, MOMENTS)
    return SplitPieces(summed, pieces.chosen(~(short | long)), pieces.chosen(long))


def which_short(pieces: Pieces, canvas: Canvas) -> np.ndarray:
    """Which pieces lie within one column, for a short time: (C,) bool."""
    short, long = np.empty(pieces.number, np.bool_), np.empty(pieces.number, np.bool_)
    _find(pieces, canvas.axis, short, long)
    return short


def sum_short(pieces: Pieces, short: np.ndarray, canvas: Canvas, moments: int = 1) -> ShortPieces:
    """The short pieces, (C,) bool, by cell: so many moments of each for ``mean``."""
    room, width = int(np.count_nonzero(short)), moments if canvas.how == MEAN else 1
    first, column, sums = _sum(canvas.how, canvas.rows, pieces, short, canvas.axis, room, width)
    return ShortPieces(first, column.copy(), sums.copy())


@borrowing
def _find(pieces, axis, short, long):
    """Which pieces (C,) lie within one column, for a short time, and which cross many."""
    edges = axis.edges
    left, right = edges[0], edges[edges.shape[0] - 1]
    for i in range(pieces.seen.shape[0]):
        seen, end = pieces.seen[i], pieces.end[i]
        a, b = max(seen, left), min(end, right)
        long[i] = a < b and column_of(b, axis) - column_of(a, axis) > LONG
        short[i] = False
        if left <= seen and end < right and end - seen <= SHORT:
            short[i] = end < edges[column_of(seen, axis) + 1]


@njit(cache=True, nogil=True)
def _sum(agg, row_ticks, pieces, short, axis, room, width):
    """first, column and moments of `ShortPieces`; ``room`` is how many cells there can be, ``width`` how many
    moments each has."""
    levels, first = pieces.levels, pieces.first
    cells = axis.edges.shape[0] - 1
    sums, place = np.zeros((cells, width)), np.zeros(cells, np.bool_)
    firsts = np.zeros(row_ticks.shape[0], np.int64)
    columns, moments = np.empty(room, np.int32), np.empty((room, width), np.float32)
    n = 0
    level = np.searchsorted(levels, row_ticks[0])
    for r in range(row_ticks.shape[0] - 1):
        low, high = cells, -1
        while level < levels.shape[0] and levels[level] < row_ticks[r + 1]:
            for i in range(first[level], first[level + 1]):
                if short[i] and agg != LAST:
                    seen, size = pieces.seen[i], pieces.size[i]
                    j = column_of(seen, axis)
                    low, high = min(low, j), max(high, j)
                    place[j] = True
                    if agg == PEAK:
                        sums[j, 0] = max(sums[j, 0], size)
                    else:
                        _add_moments((pieces.end[i] - seen) / SHORT, size, j, sums)
            level += 1
        for j in range(low, high + 1):
            if place[j]:
                columns[n] = j
                for m in range(width):
                    moments[n, m] = sums[j, m]
                    sums[j, m] = 0.0
                place[j] = False
                n += 1
        firsts[r + 1] = n
    return firsts, columns[:n], moments[:n]


@borrowing
def _add_moments(length, size, j, sums):
    """size x length**(m + 1) / (m + 1)! for every moment m."""
    term = size
    for m in range(sums.shape[1]):
        term *= length / (m + 1)
        sums[j, m] += term


@borrowing
def add_short(agg, r, short, rate, row):
    """Add the short pieces of row ``r`` to its sums, under a half-life:

        size x ns  =  SHORT x sum over m of (-k)**m moment[m]    with k = rate ln 2 SHORT

    Parameters
    ----------
    short : `ShortPieces`; rate : 1 / half-life in 1 / ns; row : `columns.RowSums`.
    """
    k = rate * LN2 * SHORT
    moments = short.moments
    for n in range(short.first[r], short.first[r + 1]):
        j = short.column[n]
        row.carried[j] = 1
        if agg == PEAK:
            row.partial[j] = max(row.partial[j], np.float64(moments[n, 0]))
        else:
            value = np.float64(moments[n, MOMENTS - 1])
            for m in range(MOMENTS - 2, -1, -1):
                value = moments[n, m] - k * value
            row.partial[j] += value * SHORT

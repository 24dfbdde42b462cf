"""Short carried pieces of one frame, settled once for every half-life.

Most carried pieces are back within seconds and lie within one column. The integral of their decay is a power
series in 1 / half-life:

    integral of 2**(-t / h) over 0 to d  =  sum over m of  (-k)**m d**(m + 1) / (m + 1)!    with k = ln 2 / h

so a few moments a cell stand for all of them, exactly but for the terms left out: below 2e-7 of the value
while no piece is longer than a half-life. For ``peak`` it is the largest size, as a piece is at its largest
when it begins; ``last`` sees nothing of a piece within a column. The rest are drawn one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numba import njit

from liqmap.carry import HalfLife
from liqmap.carry.exponential import LN2
from liqmap.compiling import borrowing
from liqmap.raster.columns import LAST, MEAN, PEAK, Columns, column_of
from liqmap.raster.pieces import Pieces, carried_pieces
from liqmap.spans import Spans
from liqmap.spans.rows import both

SHORT = 5 * 10**9
"""ns; no settled piece is longer."""

FAR = 96
"""Columns."""

MOMENTS = 8


@dataclass(frozen=True)
class Settled:
    """The settled pieces of one side, by row and column (n cells), and the rest.

    first : (P + 1,) int64, where each row begins; column : (n,) int32.
    moments : (n, MOMENTS) float32 for ``mean``, in units of size x `SHORT`; (n, 1) for ``peak``, size.
    rest, far : the other pieces; far ones reach over more than `FAR` columns unless pruned.
    """

    first: np.ndarray
    column: np.ndarray
    moments: np.ndarray
    rest: Pieces
    far: Pieces


def nothing_settled(rows: int, pieces: Pieces) -> Settled:
    """Every piece to be drawn by itself."""
    nothing = np.empty(0, np.int32), np.empty((0, 1), np.float32)
    far = Pieces(np.zeros_like(pieces.first), pieces.seen[:0], pieces.end[:0], pieces.size[:0])
    return Settled(np.zeros(rows + 1, np.int64), *nothing, pieces, far)


def holds_for(carry: HalfLife) -> bool:
    """Whether the series is exact enough under this half-life, and prune cuts none of the pieces."""
    return SHORT * carry.rate <= 1.0 and carry.prune_ns >= SHORT


def settle(spans: Spans, times: np.ndarray, rows: np.ndarray, how: int) -> list[Settled]:
    """The settled pieces of both sides of one frame."""
    return both(partial(_settle, spans, times, rows, how), (0, 1), len(spans))


def _settle(spans: Spans, times: np.ndarray, rows: np.ndarray, how: int, side: int) -> Settled:
    p, levels = carried_pieces(spans)[side], spans.sides[side].levels
    slope = Columns.even(times)
    short, far = np.empty(len(p), np.bool_), np.empty(len(p), np.bool_)
    _find(p.seen, p.end, times, slope, short, far)
    room = int(np.count_nonzero(short))
    first, column, moments = _sum(
        how, rows, levels, p.first, p.seen, p.end, p.size, short, times, slope, room
    )
    return Settled(first, column.copy(), moments.copy(), p.chosen(~(short | far)), p.chosen(far))


@borrowing
def _find(seen, end, edges, slope, short, far):
    """Which pieces lie within one column, for a short time, and which reach over many."""
    left, right = edges[0], edges[edges.shape[0] - 1]
    for i in range(seen.shape[0]):
        a, b = max(seen[i], left), min(end[i], right)
        far[i] = a < b and column_of(b, edges, slope) - column_of(a, edges, slope) > FAR
        short[i] = False
        if left <= seen[i] and end[i] < right and end[i] - seen[i] <= SHORT:
            short[i] = end[i] < edges[column_of(seen[i], edges, slope) + 1]


@njit(cache=True, nogil=True)
def _sum(agg, row_ticks, levels, first, seen, end, size, short, edges, slope, room):
    """Moments of the short pieces by row and column; ``room`` is how many cells there can be."""
    cells = edges.shape[0] - 1
    width = MOMENTS if agg == MEAN else 1
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
                    j = column_of(seen[i], edges, slope)
                    low, high = min(low, j), max(high, j)
                    place[j] = True
                    if agg == PEAK:
                        sums[j, 0] = max(sums[j, 0], size[i])
                    else:
                        _add_moments((end[i] - seen[i]) / SHORT, size[i], j, sums)
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
    for m in range(MOMENTS):
        term *= length / (m + 1)
        sums[j, m] += term


@borrowing
def add_settled(agg, i, stop, column, moments, rate, partial, carried):
    """Add the settled cells i to stop, of one row, under a half-life."""
    k = rate * LN2 * SHORT
    for n in range(i, stop):
        j = column[n]
        carried[j] = 1
        if agg == PEAK:
            partial[j] = max(partial[j], np.float64(moments[n, 0]))
        else:
            value = np.float64(moments[n, MOMENTS - 1])
            for m in range(MOMENTS - 2, -1, -1):
                value = moments[n, m] - k * value
            partial[j] += value * SHORT

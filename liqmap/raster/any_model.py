"""Any carry model: every carried piece in every column it touches, weighed by the model itself.

A half-life has a shortcut (see `half_life`), as all of its sizes decay at one rate, and a mixture of them has
it part by part (see `mixture`). Other models have none, so this costs pieces x columns crossed. It goes
through them in portions of bounded memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numba import njit

from liqmap.carry import CarryModel, asked
from liqmap.compiling import borrowing
from liqmap.raster.canvas import Canvas
from liqmap.raster.columns import LAST, MEAN, PEAK, column_of
from liqmap.raster.observed import Observed
from liqmap.raster.pieces import Pieces, carried_pieces, distances
from liqmap.raster.write_cells import cell_arrays, write_row
from liqmap.schema import OPEN
from liqmap.spans import Spans

PORTION = 1 << 20
"""Pieces x columns weighed at once (or those of one row, if more)."""


class CarriedRows(NamedTuple):
    """What is carried in p rows, from row ``begin`` on.

    values : (p, T) float64, carried sizes; carried : (p, T) uint8, 1 where anything is carried.
    """

    begin: int
    values: np.ndarray
    carried: np.ndarray


class Shares(NamedTuple):
    """Pieces in the columns they touch, (n,) each: place of the cell in the portion, place of the piece, ages
    (ns) at which it enters and leaves the column, size, and distance from the touch (bps) if the model asks
    for it."""

    row: np.ndarray
    column: np.ndarray
    piece: np.ndarray
    young: np.ndarray
    old: np.ndarray
    size: np.ndarray
    distance: np.ndarray | None

    @property
    def before(self) -> np.ndarray:
        """The age in the instant before the piece leaves its column, where its weight has not dropped yet."""
        return np.nextafter(self.old, 0.0)


def carry_by_model(
    spans: Spans, canvas: Canvas, carry: CarryModel, seen: Observed, frames: dict[str, np.ndarray]
) -> None:
    """Fill liquidity, state and, if they are there, observed and carried, (2, P, T) each."""
    for side in (0, 1):
        observed, out = seen.side(side), cell_arrays(frames, side)
        for rows in carried_rows(spans, side, canvas, carry):
            _write(canvas.how, rows, observed, out)


def carried_rows(spans: Spans, side: int, canvas: Canvas, carry: CarryModel) -> Iterator[CarriedRows]:
    """What is carried on a side, in portions of whole rows."""
    how = canvas.how
    for begin, stop, shares in weighed(spans, side, canvas, carry):
        values = np.zeros((stop - begin, canvas.shape[1]))
        rows = CarriedRows(begin, values, np.zeros(values.shape, np.uint8))
        by = asked(carry, shares.distance, shares.size)
        if how == MEAN:
            weights = carry.integral(shares.young, shares.old, *by)
        else:
            weights = carry.weight(shares.young if how == PEAK else shares.before, *by)
        _gather(how, shares.row, shares.column, shares.size * weights, rows)
        if how == MEAN:
            values /= np.diff(canvas.times)
        yield rows


def weighed(spans: Spans, side: int, canvas: Canvas, carry: CarryModel) -> Iterator[tuple[int, int, Shares]]:
    """The shares of a side in portions of whole rows: (first row, last row + 1, shares)."""
    pieces = carried_pieces(spans)[side]
    far = distances(spans)[side] if carry.by_distance else None
    shown = pieces._replace(end=leaves(pieces, reaches(spans, side, carry)))
    instant, rows, axis = canvas.how == LAST, canvas.rows, canvas.axis
    ends = np.concatenate([[0], np.cumsum(_count(instant, rows, shown, axis))])
    begin = 0
    while begin < canvas.shape[0]:
        stop = int(np.searchsorted(ends, ends[begin] + PORTION, side="right")) - 1
        stop = min(max(stop, begin + 1), canvas.shape[0])
        total = int(ends[stop] - ends[begin])
        row, column, piece, young, old = _list(instant, begin, stop, total, rows, shown, axis)
        distance = None if far is None else far[piece]
        yield begin, stop, Shares(row, column, piece, young, old, pieces.size[piece], distance)
        begin = stop


def reaches(spans: Spans, side: int, carry: CarryModel) -> np.ndarray | int:
    """The age from which each piece of a side weighs nothing, as the model says."""
    far = distances(spans)[side] if carry.by_distance else None
    return carry.reach(*asked(carry, far, carried_pieces(spans)[side].size))


def leaves(pieces: Pieces, reach: np.ndarray | int) -> np.ndarray:
    """When each piece is gone: when the book speaks of its price again, or it weighs nothing any more."""
    longest = np.broadcast_to(np.asarray(reach, np.int64), pieces.seen.shape)
    fades = longest < OPEN - np.maximum(pieces.seen, 0)
    return np.where(fades, np.minimum(pieces.end, pieces.seen + longest), pieces.end)


@njit(cache=True, nogil=True, inline="always")
def columns_of(instant, seen, leave, axis):
    """First and last + 1 column that a piece touches (``instant``: whose right edge it covers)."""
    edges = axis.edges
    right = edges[edges.shape[0] - 1]
    a, b = max(seen, edges[0]), min(leave, right)
    if a >= b:
        return 0, 0
    j, stop = column_of(a, axis), column_of(b, axis)
    if not instant and b > edges[stop]:
        stop += 1
    return j, stop


@njit(cache=True, nogil=True)
def _count(instant, row_ticks, pieces, axis):
    """How many shares each row has: (P,) int64."""
    levels, first = pieces.levels, pieces.first
    counts = np.zeros(row_ticks.shape[0] - 1, np.int64)
    level = np.searchsorted(levels, row_ticks[0])
    for r in range(counts.shape[0]):
        while level < levels.shape[0] and levels[level] < row_ticks[r + 1]:
            for i in range(first[level], first[level + 1]):
                j, stop = columns_of(instant, pieces.seen[i], pieces.end[i], axis)
                counts[r] += stop - j
            level += 1
    return counts


@njit(cache=True, nogil=True)
def _list(instant, begin, end, total, row_ticks, pieces, axis):
    """The ``total`` shares of rows begin to end: row, column, piece, and ages as it enters and leaves."""
    levels, first, edges = pieces.levels, pieces.first, axis.edges
    row, column, piece = np.empty(total, np.int64), np.empty(total, np.int64), np.empty(total, np.int64)
    young, old = np.empty(total), np.empty(total)
    n = 0
    level = np.searchsorted(levels, row_ticks[begin])
    for r in range(begin, end):
        while level < levels.shape[0] and levels[level] < row_ticks[r + 1]:
            for i in range(first[level], first[level + 1]):
                seen, leave = pieces.seen[i], pieces.end[i]
                j, stop = columns_of(instant, seen, leave, axis)
                for c in range(j, stop):
                    row[n], column[n], piece[n] = r - begin, c, i
                    young[n] = max(edges[c] - seen, 0)
                    old[n] = min(edges[c + 1], leave) - seen if not instant else edges[c + 1] - seen
                    n += 1
            level += 1
    return row, column, piece, young, old


@borrowing
def _gather(agg, row, column, value, rows):
    """Add values (n,) to `CarriedRows`, for ``peak`` the larger."""
    for i in range(row.shape[0]):
        rows.carried[row[i], column[i]] = 1
        if agg == PEAK:
            rows.values[row[i], column[i]] = max(rows.values[row[i], column[i]], value[i])
        else:
            rows.values[row[i], column[i]] += value[i]


@borrowing
def _write(agg, rows, seen, out):
    """Cells of `CarriedRows`, with what was observed."""
    for p in range(rows.values.shape[0]):
        used = rows.carried[p].any()
        write_row(agg, rows.begin + p, seen, rows.values[p], rows.carried[p], used, out)

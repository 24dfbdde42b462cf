"""Any carry model: every carried piece in every column it touches, weighed by the model itself.

A half-life has a shortcut (see `carried`): all of its sizes decay at one rate. Other models have none, so
this costs pieces x columns crossed. It goes through them in portions of bounded memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numba import njit

from liqmap.carry import CarryModel
from liqmap.compiling import borrowing
from liqmap.raster.columns import LAST, MEAN, PEAK, Columns, column_of
from liqmap.raster.finish import finish_carried, finish_plain, reach_of, write_parts
from liqmap.raster.observed import Observed
from liqmap.raster.pieces import Pieces, carried_pieces, distances
from liqmap.schema import OPEN
from liqmap.spans import Spans

PORTION = 1 << 20
"""Pieces x columns weighed at once (or those of one row, if more)."""


def carry_directly(
    spans: Spans,
    times: np.ndarray,
    rows: np.ndarray,
    carry: CarryModel,
    how: int,
    seen: Observed,
    frames: dict[str, np.ndarray],
) -> None:
    """Fill liquidity, state and, if they are there, observed and carried, (2, P, T) each.

    Parameters
    ----------
    how : the aggregate.
    """
    parts = "observed" in frames
    for side in (0, 1):
        for begin, stop, held, touched in carried_rows(spans, side, times, rows, carry, how):
            none = np.empty((0, 0), np.float32)
            _finish(
                how, side, begin, rows, seen.bounds[side], seen.values[side][begin:stop],
                seen.lit[side][begin:stop], held, touched,
                frames["liquidity"][side][begin:stop], frames["state"][side][begin:stop],
                frames["observed"][side][begin:stop] if parts else none,
                frames["carried"][side][begin:stop] if parts else none,
            )  # fmt: skip


def carried_rows(
    spans: Spans, side: int, times: np.ndarray, rows: np.ndarray, carry: CarryModel, how: int
) -> Iterator[tuple[int, int, np.ndarray, np.ndarray]]:
    """Portions of a side: first row, last row + 1, carried values and whether anything is carried, (p, T)."""
    for begin, stop, shares in weighed(spans, side, times, rows, carry, how):
        held = np.zeros((stop - begin, len(times) - 1))
        touched = np.zeros(held.shape, np.uint8)
        if how == MEAN:
            value = shares.size * carry.integral(shares.young, shares.old, shares.distance)
        else:
            value = shares.size * carry.weight(
                shares.young if how == PEAK else shares.before, shares.distance
            )
        _gather(how, shares.row, shares.column, value, held, touched)
        if how == MEAN:
            held /= np.diff(times)
        yield begin, stop, held, touched


@dataclass
class Shares:
    """Pieces in the columns they touch, (n,) each: place of the cell in the portion, ages (ns) at which the
    piece enters and leaves the column, size, and distance from the touch (bps) if the model asks for it."""

    row: np.ndarray
    column: np.ndarray
    young: np.ndarray
    old: np.ndarray
    size: np.ndarray
    distance: np.ndarray | None

    @property
    def before(self) -> np.ndarray:
        """The age in the instant before the piece leaves its column, where its weight has not dropped yet."""
        return np.nextafter(self.old, 0.0)


def weighed(
    spans: Spans, side: int, times: np.ndarray, rows: np.ndarray, carry: CarryModel, how: int
) -> Iterator[tuple[int, int, Shares]]:
    """The shares of a side in portions of whole rows: (first row, last row + 1, shares)."""
    pieces, levels = carried_pieces(spans)[side], spans.sides[side].levels
    far = distances(spans)[side] if carry.by_distance else None
    gone_at = leaves(pieces, carry, far)
    slope = Columns.even(times)
    pieces_of = (pieces.first, pieces.seen, gone_at)
    counts = _count(how == LAST, rows, levels, *pieces_of, times, slope)
    ends = np.concatenate([[0], np.cumsum(counts)])
    begin = 0
    while begin < len(rows) - 1:
        stop = int(np.searchsorted(ends, ends[begin] + PORTION, side="right")) - 1
        stop = min(max(stop, begin + 1), len(rows) - 1)
        total = int(ends[stop] - ends[begin])
        row, column, piece, young, old = _list(
            how == LAST, begin, stop, total, rows, levels, *pieces_of, times, slope
        )
        distance = None if far is None else far[piece]
        yield begin, stop, Shares(row, column, young, old, pieces.size[piece], distance)
        begin = stop


def leaves(pieces: Pieces, carry: CarryModel, far: np.ndarray | None) -> np.ndarray:
    """When each piece is gone: when the book speaks of its price again, or weighs nothing any more."""
    reach = np.broadcast_to(np.asarray(carry.reach(far), np.int64), pieces.seen.shape)
    return np.where(
        reach < OPEN - np.maximum(pieces.seen, 0), np.minimum(pieces.end, pieces.seen + reach), pieces.end
    )


@njit(cache=True, nogil=True, inline="always")
def _columns_of(instant, seen, leave, edges, slope):
    """First and last + 1 column that a piece touches (``instant``: whose right edge it covers)."""
    right = edges[edges.shape[0] - 1]
    a, b = max(seen, edges[0]), min(leave, right)
    if a >= b:
        return 0, 0
    j, stop = column_of(a, edges, slope), column_of(b, edges, slope)
    if not instant and b > edges[stop]:
        stop += 1
    return j, stop


@njit(cache=True, nogil=True)
def _count(instant, rows, levels, first, seen, leave, edges, slope):
    counts = np.zeros(rows.shape[0] - 1, np.int64)
    level = np.searchsorted(levels, rows[0])
    for r in range(counts.shape[0]):
        while level < levels.shape[0] and levels[level] < rows[r + 1]:
            for i in range(first[level], first[level + 1]):
                j, stop = _columns_of(instant, seen[i], leave[i], edges, slope)
                counts[r] += stop - j
            level += 1
    return counts


@njit(cache=True, nogil=True)
def _list(instant, begin, end, total, rows, levels, first, seen, leave, edges, slope):
    row, column, piece = np.empty(total, np.int64), np.empty(total, np.int64), np.empty(total, np.int64)
    young, old = np.empty(total), np.empty(total)
    n = 0
    level = np.searchsorted(levels, rows[begin])
    for r in range(begin, end):
        while level < levels.shape[0] and levels[level] < rows[r + 1]:
            for i in range(first[level], first[level + 1]):
                j, stop = _columns_of(instant, seen[i], leave[i], edges, slope)
                for c in range(j, stop):
                    row[n], column[n], piece[n] = r - begin, c, i
                    young[n] = max(edges[c] - seen[i], 0)
                    old[n] = min(edges[c + 1], leave[i]) - seen[i] if not instant else edges[c + 1] - seen[i]
                    n += 1
            level += 1
    return row, column, piece, young, old


@borrowing
def _gather(agg, row, column, value, held, touched):
    for i in range(row.shape[0]):
        touched[row[i], column[i]] = 1
        if agg == PEAK:
            held[row[i], column[i]] = max(held[row[i], column[i]], value[i])
        else:
            held[row[i], column[i]] += value[i]


@borrowing
def _finish(agg, side, begin, rows, bound, values, lit, held, touched, liquidity, state, observed, carried):
    for p in range(held.shape[0]):
        reach = reach_of(side, rows[begin + p], rows[begin + p + 1])
        used = touched[p].any()
        if used:
            finish_carried(agg, reach, bound, values[p], lit[p], held[p], touched[p], liquidity[p], state[p])
        else:
            finish_plain(reach, bound, values[p], lit[p], liquidity[p], state[p])
        if observed.shape[0] > 0:
            write_parts(state[p], values[p], lit[p], held[p], used, observed[p], carried[p])

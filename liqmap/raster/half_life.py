"""The kernel of what is carried under a half-life: pieces -> rows of cells, finished with what was observed.

A piece touches a first and a last column in part, and those between in full. Full columns take one
coefficient each (see `columns.DecayColumns`), so the inner loops are plain additions; nothing is ever
subtracted, so an empty cell is exactly 0. Cost grows with pieces in view and cells, never with their product.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from liqmap.carry import HalfLife, integral, mean_weight, weight
from liqmap.compiling import borrowing
from liqmap.raster.canvas import Canvas
from liqmap.raster.columns import LAST, MEAN, PEAK, RowSums, clear, column_of, decay_columns, gone
from liqmap.raster.observe_spans import first_after
from liqmap.raster.observed import Observed
from liqmap.raster.pieces import carried_pieces
from liqmap.raster.short_pieces import add_short, exact_for, unsplit
from liqmap.raster.strides import STRIDE, Shown, Strides, carry_long
from liqmap.raster.threads import row_blocks, share_out
from liqmap.raster.write_cells import cell_arrays, write_row
from liqmap.spans import Spans


def carry_by_half_life(
    spans: Spans,
    canvas: Canvas,
    carry: HalfLife,
    seen: Observed,
    frames: dict[str, np.ndarray],
    slider: bool,
) -> None:
    """Fill liquidity, state and, if they are there, observed and carried, (2, P, T) each.

    Parameters
    ----------
    slider : draw the short pieces of a frame that was asked for before from their sums.
    """
    columns = decay_columns(canvas.axis, carry, canvas.how)
    if slider and seen.again and exact_for(carry):
        pieces = seen.split_pieces(spans, canvas)
    else:
        pieces = [unsplit(p, canvas.shape[0]) for p in carried_pieces(spans)]
    sides = [(pieces[k], columns, seen.side(k), cell_arrays(frames, k)) for k in (0, 1)]

    def work(task: tuple[int, int, int]) -> None:
        side, begin, stop = task
        carry_rows(canvas.how, begin, stop, canvas.rows, *sides[side])

    blocks = [row_blocks(p.rest.levels, p.rest.first, canvas.rows, len(canvas.times)) for p in pieces]
    share_out(work, [(side, *cut) for side in (0, 1) for cut in blocks[side]])


@njit(cache=True, nogil=True, inline="always")
def _coefficient(size, age, rate):
    """A size relative to the anchor of a segment; ``age`` is below zero if it was seen after the anchor."""
    return size * np.exp2(-age * rate)


@njit(cache=True, nogil=True, inline="always")
def _add_coefficients(agg, j, stop, size, seen, columns, row):
    """Give the columns j to stop, full ones, the coefficient of a size last seen at ``seen``."""
    while j < stop:
        end = min(columns.segment_end[j], stop)
        value = _coefficient(size, columns.anchor[j] - seen, columns.rate)
        if agg == PEAK:
            for c in range(j, end):
                row.coefficient[c] = max(row.coefficient[c], value)
        else:
            for c in range(j, end):
                row.coefficient[c] += value
        j = end


@njit(cache=True, nogil=True, inline="always")
def _carry_across(agg, j, piece, columns, row):
    """Add a piece (`strides.Shown`) that begins in column ``j`` and ends in another."""
    a, b, seen, size = piece.a, piece.b, piece.seen, piece.size
    edges, rate = columns.axis.edges, columns.rate
    partial, coefficient = row.partial, row.coefficient
    stop = column_of(b, columns.axis)
    cut = b > edges[stop]  # the last column, in part
    for c in range(j, stop + 1 if cut and agg != LAST else stop):
        row.carried[c] = 1
    if agg == LAST:
        _add_coefficients(agg, j, stop, size, seen, columns, row)
    elif agg == PEAK:
        partial[j] = max(partial[j], size * weight(a - seen, rate))
        _add_coefficients(agg, j + 1, stop + 1 if cut else stop, size, seen, columns, row)
    else:
        partial[j] += size * integral(a - seen, edges[j + 1] - seen, rate)
        width = float(b - edges[stop]) if cut else 0.0
        if columns.segment_end[j] > stop:  # all in one segment: nearly always
            value = _coefficient(size, columns.anchor[j] - seen, rate)
            for c in range(j + 1, stop):
                coefficient[c] += value
        else:
            _add_coefficients(agg, j + 1, stop, size, seen, columns, row)
            value = _coefficient(size, columns.anchor[stop] - seen, rate) if cut else 0.0
        if cut:
            partial[stop] += value * columns.entry[stop] * width * mean_weight(width, rate)


@borrowing
def _carry_level(agg, i, stop, pieces, columns, row):
    """Add the pieces i to stop of one level to a row; most lie within one column, and add to it

        size x integral of 2**(-age rate) from the age at which they enter it to that at which they leave

    for ``mean``, their size as they enter it for ``peak``.
    """
    edges, rate, prune = columns.axis.edges, columns.rate, columns.prune
    left, right = edges[0], edges[edges.shape[0] - 1]
    partial = row.partial
    while i < stop and pieces.seen[i] < right:
        seen, size = pieces.seen[i], pieces.size[i]
        a, b = max(seen, left), min(gone(seen, pieces.end[i], prune), right)
        if a < b:
            j = column_of(a, columns.axis)
            if b >= edges[j + 1]:
                _carry_across(agg, j, Shown(a, b, seen, size), columns, row)
            elif agg == MEAN:
                partial[j] += size * integral(a - seen, b - seen, rate)
                row.carried[j] = 1
            elif agg == PEAK:
                partial[j] = max(partial[j], size * weight(a - seen, rate))
                row.carried[j] = 1
        i += 1


@borrowing
def _sum_row(agg, columns, row):
    """Turn a row's sums into sizes, in ``partial``: (partial + coefficient x factor) / width for ``mean``,
    the larger of partial and coefficient x factor for ``peak``, coefficient x factor for ``last``."""
    factor, per_ns = columns.factor, columns.axis.per_ns
    partial, coefficient = row.partial, row.coefficient
    if agg == MEAN:
        for c in range(partial.shape[0]):
            partial[c] = (partial[c] + coefficient[c] * factor[c]) * per_ns[c]
    elif agg == PEAK:
        for c in range(partial.shape[0]):
            partial[c] = max(partial[c], coefficient[c] * factor[c])
    else:
        for c in range(partial.shape[0]):
            partial[c] = coefficient[c] * factor[c]


@njit(cache=True, nogil=True)
def carry_rows(agg, begin, stop, row_ticks, pieces, columns, seen, out):
    """Cells of rows begin to stop of one side: what was observed, and over it what is carried.

    Parameters
    ----------
    row_ticks : (P + 1,) int64, first tick of each row.
    pieces : `short_pieces.SplitPieces` of the side; columns : `columns.DecayColumns`.
    seen : `write_cells.ObservedSide`; out : `write_cells.CellArrays`.
    """
    short, rest, long = pieces.short, pieces.rest, pieces.long
    levels, edges = rest.levels, columns.axis.edges
    cells = edges.shape[0] - 1
    row = RowSums(np.zeros(cells), np.zeros(cells), np.zeros(cells, np.uint8))
    strides = Strides(np.zeros(cells // STRIDE), np.zeros(cells // STRIDE, np.uint8))
    level = np.searchsorted(levels, row_ticks[begin])
    for r in range(begin, stop):
        used = short.first[r] < short.first[r + 1]
        if used:
            add_short(agg, r, short, columns.rate, row)
        lowest = level
        while level < levels.shape[0] and levels[level] < row_ticks[r + 1]:
            until = rest.first[level + 1]
            i = first_after(rest.end, rest.first[level], until, edges[0])
            if i < until and rest.seen[i] < edges[cells]:
                _carry_level(agg, i, until, rest, columns, row)
                used = True
            level += 1
        if long.first[level] > long.first[lowest]:
            carry_long(agg, lowest, level, long, columns, row, strides)
            used = True
        if used:
            _sum_row(agg, columns, row)
        write_row(agg, r, seen, row.partial, row.carried, used, out)
        if used:
            clear(row.partial)
            clear(row.coefficient)
            clear(row.carried)

"""The kernel: spans -> rows of cells. Cost grows with spans in view and cells, never with their product.

Every span has an observed piece [start, seen) and a carried piece [seen, end), cut by prune. A piece
touches a first and a last column in part, and those between in full. Full columns of a carried piece take
one coefficient each (see `columns.Columns`), so the inner loops are plain additions; nothing is ever
subtracted, so an empty cell is exactly 0.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from liqmap.carry import integral, weight
from liqmap.schema import CARRIED, OBSERVED, UNKNOWN

from .columns import LAST, MEAN, NOTHING, PEAK, column_of, first_in_view, gone


@njit(cache=True, nogil=True)
def _observe(agg, j, stop, a, b, size, edges, seen_size):
    """Add the observed piece a to b to a row's cells, from column ``j`` to another one, ``stop``."""
    if agg == MEAN:
        seen_size[j] += size * (edges[j + 1] - a)
        for c in range(j + 1, stop):
            seen_size[c] += size * (edges[c + 1] - edges[c])
        if b > edges[stop]:
            seen_size[stop] += size * (b - edges[stop])
    elif agg == PEAK:
        if b > edges[stop]:
            stop += 1
        for c in range(j, stop):
            seen_size[c] = max(seen_size[c], size)
    else:
        for c in range(j, stop):
            seen_size[c] += size


@njit(cache=True, nogil=True)
def _fill(agg, j, stop, size, seen, rate, anchor, segment_end, coefficient):
    """Give the columns j to stop, full ones, the coefficient of a size last seen at ``seen``."""
    while j < stop:
        end = min(segment_end[j], stop)
        value = size * weight(anchor[j] - seen, rate)
        if agg == PEAK:
            for c in range(j, end):
                coefficient[c] = max(coefficient[c], value)
        else:
            for c in range(j, end):
                coefficient[c] += value
        j = end


@njit(cache=True, nogil=True)
def _carry(agg, a, b, size, seen, rate, edges, slope, anchor, segment_end, partial, coefficient, carried):
    """Add the carried piece a to b (within the edges) to a row's cells."""
    j, stop = column_of(a, edges, slope), column_of(b, edges, slope)
    touched = stop + 1 if agg != LAST and b > edges[stop] else stop
    carried[j:touched] = 1
    if agg == LAST:
        _fill(agg, j, stop, size, seen, rate, anchor, segment_end, coefficient)
    elif agg == PEAK:
        partial[j] = max(partial[j], size * weight(a - seen, rate))
        _fill(agg, j + 1, touched, size, seen, rate, anchor, segment_end, coefficient)
    elif j == stop:
        partial[j] += size * integral(a - seen, b - seen, rate)
    else:
        partial[j] += size * integral(a - seen, edges[j + 1] - seen, rate)
        _fill(agg, j + 1, stop, size, seen, rate, anchor, segment_end, coefficient)
        if b > edges[stop]:
            partial[stop] += size * integral(edges[stop] - seen, b - seen, rate)


@njit(cache=True, nogil=True)
def _paint_level(
    agg, i, stop, start, seen, end, size, edges, slope, anchor, segment_end, rate, prune,
    seen_size, partial, coefficient, carried,
):  # fmt: skip
    """Add the spans i to stop of one level to a row's cells.

    Most pieces lie within one column: these are added here, the others by calls.
    """
    left, right = edges[0], edges[edges.shape[0] - 1]
    j = 0
    while i < stop and start[i] < right:
        a, b = max(start[i], left), seen[i]
        if a >= edges[j + 1]:
            j = column_of(a, edges, slope)
        if b <= edges[j + 1]:
            if b > a:
                if agg == MEAN:
                    seen_size[j] += size[i] * (b - a)
                elif agg == PEAK:
                    seen_size[j] = max(seen_size[j], size[i])
                elif b == edges[j + 1]:
                    seen_size[j] += size[i]
        else:
            b = min(b, right)
            _observe(agg, j, column_of(b, edges, slope), a, b, size[i], edges, seen_size)
        if seen[i] < end[i]:
            a, b = max(seen[i], left), min(gone(seen[i], end[i], prune), right)
            if a < b:
                _carry(agg, a, b, size[i], seen[i], rate, edges, slope, anchor, segment_end,
                       partial, coefficient, carried)  # fmt: skip
        i += 1


@njit(cache=True, nogil=True)
def _sum_row(agg, columns, row):
    """Turn a row's sums into values: observed in ``row[0]``, carried in ``row[1]``."""
    edges, _, _, _, factor = columns
    seen_size, partial, coefficient, _ = row
    if agg == MEAN:
        for c in range(seen_size.shape[0]):
            width = float(edges[c + 1] - edges[c])
            seen_size[c] /= width
            partial[c] = (partial[c] + coefficient[c] * factor[c]) / width
    elif agg == PEAK:
        for c in range(seen_size.shape[0]):
            partial[c] = max(partial[c], coefficient[c] * factor[c])
    else:
        for c in range(seen_size.shape[0]):
            partial[c] = coefficient[c] * factor[c]


@njit(cache=True, nogil=True)
def _finish_row(agg, reach, bound, row, liquidity, state, observed, carry):
    """Cells of a row from its values. The window knows a column if its ``bound`` is at or past ``reach``.

    Selections instead of branches: the loops run on vector registers.
    """
    seen_size, partial, _, carried = row
    for c in range(liquidity.shape[0]):
        known = (bound[c] >= reach) | (seen_size[c] > 0.0)
        state[c] = OBSERVED if known else CARRIED * carried[c]
    if agg == PEAK:
        for c in range(liquidity.shape[0]):
            value = max(seen_size[c], partial[c])
            liquidity[c] = np.nan if state[c] == UNKNOWN else value
    else:
        for c in range(liquidity.shape[0]):
            value = seen_size[c] + partial[c]
            liquidity[c] = np.nan if state[c] == UNKNOWN else value
    for c in range(observed.shape[0]):
        observed[c] = np.nan if state[c] == UNKNOWN else seen_size[c]
        carry[c] = np.nan if state[c] == UNKNOWN else partial[c]


@njit(cache=True, nogil=True)
def paint_rows(
    agg, side, begin, stop, row_ticks, levels, first, spans, columns, bound, rate, prune, out, out_parts
):
    """Rasterize rows begin to stop of one side.

    Parameters
    ----------
    row_ticks : (P + 1,) int64, first tick of each row.
    levels, first, spans : of the side (see `replay.spans.SideSpans`); spans are start, seen, end, size.
    columns : edges, slope, anchor, segment_end, factor (see `columns.Columns`).
    bound : (T,) int64, what the window knows in each column.
    rate, prune : 1 / half-life, and prune, in ns.
    out : liquidity (P, T) float32, state (P, T) uint8.
    out_parts : observed and carried (P, T) float32, or both (0, 0).
    """
    liquidity, state = out
    observed, carry = out_parts
    start, seen, end, size = spans
    edges, slope, anchor, segment_end, _ = columns
    cells = edges.shape[0] - 1
    row = (np.zeros(cells), np.zeros(cells), np.zeros(cells), np.zeros(cells, np.uint8))
    outward = -1 if side == 0 else 1
    bound = outward * bound
    nothing = np.empty(0, np.float32)
    level = np.searchsorted(levels, row_ticks[begin])
    for r in range(begin, stop):
        low, high = row_ticks[r], row_ticks[r + 1]
        # the row's tick that is nearest to the other side; a row without ticks is never known
        reach = NOTHING + 1 if low >= high else (1 - high if side == 0 else low)
        used = False
        while level < levels.shape[0] and levels[level] < high:
            end_of_level = first[level + 1]
            begin_of_view = first_in_view(end, first[level], end_of_level, edges[0])
            _paint_level(
                agg, begin_of_view, end_of_level, start, seen, end, size, edges, slope, anchor, segment_end,
                rate, prune, row[0], row[1], row[2], row[3],
            )  # fmt: skip
            level += 1
            used = True
        if used:
            _sum_row(agg, columns, row)
        o = observed[r] if observed.shape[0] > 0 else nothing
        k = carry[r] if observed.shape[0] > 0 else nothing
        _finish_row(agg, reach, bound, row, liquidity[r], state[r], o, k)
        if used:
            for sums in row[:3]:
                sums[:] = 0.0
            row[3][:] = 0

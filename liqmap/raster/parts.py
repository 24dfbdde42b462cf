"""What `rasterize(parts=True)` adds: how much of a cell is known, and how old what it holds is."""

from __future__ import annotations

import numpy as np
from numba import njit

from liqmap.carry import weight
from liqmap.replay.levels import BOUNDED, NO_WINDOW
from liqmap.schema import OPEN

from .columns import column_of, covered, first_in_view, gone


@njit(cache=True, nogil=True)
def _add_time(a, b, edges, slope, share, cells):
    """Add ``share`` of the time from a to b to the cells it crosses."""
    a, b = max(a, edges[0]), min(b, edges[edges.shape[0] - 1])
    if a >= b:
        return
    j, stop = column_of(a, edges, slope), column_of(b, edges, slope)
    if b > edges[stop]:
        stop += 1
    for c in range(j, stop):
        cells[c] += share * (min(b, edges[c + 1]) - max(a, edges[c]))


@njit(cache=True, nogil=True)
def known_by_window(side, edges, slope, row_ticks, start, kind, worst):
    """Tick-time inside the window as a share of each row's ticks: (P, T) ns."""
    rows, cells = row_ticks.shape[0] - 1, edges.shape[0] - 1
    full = np.zeros((rows, cells))  # from the row on, outward to inward, all is known
    part = np.zeros((rows, cells))
    for k in range(start.shape[0]):
        a, b = start[k], start[k + 1] if k + 1 < start.shape[0] else OPEN
        if kind[k] == NO_WINDOW or b <= edges[0] or a >= edges[cells]:
            continue
        r = 0 if side == 0 else rows - 1
        if kind[k] == BOUNDED:
            r = np.searchsorted(row_ticks, worst[k], side="right") - 1
            if 0 <= r < rows:
                ticks = row_ticks[r + 1] - row_ticks[r]
                mine = row_ticks[r + 1] - worst[k] if side == 0 else worst[k] - row_ticks[r] + 1
                _add_time(a, b, edges, slope, mine / ticks, part[r])
            r = r + 1 if side == 0 else r - 1
            if (side == 0 and r >= rows) or (side == 1 and r < 0):
                continue
            r = min(max(r, 0), rows - 1)
        _add_time(a, b, edges, slope, 1.0, full[r])
    for i in range(1, rows):
        if side == 0:
            full[i] += full[i - 1]
        else:
            full[rows - 1 - i] += full[rows - i]
    return full + part


@njit(cache=True, nogil=True)
def _add_outside(side, tick, a, b, edges, slope, share, start, kind, worst, cells):
    """Add ``share`` of the time from a to b in which the window does not cover ``tick``."""
    outward = -1 if side == 0 else 1
    if start.shape[0] == 0:
        _add_time(a, b, edges, slope, share, cells)
        return
    _add_time(a, min(b, start[0]), edges, slope, share, cells)
    k = max(0, np.searchsorted(start, a, side="right") - 1)
    while k < start.shape[0] and start[k] < b:
        until = start[k + 1] if k + 1 < start.shape[0] else OPEN
        if kind[k] == NO_WINDOW or (kind[k] == BOUNDED and (tick - worst[k]) * outward > 0):
            _add_time(max(a, start[k]), min(b, until), edges, slope, share, cells)
        k += 1


@njit(cache=True, nogil=True)
def known_by_spans(side, row_ticks, levels, first, spans, edges, slope, prune, start, kind, worst, known):
    """Add the tick-time that spans know by themselves: carried ones, and observed ones outside the window."""
    span_start, seen, end, _ = spans
    right = edges[edges.shape[0] - 1]
    for k in range(levels.shape[0]):
        r = np.searchsorted(row_ticks, levels[k], side="right") - 1
        if r < 0 or r >= row_ticks.shape[0] - 1:
            continue
        share = 1.0 / (row_ticks[r + 1] - row_ticks[r])
        for i in range(first_in_view(end, first[k], first[k + 1], edges[0]), first[k + 1]):
            if span_start[i] >= right:
                break
            _add_outside(
                side, levels[k], span_start[i], seen[i], edges, slope, share, start, kind, worst, known[r]
            )
            _add_time(seen[i], gone(seen[i], end[i], prune), edges, slope, share, known[r])


@njit(cache=True, nogil=True)
def ages(side, row_ticks, levels, first, spans, edges, slope, rate, prune, bound, out):
    """Age at the right edge, s, weighted by effective size; ``bound`` is the window at that instant."""
    start, seen, end, size = spans
    cells = edges.shape[0] - 1
    weighted, total = np.zeros(cells), np.zeros(cells)
    youngest = np.empty(cells, np.int64)
    level = np.searchsorted(levels, row_ticks[0])
    for r in range(row_ticks.shape[0] - 1):
        weighted[:] = 0.0
        total[:] = 0.0
        youngest[:] = OPEN
        while level < levels.shape[0] and levels[level] < row_ticks[r + 1]:
            for i in range(first_in_view(end, first[level], first[level + 1], edges[0]), first[level + 1]):
                if start[i] >= edges[cells]:
                    break
                a, b = max(start[i], edges[0]), min(gone(seen[i], end[i], prune), edges[cells])
                if a >= b:
                    continue
                for c in range(column_of(a, edges, slope), column_of(b, edges, slope)):
                    age = max(edges[c + 1] - seen[i], 0)
                    if age < youngest[c]:  # weigh against the youngest: old sizes never all vanish
                        shrink = weight(youngest[c] - age, rate) if total[c] > 0.0 else 0.0
                        total[c] *= shrink
                        weighted[c] *= shrink
                        youngest[c] = age
                    effective = size[i] * weight(age - youngest[c], rate)
                    total[c] += effective
                    weighted[c] += effective * age
            level += 1
        for c in range(cells):
            if total[c] > 0.0:
                out[r, c] = weighted[c] / total[c] * 1e-9
            else:
                out[r, c] = 0.0 if covered(side, row_ticks[r], row_ticks[r + 1], bound[c]) else np.nan

"""What the window knows of columns and rows: a step function of time, laid over cells.

Ticks are counted outward here, so that both sides read alike: the tick itself for asks, less than nothing
(-tick) for bids. The window covers a tick if its bound is at or past it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from liqmap.compiling import borrowing
from liqmap.raster.columns import column_of
from liqmap.schema import OPEN
from liqmap.spans import Spans
from liqmap.spans.levels import BOUNDED, NO_WINDOW, UNBOUNDED

NOTHING = np.int64(1) << 40
"""Beyond every tick: a bound of ``NOTHING`` covers all of a side, ``-NOTHING`` none of it."""


class WindowSteps(NamedTuple):
    """The window of one side: step k holds from ``start[k]`` to the next one.

    outward : -1 for bids, 1 for asks: the way from the touch.
    start : (W,) int64 ns, rising; kind : (W,) uint8, see `spans.Window`; worst : (W,) int64 tick.
    """

    outward: int
    start: np.ndarray
    kind: np.ndarray
    worst: np.ndarray


def window_steps(spans: Spans, side: int) -> WindowSteps:
    """The window of one side, as kernels take it."""
    window = spans.windows[side]
    return WindowSteps(-1 if side == 0 else 1, window.start, window.kind, window.worst)


def nearest_ticks(rows: np.ndarray, side: int) -> np.ndarray:
    """The tick of each row that is nearest to the touch, (P,) int64, outward.

    A window that covers any of the row covers this tick. A row of no tick has one that none covers.
    """
    low, high = rows[:-1], rows[1:]
    return np.where(low < high, 1 - high if side == 0 else low, NOTHING + 1)


@njit(cache=True, nogil=True)
def window_bounds(instant, axis, window):
    """The outermost tick that the window covers in each column: (T,) int64, outward.

    instant : True looks at the instant before each right edge, False at the whole column.
    """
    edges, start, kind = axis.edges, window.start, window.kind
    n = edges.shape[0] - 1
    bound = np.full(n, -NOTHING)
    k = max(0, np.searchsorted(start, edges[0], side="right") - 1)
    stop = column_of(min(max(start[k], edges[0]), edges[n]), axis) if k < start.shape[0] else 0
    while k < start.shape[0] and start[k] < edges[n]:
        b = min(start[k + 1], edges[n]) if k + 1 < start.shape[0] else edges[n]
        j = stop  # a step begins in the column that the last one ended in
        if b >= edges[min(j + 1, n)]:
            stop = column_of(b, axis)
        if kind[k] != NO_WINDOW and b > edges[0]:
            tick = NOTHING if kind[k] == UNBOUNDED else window.outward * window.worst[k]
            for c in range(j, stop if instant or b <= edges[stop] else stop + 1):
                bound[c] = max(bound[c], tick)
        k += 1
    return bound


@borrowing
def add_time(a, b, axis, share, cells):
    """Add ``share`` of the time from a to b, ns, to the cells (T,) that it crosses."""
    edges = axis.edges
    a, b = max(a, edges[0]), min(b, edges[edges.shape[0] - 1])
    if a >= b:
        return
    j, stop = column_of(a, axis), column_of(b, axis)
    if b > edges[stop]:
        stop += 1
    for c in range(j, stop):
        cells[c] += share * (min(b, edges[c + 1]) - max(a, edges[c]))


@borrowing
def add_time_outside(tick, a, b, axis, share, window, cells):
    """Add ``share`` of the time from a to b in which the window does not cover ``tick``."""
    start, kind = window.start, window.kind
    if start.shape[0] == 0:
        add_time(a, b, axis, share, cells)
        return
    add_time(a, min(b, start[0]), axis, share, cells)
    k = max(0, np.searchsorted(start, a, side="right") - 1)
    while k < start.shape[0] and start[k] < b:
        until = start[k + 1] if k + 1 < start.shape[0] else OPEN
        beyond = (tick - window.worst[k]) * window.outward > 0
        if kind[k] == NO_WINDOW or (kind[k] == BOUNDED and beyond):
            add_time(max(a, start[k]), min(b, until), axis, share, cells)
        k += 1


@njit(cache=True, nogil=True)
def known_by_window(row_ticks, axis, window):
    """Tick x time inside the window as a share of each row's ticks: (P, T) ns."""
    bids, edges, start = window.outward < 0, axis.edges, window.start
    rows, cells = row_ticks.shape[0] - 1, edges.shape[0] - 1
    full = np.zeros((rows, cells))  # from the row on, outward to inward, all is known
    part = np.zeros((rows, cells))
    for k in range(start.shape[0]):
        a, b = start[k], start[k + 1] if k + 1 < start.shape[0] else OPEN
        if window.kind[k] == NO_WINDOW or b <= edges[0] or a >= edges[cells]:
            continue
        r = 0 if bids else rows - 1
        if window.kind[k] == BOUNDED:
            worst = window.worst[k]
            r = np.searchsorted(row_ticks, worst, side="right") - 1
            if 0 <= r < rows:
                ticks = row_ticks[r + 1] - row_ticks[r]
                mine = row_ticks[r + 1] - worst if bids else worst - row_ticks[r] + 1
                add_time(a, b, axis, mine / ticks, part[r])
            r = r + 1 if bids else r - 1
            if (bids and r >= rows) or (not bids and r < 0):
                continue
            r = min(max(r, 0), rows - 1)
        add_time(a, b, axis, 1.0, full[r])
    for i in range(1, rows):
        if bids:
            full[i] += full[i - 1]
        else:
            full[rows - 1 - i] += full[rows - i]
    return full + part

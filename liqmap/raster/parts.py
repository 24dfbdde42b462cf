"""What `rasterize(parts=True)` adds: how much of a cell is known, and how old what it holds is."""

from __future__ import annotations

import numpy as np
from numba import njit

from liqmap.carry import CarryModel, HalfLife
from liqmap.compiling import borrowing
from liqmap.raster.columns import LAST, Columns, column_of, window_bounds
from liqmap.raster.direct import Shares, leaves, weighed
from liqmap.raster.observe import first_after, sample_spans
from liqmap.raster.pieces import carried_pieces, distances
from liqmap.schema import OPEN
from liqmap.spans import Spans
from liqmap.spans.levels import BOUNDED, NO_WINDOW


@borrowing
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


@borrowing
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


@borrowing
def _known_by_spans(side, row_ticks, levels, spans, pieces, edges, slope, start, kind, worst, known):
    """Add the tick-time that spans know by themselves: carried ones, and observed ones outside the window."""
    first, span_start, seen = spans
    pieces_first, pieces_seen, leave = pieces
    right = edges[edges.shape[0] - 1]
    for k in range(levels.shape[0]):
        r = np.searchsorted(row_ticks, levels[k], side="right") - 1
        if r < 0 or r >= row_ticks.shape[0] - 1:
            continue
        share = 1.0 / (row_ticks[r + 1] - row_ticks[r])
        for i in range(first_after(seen, first[k], first[k + 1], edges[0]), first[k + 1]):
            if span_start[i] >= right:
                break
            _add_outside(
                side, levels[k], span_start[i], seen[i], edges, slope, share, start, kind, worst, known[r]
            )
        for i in range(pieces_first[k], pieces_first[k + 1]):
            _add_time(pieces_seen[i], leave[i], edges, slope, share, known[r])


@borrowing
def _sizes_at_edges(row_ticks, levels, first, start, seen, size, edges, slope, out):
    """Observed size in the instant before each right edge, by row: (P, T)."""
    level = np.searchsorted(levels, row_ticks[0])
    for r in range(row_ticks.shape[0] - 1):
        while level < levels.shape[0] and levels[level] < row_ticks[r + 1]:
            sample_spans(first[level], first[level + 1], start, seen, size, edges, slope, out[r])
            level += 1


@borrowing
def _youngest(row, column, age, youngest):
    for i in range(row.shape[0]):
        youngest[row[i], column[i]] = min(youngest[row[i], column[i]], age[i])


@borrowing
def _weigh_ages(row, column, age, effective, total, weighted):
    for i in range(row.shape[0]):
        total[row[i], column[i]] += effective[i]
        weighted[row[i], column[i]] += effective[i] * age[i]


def known_and_age(
    spans: Spans, times: np.ndarray, rows: np.ndarray, carry: CarryModel, frames: dict[str, np.ndarray]
) -> None:
    """Fill ``known`` (share of a cell's ticks x time, 0 to 1) and ``age`` (s), (2, P, T) each."""
    slope = Columns.even(times)
    for side in (0, 1):
        frames["known"][side] = _known(spans, side, times, slope, rows, carry)
        frames["age"][side] = _ages(spans, side, times, slope, rows, carry)


def _known(
    spans: Spans, side: int, times: np.ndarray, slope: float, rows: np.ndarray, carry: CarryModel
) -> np.ndarray:
    s, w, pieces = spans.sides[side], spans.windows[side], carried_pieces(spans)[side]
    window = (w.start, w.kind, w.worst)
    known = known_by_window(side, times, slope, rows, *window)
    leave = leaves(pieces, carry, distances(spans)[side] if carry.by_distance else None)
    held = (pieces.first, pieces.seen, leave)
    _known_by_spans(side, rows, s.levels, (s.first, s.start, s.seen), held, times, slope, *window, known)
    return np.where(np.diff(rows)[:, None] > 0, known / np.diff(times), 0.0)


def _ages(
    spans: Spans, side: int, times: np.ndarray, slope: float, rows: np.ndarray, carry: CarryModel
) -> np.ndarray:
    """Age at the right edge, s, weighted by effective size: 0 where observed, NaN where unknown."""
    s, w = spans.sides[side], spans.windows[side]
    seen_size = np.zeros((len(rows) - 1, len(times) - 1))
    _sizes_at_edges(rows, s.levels, s.first, s.start, s.seen, s.size, times, slope, seen_size)
    bound = window_bounds(side, True, times, slope, w.start, w.kind, w.worst)
    out = np.empty(seen_size.shape, np.float32)
    for begin, stop, shares in weighed(spans, side, times, rows, carry, LAST):
        _age_rows(side, begin, rows, bound, shares, carry, seen_size[begin:stop], out[begin:stop])
    return out


def _age_rows(
    side: int,
    begin: int,
    rows: np.ndarray,
    bound: np.ndarray,
    shares: Shares,
    carry: CarryModel,
    seen_size: np.ndarray,
    out: np.ndarray,
) -> None:
    """Weights are taken against the youngest of a cell where they would all vanish, as a half-life's do."""
    at = shares.row, shares.column
    shift = np.zeros(len(shares.old))
    if isinstance(carry, HalfLife):
        youngest = np.where(seen_size > 0, 0.0, np.inf)
        _youngest(*at, shares.old, youngest)
        shift = youngest[at]
    effective = shares.size * (
        np.exp2(-(shares.old - shift) * carry.rate)
        if isinstance(carry, HalfLife)
        else carry.weight(shares.before, shares.distance)
    )
    total, weighted = seen_size.copy(), np.zeros(seen_size.shape)
    _weigh_ages(*at, shares.old, effective, total, weighted)
    low, high = rows[begin : begin + len(out), None], rows[begin + 1 : begin + len(out) + 1, None]
    empty = (high - 1 >= bound if side == 0 else low <= bound) & (low < high)
    with np.errstate(invalid="ignore", divide="ignore"):
        out[:] = np.where(total > 0, weighted / total * 1e-9, np.where(empty, 0.0, np.nan))

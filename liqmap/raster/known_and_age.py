"""How much of a cell is known, and how old what it holds is."""

from __future__ import annotations

from typing import Any

import numpy as np

from liqmap.carry import CarryModel, HalfLife, asked
from liqmap.compiling import borrowing
from liqmap.raster.any_model import Shares, leaves, reaches, weighed
from liqmap.raster.canvas import Canvas
from liqmap.raster.mixture import as_mixture
from liqmap.raster.mixture.classes import classes
from liqmap.raster.mixture.parts import parts_of
from liqmap.raster.observe_spans import first_after, sample_spans, side_arrays
from liqmap.raster.pieces import carried_pieces
from liqmap.raster.window import add_time, add_time_outside, known_by_window, window_bounds, window_steps
from liqmap.spans import Derivation, Recent, Spans

Key = tuple[bytes, bytes, Any]


KEPT, KEPT_CELLS = 4, 2_000_000
"""Frames whose known share is kept, and cells of a side of the largest; a half-life changes none of it."""


def fill_known(spans: Spans, canvas: Canvas, carry: CarryModel, known: np.ndarray) -> None:
    """Fill the share of each cell's ticks x time that is known, 0 to 1: (2, P, T)."""
    keeps = isinstance(carry, HalfLife) and known[0].size <= KEPT_CELLS
    key = (canvas.times.tobytes(), canvas.rows.tobytes(), carry.reach()) if keeps else None
    found = None if key is None else KNOWN.of(spans).get(key)
    if found is not None:
        known[:] = found
        return
    for side in (0, 1):
        known[side] = _known(spans, side, canvas, carry)
    if key is not None:
        KNOWN.of(spans).put(key, known.copy())


def _none_kept(spans: Spans) -> Recent[Key, np.ndarray]:
    return Recent(KEPT)


KNOWN = Derivation("known shares of frames", _none_kept)


def fill_age(spans: Spans, canvas: Canvas, carry: CarryModel, age: np.ndarray) -> None:
    """Fill the age (s) of what each cell holds at its right edge: (2, P, T)."""
    for side in (0, 1):
        age[side] = _ages(spans, side, canvas, carry)


def _known(spans: Spans, side: int, canvas: Canvas, carry: CarryModel) -> np.ndarray:
    """Known share of a cell's ticks x time, (P, T) float64."""
    pieces, window = carried_pieces(spans)[side], window_steps(spans, side)
    known = known_by_window(canvas.rows, canvas.axis, window)
    shown = pieces._replace(end=leaves(pieces, _reach(spans, side, carry)))
    _known_by_spans(canvas.rows, side_arrays(spans.sides[side]), shown, canvas.axis, window, known)
    return np.where(np.diff(canvas.rows)[:, None] > 0, known / np.diff(canvas.times), 0.0)


def _reach(spans: Spans, side: int, carry: CarryModel) -> np.ndarray | int:
    """The age from which each piece weighs nothing; of a mixture's by their classes, which are kept."""
    mixture = as_mixture(carry)
    if mixture is None:
        return reaches(spans, side, carry)
    return parts_of(mixture).reach[classes(spans, mixture)[side]]


@borrowing
def _known_by_spans(row_ticks, spans, pieces, axis, window, known):
    """Add the tick x time that spans know by themselves: carried ones, and observed ones outside the window.

    Parameters
    ----------
    spans : `SideArrays`; pieces : `Pieces`, each to where it is gone; window : `WindowSteps`.
    known : (P, T) float64 ns, as a share of each row's ticks.
    """
    right = axis.edges[axis.edges.shape[0] - 1]
    levels, first, start = spans.levels, spans.first, spans.start
    for k in range(levels.shape[0]):
        r = np.searchsorted(row_ticks, levels[k], side="right") - 1
        if r < 0 or r >= row_ticks.shape[0] - 1:
            continue
        share = 1.0 / (row_ticks[r + 1] - row_ticks[r])
        for i in range(first_after(spans.seen, first[k], first[k + 1], axis.edges[0]), first[k + 1]):
            if start[i] >= right:
                break
            add_time_outside(levels[k], start[i], spans.seen[i], axis, share, window, known[r])
        for i in range(pieces.first[k], pieces.first[k + 1]):
            add_time(pieces.seen[i], pieces.end[i], axis, share, known[r])


def _ages(spans: Spans, side: int, canvas: Canvas, carry: CarryModel) -> np.ndarray:
    """Age at the right edge, s, weighted by effective size: 0 where observed, NaN where unknown."""
    seen_size = np.zeros(canvas.shape)
    _sizes_at_edges(canvas.rows, side_arrays(spans.sides[side]), canvas.axis, seen_size)
    bound = window_bounds(True, canvas.axis, window_steps(spans, side))
    empty = bound >= canvas.nearest(side)[:, None]
    out = np.empty(seen_size.shape, np.float32)
    for begin, stop, shares in weighed(spans, side, canvas.at_right_edges, carry):
        out[begin:stop] = _mean_ages(shares, carry, seen_size[begin:stop], empty[begin:stop])
    return out


def _mean_ages(shares: Shares, carry: CarryModel, seen_size: np.ndarray, empty: np.ndarray) -> np.ndarray:
    """Sum of size x weight x age over sum of size x weight, (p, T) float64 s.

    Weights are taken against the youngest of a cell where they would all vanish, as a half-life's do.

    Parameters
    ----------
    seen_size : (p, T), sizes of age 0.
    empty : (p, T), whether the cell is known to be empty if nothing rests.
    """
    at = shares.row, shares.column
    if isinstance(carry, HalfLife):
        youngest = np.where(seen_size > 0, 0.0, np.inf)
        _youngest(*at, shares.old, youngest)
        weights = np.exp2(-(shares.old - youngest[at]) * carry.rate)
    else:
        weights = carry.weight(shares.before, *asked(carry, shares.distance, shares.size))
    total, weighted = seen_size.copy(), np.zeros(seen_size.shape)
    _weigh_ages(*at, shares.old, shares.size * weights, total, weighted)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total > 0, weighted / total * 1e-9, np.where(empty, 0.0, np.nan))


@borrowing
def _sizes_at_edges(row_ticks, spans, axis, out):
    """Observed size in the instant before each right edge, by row: (P, T)."""
    levels, first = spans.levels, spans.first
    level = np.searchsorted(levels, row_ticks[0])
    for r in range(row_ticks.shape[0] - 1):
        while level < levels.shape[0] and levels[level] < row_ticks[r + 1]:
            sample_spans(first[level], first[level + 1], spans, axis, out[r])
            level += 1


@borrowing
def _youngest(row, column, age, youngest):
    """The least age of each cell."""
    for i in range(row.shape[0]):
        youngest[row[i], column[i]] = min(youngest[row[i], column[i]], age[i])


@borrowing
def _weigh_ages(row, column, age, effective, total, weighted):
    """Add effective sizes to each cell's total, and times their age to its weighted sum."""
    for i in range(row.shape[0]):
        total[row[i], column[i]] += effective[i]
        weighted[row[i], column[i]] += effective[i] * age[i]

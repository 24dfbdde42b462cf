"""Which carried piece decides a cell of peaks: the one whose effective size is the largest there.

A piece is at its largest in a cell as it enters it. Under a half-life the order of two carried sizes never
changes, so that a logarithm of each tells it; other models weigh every piece in every column it touches.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from liqmap.carry import CarryModel, HalfLife, asked
from liqmap.compiling import borrowing
from liqmap.raster.any_model import columns_of, weighed
from liqmap.raster.canvas import Canvas
from liqmap.raster.columns import gone
from liqmap.raster.pieces import carried_pieces
from liqmap.raster.threads import row_blocks, share_out
from liqmap.spans import Spans

NONE = -1
"""The piece of a cell in which nothing is carried."""


class Fades(NamedTuple):
    """How pieces fade under a half-life.

    strength : (C,) log2 of their sizes; rate : 1 / half-life in 1 / ns; prune : int64 ns.
    """

    strength: np.ndarray
    rate: float
    prune: int


def deciding(spans: Spans, side: int, canvas: Canvas, carry: CarryModel) -> np.ndarray:
    """The piece of `carried_pieces` that decides each cell, or `NONE`: (P, T) int64.

    Of equal ones the piece that was confirmed last.
    """
    found = np.full(canvas.shape, NONE, np.int64)
    if isinstance(carry, HalfLife):
        _decide_by_half_life(spans, side, canvas, carry, found)
    else:
        _decide_by_model(spans, side, canvas, carry, found)
    return found


def _decide_by_half_life(spans: Spans, side: int, canvas: Canvas, carry: HalfLife, found: np.ndarray) -> None:
    pieces = carried_pieces(spans)[side]
    fades = Fades(np.log2(pieces.size), carry.rate, carry.prune_ns)
    blocks = row_blocks(pieces.levels, pieces.first, canvas.rows, len(canvas.times))
    axis, rows = canvas.axis, canvas.rows
    share_out(lambda block: _decide_rows(*block, rows, pieces, fades, axis, found), blocks)


def _decide_by_model(spans: Spans, side: int, canvas: Canvas, carry: CarryModel, found: np.ndarray) -> None:
    pieces = carried_pieces(spans)[side]
    for begin, stop, shares in weighed(spans, side, canvas, carry):
        size = shares.size * carry.weight(shares.young, *asked(carry, shares.distance, shares.size))
        rows, strongest = found[begin:stop], np.full((stop - begin, canvas.shape[1]), -np.inf)
        _gather(shares.row, shares.column, shares.piece, size, pieces.seen, strongest, rows)


@njit(cache=True, nogil=True)
def _decide_rows(begin, stop, row_ticks, pieces, fades, axis, found):
    """The pieces of rows begin to stop: those of the largest

        log2(size) - rate x age    as they enter the column

    Parameters
    ----------
    pieces : `Pieces`; fades : `Fades`; axis : `columns.TimeAxis`.
    found : (P, T) int64, `NONE` before.
    """
    edges = axis.edges
    cells = edges.shape[0] - 1
    strongest = np.empty(cells)
    level = np.searchsorted(pieces.levels, row_ticks[begin])
    for r in range(begin, stop):
        for c in range(cells):
            strongest[c] = -np.inf
        while level < pieces.levels.shape[0] and pieces.levels[level] < row_ticks[r + 1]:
            for i in range(pieces.first[level], pieces.first[level + 1]):
                seen = pieces.seen[i]
                j, until = columns_of(False, seen, gone(seen, pieces.end[i], fades.prune), axis)
                for c in range(j, until):
                    here = fades.strength[i] - fades.rate * max(edges[c] - seen, 0)
                    if _wins(here, seen, strongest[c], found[r, c], pieces.seen):
                        strongest[c] = here
                        found[r, c] = i
            level += 1


@njit(cache=True, nogil=True, inline="always")
def _wins(value, seen, strongest, there, all_seen):
    """Whether a piece is stronger than the one that is there, or as strong and confirmed later."""
    return value > strongest or (value == strongest and there >= 0 and seen > all_seen[there])


@borrowing
def _gather(row, column, piece, value, seen, strongest, found):
    """The piece of the largest value (n,) of each cell, by the same rule; ``strongest`` is -inf before."""
    for k in range(row.shape[0]):
        r, c, i = row[k], column[k], piece[k]
        if _wins(value[k], seen[i], strongest[r, c], found[r, c], seen):
            strongest[r, c] = value[k]
            found[r, c] = i

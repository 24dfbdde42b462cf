"""Which carried piece decides a cell of peaks: the one whose effective size is the largest there.

A piece is at its largest in a cell as it enters it, so it is weighed in every column that it touches.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from liqmap.carry import CarryModel, Exponentials, HalfLife, Mixture, asked
from liqmap.compiling import borrowing
from liqmap.raster.any_model import columns_of, weighed
from liqmap.raster.canvas import Canvas
from liqmap.raster.columns import gone
from liqmap.raster.observe_spans import first_after
from liqmap.raster.pieces import carried_pieces, distances
from liqmap.raster.threads import row_blocks, share_out
from liqmap.spans import Spans

NONE = -1
"""The piece of a cell in which nothing is carried."""


class Fades(NamedTuple):
    """How C pieces fade, by M classes of K exponentials.

    classes : (C,) int32; bits : (C,) log2 of their sizes.
    rates : (K,) 1 / half-life in 1 / ns; shares : (M, K); share_bits : (M,) log2 of the first.
    reach : (M,) int64 ns, the age from which the weight is 0.
    """

    classes: np.ndarray
    bits: np.ndarray
    rates: np.ndarray
    shares: np.ndarray
    share_bits: np.ndarray
    reach: np.ndarray


def deciding(spans: Spans, side: int, canvas: Canvas, carry: CarryModel) -> np.ndarray:
    """The piece of `carried_pieces` that decides each cell, or `NONE`: (P, T) int64.

    Of equal ones the piece that was confirmed last.
    """
    found = np.full(canvas.shape, NONE, np.int64)
    fades = _fades(spans, side, carry)
    if fades is None:
        _decide_by_model(spans, side, canvas, carry, found)
        return found
    pieces, rows, axis = carried_pieces(spans)[side], canvas.rows, canvas.axis
    blocks = row_blocks(pieces.levels, pieces.first, rows, len(canvas.times))
    share_out(lambda block: _decide_rows(*block, rows, pieces, fades, axis, found), blocks)
    return found


def _fades(spans: Spans, side: int, carry: CarryModel) -> Fades | None:
    """How the pieces of a side fade under exponentials; None of other models, or what is derived of them."""
    pieces = carried_pieces(spans)[side]
    classes = np.zeros(pieces.number, np.int32)
    if type(carry) is HalfLife:
        rates, shares, prune = np.array([carry.rate]), np.ones((1, 1)), carry.prune_ns
    elif type(carry) is Exponentials:
        rates, shares, prune = carry.rates, carry.shares[None], int(carry.reach())
    elif type(carry) is Mixture:
        far = distances(spans)[side] if carry.by_distance else None
        classes[:] = carry.class_of(far, pieces.size)
        rates, shares, prune = carry.rates, carry.shares.reshape(-1, len(carry.rates)), int(carry.reach())
    else:
        return None
    reach = np.where(shares.sum(axis=1) > 0, prune, 0).astype(np.int64)
    with np.errstate(divide="ignore"):
        share_bits = np.log2(shares[:, 0])
    whole = np.ascontiguousarray(shares, np.float64)
    return Fades(classes, np.log2(pieces.size), rates, whole, share_bits, reach)


def _decide_by_model(spans: Spans, side: int, canvas: Canvas, carry: CarryModel, found: np.ndarray) -> None:
    pieces = carried_pieces(spans)[side]
    for begin, stop, shares in weighed(spans, side, canvas, carry):
        size = shares.size * carry.weight(shares.young, *asked(carry, shares.distance, shares.size))
        rows, strongest = found[begin:stop], np.full((stop - begin, canvas.shape[1]), -np.inf)
        _gather(shares.row, shares.column, shares.piece, size, pieces.seen, strongest, rows)


@njit(cache=True, nogil=True)
def _decide_rows(begin, stop, row_ticks, pieces, fades, axis, found):
    """The pieces of rows begin to stop: those of the largest size x weight as they enter the column.

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
            until = pieces.first[level + 1]
            for i in range(first_after(pieces.end, pieces.first[level], until, edges[0]), until):
                seen = pieces.seen[i]
                if seen >= edges[cells]:
                    break
                leave = gone(seen, pieces.end[i], fades.reach[fades.classes[i]])
                j, after = columns_of(False, seen, leave, axis)
                for c in range(j, after):
                    here = _strength(i, max(edges[c] - seen, 0), pieces.size[i], fades)
                    if _wins(here, seen, strongest[c], found[r, c], pieces.seen):
                        strongest[c] = here
                        found[r, c] = i
            level += 1


@njit(cache=True, nogil=True, inline="always")
def _strength(i, age, size, fades):
    """What grows with the effective size: of one exponential its log2, which never vanishes."""
    m = fades.classes[i]
    if fades.rates.shape[0] == 1:
        return fades.bits[i] + fades.share_bits[m] - age * fades.rates[0]
    weight = 0.0
    for k in range(fades.rates.shape[0]):
        weight += fades.shares[m, k] * np.exp2(-age * fades.rates[k])
    return size * weight


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

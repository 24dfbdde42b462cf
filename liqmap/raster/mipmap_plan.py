"""Which cells and pieces of a mipmap make up each column: the coarsest buckets that lie in it whole, at both
ends finer ones, and what an edge cuts of the finest ones from the pieces in them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liqmap.raster.columns import LAST
from liqmap.raster.mipmap import Mipmap
from liqmap.spans.spans import SideSpans

SPAN, LEVEL, CELL, PIECE, COLUMN = 5.0, 300.0, 1.0, 0.7, 700.0
"""Cost, about in ns, of a span and of a level drawn from the spans, of a cell, a piece and a column; of the
pieces of a bucket that is cut about half are looked at."""

INSTANT = 100.0
"""For ``last`` drawn from the spans, of a level at an edge where it rests."""

SOON = 1e6
"""ns: a view that the spans draw sooner is not worth the choice."""


class Plan(NamedTuple):
    """What T columns are made of; places are those in `Mipmap.at`.

    left, right : (T,) int64 ns, from when to when each column looks.
    begin, stop : (T, R) int64, buckets of which whole cells are taken, many ranges a column, most of them
        empty; of ``last`` it is their ``rest``.
    cut : (T, 2) int64, the finest buckets of which the pieces between left and right are taken, -1 for none.
    shared : (T,) bool, whether the left edge divides a bucket between this column and the one before.
    cost : (T,) float64, about in ns.
    """

    left: np.ndarray
    right: np.ndarray
    begin: np.ndarray
    stop: np.ndarray
    cut: np.ndarray
    shared: np.ndarray
    cost: np.ndarray


def choose(
    how: int, mipmap: Mipmap | None, side: SideSpans, edges: np.ndarray, rows: np.ndarray
) -> Plan | None:
    """How to draw one side from its mipmap; None draws it from the spans, where that is as soon done.

    Parameters
    ----------
    how : the aggregate: `MEAN`, `PEAK` or `LAST`.
    edges : (T + 1,) int64 ns; rows : (P + 1,) int64 ticks.
    """
    if mipmap is None:
        return None
    low, high = np.searchsorted(side.levels, rows[[0, -1]])
    shown = (side.first[high] - side.first[low]) * _share_shown(mipmap, edges)
    cost = SPAN * shown
    if how == LAST:
        cost = min(cost, INSTANT * _resting(mipmap) * len(edges))
    cost += LEVEL * (high - low)
    if cost < SOON:
        return None
    made = plan(how, mipmap, edges)
    return made if made.cost.sum() < cost else None


def plan(how: int, mipmap: Mipmap, edges: np.ndarray) -> Plan:
    """What the columns between edges, (T + 1,) int64 ns, are made of under an aggregate."""
    left, right = (edges[1:] - 1, edges[1:]) if how == LAST else (edges[:-1], edges[1:])
    begin, stop, cut = (_at_edges if how == LAST else _between)(mipmap, left, right)
    cells = (mipmap.first[stop] - mipmap.first[begin]).sum(axis=1)
    pieces = mipmap.pieces.first
    cut_pieces = np.where(cut < 0, 0, pieces[cut + 1] - pieces[cut]).sum(axis=1)
    shared = np.zeros(len(left), bool)
    if how != LAST:
        ends = right // mipmap.bucket[0] > left // mipmap.bucket[0]
        shared[1:] = (cut[1:, 0] >= 0) & (cut[1:, 0] == cut[:-1, 1]) & ends[1:]
    return Plan(left, right, begin, stop, cut, shared, CELL * cells + PIECE * cut_pieces + COLUMN)


def _share_shown(mipmap: Mipmap, edges: np.ndarray) -> float:
    """Share of what was observed that the columns show."""
    pieces, finest = mipmap.pieces.first, mipmap.at[: mipmap.scale[1]]
    begin, stop = np.searchsorted(finest, [edges[0] // mipmap.bucket[0], -(-edges[-1] // mipmap.bucket[0])])
    return float((pieces[stop] - pieces[begin]) / max(pieces[-1], 1))


def _resting(mipmap: Mipmap) -> float:
    """How many levels rest at a time, at most: the cells of an average bucket."""
    return float(mipmap.first[mipmap.scale[1]] / mipmap.scale[1])


def _at_edges(mipmap: Mipmap, left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, ...]:
    """begin, stop and cut of what rests in an instant: cells where it ends a finest bucket, else pieces."""
    width = mipmap.bucket[0]
    place, there = _find(mipmap, 0, left // width)
    ends = there & (right % width == 0)
    cut = np.where(there & ~ends, place, -1)
    return place[:, None], (place + ends)[:, None], cut[:, None]


def _between(mipmap: Mipmap, left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, ...]:
    """begin, stop and cut of what was observed between two edges."""
    begins, stops = [], []
    some = np.zeros(len(left), bool)  # whether a whole bucket is found yet, and from where to where
    low, high = left.copy(), left.copy()
    for scale in reversed(range(len(mipmap.bucket))):
        width = mipmap.bucket[scale]
        first, last = -(-left // width), right // width
        some |= first < last
        before = np.where(low < high, low // width, last)
        after = np.where(low < high, high // width, last)
        for a, b in ((first, before), (after, last)):
            b = np.where(some, b, a)
            begins.append(_find(mipmap, scale, a)[0])
            stops.append(_find(mipmap, scale, b)[0])
        low, high = np.where(some, first * width, low), np.where(some, last * width, high)
    width = mipmap.bucket[0]
    before, after = np.where(some, low, right), np.where(some, high, left)
    cut = []
    first, last = left // width, (right - 1) // width
    for bucket, wanted in ((first, left < before), (last, (after < right) & (first < last))):
        place, there = _find(mipmap, 0, bucket)
        cut.append(np.where(there & wanted, place, -1))
    return np.stack(begins, axis=1), np.stack(stops, axis=1), np.stack(cut, axis=1)


def _find(mipmap: Mipmap, scale: int, buckets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The place of buckets of one scale in ``mipmap.at``, or of the next one, and whether it is theirs."""
    begin, stop = mipmap.scale[scale], mipmap.scale[scale + 1]
    at = mipmap.at[begin:stop]
    place = np.searchsorted(at, buckets)
    there = at[np.minimum(place, len(at) - 1)] == buckets
    return place + begin, there & (place < len(at))

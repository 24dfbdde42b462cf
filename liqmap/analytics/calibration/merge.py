"""Kernels: the carried pieces of a narrow feed beside the wide book of the same levels, instant by instant.

Instants are multiples of a step since the epoch. What is looked at is the state just before each: a piece is
carried at t if seen < t <= end, a level of the wide book rests at t if start < t <= seen.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liqmap.compiling import borrowing

STRIDE = 64
"""Instants that are passed over together where the wide window covers a level at none of them."""


class Instants(NamedTuple):
    """K instants, and how far the wide window of one side reached just before each.

    step : ns between them; first : the first is ``first * step``.
    bound : (K,) int64, the outermost tick known, outward (-tick for bids); far below every tick: nothing.
    widest : (ceil(K / STRIDE),) int64, the largest bound of each stride.
    outward : -1 for bids, 1 for asks.
    """

    step: int
    first: int
    bound: np.ndarray
    widest: np.ndarray
    outward: int


class Carried(NamedTuple):
    """C carried pieces of one side of the narrow feed, by level and then by time; see `raster.Pieces`.

    distance : (C,) bps of the touch when last confirmed, NaN without a touch.
    """

    levels: np.ndarray
    first: np.ndarray
    seen: np.ndarray
    end: np.ndarray
    size: np.ndarray
    distance: np.ndarray


class Rested(NamedTuple):
    """Spans of one side of the wide book, by level and then by time; observed from ``start`` to ``seen``."""

    levels: np.ndarray
    first: np.ndarray
    start: np.ndarray
    seen: np.ndarray
    size: np.ndarray


class Rows(NamedTuple):
    """Room for the rows of the instants begin to stop, and where each instant's next row goes.

    place : (stop - begin,) int64, moves on. The others: (N,) columns of `HeldOut` but the time.
    """

    begin: int
    stop: int
    place: np.ndarray
    side: np.ndarray
    tick: np.ndarray
    size: np.ndarray
    age: np.ndarray
    distance: np.ndarray
    true: np.ndarray


@borrowing
def _first_after(t, instants):
    """The first instant after t, which may be none of the K."""
    return t // instants.step + 1 - instants.first


@borrowing
def count_rows(carried, instants, counts):
    """Add to ``counts`` (K,) how many levels are carried at each instant inside the wide window."""
    total = counts.shape[0]
    for level in range(carried.levels.shape[0]):
        tick = carried.levels[level] * instants.outward
        for i in range(carried.first[level], carried.first[level + 1]):
            k = max(_first_after(carried.seen[i], instants), 0)
            stop = min(_first_after(carried.end[i], instants), total)
            while k < stop:
                if instants.widest[k // STRIDE] < tick:
                    k = (k // STRIDE + 1) * STRIDE
                    continue
                if instants.bound[k] >= tick:
                    counts[k] += 1
                k += 1


@borrowing
def _from(values, begin, stop, t):
    """The first of the rising values begin to stop that is at least t."""
    while begin < stop:
        middle = (begin + stop) // 2
        if values[middle] < t:
            begin = middle + 1
        else:
            stop = middle
    return begin


@borrowing
def write_rows(side, carried, rested, instants, rows):
    """Write the rows of the instants ``rows.begin`` to ``rows.stop``, of one side.

    Levels are merged, and within a level its pieces with the wide book's spans, both by time.
    """
    begins = (instants.first + rows.begin) * instants.step
    other, others = 0, rested.levels.shape[0]
    for level in range(carried.levels.shape[0]):
        while other < others and rested.levels[other] < carried.levels[level]:
            other += 1
        j = stop_j = 0
        if other < others and rested.levels[other] == carried.levels[level]:
            stop_j = rested.first[other + 1]
            j = _from(rested.seen, rested.first[other], stop_j, begins)
        tick, last = carried.levels[level] * instants.outward, carried.first[level + 1]
        for i in range(_from(carried.end, carried.first[level], last, begins), last):
            k = max(_first_after(carried.seen[i], instants), rows.begin)
            stop = min(_first_after(carried.end[i], instants), rows.stop)
            if k >= rows.stop:
                break
            while k < stop:
                if instants.widest[k // STRIDE] < tick:
                    k = (k // STRIDE + 1) * STRIDE
                    continue
                if instants.bound[k] >= tick:
                    t = (instants.first + k) * instants.step
                    while j < stop_j and rested.seen[j] < t:
                        j += 1
                    n = rows.place[k - rows.begin]
                    rows.side[n], rows.tick[n], rows.size[n] = side, carried.levels[level], carried.size[i]
                    rows.age[n], rows.distance[n] = t - carried.seen[i], carried.distance[i]
                    rows.true[n] = rested.size[j] if j < stop_j and rested.start[j] < t else 0.0
                    rows.place[k - rows.begin] = n + 1
                k += 1

"""What rests at instants: the best level of a side, and sums over a band of prices, straight from the spans.

No level is written out: of a day at 1 s that would be tens of millions, for sums of some ten thousand.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liqmap.compiling import borrowing
from liqmap.fill.snapshots import ObservedSpans, first_at, observed, pace_of
from liqmap.schema import ASK, BID
from liqmap.spans.spans import SideSpans


class Band(NamedTuple):
    """How far a measure looks: so many best ``levels`` a side, or so many ``bps`` from the mid."""

    levels: int | None = None
    bps: float | None = None


class Tops(NamedTuple):
    """The best level of a side at K instants, (K,) each.

    tick, size : float64, NaN where nothing is observed. levels : int64, how many are.
    """

    tick: np.ndarray
    size: np.ndarray
    levels: np.ndarray


class Within(NamedTuple):
    """What is observed of a side in a band at K instants, (K,) each.

    size : float64, sum of the sizes. weighed : float64, sum of size x weight, see `pressure`.
    levels : int64, how many.
    """

    size: np.ndarray
    weighed: np.ndarray
    levels: np.ndarray


class Reach(NamedTuple):
    """How far a band of bps reaches at K instants.

    edge : (K,) int64, the last tick of a side in it. middle : (K,) float64, the mid, ticks. bps : its width.
    """

    edge: np.ndarray
    middle: np.ndarray
    bps: float


BEYOND = 2**40, -(2**40)
"""A tick better than any bid, than any ask: no level lies up to it."""


def edge_of(mid: np.ndarray, tick_size: float, number: int, bps: float) -> np.ndarray:
    """(K,) the last tick of a side within so many bps of the mid (K,), quote currency; NaN without a mid."""
    share = bps * 1e-4
    if number == BID:
        return np.ceil(mid * (1 - share) / tick_size - 1e-6)
    return np.floor(mid * (1 + share) / tick_size + 1e-6)


def reach_of(mid: np.ndarray, tick_size: float, number: int, bps: float) -> Reach:
    """How far so many bps reach; where there is no mid, to no level at all."""
    edge = edge_of(mid, tick_size, number, bps)
    edge[np.isnan(edge)] = BEYOND[number]
    return Reach(edge.astype(np.int64), mid / tick_size, bps)


def tops_of(side: SideSpans, number: int, times: np.ndarray) -> Tops:
    """The best level that is observed (start <= t < seen) at each time, (K,) int64 ns, rising."""
    k = len(times)
    found = Tops(np.full(k, np.nan), np.full(k, np.nan), np.zeros(k, np.int64))
    _find_tops(number, observed(side), times, found)
    return found


def best_within(side: SideSpans, number: int, times: np.ndarray, levels: int) -> Within:
    """Of the best ``levels`` at each time; the best weighs 1, the one after the last would weigh 0."""
    found = _none(len(times))
    _add_best(number, observed(side), times, levels, found)
    return found


def near_within(side: SideSpans, number: int, times: np.ndarray, reach: Reach) -> Within:
    """Of the levels up to an edge at each time; weights fall evenly, from 1 at the mid to 0 at its bps."""
    found = _none(len(times))
    if number == BID:
        low = np.searchsorted(side.levels, reach.edge.min(initial=BEYOND[BID]))
        ever = slice(side.first[low], None)
    else:
        high = np.searchsorted(side.levels, reach.edge.max(initial=BEYOND[ASK]), side="right")
        ever = slice(0, side.first[high])
    spans = ObservedSpans(*(column[ever] for column in observed(side)))
    _add_near(number, spans, times, reach, found)
    return found


def _none(count: int) -> Within:
    return Within(np.zeros(count), np.zeros(count), np.zeros(count, np.int64))


@borrowing
def _find_tops(number, spans, times, found):
    """Fill `Tops`. Spans lie by tick: from the best price outward, an instant meets its best level first."""
    n, pace = spans.tick.shape[0], pace_of(times)
    for j in range(n):
        i = n - 1 - j if number == 0 else j
        at = first_at(times, pace, spans.start[i])
        while at < times.shape[0] and times[at] < spans.seen[i]:
            if found.levels[at] == 0:
                found.tick[at], found.size[at] = spans.tick[i], spans.size[i]
            found.levels[at] += 1
            at += 1


@borrowing
def _add_best(number, spans, times, levels, found):
    """Add up `Within` of so many best levels, the best first."""
    n, pace = spans.tick.shape[0], pace_of(times)
    for j in range(n):
        i = n - 1 - j if number == 0 else j
        at = first_at(times, pace, spans.start[i])
        while at < times.shape[0] and times[at] < spans.seen[i]:
            place = found.levels[at]
            if place < levels:
                found.size[at] += spans.size[i]
                found.weighed[at] += spans.size[i] * (1 - place / levels)
                found.levels[at] = place + 1
            at += 1


@borrowing
def _add_near(number, spans, times, reach, found):
    """Add up `Within` of the levels up to the edge of each instant, the best first."""
    n, pace = spans.tick.shape[0], pace_of(times)
    for j in range(n):
        i = n - 1 - j if number == 0 else j
        tick = np.int64(spans.tick[i])
        at = first_at(times, pace, spans.start[i])
        while at < times.shape[0] and times[at] < spans.seen[i]:
            if tick >= reach.edge[at] if number == 0 else tick <= reach.edge[at]:
                middle = reach.middle[at]
                weight = 1 - abs(tick - middle) / middle * 1e4 / reach.bps
                found.size[at] += spans.size[i]
                found.weighed[at] += spans.size[i] * max(weight, 0.0)
                found.levels[at] += 1
            at += 1

"""Order flow by rank: what the best, the second best, the m-th best level of a side gained by messages."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from liqmap.analytics.book.events.changes import Steps
from liqmap.analytics.book.events.ranks import Ranks, drop_level, list_level, next_listed
from liqmap.analytics.book.events.timeline import (
    COMES_IN,
    GOES,
    RESIZES,
    place_of,
    span_of,
    timeline_of,
    what_of,
)
from liqmap.compiling import borrowing
from liqmap.schema import OPEN
from liqmap.spans import Spans
from liqmap.spans.levels import NO_WINDOW, UNBOUNDED
from liqmap.spans.rows import both


class Best(NamedTuple):
    """The best M levels of a side, best first: (M,) each; P and 0 where there are fewer.

    place : int64. size : float64.
    """

    place: np.ndarray
    size: np.ndarray


def rank_flows(spans: Spans, edges: np.ndarray, levels: int) -> np.ndarray:
    """What each rank of each side gained in each interval, (2, M, K), size units.

    Parameters
    ----------
    edges : (K + 1,) int64 ns, rising: interval k is [edges[k], edges[k + 1]).

    Notes
    -----
    With p, q the price and size of the m-th best level before a message and p', q' after it, it gained ``q'``
    if p' is better, ``q' - q`` if they are the same, and ``-q`` if it is worse. Without a window before or
    after the message (it closes with the last one), or where fewer levels are known, it gained nothing.
    """

    def of_side(number: int) -> np.ndarray:
        side, timeline = spans.sides[number], timeline_of(spans, number, int(edges[-1]))
        sums = np.zeros((levels, len(edges) - 1))
        sizes = np.zeros(timeline.places)
        none = timeline.places
        before, after = (Best(np.full(levels, none), np.zeros(levels)) for _ in range(2))
        ranks, steps = Ranks.of(none, levels), Steps.of(spans.windows[number])
        _sweep(side.columns, timeline, steps, edges, ranks, sizes, before, after, sums)
        return sums

    return np.stack(both(of_side, (0, 1), len(spans)))


@borrowing
def _find_best(ranks, sizes, best):
    """Fill in the best levels."""
    place = np.int64(-1)
    for m in range(best.place.shape[0]):
        if place < ranks.places:
            place = next_listed(ranks, place + 1)
        best.place[m] = place
        best.size[m] = sizes[place] if place < ranks.places else 0.0


@borrowing
def _gained(before, after, m):
    """What a rank gained."""
    if after.place[m] < before.place[m]:
        return after.size[m]
    if after.place[m] > before.place[m]:
        return -before.size[m]
    return after.size[m] - before.size[m]


@njit(cache=True, nogil=True)
def _sweep(spans, timeline, steps, edges, ranks, sizes, before, after, sums):
    """Walk the events of a side in time, message by message.

    Parameters
    ----------
    spans : `SpanColumns`; timeline : `Timeline`; steps : `Steps`; edges : (K + 1,) int64.
    ranks : `Ranks`, empty; sizes : (P,), zero; before, after : `Best`, of none.
    sums : (M, K), zero.
    """
    events, step, at, b = timeline.ts.shape[0], -1, 0, 0
    kind = np.int64(NO_WINDOW)
    while at < events:
        now = timeline.ts[at]
        kind_before, kth = kind, ranks.at[1]
        while step + 1 < steps.start.shape[0] and steps.start[step + 1] < now:
            step += 1
            kind_before = np.int64(steps.kind[step])
        kind = kind_before
        if step + 1 < steps.start.shape[0] and steps.start[step + 1] == now:
            step += 1
            kind = np.int64(steps.kind[step])
        best = OPEN
        while at < events and timeline.ts[at] == now:
            what, place, span = what_of(timeline, at), place_of(timeline, at), span_of(timeline, at)
            best = min(best, place)
            if what <= COMES_IN:
                sizes[place] = spans.size[span]
                list_level(ranks, place)
            elif what == RESIZES:
                sizes[place] = spans.size[span + 1]
            elif what >= GOES:
                drop_level(ranks, place)
            at += 1
        if best > max(kth, ranks.at[1]):
            continue
        _find_best(ranks, sizes, after)
        while b + 2 < edges.shape[0] and edges[b + 1] <= now:
            b += 1
        for m in range(before.place.shape[0]):
            there = before.place[m] < ranks.places and after.place[m] < ranks.places
            if kind_before == NO_WINDOW or kind == NO_WINDOW or now < edges[0]:
                continue
            if there or (kind_before == UNBOUNDED and kind == UNBOUNDED):
                sums[m, b] += _gained(before, after, m)
        before.place[:] = after.place
        before.size[:] = after.size

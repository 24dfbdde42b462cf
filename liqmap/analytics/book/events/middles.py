"""The mid through time, from what happened to the levels of both sides."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liqmap.analytics.book.events.ranks import Ranks, drop_level, list_level
from liqmap.analytics.book.events.timeline import COMES_IN, GOES, Timeline, place_of, what_of
from liqmap.compiling import borrowing
from liqmap.schema import BID, OPEN
from liqmap.spans import Spans
from liqmap.spans.rows import both


class Middles(NamedTuple):
    """The mid as a step function of time: ``middle[k]``, ticks, from ``start[k]``, ns, on; (M,) each.

    NaN where a side has no level; before the first step there is none.
    """

    start: np.ndarray
    middle: np.ndarray


class Bests(NamedTuple):
    """The best level of a side as a step function of time: ``tick[k]`` from ``start[k]``, ns, on; (B,) each.

    NaN where there is none.
    """

    start: np.ndarray
    tick: np.ndarray


def middles_of(spans: Spans, timelines: list[Timeline]) -> Middles:
    """The mid as far as the timelines of the bids and of the asks go.

    The same could be had of `touch`; that sorts all spans by time, which the timelines have done already.
    """
    bid, ask = both(lambda number: bests_of(spans, number, timelines[number]), (0, 1), len(spans))
    most = len(bid.start) + len(ask.start)
    found = Middles(np.empty(most, np.int64), np.empty(most))
    steps = _join(bid, ask, found)
    return Middles(found.start[:steps], found.middle[:steps])


def bests_of(spans: Spans, number: int, timeline: Timeline) -> Bests:
    """The best level of a side, 0 bids and 1 asks, as far as its timeline goes."""
    none = np.empty(0, np.int64)
    steps = _best_places(timeline, Ranks.of(timeline.places, 1), none, none)
    start, place = np.empty(steps, np.int64), np.empty(steps, np.int64)
    if steps:
        _best_places(timeline, Ranks.of(timeline.places, 1), start, place)
    levels = spans.sides[number].levels
    ticks = np.append((levels[::-1] if number == BID else levels).astype(float), np.nan)
    return Bests(start, ticks[place])


@borrowing
def _best_places(timeline, ranks, start, place):
    """Count the steps of the best level, or (``start`` is not empty) write them; P where there is none."""
    n, e, events = 0, 0, timeline.ts.shape[0]
    last = np.int64(timeline.places)
    while e < events:
        now = timeline.ts[e]
        while e < events and timeline.ts[e] == now:
            if what_of(timeline, e) <= COMES_IN:
                list_level(ranks, place_of(timeline, e))
            elif what_of(timeline, e) >= GOES:
                drop_level(ranks, place_of(timeline, e))
            e += 1
        if ranks.at[1] != last:
            last = ranks.at[1]
            if start.shape[0]:
                start[n], place[n] = now, last
            n += 1
    return n


@borrowing
def _join(bid, ask, found):
    """Write `Middles`; returns how many steps there are."""
    n, i, j = 0, 0, 0
    while i < bid.start.shape[0] or j < ask.start.shape[0]:
        left = bid.start[i] if i < bid.start.shape[0] else np.int64(OPEN)
        right = ask.start[j] if j < ask.start.shape[0] else np.int64(OPEN)
        now = min(left, right)
        i, j = i + (left == now), j + (right == now)
        found.start[n] = now
        found.middle[n] = (bid.tick[i - 1] + ask.tick[j - 1]) / 2 if i > 0 and j > 0 else np.nan
        n += 1
    return n

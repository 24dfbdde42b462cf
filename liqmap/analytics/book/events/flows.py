"""What came and went near the best prices, interval by interval: the sums of `ofi@5`, `added@10bps`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liqmap.analytics.book.books import Band
from liqmap.analytics.book.events.changes import Steps
from liqmap.analytics.book.events.hits import (
    Hits,
    added_and_pulled,
    hits_at,
    hits_of,
    traded_before_listed,
    traded_between,
)
from liqmap.analytics.book.events.middles import Middles, middles_of
from liqmap.analytics.book.events.ranks import Ranks, drop_level, list_level
from liqmap.analytics.book.events.timeline import (
    COMES,
    COMES_IN,
    GOES,
    GOES_OUT,
    RESIZES,
    Timeline,
    place_of,
    span_of,
    timeline_of,
    what_of,
)
from liqmap.compiling import borrowing
from liqmap.schema import OPEN
from liqmap.spans import Spans
from liqmap.spans.end_reasons import Prints
from liqmap.spans.levels import NO_WINDOW, UNBOUNDED
from liqmap.spans.rows import both


class Flow(NamedTuple):
    """What happened in a band of prices in K intervals, bids and asks apart: (2, K) each, size units.

    change : sum of the changes of size, those of levels that the window left or reached not among them.
    added, pulled, traded : what they are made of; NaN where the trades are not known.
    known : (K,) share of the band that was known, 0 to 1, of its less known side, over the time.
    """

    change: np.ndarray
    added: np.ndarray
    pulled: np.ndarray
    traded: np.ndarray
    known: np.ndarray


class Limits(NamedTuple):
    """How far a band reaches through time: from ``start[k]``, ns, up to the place ``place[k]``. (Q,) each."""

    start: np.ndarray
    place: np.ndarray


def flows_of(spans: Spans, edges: np.ndarray, bands: list[Band], prints: Prints | None) -> list[Flow]:
    """What happened in each band between instants.

    Parameters
    ----------
    edges : (K + 1,) int64 ns, rising: interval k is [edges[k], edges[k + 1]).
    bands : each of so many levels, or of so many bps; one of neither is the best level.
    prints : trades; None: not known.

    Notes
    -----
    A change of a level counts in a band if the level was within it before the message and after it: at or
    better than the k-th best price, or not farther than so many bps from the mid. So one that another order
    pushes out of the band, or lets in, counts nothing, and neither does what leaves or enters the window.
    """
    hits = (NO_HITS, NO_HITS) if prints is None else hits_of(spans, prints)

    timelines = both(lambda number: timeline_of(spans, number, int(edges[-1])), (0, 1), len(spans))
    middles = middles_of(spans, timelines) if any(band.bps for band in bands) else NO_MIDDLES

    def of_side(number: int) -> list[tuple[np.ndarray, np.ndarray]]:
        own = None if prints is None else hits[number]
        return [_flow(spans, number, timelines[number], own, edges, band, middles) for band in bands]

    found = []
    for bids, asks in zip(*both(of_side, (0, 1), len(spans))):
        sums = np.stack([bids[0], asks[0]])  # (2, 4, K)
        change, added, pulled, traded = sums.swapaxes(0, 1)
        if prints is None:
            added = pulled = traded = np.full_like(change, np.nan)
        found.append(Flow(change, added, pulled, traded, np.minimum(bids[1], asks[1])))
    return found


NO_HITS = Hits(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0, np.int64))


def _flow(
    spans: Spans,
    number: int,
    timeline: Timeline,
    hits: Hits | None,
    edges: np.ndarray,
    band: Band,
    middles: Middles,
) -> tuple[np.ndarray, np.ndarray]:
    """(4, K) sums of a side, and (K,) the known share of its band."""
    side = spans.sides[number]
    sums, share = np.zeros((4, len(edges) - 1)), np.zeros(len(edges) - 1)
    ranks = Ranks.of(timeline.places, band.levels or 1)
    limits = NO_LIMITS if band.bps is None else _limits(spans, number, band.bps, middles)
    next_hit = np.zeros((0 if hits is None else timeline.places, 2), np.int64)
    steps = Steps.of(spans.windows[number])
    _sweep(side.columns, timeline, steps, hits or NO_HITS, next_hit, edges, ranks, limits, sums, share)
    known = (
        share / np.diff(edges) if band.bps is None else _bps_share(spans, number, band.bps, edges, middles)
    )
    return sums, known


NO_MIDDLES = Middles(np.empty(0, np.int64), np.empty(0))
NO_LIMITS = Limits(np.empty(0, np.int64), np.empty(0, np.int64))


def _edges_of(middle: np.ndarray, number: int, bps: float) -> np.ndarray:
    """The last tick of a side within so many bps of a mid in ticks; as `depths.edge_of`."""
    if number == 0:
        return np.ceil(middle * (1 - bps * 1e-4) - 1e-6)
    return np.floor(middle * (1 + bps * 1e-4) + 1e-6)


def _limits(spans: Spans, number: int, bps: float, middles: Middles) -> Limits:
    """How far so many bps reach."""
    edge, levels = _edges_of(middles.middle, number, bps), spans.sides[number].levels
    known = ~np.isnan(edge)
    ticks = np.where(known, edge, 0)
    if number == 0:
        place = len(levels) - 1 - np.searchsorted(levels, ticks)
    else:
        place = np.searchsorted(levels, ticks, side="right") - 1
    return Limits(middles.start, np.where(known, place, -1))


def _bps_share(spans: Spans, number: int, bps: float, edges: np.ndarray, middles: Middles) -> np.ndarray:
    """(K,) known share of the ticks of a band of bps, over the time; as `books.known_share`."""
    window = spans.windows[number]
    at = np.union1d(middles.start, window.start)
    k = np.searchsorted(middles.start, at, side="right") - 1
    middle = np.append(middles.middle, np.nan)[k]
    k = np.searchsorted(window.start, at, side="right") - 1
    kind = np.where(k < 0, NO_WINDOW, np.append(window.kind, NO_WINDOW)[k])
    worst = np.append(window.worst, 0)[k]
    outward = -1 if number == 0 else 1
    inner = np.floor(middle + 1e-6) if number == 0 else np.ceil(middle - 1e-6)
    whole = (_edges_of(middle, number, bps) - inner) * outward + 1
    seen = (worst - inner) * outward + 1
    share = np.where((kind == UNBOUNDED) | (whole <= 0), 1.0, np.clip(seen / np.maximum(whole, 1), 0, 1))
    share = np.where((kind == NO_WINDOW) | np.isnan(middle), 0.0, share)
    return mean_over(at, share, spans.last, edges)


def mean_over(start: np.ndarray, value: np.ndarray, last: int, edges: np.ndarray) -> np.ndarray:
    """(K,) mean over intervals of a step function that is ``value[k]`` from ``start[k]`` on, and 0 before the
    first and from ``last`` on."""
    sums = np.zeros(len(edges) - 1)
    _integrate(start, np.nan_to_num(value), last, edges, sums)
    return sums / np.diff(edges)


@borrowing
def _integrate(start, value, last, edges, sums):
    """Add a step function's integral to each interval."""
    b = 0
    for k in range(start.shape[0]):
        begin = start[k]
        end = min(start[k + 1], last) if k + 1 < start.shape[0] else last
        while b < sums.shape[0] and edges[b + 1] <= begin:
            b += 1
        j = b
        while j < sums.shape[0] and edges[j] < end:
            sums[j] += value[k] * (min(end, edges[j + 1]) - max(begin, edges[j]))
            j += 1


@borrowing
def _place_share(ranks, kind):
    """Share of the k best levels that are known."""
    if kind == NO_WINDOW:
        return 0.0
    return 1.0 if kind == UNBOUNDED else min(ranks.at[0], ranks.k) / ranks.k


@borrowing
def _sweep(spans, timeline, steps, hits, next_hit, edges, ranks, limits, sums, share):
    """Walk the events of a side in time, message by message.

    Parameters
    ----------
    spans : `SpanColumns`; timeline : `Timeline`; steps : `Steps`; hits : `Hits`.
    next_hit : (P, 2) int64, zero: where the next trade of a level stands, counted from 1, and the last one;
        (0, 2) where no trades are known.
    edges : (K + 1,) int64; ranks : `Ranks`, empty; limits : `Limits`, of bps; none: the k-th best.
    sums : (4, K), zero: change, added, pulled, traded. share : (K,), zero: ns by known share.
    """
    n, events, step, limit, at = edges.shape[0] - 1, timeline.ts.shape[0], -1, -1, 0
    by_rank = limits.start.shape[0] == 0
    kind = np.int64(NO_WINDOW)
    clock, b = edges[0], 0
    while True:
        # the next moment is that of an event, or of a step of the window
        now = timeline.ts[at] if at < events else OPEN
        if step + 1 < steps.start.shape[0]:
            now = min(now, steps.start[step + 1])
        now = min(now, edges[n])
        b = _spend(edges, clock, now, b, _place_share(ranks, kind), share)
        clock = max(clock, now)
        if now == edges[n]:
            break
        kind_before, before = kind, ranks.at[1]
        while step + 1 < steps.start.shape[0] and steps.start[step + 1] <= now:
            step += 1
            kind = np.int64(steps.kind[step])
        stop = at
        while stop < events and timeline.ts[stop] == now:
            what = what_of(timeline, stop)
            if what <= COMES_IN:
                list_level(ranks, place_of(timeline, stop))
            elif what >= GOES:
                drop_level(ranks, place_of(timeline, stop))
            stop += 1
        if by_rank:
            inside = min(before, ranks.at[1])
        else:
            while limit + 1 < limits.start.shape[0] and limits.start[limit + 1] < now:
                limit += 1
            inside = limits.place[limit] if limit >= 0 else np.int64(-1)
            if limit + 1 < limits.start.shape[0] and limits.start[limit + 1] == now:
                inside = min(inside, limits.place[limit + 1])
        if now >= edges[0] and kind_before != NO_WINDOW:  # which closes with the last message before a gap
            for e in range(at, stop):
                what = what_of(timeline, e)
                if place_of(timeline, e) <= inside and what != COMES_IN and what != GOES_OUT:
                    _count(spans, timeline, e, hits, next_hit, b, sums)
        at = stop


@borrowing
def _spend(edges, clock, until, b, worth, share):
    """Give the time from ``clock`` on to the intervals it falls in; returns the interval of ``until``."""
    while clock < until:
        while edges[b + 1] <= clock:
            b += 1
        end = min(until, edges[b + 1])
        share[b] += worth * (end - clock)
        clock = end
    while b + 2 < edges.shape[0] and edges[b + 1] <= until:
        b += 1
    return b


@borrowing
def _count(spans, timeline, e, hits, next_hit, b, sums):
    """Add an event to the sums of the interval ``b``."""
    i, place, ts = span_of(timeline, e), place_of(timeline, e), timeline.ts[e]
    comes, resizes = what_of(timeline, e) == COMES, what_of(timeline, e) == RESIZES
    before = 0.0 if comes else spans.size[i]
    after = spans.size[i] if comes else spans.size[i + 1] if resizes else 0.0
    sums[0, b] += after - before
    if next_hit.shape[0] == 0:
        return
    if next_hit[place, 0] == 0:
        first, stop = hits_at(hits, np.int64(spans.tick[i]))
        next_hit[place, 0], next_hit[place, 1] = first + 1, stop
    first, stop = next_hit[place, 0] - 1, next_hit[place, 1]
    if first == stop:
        traded = 0.0
    elif comes:
        traded, first = traded_before_listed(hits, first, stop, ts)
    else:
        traded, first = traded_between(hits, first, stop, spans.start[i], ts)
    next_hit[place, 0] = first + 1
    added, pulled = added_and_pulled(before, after, traded)
    sums[1, b] += added
    sums[2, b] += pulled
    sums[3, b] += traded

"""What happened to the levels of a side, in the order of time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from liqmap.analytics.book.events.changes import (
    ADDED,
    ENTERED,
    FOLLOWED,
    FOLLOWS,
    LEFT,
    REMOVED,
    STANDS,
    changes_of,
)
from liqmap.compiling import borrowing
from liqmap.spans import Spans

COMES, COMES_IN, RESIZES, GOES, GOES_OUT = range(5)
"""A level is added, enters the window, changes its size; is removed, leaves the window."""

_BEGAN, _ENDED = np.zeros(3, np.int64), np.zeros(4, np.int64)
_BEGAN[[ADDED, ENTERED]] = COMES, COMES_IN
_ENDED[[FOLLOWED, REMOVED, LEFT]] = RESIZES, GOES, GOES_OUT

A_BUCKET = 16
"""Events a bucket of time has in the mean; above four times as many they are sorted by numpy's sort."""

_SPAN_BITS, _PLACE_SHIFT = (1 << 33) - 1, 36


class Timeline(NamedTuple):
    """E events of a side by time; those of one time in no order.

    ts : (E,) int64 ns. code : (E,) int64, see `what_of`, `span_of`, `place_of`.
    places : P, how many levels the side ever had.
    """

    ts: np.ndarray
    code: np.ndarray
    places: int


class Buckets(NamedTuple):
    """Even steps of time: ``begin``, ns, and the bits of a step; ``place`` : (B + 1,) int64, where the next
    event of each is written."""

    begin: int
    shift: int
    place: np.ndarray


@njit(cache=True, nogil=True, inline="always")
def what_of(timeline, e):
    """What happened: `COMES` and so on."""
    return timeline.code[e] & 7


@njit(cache=True, nogil=True, inline="always")
def span_of(timeline, e):
    """The span that begins or ends, or that a level's next follows on."""
    return (timeline.code[e] >> 3) & _SPAN_BITS


@njit(cache=True, nogil=True, inline="always")
def place_of(timeline, e):
    """The level's place: 0 is the best price that the side ever had, P - 1 the worst."""
    return timeline.code[e] >> _PLACE_SHIFT


def timeline_of(spans: Spans, number: int, end: int) -> Timeline:
    """Events of a side before ``end``, ns. A level that its first message pushed out had none."""
    side, changes = spans.sides[number], changes_of(spans)[number]
    begin = int(side.start.min(initial=end))
    count = 2 * len(side)
    shift = max(0, int(max(end - begin, 1) * A_BUCKET // max(count, 1)).bit_length())
    buckets = Buckets(begin, shift, np.zeros((max(end - begin, 0) >> shift) + 2, np.int64))
    none = np.empty(0, np.int64)
    _scatter(number, side.columns, side.first, changes, end, buckets, none, none)
    np.cumsum(buckets.place, out=buckets.place)
    events = int(buckets.place[-1])
    ts, code = np.empty(events, np.int64), np.empty(events, np.int64)
    _scatter(number, side.columns, side.first, changes, end, buckets, ts, code)
    _sort_within(buckets, ts, code)
    return Timeline(ts, code, len(side.levels))


@borrowing
def _write(buckets, ts, code, at, what, span, place):
    """Count an event in the bucket behind its own, or write it where its own has come to."""
    b = (at - buckets.begin) >> buckets.shift
    if ts.shape[0] == 0:
        buckets.place[b + 1] += 1
        return
    k = buckets.place[b]
    buckets.place[b] = k + 1
    ts[k], code[k] = at, (place << _PLACE_SHIFT) | (span << 3) | what


@borrowing
def _scatter(number, spans, first, changes, end, buckets, ts, code):
    """Count the events of each bucket (``ts`` is empty), or write them, by level within each."""
    levels = first.shape[0] - 1
    for level in range(levels):
        place = np.int64(levels - 1 - level if number == 0 else level)
        for i in range(first[level], first[level + 1]):
            began, ended = changes.began[i], changes.ended[i]
            if spans.start[i] == spans.seen[i] and began != FOLLOWS and ended != STANDS:
                continue  # in and out with one message
            if began != FOLLOWS and spans.start[i] < end:
                _write(buckets, ts, code, spans.start[i], _BEGAN[began], i, place)
            if ended != STANDS and spans.seen[i] < end:
                _write(buckets, ts, code, spans.seen[i], _ENDED[ended], i, place)


@njit(cache=True, nogil=True)
def _sort_within(buckets, ts, code):
    """Put the events of each bucket in the order of time. Each ends where writing has come to."""
    begin = np.int64(0)
    for stop in buckets.place:
        if stop - begin > 4 * A_BUCKET:
            order = np.argsort(ts[begin:stop])
            ts[begin:stop] = ts[begin:stop][order]
            code[begin:stop] = code[begin:stop][order]
        else:
            for k in range(begin + 1, stop):
                t, c, j = ts[k], code[k], k
                while j > begin and ts[j - 1] > t:
                    ts[j], code[j] = ts[j - 1], code[j - 1]
                    j -= 1
                ts[j], code[j] = t, c
        begin = max(begin, stop)

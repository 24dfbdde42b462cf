"""The observed pieces of spans in order of time: what a column edge cuts is read from one stretch of memory.

Spans lie by level, so that what a few seconds hold is scattered over all of them, and each level would have
to be waited for. Here the same seconds lie together, ten bytes a piece: a piece names its times by their
place among the few that its bucket has, so nothing is rounded, whatever the clock of the feed.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from liqmap.compiling import borrowing
from liqmap.raster.observe_spans import SideArrays, gallop

AT_A_TIME = 1 << 20
"""Pieces that are put in order together: it takes 50 bytes each meanwhile."""

SPREAD, BITS = 0x4F1BBCDD, 0x7FFFFFFF
"""2**31 over the golden ratio: a product with it spreads near times, of which so many bits are taken, over a
table; it stays below 2**63."""


class BucketPieces(NamedTuple):
    """Observed pieces of one side, cut where buckets end: N pieces in K buckets, by bucket, then by start.

    first : (K + 1,) int64, where the pieces of each bucket begin.
    level : (N,) whole numbers, places among the levels of the side; size : (N,) float32.
    start, seen : (N,) whole numbers, places among the times of the bucket.
    first_time : (K + 1,) int64, where the times of each bucket begin; times : (M,) int64 ns, rising in each.
    """

    first: np.ndarray
    level: np.ndarray
    start: np.ndarray
    seen: np.ndarray
    size: np.ndarray
    first_time: np.ndarray
    times: np.ndarray


class _Unordered(NamedTuple):
    """Pieces of some buckets, by bucket and then by level; times in ns."""

    level: np.ndarray
    start: np.ndarray
    seen: np.ndarray
    size: np.ndarray


class _Table(NamedTuple):
    """The distinct times of one bucket, each where its own bits say, or at the next free place.

    bucket : (H,) int64, whose time it is; time : (H,) int64 ns; place : (H,) int64, among all of them.
    """

    bucket: np.ndarray
    time: np.ndarray
    place: np.ndarray


def bucket_pieces(spans: SideArrays, width: int, at: np.ndarray) -> BucketPieces:
    """The observed pieces of one side by bucket.

    Parameters
    ----------
    width : ns a bucket; at : (K,) int64, the buckets in which anything was observed, rising, by t // width.
    """
    count = np.zeros(len(at) + 1, np.int64)
    _count(spans, width, at, count)
    first = np.cumsum(count)
    level = np.uint16 if len(spans.levels) <= 1 << 16 else np.uint32
    made = _in_order(spans, width, at, first, level, np.uint16)
    return made if made is not None else _in_order(spans, width, at, first, level, np.uint32)  # type: ignore[return-value]


def _in_order(
    spans: SideArrays, width: int, at: np.ndarray, first: np.ndarray, level: type, place: type
) -> BucketPieces | None:
    """The pieces, some buckets at a time; None if a bucket has more times than ``place`` can name."""
    buckets, number = len(at), int(first[-1])
    made = BucketPieces(
        first, np.empty(number, level), np.empty(number, place), np.empty(number, place),
        np.empty(number, np.float32), np.zeros(buckets + 1, np.int64), np.empty(0, np.int64),
    )  # fmt: skip
    places = 4 * int(np.diff(first).max(initial=4))  # two times a piece: half of them stay free
    places = 1 << places.bit_length()
    table = _Table(np.full(places, -1, np.int64), np.empty(places, np.int64), np.empty(places, np.int64))
    cursor, parts, begin = spans.first[:-1].copy(), [np.empty(0, np.int64)], 0
    while begin < buckets:
        stop = int(np.searchsorted(first, first[begin] + AT_A_TIME, "right")) - 1
        stop = min(max(stop, begin + 1), buckets)
        some = _gather(spans, width, at[begin:stop], first[begin : stop + 1], cursor)
        times = _order(begin, stop, some, table, np.iinfo(place).max + 1, made)
        if made.first_time[stop] < 0:
            return None
        parts.append(times)
        begin = stop
    return made._replace(times=np.concatenate(parts))


@borrowing
def _count(spans, width, at, count):
    """Count the pieces of each bucket, one place on."""
    start, seen, first = spans.start, spans.seen, spans.first
    buckets = at.shape[0]
    for level in range(spans.levels.shape[0]):
        k = np.int64(0)
        for i in range(first[level], first[level + 1]):
            a = start[i]
            while a < seen[i]:
                bucket = a // width
                if at[k] != bucket:
                    k = gallop(at, k, buckets, bucket - 1)
                count[k + 1] += 1
                a = (bucket + 1) * width


@njit(cache=True, nogil=True)
def _gather(spans, width, at, first, cursor):
    """The pieces of some buckets, `_Unordered`.

    Parameters
    ----------
    at, first : of these buckets; cursor : (L,) int64, the span of each level to go on from, moved on.
    """
    number, buckets = first[-1] - first[0], at.shape[0]
    level_of, size = np.empty(number, np.int64), np.empty(number)
    start, seen = np.empty(number, np.int64), np.empty(number, np.int64)
    left, right = at[0] * width, (at[buckets - 1] + 1) * width
    fill = first[:-1] - first[0]
    for level in range(spans.levels.shape[0]):
        i, stop = cursor[level], spans.first[level + 1]
        k = 0
        while i < stop and spans.start[i] < right:
            a, until = max(spans.start[i], left), min(spans.seen[i], right)
            while a < until:
                bucket = a // width
                if at[k] != bucket:
                    k = gallop(at, k, buckets, bucket - 1)
                b = min(until, (bucket + 1) * width)
                n = fill[k]
                fill[k] += 1
                level_of[n], start[n], seen[n], size[n] = level, a, b, spans.size[i]
                a = b
            if spans.seen[i] > right:
                break  # more of it is in later buckets
            i += 1
        cursor[level] = i
    return _Unordered(level_of, start, seen, size)


@borrowing
def _slot(t, bucket, table):
    """Where a time is in the table, or is to be written."""
    last = table.time.shape[0] - 1
    h = (((t ^ (t >> 31)) & BITS) * SPREAD >> 20) & last
    while table.bucket[h] == bucket and table.time[h] != t:
        h = (h + 1) & last
    return h


@njit(cache=True, nogil=True)
def _order(begin, stop, some, table, most, made):
    """Write the pieces of the buckets begin to stop by start; returns their times.

    Where a bucket has more than ``most`` times, the last ``made.first_time`` is -1.
    """
    first, base = made.first, made.first[begin]
    times = np.empty(2 * some.start.shape[0], np.int64)
    before = np.zeros(table.time.shape[0] + 1, np.int64)  # how many pieces start at an earlier time
    used = 0
    for k in range(begin, stop):
        low, high = first[k] - base, first[k + 1] - base
        n = used
        for i in range(low, high):
            for t in (some.start[i], some.seen[i]):
                h = _slot(t, k, table)
                if table.bucket[h] != k:
                    table.bucket[h], table.time[h] = k, t
                    times[n] = t
                    n += 1
        if n - used > most:
            made.first_time[stop] = -1
            return times[:0]
        times[used:n].sort()
        for p in range(used, n):
            table.place[_slot(times[p], k, table)] = p - used
            before[p - used] = 0
        before[n - used] = 0
        for i in range(low, high):
            before[table.place[_slot(some.start[i], k, table)] + 1] += 1
        for p in range(n - used):
            before[p + 1] += before[p]
        for i in range(low, high):
            start = table.place[_slot(some.start[i], k, table)]
            at = first[k] + before[start]
            before[start] += 1
            made.level[at], made.size[at] = some.level[i], some.size[i]
            made.start[at], made.seen[at] = start, table.place[_slot(some.seen[i], k, table)]
        used = n
        made.first_time[k + 1] = made.first_time[begin] + used
    return times[:used].copy()

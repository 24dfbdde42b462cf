"""Mipmaps: observed sizes summed up by level and buckets of time, so that a whole day is few steps.

A cell holds the integral of the observed size of one level over one bucket, and the largest size in it; a
cell of the finest buckets also what rests as its bucket ends. All only ever grow by positive terms, so what
is drawn from them is as exact as what is drawn from the spans, and where nothing rested there is no cell.
Cells lie in order of time. What a column edge cuts of the finest buckets is drawn from the pieces of spans in
them (see `bucket_pieces`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numba import njit

from liqmap.compiling import borrowing
from liqmap.raster.bucket_pieces import BucketPieces, bucket_pieces
from liqmap.raster.observe_spans import SideArrays, side_arrays
from liqmap.spans import Derivation, Spans
from liqmap.spans.rows import both
from liqmap.spans.spans import SideSpans

SECOND = 10**9
BUCKETS = tuple(s * SECOND for s in (1, 5, 15, 60, 300, 900, 3600, 14_400))
"""Time a bucket, ns, each a multiple of the one before; a bucket is named by t // bucket."""

FINEST = 3
"""The finest scale has at least so many times fewer cells than there are spans: its pieces are the spans once
more, and one a cell at most."""

WORTH_IT = 2
"""A scale is kept if it has so many times fewer cells than the next finer one that is kept."""

LEAST = 500_000
"""Spans from which on mipmaps are worth making."""

SIZES = 1e-24, 1e24
"""What can be summed up in a float32, over hours in ns."""


class Mipmap(NamedTuple):
    """One side at every scale: K scales, finest first, B buckets in use, C cells, by scale, bucket, level.

    bucket : (K,) int64, ns; scale : (K + 1,) int64, where the buckets of each scale begin.
    at : (B,) int64, the buckets, by t // bucket; first : (B + 1,) int64, where the cells of each begin.
    level : (C,) whole numbers, places among the levels of the side.
    total : (C,) float32, size x ns; peak : (C,) float32, the largest size.
    rest : of the cells of the finest scale, float32, the size in the instant before the bucket ends.
    pieces : what was observed in the buckets of the finest scale, piece by piece.
    """

    bucket: np.ndarray
    scale: np.ndarray
    at: np.ndarray
    first: np.ndarray
    level: np.ndarray
    total: np.ndarray
    peak: np.ndarray
    rest: np.ndarray
    pieces: BucketPieces


class LevelCells(NamedTuple):
    """The cells of one scale by level and then by bucket.

    first : (L + 1,) int64, where the cells of each level begin; at : (C,) int64, the bucket.
    total, peak, rest : (C,) float32, as in `Mipmap`.
    """

    first: np.ndarray
    at: np.ndarray
    total: np.ndarray
    peak: np.ndarray
    rest: np.ndarray


class Buckets(NamedTuple):
    """The buckets of a side, named from ``first`` on, of ``width`` ns each, and one level's cells in them.

    total : (n,) float64, size x ns; peak, rest : (n,) float64, size, as in `Mipmap`.
    """

    width: int
    first: int
    total: np.ndarray
    peak: np.ndarray
    rest: np.ndarray


def mipmaps(spans: Spans) -> list[Mipmap | None]:
    """The mipmap of the bids and of the asks, None where it is not worth its memory; kept with the spans."""
    return MIPMAPS.of(spans)


def _both_sides(spans: Spans) -> list[Mipmap | None]:
    if spans.parts:  # of what changes with every message; its settled parts have them
        return [None, None]
    return both(mipmap_of, spans.sides, len(spans)) if len(spans) >= LEAST else [None, None]


MIPMAPS = Derivation("mipmaps", _both_sides)


def mipmap_of(side: SideSpans) -> Mipmap | None:
    """The scales of one side that are worth their memory, None if none is."""
    spans = side_arrays(side)
    if not len(side) or side.size.min() < SIZES[0] or side.size.max() > SIZES[1]:
        return None
    kept: list[tuple[int, LevelCells]] = []
    for bucket in BUCKETS:
        if not kept:
            cells = sum_levels(spans, bucket, len(side) // FINEST)
            worth = cells is not None
        else:
            width, finer = kept[-1]
            cells = LevelCells(*_join(bucket // width, finer))
            worth = len(cells.at) * WORTH_IT <= len(finer.at)
        if worth and cells is not None:
            kept.append((bucket, cells))
    return _by_time(spans, kept) if kept else None


def _by_time(spans: SideArrays, kept: list[tuple[int, LevelCells]]) -> Mipmap:
    """Scales in one, their cells in order of time, and the pieces of the finest."""
    level = np.uint16 if len(spans.levels) <= 1 << 16 else np.uint32
    number, finest = sum(len(cells.at) for _, cells in kept), len(kept[0][1].at)
    levels, total, peak = np.empty(number, level), *np.empty((2, number), np.float32)
    rest = np.empty(finest, np.float32)
    at, first, begin = [], [np.zeros(1, np.int64)], 0
    for scale, (_, cells) in enumerate(kept):
        part = slice(begin, begin + len(cells.at))
        low = int(cells.at.min())
        ends = np.cumsum(np.bincount(cells.at - low))
        place = np.append(0, ends[:-1])
        _turn(cells, low, place, levels[part], total[part], peak[part], rest if scale == 0 else rest[:0])
        used = np.flatnonzero(np.diff(ends, prepend=0))
        at.append(used + low)
        first.append(ends[used] + begin)
        begin = part.stop
    return Mipmap(
        bucket=np.array([bucket for bucket, _ in kept], np.int64),
        scale=np.append(0, np.cumsum([len(a) for a in at])),
        at=np.concatenate(at),
        first=np.concatenate(first),
        level=levels,
        total=total,
        peak=peak,
        rest=rest,
        pieces=bucket_pieces(spans, kept[0][0], at[0]),
    )


def to_arrays(made: list[Mipmap | None]) -> dict[str, np.ndarray]:
    """Mipmaps as named arrays."""
    out: dict[str, np.ndarray] = {}
    for side, mipmap in enumerate(made):
        if mipmap is not None:
            fields = {name: array for name, array in mipmap._asdict().items() if name != "pieces"}
            fields |= {f"pieces/{name}": array for name, array in mipmap.pieces._asdict().items()}
            out |= {f"mipmap/{side}/{name}": array for name, array in fields.items()}
    return out


def from_arrays(arrays: Mapping[str, np.ndarray]) -> list[Mipmap | None]:
    """The inverse of `to_arrays`; other names are left alone."""
    made: list[Mipmap | None] = []
    for side in (0, 1):
        own = f"mipmap/{side}/"
        fields = {name.removeprefix(own): array for name, array in arrays.items() if name.startswith(own)}
        if not fields:
            made.append(None)
            continue
        pieces = BucketPieces(**{name: fields.pop(f"pieces/{name}") for name in BucketPieces._fields})
        made.append(Mipmap(**fields, pieces=pieces))
    return made


def sum_levels(spans: SideArrays, bucket: int, most: int) -> LevelCells | None:
    """The cells of one scale, straight from the spans; None if they are none, or more than ``most``."""
    low, high = _extent(spans)
    first, stop = low // bucket, -(-high // bucket)
    if high <= low or stop - first > max(most, 1024):  # so few spans in so long a time are soon drawn
        return None
    number = _count_cells(spans, bucket, most)
    if number > most:
        return None
    return LevelCells(*_sum(Buckets(bucket, first, *np.zeros((3, stop - first))), spans, number))


@borrowing
def _extent(spans):
    """From the first to the last instant at which something was observed, ns."""
    start, seen = spans.start, spans.seen
    low, high = np.int64(0), np.int64(0)
    for i in range(start.shape[0]):
        if start[i] < seen[i]:
            if high <= low:
                low, high = start[i], seen[i]
            low, high = min(low, start[i]), max(high, seen[i])
    return low, high


@borrowing
def _count_cells(spans, width, most):
    """How many cells there are; given up where they are more than ``most``."""
    start, seen, first = spans.start, spans.seen, spans.first
    number = level = 0
    while level < first.shape[0] - 1 and number <= most:
        after = np.int64(start[first[level]] // width)  # the bucket after the last one that counts
        for i in range(first[level], first[level + 1]):
            if start[i] < seen[i]:
                stop = np.int64((seen[i] - 1) // width + 1)
                number += stop - max(np.int64(start[i] // width), after)
                after = stop
        level += 1
    return number


@borrowing
def _sum_level(i, stop, spans, buckets):
    """Add the observed pieces of spans i to stop to `Buckets`; returns the first and last place of them."""
    total, peak, rest, width = buckets.total, buckets.peak, buckets.rest, buckets.width
    low, high = np.int64(total.shape[0]), np.int64(-1)
    while i < stop:
        a, seen, size = spans.start[i], spans.seen[i], spans.size[i]
        k = np.int64(a // width)
        low = min(low, k - buckets.first) if a < seen else low
        while a < seen:
            b = min(seen, (k + 1) * width)
            total[k - buckets.first] += size * (b - a)
            peak[k - buckets.first] = max(peak[k - buckets.first], size)
            if seen >= (k + 1) * width:
                rest[k - buckets.first] += size
            high = max(high, k - buckets.first)
            a = b
            k += 1
        i += 1
    return low, high


@njit(cache=True, nogil=True)
def _sum(buckets, spans, number):
    """The arrays of so many `LevelCells`."""
    first, total, peak, rest = spans.first, buckets.total, buckets.peak, buckets.rest
    levels = first.shape[0] - 1
    at, sums = np.empty(number, np.int64), np.empty((3, number), np.float32)
    firsts = np.zeros(levels + 1, np.int64)
    n = 0
    for level in range(levels):
        low, high = _sum_level(first[level], first[level + 1], spans, buckets)
        for k in range(low, high + 1):
            if peak[k] > 0.0:
                at[n], sums[0, n], sums[1, n], sums[2, n] = buckets.first + k, total[k], peak[k], rest[k]
                n += 1
                total[k], peak[k], rest[k] = 0.0, 0.0, 0.0
        firsts[level + 1] = n
    return firsts, at, sums[0], sums[1], sums[2]


@njit(cache=True, nogil=True)
def _join(times, cells):
    """The arrays of `LevelCells` whose buckets are ``times`` as long."""
    first, at, total, peak, rest = cells
    count = at.shape[0]
    ats, sums = np.empty(count, np.int64), np.empty((3, count), np.float32)
    firsts = np.zeros(first.shape[0], np.int64)
    n = 0
    for level in range(first.shape[0] - 1):
        i = first[level]
        while i < first[level + 1]:
            bucket = at[i] // times
            whole, most, left = np.float64(0.0), np.float32(0.0), np.float32(0.0)
            while i < first[level + 1] and at[i] // times == bucket:
                whole += total[i]
                most = max(most, peak[i])
                left = rest[i] if at[i] % times == times - 1 else left  # the last one ends with the whole
                i += 1
            ats[n], sums[0, n], sums[1, n], sums[2, n] = bucket, whole, most, left
            n += 1
        firsts[level + 1] = n
    return firsts, ats[:n].copy(), sums[0, :n].copy(), sums[1, :n].copy(), sums[2, :n].copy()


@borrowing
def _turn(cells, low, place, levels, total, peak, rest):
    """Write cells by bucket, then by level; ``place`` is where the next of each bucket from ``low`` goes."""
    for level in range(cells.first.shape[0] - 1):
        for c in range(cells.first[level], cells.first[level + 1]):
            n = place[cells.at[c] - low]
            place[cells.at[c] - low] += 1
            levels[n], total[n], peak[n] = level, cells.total[c], cells.peak[c]
            if rest.shape[0] > 0:
                rest[n] = cells.rest[c]

"""Mipmaps: observed sizes summed up by blocks of ticks and buckets of time, so that a whole day is few steps.

A cell of a `Scale` holds the integral of the observed size over its bucket, summed over its block, the
largest size of a single level in it, and the sum of what rests as the bucket ends. All only ever grow by
positive terms, so what is drawn from them is as exact as what is drawn from the spans, and where nothing
rested there is no cell. What a column edge cuts is drawn from the spans themselves (see `observe_mipmap`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numba import njit

from liqmap.compiling import borrowing
from liqmap.raster.observe_spans import side_arrays
from liqmap.spans import Derivation, Spans
from liqmap.spans.rows import both
from liqmap.spans.spans import SideSpans

SECOND = 10**9
BLOCKS = (1, 5, 50)
"""Ticks a block; a block is named by tick // block."""

BUCKETS = tuple(s * SECOND for s in (5, 15, 60, 300, 900, 3600, 14_400))
"""Time a bucket, ns; a bucket is named by t // bucket, which fits an int32 whatever the time."""

WORTH_IT = 2
"""A scale is kept if it has so many times fewer cells than each finer one that is kept."""

LEAST = 500_000
"""Spans from which on mipmaps are worth making."""


class Scale(NamedTuple):
    """One side at one scale: B blocks in use, C cells, by block and then by bucket.

    block : ticks; bucket : ns.
    blocks : (B,) int64, rising; first : (B + 1,) int64, where the cells of each begin.
    at : (C,) int32, the bucket; total : (C,) float32, size x ns.
    peak, rest : (C,) float32, size: the largest, and the sum in the instant before the bucket ends.
    """

    block: int
    bucket: int
    blocks: np.ndarray
    first: np.ndarray
    at: np.ndarray
    total: np.ndarray
    peak: np.ndarray
    rest: np.ndarray

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return len(self.at)


class Buckets(NamedTuple):
    """The buckets of a side, named first to stop, of ``width`` ns each, and one level's cells in them.

    total : (stop - first,) float64, size x ns; peak, rest : (stop - first,) float64, size, as in `Scale`.
    """

    width: int
    first: int
    total: np.ndarray
    peak: np.ndarray
    rest: np.ndarray


def mipmaps(spans: Spans) -> list[list[Scale]]:
    """The scales of the bids and of the asks, finest first, made once and kept with the spans."""
    return MIPMAPS.of(spans)


def _all_scales(spans: Spans) -> list[list[Scale]]:
    return both(scales, spans.sides, len(spans)) if len(spans) >= LEAST else [[], []]


MIPMAPS = Derivation("mipmaps", _all_scales)


def scales(side: SideSpans) -> list[Scale]:
    """The scales of one side that are worth their memory, finest first."""
    kept: list[Scale] = []
    for block in BLOCKS:
        scale: Scale | None = None
        for bucket in BUCKETS:
            if block == 1 and bucket == BUCKETS[0]:
                continue  # hardly fewer than the spans
            finer = [k.cells for k in kept if block % k.block == 0 and bucket % k.bucket == 0]
            most = min([len(side), *finer]) // WORTH_IT
            if scale is None:
                scale = _summed(side, block, bucket, len(side) // WORTH_IT)
            else:
                scale = _coarser(scale, bucket // scale.bucket)
            if scale is not None and scale.cells <= most:
                kept.append(scale)
    return kept


def to_arrays(made: list[list[Scale]]) -> dict[str, np.ndarray]:
    """Mipmaps as named arrays."""
    out = {}
    for side, scales in enumerate(made):
        for s in scales:
            for name in ("blocks", "first", "at", "total", "peak", "rest"):
                out[f"mipmap/{side}/{s.block}/{s.bucket}/{name}"] = getattr(s, name)
    return out


def from_arrays(arrays: Mapping[str, np.ndarray]) -> list[list[Scale]]:
    """The inverse of `to_arrays`; other names are left alone."""
    found: dict[tuple[int, int, int], dict[str, np.ndarray]] = {}
    for name, array in arrays.items():
        kind, *key = name.split("/")
        if kind == "mipmap":
            side, block, bucket = (int(k) for k in key[:3])
            found.setdefault((side, block, bucket), {})[key[3]] = array
    made: list[list[Scale]] = [[], []]
    for (side, block, bucket), columns in sorted(found.items()):
        made[side].append(Scale(block, bucket, **columns))
    return made


def _summed(side: SideSpans, block: int, bucket: int, most: int) -> Scale | None:
    """Straight from the spans; None if that would be more than ``most`` cells."""
    arrays = side_arrays(side)
    low, high = _extent(arrays)
    if high <= low:
        return None
    first, stop = low // bucket, -(-high // bucket)
    buckets = Buckets(bucket, first, *np.zeros((3, stop - first)))
    scale = Scale(block, bucket, *_sum(block, buckets, arrays, most))
    return scale if scale.cells <= most else None


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
def _sum(block, buckets, spans, most):
    """The arrays of a `Scale`, from ``blocks`` on; given up where they are more than ``most`` cells."""
    levels, first = spans.levels, spans.first
    total, peak, rest = buckets.total, buckets.peak, buckets.rest
    room = max(1024, spans.start.shape[0] // 4)
    at, sums = np.empty(room, np.int32), np.empty((3, room), np.float32)
    blocks, firsts = np.empty(levels.shape[0], np.int64), np.zeros(levels.shape[0] + 1, np.int64)
    n = used = level = 0
    while level < levels.shape[0] and n <= most:
        name = np.int64(levels[level]) // block
        low, high = np.int64(total.shape[0]), np.int64(-1)
        while level < levels.shape[0] and np.int64(levels[level]) // block == name:
            a, b = _sum_level(first[level], first[level + 1], spans, buckets)
            low, high = min(low, a), max(high, b)
            level += 1
        if high < low:
            continue
        if n + high - low + 1 > room:
            more = max(room, high - low + 1)
            at = np.append(at, np.empty(more, np.int32))
            wider = np.empty((3, room + more), np.float32)
            wider[:, :n] = sums[:, :n]
            sums = wider
            room += more
        for k in range(low, high + 1):
            if peak[k] > 0.0:
                at[n], sums[0, n], sums[1, n], sums[2, n] = buckets.first + k, total[k], peak[k], rest[k]
                n += 1
        total[low : high + 1] = 0.0
        peak[low : high + 1] = 0.0
        rest[low : high + 1] = 0.0
        blocks[used] = name
        used += 1
        firsts[used] = n
    totals, peaks, rests = sums[0, :n].copy(), sums[1, :n].copy(), sums[2, :n].copy()
    return blocks[:used].copy(), firsts[: used + 1].copy(), at[:n].copy(), totals, peaks, rests


def _coarser(scale: Scale, times: int) -> Scale:
    """The same blocks, buckets ``times`` as long."""
    return Scale(scale.block, scale.bucket * times, scale.blocks, *_join(times, scale))


@njit(cache=True, nogil=True)
def _join(times, scale):
    """first, at, total, peak and rest of a `Scale` whose buckets are ``times`` as long."""
    first, at, total, peak, rest = scale.first, scale.at, scale.total, scale.peak, scale.rest
    count = at.shape[0]
    ats, sums = np.empty(count, np.int32), np.empty((3, count), np.float32)
    firsts = np.zeros(first.shape[0], np.int64)
    n = 0
    for b in range(first.shape[0] - 1):
        i = first[b]
        while i < first[b + 1]:
            bucket = at[i] // times
            whole, most, left = np.float64(0.0), np.float32(0.0), np.float32(0.0)
            while i < first[b + 1] and at[i] // times == bucket:
                whole += total[i]
                most = max(most, peak[i])
                left = rest[i] if at[i] % times == times - 1 else left  # the last one ends with the whole
                i += 1
            ats[n], sums[0, n], sums[1, n], sums[2, n] = bucket, whole, most, left
            n += 1
        firsts[b + 1] = n
    return firsts, ats[:n].copy(), sums[0, :n].copy(), sums[1, :n].copy(), sums[2, :n].copy()

"""The kernel of what was observed, from a mipmap: whole cells as they are, those an edge cuts from spans.

Where a row is no whole blocks, the ticks that stick out are drawn from the spans too.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from liqmap.compiling import borrowing
from liqmap.raster.columns import MEAN, column_from
from liqmap.raster.observe_spans import (
    ObservedSums,
    add_piece,
    close_row,
    first_after,
    gallop,
    observe_levels,
)


@borrowing
def _observe_cut(agg, cuts, bucket, level, until, spans, axis, sums):
    """Add what the levels from ``level`` to ``until`` showed in the buckets ``cuts``, rising."""
    first, start, seen, size = spans.first, spans.start, spans.seen, spans.size
    edges = axis.edges
    left, right = edges[0], edges[edges.shape[0] - 1]
    for k in range(level, until):
        i, end = first_after(seen, first[k], first[k + 1], max(cuts[0] * bucket, left)), first[k + 1]
        j = np.int64(0)
        for n in range(cuts.shape[0]):
            begin, close = max(cuts[n] * bucket, left), min((cuts[n] + 1) * bucket, right)
            if i < end and seen[i] <= begin:
                i = gallop(seen, i + 1, end, begin)
            if i >= end:
                break
            at = i
            while at < end and start[at] < close:
                a, b = max(start[at], begin), min(seen[at], close)
                if a < b:
                    j = column_from(j, a, axis)
                    add_piece(agg, j, a, b, size[at], axis, sums)
                at += 1


@borrowing
def _observe_block(agg, k, level, until, spans, scale, axis, sums):
    """Add the cells of block ``k``; those that an edge cuts from its levels, ``level`` to ``until``."""
    edges, bucket = axis.edges, scale.bucket
    right = edges[edges.shape[0] - 1]
    c, stop = (
        first_after(scale.at, scale.first[k], scale.first[k + 1], edges[0] // bucket - 1),
        scale.first[k + 1],
    )
    j, cut = np.int64(0), 0
    while c < stop:
        begin = np.int64(scale.at[c]) * bucket
        if begin >= right:
            break
        if begin >= edges[0]:
            j = column_from(j, begin, axis)
        if begin < edges[0] or begin + bucket > edges[j + 1]:
            sums.cut[cut] = scale.at[c]
            cut += 1
        elif agg == MEAN:
            sums.partial[j] += scale.total[c]
        else:
            sums.partial[j] = max(sums.partial[j], np.float64(scale.peak[c]))
        c += 1
    if cut > 0:
        _observe_cut(agg, sums.cut[:cut], bucket, level, until, spans, axis, sums)


@borrowing
def _observe_row(agg, low, high, spans, scale, axis, sums):
    """Add all that was observed of the ticks low to high; returns whether there are levels at all."""
    levels, block, blocks = spans.levels, scale.block, scale.blocks
    level, stop = np.searchsorted(levels, low), np.searchsorted(levels, high)
    if level == stop:
        return False
    b0, b1 = -(-low // block), high // block
    if b0 >= b1:
        observe_levels(agg, level, stop, spans, axis, sums)
        return True
    inner, outer = np.searchsorted(levels, b0 * block), np.searchsorted(levels, b1 * block)
    observe_levels(agg, level, inner, spans, axis, sums)
    k, last = np.searchsorted(blocks, b0), np.searchsorted(blocks, b1)
    level = inner
    while k < last:
        while levels[level] < blocks[k] * block:
            level += 1
        next_level = level
        while next_level < outer and levels[next_level] < (blocks[k] + 1) * block:
            next_level += 1
        _observe_block(agg, k, level, next_level, spans, scale, axis, sums)
        level = next_level
        k += 1
    observe_levels(agg, outer, stop, spans, axis, sums)
    return True


@njit(cache=True, nogil=True)
def observe_blocks(agg, begin, stop, row_ticks, spans, scale, axis, out):
    """As `observe_spans.observe_rows`, from a `mipmap.Scale`."""
    cells = axis.edges.shape[0] - 1
    cut = np.empty(2 * cells + 2, np.int64)  # an edge cuts one bucket
    sums = ObservedSums(np.zeros(cells), np.zeros(cells), cut)
    for r in range(begin, stop):
        some = _observe_row(agg, row_ticks[r], row_ticks[r + 1], spans, scale, axis, sums)
        out.lit[r] = some and close_row(agg, axis, sums, out.values[r])

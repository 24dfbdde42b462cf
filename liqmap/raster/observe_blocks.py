"""The kernel of what was observed, from a mipmap: whole cells as they are, those an edge cuts from spans.

Where a row is no whole blocks, the ticks that stick out are drawn from the spans too.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from liqmap.compiling import borrowing
from liqmap.raster.columns import MEAN, clear
from liqmap.raster.observe import add_piece, close_row, column_from, first_after, gallop, observe_levels


@borrowing
def _observe_cut(agg, cuts, bucket, k, stop, first, spans, edges, slope, row, full):
    """Add what the levels k to stop (places in `SideSpans.levels`) held in the buckets ``cuts``, rising."""
    start, seen, size = spans
    left, right = edges[0], edges[edges.shape[0] - 1]
    while k < stop:
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
                    j = column_from(j, a, edges, slope)
                    if b <= edges[j + 1]:
                        if agg == MEAN:
                            row[j] += size[at] * (b - a)
                        else:
                            row[j] = max(row[j], size[at])
                    else:
                        add_piece(agg, j, a, b, size[at], edges, slope, row, full)
                at += 1
        k += 1


@borrowing
def _observe_block(agg, c, stop, bucket, cells, level, end, first, spans, edges, slope, scratch, row, full):
    """Add the cells of one block, c to stop; those that an edge cuts from the spans of its levels."""
    at, total, peak = cells
    right = edges[edges.shape[0] - 1]
    j, cut = np.int64(0), 0
    while c < stop:
        begin = np.int64(at[c]) * bucket
        if begin >= right:
            break
        if begin >= edges[0]:
            j = column_from(j, begin, edges, slope)
        if begin < edges[0] or begin + bucket > edges[j + 1]:
            scratch[cut] = at[c]
            cut += 1
        elif agg == MEAN:
            row[j] += total[c]
        else:
            row[j] = max(row[j], np.float64(peak[c]))
        c += 1
    if cut > 0:
        _observe_cut(agg, scratch[:cut], bucket, level, end, first, spans, edges, slope, row, full)


@borrowing
def _observe_row(agg, low, high, levels, first, spans, mipmap, edges, slope, scratch, row, full):
    """Add all that was observed of the ticks low to high; returns whether there are levels at all."""
    block, bucket, blocks, cells, at, total, peak = mipmap
    level, stop = np.searchsorted(levels, low), np.searchsorted(levels, high)
    if level == stop:
        return False
    b0, b1 = -(-low // block), high // block
    if b0 >= b1:
        observe_levels(agg, level, stop, first, spans, edges, slope, row, full)
        return True
    inner, outer = np.searchsorted(levels, b0 * block), np.searchsorted(levels, b1 * block)
    observe_levels(agg, level, inner, first, spans, edges, slope, row, full)
    k, last = np.searchsorted(blocks, b0), np.searchsorted(blocks, b1)
    level = inner
    while k < last:
        while levels[level] < blocks[k] * block:
            level += 1
        next_level = level
        while next_level < outer and levels[next_level] < (blocks[k] + 1) * block:
            next_level += 1
        c = first_after(at, cells[k], cells[k + 1], edges[0] // bucket - 1)
        _observe_block(
            agg, c, cells[k + 1], bucket, (at, total, peak), level, next_level, first, spans, edges, slope,
            scratch, row, full,
        )  # fmt: skip
        level = next_level
        k += 1
    observe_levels(agg, outer, stop, first, spans, edges, slope, row, full)
    return True


@njit(cache=True, nogil=True)
def observe_blocks(agg, begin, stop, row_ticks, levels, first, spans, mipmap, edges, slope, per, out, lit):
    """As `observe.observe_rows`, from a mipmap: block, bucket, blocks, first, at, total, peak."""
    cells = edges.shape[0] - 1
    row, full = np.zeros(cells), np.zeros(cells)
    scratch = np.empty(2 * cells + 2, np.int64)  # an edge cuts one bucket
    for r in range(begin, stop):
        low, high = row_ticks[r], row_ticks[r + 1]
        lit[r] = _observe_row(agg, low, high, levels, first, spans, mipmap, edges, slope, scratch, row, full)
        if lit[r]:
            lit[r] = close_row(per, row, full, out[r])
            clear(row)
            clear(full)

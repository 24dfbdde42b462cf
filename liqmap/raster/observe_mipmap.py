"""The kernel of what was observed, from a mipmap: whole cells as they are, those an edge cuts from spans.

Where a row is no whole blocks, the ticks that stick out are drawn from the spans too. For ``peak`` a cut cell
that is no larger than what its columns hold already is passed over; ``last`` sees cells that end at an edge.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from liqmap.compiling import borrowing
from liqmap.raster.columns import LAST, MEAN, PEAK, column_from
from liqmap.raster.observe_spans import ObservedSums, close_row, first_after, observe_levels
from liqmap.raster.places import AT_ONCE, Places, look_up, settle

BLOCKS_CUT = 8
"""Blocks of a row whose cut cells are added together."""


class Cuts(NamedTuple):
    """How the edges cut the buckets in which they fall: what of it lies in the column before and after.

    before, after : (T + 1,) int64 ns: from ``before[m]`` to edge m the bucket is in column m - 1, from there
        to ``after[m]`` in column m; of an edge between two buckets both are the edge itself.
    bucket : (T + 1,) int64, the one that begins at an edge or is cut by it.
    off : (E,) int64, the edges that cut a bucket, rising.
    ends : of `places.group_ends`, to find the spans there; empty where no edge cuts any.
    """

    before: np.ndarray
    after: np.ndarray
    bucket: np.ndarray
    off: np.ndarray
    ends: np.ndarray


class CutCells(NamedTuple):
    """Room for N cut cells of one row, one for each edge that cuts it.

    edge : (N,) int64; cell : (N,) int64, its place in the scale; block : (N,) int64, that of its block.
    found : the spans there.
    """

    edge: np.ndarray
    cell: np.ndarray
    block: np.ndarray
    found: Places


def cuts(how: int, edges: np.ndarray, bucket: int) -> Cuts:
    """How edges, (T + 1,) int64 ns, cut buckets; what is between two edges of one bucket is before the later.

    For ``last``, which looks at no more than an instant, it is the instant before the edge.
    """
    begin = edges // bucket * bucket
    off = np.flatnonzero(begin < edges)
    if how == LAST:
        return Cuts(edges - 1, edges, begin // bucket, off[off > 0], edges[:0])
    close = np.where(begin < edges, begin + bucket, edges)
    before = np.concatenate([edges[:1], np.maximum(begin[1:], edges[:-1])])
    after = np.concatenate([np.where(edges[1:] < close[:-1], edges[:-1], close[:-1]), edges[-1:]])
    return Cuts(before, after, begin // bucket, off, edges[:0])


@borrowing
def _add_around(agg, n, cut, spans, axis, found, sums):
    """Add what was observed around the first ``n`` places found, on both sides of each edge."""
    start, seen, size = spans.start, spans.seen, spans.size
    edges, partial = axis.edges, sums.partial
    last = partial.shape[0] - 1
    settle(n, cut.before, spans, found)
    for k in range(n):
        m, i, stop = found.edge[k], found.at[k], found.stop[k]
        before, edge, after = cut.before[m], edges[m], cut.after[m]
        left, right = 0.0, 0.0
        while i < stop and start[i] < after:
            a, b = max(start[i], before), min(seen[i], after)
            if agg == MEAN:
                left += size[i] * max(min(b, edge) - a, 0)
                right += size[i] * max(b - max(a, edge), 0)
            elif agg == PEAK:
                left = max(left, size[i] if a < min(b, edge) else 0.0)
                right = max(right, size[i] if max(a, edge) < b else 0.0)
            else:
                left += size[i]  # alone, as it rests in an instant
                break
            i += 1
        j, c = max(m - 1, 0), min(m, last)  # before the first edge and after the last there is nothing
        if agg == PEAK:
            partial[j] = max(partial[j], left)
            partial[c] = max(partial[c], right)
        else:
            partial[j] += left
            partial[c] += right


@borrowing
def _add_levels(agg, n, edges, level, until, spans, cut, axis, found, sums):
    """Add what the levels from ``level`` to ``until`` showed around some edges, (E,) int64.

    Up to `AT_ONCE` of their places stay in ``found`` until more come: returns how many, of ``n`` before.
    """
    first = spans.first
    for k in range(level, until):
        n = look_up(n, first[k], first[k + 1], cut.before, edges, spans, cut.ends, found)
        if n >= AT_ONCE:
            _add_around(agg, n, cut, spans, axis, found, sums)
            n = 0
    return n


@borrowing
def _add_cells(agg, k, count, scale, cut, axis, sums, cells):
    """Add the whole cells of block ``k``, and list those that an edge cuts, from ``count`` on.

    Returns how many there are then.
    """
    edges, at, total, peak = axis.edges, scale.at, scale.total, scale.peak
    last, stop = edges.shape[0] - 1, scale.first[k + 1]
    c = first_after(at, scale.first[k], stop, cut.bucket[0] - 1)
    j = np.int64(0)
    while c < stop:
        begin = np.int64(at[c]) * scale.bucket
        if begin >= edges[last]:
            break
        m = np.int64(0)  # the next edge
        if begin >= edges[0]:
            j = column_from(j, begin, axis)
            m = j + 1
            whole = 0.0
            if agg == MEAN:
                while c < stop and at[c] < cut.bucket[m]:
                    whole += total[c]
                    c += 1
                sums.partial[j] += whole
            else:
                while c < stop and at[c] < cut.bucket[m]:
                    whole = max(whole, np.float64(peak[c]))
                    c += 1
                sums.partial[j] = max(sums.partial[j], whole)
        if c < stop and at[c] == cut.bucket[m] and edges[m] > at[c] * scale.bucket:
            close = (np.int64(at[c]) + 1) * scale.bucket
            while m <= last and edges[m] < close:
                cells.edge[count], cells.cell[count], cells.block[count] = m, c, k
                count += 1
                m += 1
            c += 1
    return count


@borrowing
def _add_rests(k, scale, axis, sums):
    """Add what rests as the buckets of block ``k`` end, where an edge is."""
    edges, bucket = axis.edges, scale.bucket
    last, stop = edges.shape[0] - 1, scale.first[k + 1]
    c = first_after(scale.at, scale.first[k], stop, edges[0] // bucket - 1)
    j = np.int64(0)
    while c < stop:
        t = (np.int64(scale.at[c]) + 1) * bucket
        if t > edges[last]:
            break
        if t > edges[0]:
            j = column_from(j, t - 1, axis)
            if edges[j + 1] == t:
                sums.partial[j] += scale.rest[c]
        c += 1


@borrowing
def _leave_hidden(count, scale, sums, cells):
    """Leave out cuts of cells that are no larger than what is in both columns; returns how many are left."""
    left, partial = 0, sums.partial
    for k in range(count):
        m, peak = cells.edge[k], scale.peak[cells.cell[k]]
        if peak > min(partial[max(m - 1, 0)], partial[min(m, partial.shape[0] - 1)]):
            cells.edge[left], cells.block[left] = m, cells.block[k]
            left += 1
    return left


@borrowing
def _add_cut_cells(agg, count, spans, scale, cut, axis, sums, cells):
    """Add the first ``count`` cells listed, from the spans of their blocks."""
    if agg == PEAK:
        count = _leave_hidden(count, scale, sums, cells)
    levels, k, n = spans.levels, 0, 0
    while k < count:
        block, begin = cells.block[k], k
        while k < count and cells.block[k] == block:
            k += 1
        low = scale.blocks[block] * scale.block
        level, until = np.searchsorted(levels, low), np.searchsorted(levels, low + scale.block)
        n = _add_levels(agg, n, cells.edge[begin:k], level, until, spans, cut, axis, cells.found, sums)
    _add_around(agg, n, cut, spans, axis, cells.found, sums)


@borrowing
def _add_blocks(agg, k, last, spans, scale, cut, axis, sums, cells):
    """Add the blocks ``k`` to ``last``: first what is whole, as for ``peak`` it hides most of what is cut."""
    count, room = 0, cells.edge.shape[0] - axis.edges.shape[0]
    while k < last:
        if count > room:
            _add_cut_cells(agg, count, spans, scale, cut, axis, sums, cells)
            count = 0
        count = _add_cells(agg, k, count, scale, cut, axis, sums, cells)
        k += 1
    _add_cut_cells(agg, count, spans, scale, cut, axis, sums, cells)


@borrowing
def _observe_row(agg, low, high, spans, scale, cut, axis, sums, cells):
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
    if agg != LAST:
        _add_blocks(agg, k, last, spans, scale, cut, axis, sums, cells)
    else:
        for b in range(k, last):
            _add_rests(b, scale, axis, sums)
        if cut.off.shape[0] > 0:
            n = _add_levels(agg, 0, cut.off, inner, outer, spans, cut, axis, cells.found, sums)
            _add_around(agg, n, cut, spans, axis, cells.found, sums)
    observe_levels(agg, outer, stop, spans, axis, sums)
    return True


@njit(cache=True, nogil=True)
def observe_blocks(agg, begin, stop, row_ticks, spans, scale, cut, axis, out):
    """As `observe_spans.observe_rows`, from a `mipmap.Scale` and how the edges cut it (`Cuts`)."""
    columns = axis.edges.shape[0] - 1
    sums = ObservedSums(np.zeros(columns), np.zeros(columns))
    room = columns + 1 + AT_ONCE
    found = Places(np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.int64))
    cut_cells = BLOCKS_CUT * (columns + 1)
    cells = CutCells(
        np.empty(cut_cells, np.int64), np.empty(cut_cells, np.int64), np.empty(cut_cells, np.int64), found
    )
    for r in range(begin, stop):
        some = _observe_row(agg, row_ticks[r], row_ticks[r + 1], spans, scale, cut, axis, sums, cells)
        out.lit[r] = some and close_row(agg, axis, sums, out.values[r])

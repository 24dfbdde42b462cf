"""The touch: best price of a side through time, swept from the spans."""

from __future__ import annotations

import heapq
from functools import partial

import numpy as np
from numba import njit

from liqmap.compiling import borrowing
from liqmap.schema import OPEN
from liqmap.spans.kept import Derivation
from liqmap.spans.rows import both
from liqmap.spans.spans import Spans

Steps = tuple[np.ndarray, np.ndarray, np.ndarray]


def touch(spans: Spans, side: int) -> Steps:
    """Best observed level of one side, as a step function of time; the last one stands at the last message.

    Both sides are swept when the first is asked for, and kept with the spans.

    Parameters
    ----------
    side : 0 bid, 1 ask.

    Returns
    -------
    start : (B,) int64 ns, strictly increasing; each step holds until the next.
    tick : (B,) int64.
    size : (B,) float64, base units; 0 where no level is observed (``tick`` is meaningless there).
    """
    return TOUCH.of(spans)[side]


def _both_sides(spans: Spans) -> list[Steps]:
    if spans.parts:
        return TOUCH.of(spans.parts[-1])
    if spans.before is not None and spans.since is not None:
        young = both(partial(_touch, spans), (0, 1), len(spans))
        return [_join(old, new, spans.since) for old, new in zip(TOUCH.of(spans.before), young)]
    return both(partial(_touch, spans), (0, 1), len(spans))


TOUCH: Derivation[list[Steps]] = Derivation("touch", _both_sides)


def _join(old: Steps, new: Steps, since: int) -> Steps:
    """The steps of the settled spans up to ``since``, and those of the young ones from there on."""
    n = int(np.searchsorted(old[0], since))
    k = int(np.searchsorted(new[0], since, side="right")) - 1
    tick, size = (int(new[1][k]), float(new[2][k])) if k >= 0 else (0, 0.0)
    before = (int(old[1][n - 1]), float(old[2][n - 1])) if n else (0, 0.0)
    if (tick, size) == before or size == before[1] == 0.0:  # nothing changed there
        now: tuple[list[int], list[int], list[float]] = [], [], []
    else:
        now = [since], [tick], [size]
    ends = (np.asarray(value, column.dtype) for value, column in zip(now, new))
    start, ticks, sizes = (np.concatenate([a[:n], b, c[k + 1 :]]) for a, b, c in zip(old, ends, new))
    return start, ticks, sizes


def _touch(spans: Spans, side: int) -> Steps:
    s = spans.sides[side]
    seen = np.where((s.seen < spans.last) | (s.end < OPEN), s.seen, OPEN)
    order = np.argsort(s.start, kind="stable")
    order = order[seen[order] > s.start[order]]
    n, start, tick, size = _sweep(1 if side == 1 else -1, order, s.tick, s.start, seen, s.size)
    return start[:n].copy(), tick[:n].copy(), size[:n].copy()


@borrowing
def _step(n, t, tick, size, out_start, out_tick, out_size):
    """Write a step; one at the same instant is overwritten, one that changes nothing is dropped."""
    if n > 0 and out_start[n - 1] == t:
        n -= 1
    if n > 0 and out_size[n - 1] == size and (size == 0.0 or out_tick[n - 1] == tick):
        return n
    out_start[n], out_tick[n], out_size[n] = t, tick, size
    return n + 1


@njit(cache=True, nogil=True)
def _sweep(outward, order, tick, start, seen, size):
    """Spans by start through a heap keyed by distance from the other side; ended ones leave it only when
    they come to its top, which is all that a best price needs."""
    out_start = np.empty(2 * order.shape[0] + 1, np.int64)
    out_tick = np.empty(2 * order.shape[0] + 1, np.int64)
    out_size = np.empty(2 * order.shape[0] + 1, np.float64)
    n = 0
    heap = [(np.int64(0), np.int64(0))]
    heap.pop()
    i, total = 0, order.shape[0]
    while i < total or len(heap) > 0:
        if i < total and (len(heap) == 0 or start[order[i]] <= seen[heap[0][1]]):
            t = start[order[i]]
            while i < total and start[order[i]] == t:
                heapq.heappush(heap, (np.int64(tick[order[i]]) * outward, order[i]))
                i += 1
        else:
            t = seen[heap[0][1]]
            if t == OPEN:
                break
        while len(heap) > 0 and seen[heap[0][1]] <= t:
            heapq.heappop(heap)
        if len(heap) > 0:
            best = heap[0][1]
            n = _step(n, t, np.int64(tick[best]), size[best], out_start, out_tick, out_size)
        else:
            n = _step(n, t, np.int64(0), 0.0, out_start, out_tick, out_size)
    return n, out_start, out_tick, out_size

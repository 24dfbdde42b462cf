"""The peer of the rasterizer: one loop over the spans, as one writes it with numba in an afternoon.

Every span is added to every column that it touches: its observed piece by overlap, its carried piece by the
integral of the decay. It knows no states, and its columns are even.
"""

from __future__ import annotations

import numpy as np
from numba import njit

import liqmap as lm
from liqmap.schema import OPEN


def plain_frame(
    spans: lm.Spans, times: np.ndarray, rows: np.ndarray, half_life: float, prune: float
) -> np.ndarray:
    """Time-weighted mean of the effective size, (2, P, T) float32.

    Parameters
    ----------
    times : (T + 1,) int64 ns, even; rows : (P + 1,) int64 ticks, even.
    half_life, prune : ns; inf for none.
    """
    out = np.zeros((2, len(rows) - 1, len(times) - 1), np.float32)
    width, height = times[1] - times[0], rows[1] - rows[0]
    for side, s in enumerate(spans.sides):
        _loop(
            s.tick, s.start, s.seen, s.end, s.size, times, rows[0], height, width, half_life, prune, out[side]
        )
    return out


@njit(cache=True)
def _loop(tick, start, seen, end, size, times, low, height, width, half_life, prune, out):
    left, right = times[0], times[-1]
    for i in range(tick.shape[0]):
        r = (tick[i] - low) // height
        if r < 0 or r >= out.shape[0]:
            continue
        a, b = max(start[i], left), min(seen[i], right)
        while a < b:
            c = (a - left) // width
            stop = min(b, times[c + 1])
            out[r, c] += size[i] * (stop - a) / width
            a = stop
        gone = min(end[i], seen[i] + np.int64(prune)) if prune < OPEN - seen[i] else end[i]
        a, b = max(seen[i], left), min(gone, right)
        while a < b:
            c = (a - left) // width
            stop = min(b, times[c + 1])
            if half_life == np.inf:
                out[r, c] += size[i] * (stop - a) / width
            else:
                k = np.log(2.0) / half_life
                out[r, c] += (
                    size[i] * (np.exp(-k * (a - seen[i])) - np.exp(-k * (stop - seen[i]))) / k / width
                )
            a = stop

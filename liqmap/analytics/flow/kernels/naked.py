"""When price came back to the point of control of a bar that was over."""

from __future__ import annotations

import heapq

import numpy as np
from numba import njit

from liqmap.schema import MISSING


@njit(cache=True, nogil=True)
def come_back(start, row, time, poc, until):
    """Fill ``until`` (B,) with the time of the first trade of a later bar in the row of the bar's point of
    control, or across it from the trade before; `MISSING` where none came.

    Points above and below the last price wait in a heap each, the nearest on top.
    """
    above = [(np.int64(0), np.int64(0))]
    below = [(np.int64(0), np.int64(0))]
    above.pop()
    below.pop()
    here = np.int64(-1)  # the last bar, where it closed in the row of its point of control
    for b in range(start.shape[0] - 1):
        for k in range(start[b], start[b + 1]):
            r = row[k]
            if here >= 0:
                if r > poc[here]:
                    heapq.heappush(below, (-poc[here], here))
                elif r < poc[here]:
                    heapq.heappush(above, (poc[here], here))
                else:
                    until[here] = time[k]
                here = np.int64(-1)
            while len(above) > 0 and above[0][0] <= r:
                until[heapq.heappop(above)[1]] = time[k]
            while len(below) > 0 and -below[0][0] >= r:
                until[heapq.heappop(below)[1]] = time[k]
        until[b] = MISSING
        close = row[start[b + 1] - 1]
        if poc[b] == MISSING:
            continue
        if poc[b] > close:
            heapq.heappush(above, (poc[b], np.int64(b)))
        elif poc[b] < close:
            heapq.heappush(below, (-poc[b], np.int64(b)))
        else:
            here = np.int64(b)

"""When price came back to the point of control of a bar that was over."""

from __future__ import annotations

import heapq

import numpy as np
from numba import njit

from liqmap.analytics.flow.kernels.numbering import row_at
from liqmap.schema import MISSING


@njit(cache=True, nogil=True)
def come_back(start, rows, trades, lattice, poc, until):
    """Fill ``until`` (B,) with the time of the first trade of a later bar in the row of the bar's point of
    control, or across it from the trade before; `MISSING` where none came.

    Points above and below the last price wait in a heap each, the nearest on top: only bars that reach one
    are looked at trade by trade.
    """
    above = [(np.int64(0), np.int64(0))]
    below = [(np.int64(0), np.int64(0))]
    above.pop()
    below.pop()
    here = np.int64(-1)  # the last bar, where it closed in the row of its point of control
    for b in range(start.shape[0] - 1):
        k = start[b]
        if here >= 0:
            first = row_at(trades.price[k], lattice)
            if first > poc[here]:
                heapq.heappush(below, (-poc[here], here))
            elif first < poc[here]:
                heapq.heappush(above, (poc[here], here))
            else:
                until[here] = trades.time[k]
            here = np.int64(-1)
        while k < start[b + 1] and (
            (len(above) > 0 and above[0][0] <= rows.high[b])
            or (len(below) > 0 and -below[0][0] >= rows.low[b])
        ):
            row = row_at(trades.price[k], lattice)
            while len(above) > 0 and above[0][0] <= row:
                until[heapq.heappop(above)[1]] = trades.time[k]
            while len(below) > 0 and -below[0][0] >= row:
                until[heapq.heappop(below)[1]] = trades.time[k]
            k += 1
        until[b] = MISSING
        close = row_at(trades.price[start[b + 1] - 1], lattice)
        if poc[b] == MISSING:
            continue
        if poc[b] > close:
            heapq.heappush(above, (poc[b], np.int64(b)))
        elif poc[b] < close:
            heapq.heappush(below, (-poc[b], np.int64(b)))
        else:
            here = np.int64(b)

"""Sums that run from an anchor on: one value per distinct time, after all trades of that time."""

from __future__ import annotations

import numpy as np

from liqmap.analytics.flow.kernels.cells import ROUNDING
from liqmap.analytics.flow.kernels.growing import grow_area
from liqmap.analytics.flow.trades import BUY, SELL, UNSIGNED
from liqmap.compiling import borrowing
from liqmap.schema import MISSING


@borrowing
def run_delta(trades, begins, per_unit, out):
    """Per distinct time: delta of its trades, their sum since the anchor, unsigned amounts since the anchor.

    Parameters
    ----------
    begins : (A,) int64 ns, rising: the sums begin anew with the first trade at or after each; trades before
        the first are left out. per_unit : amounts that make 1.

    Returns
    -------
    How many of `Running` are filled.
    """
    n, a, time = 0, 0, trades.time
    total = unsigned = delta = 0.0
    for k in range(time.shape[0]):
        anew = False
        while a < begins.shape[0] and time[k] >= begins[a]:
            a, anew = a + 1, True
        if a == 0:
            continue
        if anew:
            total = unsigned = 0.0
        if n == 0 or out.time[n - 1] != time[k]:
            n, delta = n + 1, 0.0
        amount, sign = trades.amount[k], trades.sign[k]
        signed = (amount if sign == BUY else 0.0) - (amount if sign == SELL else 0.0)
        delta += signed
        total += signed
        unsigned += amount if sign == UNSIGNED else 0.0
        out.time[n - 1] = time[k]
        out.first[n - 1], out.second[n - 1] = delta / per_unit, total / per_unit
        out.third[n - 1] = unsigned / per_unit
    return n


@borrowing
def run_mean(trades, begins, out):
    """Per distinct time: volume-weighted mean of the price since the anchor, the deviation from it, volume.

    With W the volume so far, W' = W + q: mean' = mean + (q / W') (p - mean),
    M' = M + q (p - mean) (p - mean'), deviation = sqrt(M / W): no large numbers are subtracted.
    Source: West (1979), Updating mean and variance estimates: an improved method, CACM 22(9).
    """
    n, a, time = 0, 0, trades.time
    mean = moment = volume = 0.0
    for k in range(time.shape[0]):
        anew = False
        while a < begins.shape[0] and time[k] >= begins[a]:
            a, anew = a + 1, True
        if a == 0:
            continue
        if anew:
            mean = moment = volume = 0.0
        size = trades.size[k]
        if size > 0.0:
            volume += size
            off = trades.price[k] - mean
            if volume == size:  # the first: exact, whatever the division would leave
                mean = trades.price[k]
            else:
                mean += off * (size / volume)
                moment += size * off * (trades.price[k] - mean)
        if n == 0 or out.time[n - 1] != time[k]:
            n += 1
        out.time[n - 1], out.third[n - 1] = time[k], volume
        out.first[n - 1] = mean if volume > 0.0 else np.nan
        out.second[n - 1] = np.sqrt(moment / volume) if volume > 0.0 else np.nan
    return n


@borrowing
def run_area(start, row, amount, anew, share, volume, areas):
    """Fill `Areas` as they stand after each of B steps, whose trades begin at ``start``.

    Parameters
    ----------
    anew : (B,) bool, the profile begins anew with this step.
    volume : (P,) scratch, all 0; row 0 is its first.
    """
    poc, low, high, total = -1, 0, -1, 0.0
    for b in range(start.shape[0] - 1):
        if anew[b]:
            for i in range(low, high + 1):
                volume[i] = 0.0
            poc, total = -1, 0.0
            low = high = row[start[b]]
        for k in range(start[b], start[b + 1]):
            r = row[k]
            low, high = min(low, r), max(high, r)
            volume[r] += amount[k]
            total += amount[k]
            if volume[r] > 0.0 and (
                poc < 0 or volume[r] > volume[poc] or (volume[r] == volume[poc] and r < poc)
            ):
                poc = r
        if poc < 0:
            areas.poc[b] = areas.low[b] = areas.high[b] = MISSING
            continue
        bottom, top = grow_area(volume, low, high, poc, share * total * ROUNDING)
        areas.poc[b], areas.low[b], areas.high[b] = poc, bottom, top

"""Where bars begin among trades by time. Each kernel fills ``start``, and returns how many bars there are."""

from __future__ import annotations

from liqmap.compiling import borrowing


@borrowing
def cut_by_time(time, step, start):
    """A bar begins with the first trade of [k step, (k + 1) step), for whole k."""
    n, until = 0, 0
    for k in range(time.shape[0]):
        if n == 0 or time[k] >= until:
            start[n] = k
            n += 1
            until = (time[k] // step + 1) * step
    return n


@borrowing
def cut_by_sum(value, need, start):
    """A bar ends with the trade at which the absolute sum of its values reaches ``need``.

    Returns
    -------
    Bars, and whether the last of them has ended.
    """
    n, total, ended = 0, 0.0, True
    for k in range(value.shape[0]):
        if ended:
            start[n] = k
            n += 1
            total = 0.0
        total += value[k]
        ended = abs(total) >= need
    return n, ended and n > 0


@borrowing
def cut_by_range(price, most, start):
    """A bar ends before the trade with which its prices would lie further apart than ``most``."""
    n, low, high = 0, 0.0, 0.0
    for k in range(price.shape[0]):
        p = price[k]
        low, high = min(low, p), max(high, p)
        if n == 0 or high - low > most + 1e-15 * max(abs(high), abs(low)):
            start[n] = k
            n += 1
            low = high = p
    return n

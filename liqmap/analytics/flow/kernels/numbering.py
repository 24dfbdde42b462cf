"""Rows of prices, numbered: the one place where a price becomes a tick, and a tick a row."""

from __future__ import annotations

import numpy as np

from liqmap.compiling import borrowing

EPSILON = float(np.finfo(float).eps)


@borrowing
def tick_at(price, tick_size):
    """The tick at or below a price: a price that is a whole tick but for rounding is that tick."""
    exact = price / tick_size
    near = np.rint(exact)
    if abs(exact - near) <= max(1e-6, 4 * EPSILON * abs(exact)):
        return near
    return np.floor(exact)


@borrowing
def number_rows(price, tick_size, ticks, row):
    """Fill ``row`` (N,) int64 with the row of each price, rows being ``ticks`` high.

    Half a tick is added, so that no quotient lies so near a whole number that rounding could move it.
    """
    if ticks == 1:
        for k in range(price.shape[0]):
            row[k] = np.int64(tick_at(price[k], tick_size))
    else:
        for k in range(price.shape[0]):
            row[k] = np.int64(np.floor((tick_at(price[k], tick_size) + 0.5) / ticks))


@borrowing
def tallest(start, row):
    """Rows from the lowest to the highest of any bar: of the tallest bar, and of all together."""
    most = total = 0
    for b in range(start.shape[0] - 1):
        low = high = row[start[b]]
        for k in range(start[b] + 1, start[b + 1]):
            low, high = min(low, row[k]), max(high, row[k])
        most = max(most, high - low + 1)
        total += high - low + 1
    return most, total

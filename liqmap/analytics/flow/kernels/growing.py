"""The value area, grown from the point of control."""

from __future__ import annotations

from liqmap.compiling import borrowing


@borrowing
def busiest_row(volume, count):
    """The row with most volume of the first ``count``, the lowest of equals; -1 where nothing traded."""
    best, most = -1, 0.0
    for i in range(count):
        if volume[i] > most:
            best, most = i, volume[i]
    return best


@borrowing
def grow_area(volume, first, last, busiest, need):
    """Lowest and highest row of the value area of the rows from ``first`` to ``last``.

    The two rows above what is inside are compared with the two below: the pair with more is added, the upper
    of equals, until ``need`` is reached. At the end of the rows a pair is one row; past it there is none.
    """
    low = high = busiest
    inside = volume[busiest]
    while inside < need and (low > first or high < last):
        above = below = -1.0
        if high < last:
            above = volume[high + 1] + (volume[high + 2] if high + 2 <= last else 0.0)
        if low > first:
            below = volume[low - 1] + (volume[low - 2] if low - 2 >= first else 0.0)
        if above >= below:
            high = min(high + 2, last)
            inside += above
        else:
            low = max(low - 2, first)
            inside += below
    return low, high

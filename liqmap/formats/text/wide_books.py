# mypy: disable-error-code="no-untyped-def"
"""Books in rows, a price and a size column for each level, as levels in rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit

from liqmap.compiling import say_if_compiling
from liqmap.formats.text.columns import Read

Levels = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""(R + 1,) where each book's levels begin and end; (L,) side, price and size of each level."""


def unfold(
    read: Read, prices: Sequence[int], sizes: Sequence[int], bids: int, zeros: bool = False
) -> Levels | None:
    """The levels of R books, in the order of their columns; None if one needs a closer look.

    Parameters
    ----------
    prices, sizes : columns of the levels, the first ``bids`` of them bids. A level has both above 0 or is
        missing: both empty, or, if ``zeros`` may stand for that, 0. A book has at least one level.
    """
    at = read.slots(prices), read.slots(sizes)
    books, most = read.number.shape[1], read.number.shape[1] * len(prices)
    rows = np.zeros(books + 1, np.int64)
    side, price, size = np.empty(most, np.int8), np.empty(most), np.empty(most)
    say_if_compiling(_unfold)
    count = _unfold(read.number, *at, bids, zeros, rows, side, price, size)
    return (rows, side[:count], price[:count], size[:count]) if count >= 0 else None


@njit(cache=True, nogil=True)
def _unfold(number, price_at, size_at, bids, zeros, rows, side, price, size):
    """The number of levels, or -1."""
    n = 0
    for r in range(number.shape[1]):
        for k in range(len(price_at)):
            p, s = number[price_at[k], r], number[size_at[k], r]
            if p > 0 and s > 0:
                side[n], price[n], size[n] = k >= bids, p, s
                n += 1
            elif not ((np.isnan(p) or (zeros and p == 0)) and (np.isnan(s) or (zeros and s == 0))):
                return -1
        if n == rows[r]:
            return -1
        rows[r + 1] = n
    return n

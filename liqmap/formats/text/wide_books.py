# mypy: disable-error-code="no-untyped-def"
"""Books in rows, a price and a size column for each level, as levels in rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit

from liqmap.compiling import say_if_compiling
from liqmap.formats.text.csv_columns import Read
from liqmap.formats.text.json_scan import Levels


class Books(NamedTuple):
    """Books one after the other: (R + 1,) where the levels of each begin and end."""

    rows: np.ndarray
    levels: Levels


def unfold(
    read: Read, prices: Sequence[int], sizes: Sequence[int], bids: int, zeros: bool = False
) -> Books | None:
    """The levels of R books, in the order of their columns; None if one needs a closer look.

    Parameters
    ----------
    prices, sizes : columns of the levels, the first ``bids`` of them bids. A level has both above 0 or is
        missing: both empty, or, if ``zeros`` may stand for that, 0. A book has at least one level, and no
        side of it one that is missing before one that is not.
    """
    columns = Columns(read.slots(prices), read.slots(sizes), bids)
    count = read.number.shape[1]
    books = Books(np.zeros(count + 1, np.int64), Levels.room(count * len(prices)))
    say_if_compiling(_unfold)
    found = _unfold(read.number, columns, zeros, books)
    return Books(books.rows, books.levels.first(found)) if found >= 0 else None


class Columns(NamedTuple):
    """Where the price and the size of each level stand, the first ``bids`` of them of bids."""

    price: np.ndarray
    size: np.ndarray
    bids: int


@njit(cache=True, nogil=True)
def _unfold(number, columns, zeros, out):
    """The number of levels, or -1."""
    n = 0
    side, price, size = out.levels
    for r in range(number.shape[1]):
        ended = False
        for k in range(len(columns.price)):
            ended = ended and k != columns.bids
            p, s = number[columns.price[k], r], number[columns.size[k], r]
            if p > 0 and s > 0 and not ended:
                side[n], price[n], size[n] = k >= columns.bids, p, s
                n += 1
            elif not ((np.isnan(p) or (zeros and p == 0)) and (np.isnan(s) or (zeros and s == 0))):
                return -1
            else:
                ended = True
        if n == out.rows[r]:
            return -1
        out.rows[r + 1] = n
    return n

"""What trades come to in the squares of a lattice of times and prices: what bubbles are made of."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liqmap.compiling import borrowing


class Squares(NamedTuple):
    """Squares of a view: columns of ``step`` ns, the first one that of ``begin``, and so many ``rows`` of a
    ``height``, quote currency, from the row ``low`` on. Both are counted from 0."""

    begin: int
    step: int
    low: int
    rows: int
    height: float


@borrowing
def sum_squares(trades, squares, sums):
    """Add trades up by column, row and aggressor (G groups: unsigned, buys and sells of each square).

    Parameters
    ----------
    trades : `TradeColumns`, in the squares.
    sums : (G, 4) float64, zero: size, size x price, size x (time - begin), number of trades.
    """
    column, end = 0, (squares.begin // squares.step + 1) * squares.step
    for k in range(trades.time.shape[0]):
        time, price, size = trades.time[k], trades.price[k], trades.size[k]
        while time >= end:  # a division a trade would take most of the time
            column, end = column + 1, end + squares.step
        row = np.int64(np.floor(price / squares.height)) - squares.low
        group = (column * squares.rows + row) * 3 + trades.sign[k] + 1
        sums[group, 0] += size
        sums[group, 1] += size * price
        sums[group, 2] += size * (time - squares.begin)
        sums[group, 3] += 1.0

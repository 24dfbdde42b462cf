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
    off = abs(exact - near)
    return near if off <= 1e-6 or off <= 4 * EPSILON * abs(exact) else np.floor(exact)


@borrowing
def row_at(price, lattice):
    """The row of a price.

    Half a tick is added, so that no quotient lies so near a whole number that rounding could move it.
    """
    return np.int64(np.floor((tick_at(price, lattice.tick_size) + 0.5) / lattice.ticks))


@borrowing
def number_rows(price, lattice, row):
    """Fill ``row`` (N,) int64 with the row of each price."""
    for k in range(price.shape[0]):
        row[k] = row_at(price[k], lattice)

"""With how many decimals numbers were written."""

from __future__ import annotations

import numpy as np

from liqmap.compiling import borrowing

MOST_DECIMALS = 12


@borrowing
def decimal_power(size):
    """The least power of ten that makes all sizes whole, 0 where none up to 10**12 does.

    The quotient of two exact numbers is the float64 nearest to their true quotient, which is what a decimal
    is read as: so an equal quotient means that the size was written with so many decimals.
    """
    power, places = 1.0, 0
    for k in range(size.shape[0]):
        while np.rint(size[k] * power) / power != size[k]:
            power *= 10.0
            places += 1
            if places > MOST_DECIMALS:
                return 0.0
    return power

"""Numbers as whole numbers of their common decimal unit."""

from __future__ import annotations

import numpy as np

from liqmap.compiling import borrowing

MOST_DECIMALS = 12
BLOCK = 256


@borrowing
def make_whole(size, whole):
    """Fill ``whole`` with sizes times the least power of ten, up to 10**12, that makes all of them whole.

    The quotient of two exact numbers is the float64 nearest to their true quotient, which is what a decimal
    is read as: so an equal quotient means that the size was written with so many decimals.

    Returns
    -------
    The power and the sum; 0 for the power where there is none.
    """
    power, places, count = 1.0, 0, size.shape[0]
    begin, total = 0, 0.0
    while begin < count:
        end = min(begin + BLOCK, count)
        wrong, part = 0, 0.0
        for k in range(begin, end):  # without a branch, so that several are computed at a time
            near = np.rint(size[k] * power)
            whole[k] = near
            part += near
            wrong += near / power != size[k]
        total += part
        begin = end
        if wrong > 0:
            power *= 10.0
            places += 1
            if places > MOST_DECIMALS:
                return 0.0, 0.0
            begin, total = 0, 0.0
    return power, total

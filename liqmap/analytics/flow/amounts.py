"""Sizes that add up without rounding: as whole numbers of their common decimal unit."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liqmap.analytics.flow.kernels.decimals import make_whole

EXACT = 2.0**53
"""Whole numbers up to here are exact as float64, and so is every sum of them."""


class Amounts(NamedTuple):
    """Sizes as kernels add them.

    value : (N,) float64. Whole numbers of ``1 / per_unit`` where the sizes have at most 12 decimals and come
        to less than 2**53 of them: every sum of them is then exact, in whatever order, and divided by
        ``per_unit`` it is the float64 nearest to the true decimal. Else the sizes, ``per_unit`` 1.
    """

    value: np.ndarray
    per_unit: float


def amounts_of(size: np.ndarray) -> Amounts:
    """Sizes as whole numbers where they have a common decimal unit, else as they are."""
    sizes, whole = size.view(), np.empty(len(size))
    sizes.setflags(write=False)  # so that it is compiled once, whoever owns them
    power, total = make_whole(sizes, whole)
    return Amounts(whole, power) if power > 0 and total < EXACT else Amounts(size, 1.0)

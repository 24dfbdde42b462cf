"""The weight of an age under a half-life, and its integral, as kernels.

    w(a) = 2**(-a rate)

Ages are in nanoseconds. A rate is 1 / half_life per nanosecond; 0 is no decay.
"""

from __future__ import annotations

from math import factorial

import numpy as np
from numba import njit

LN2 = float(np.log(2.0))
SERIES = tuple(1.0 / factorial(k + 1) for k in range(10))


@njit(cache=True, nogil=True, inline="always")
def weight(age, rate):
    """2**(-age rate), without prune."""
    return np.exp2(-age * rate) if age != 0 else 1.0


@njit(cache=True, nogil=True, inline="always")
def mean_weight(width, rate):
    """Mean of 2**(-t rate) over ages 0 to ``width``: (1 - exp(-x)) / x with x = width rate ln 2.

    Most carried sizes are back within a small part of a half-life: there it is its series, to 1e-14.
    """
    x = width * rate * LN2
    if x >= 0.2:
        return (1.0 - np.exp(-x)) / x
    tail = SERIES[4] - x * (SERIES[5] - x * (SERIES[6] - x * (SERIES[7] - x * (SERIES[8] - x * SERIES[9]))))
    return 1.0 - x * (SERIES[1] - x * (SERIES[2] - x * (SERIES[3] - x * tail)))


@njit(cache=True, nogil=True, inline="always")
def integral(a, b, rate):
    """Integral of 2**(-t rate) over ages a to b: (w(a) - w(b)) / (rate ln 2), without cancellation."""
    width = float(b - a)
    return weight(a, rate) * width * mean_weight(width, rate)


@njit(cache=True, nogil=True)
def integrals(young, old, rate):
    """`integral` over pairs of ages: (n,) float64 each."""
    out = np.empty(young.shape[0])
    for i in range(young.shape[0]):
        out[i] = integral(young[i], old[i], rate)
    return out

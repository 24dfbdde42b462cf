"""The mean weight of the first d ns of each class, off a table: most pieces need nothing else of a mixture.

    F(d)  =  1 / d  x  integral of w(a) over a from 0 to d  =  sum over k of share_k mean_weight(d rate_k)

It is smooth in log d, so each eighth of an octave of d is a polynomial of degree 5, through the nodes of
Chebyshev. The error of one exponential is below h**6 max|F^(6)| / (2**11 6!) with h = d / 8, and |F^(6)| is
at most 6! F / d**6: 2e-9 of the value, and of a sum of positive terms the same.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from liqmap.carry import integral, mean_weight

LOW, HIGH = 10, 42
"""Octaves of the table: from 2**10 ns, a microsecond, to 2**42 ns, an hour; others are summed."""

EIGHTHS = 3
"""Bits of a double's fraction that say which part of an octave it is in."""

DEGREE = 5
SHIFT = 52 - EIGHTHS
FIRST = (1023 + LOW) << EIGHTHS
"""The leading bits of 2**LOW as a double: sign, exponent and eighth."""

BINS = (HIGH - LOW) << EIGHTHS
REST, STEP = (1 << SHIFT) - 1, 1.0 / (1 << SHIFT)


class MeanWeights(NamedTuple):
    """M classes of K exponentials.

    rates : (K,) float64, 1 / half-life in 1 / ns. shares : (M, K) float64.
    table : (M, BINS, DEGREE + 1) float64, coefficients of rising powers.
    """

    rates: np.ndarray
    shares: np.ndarray
    table: np.ndarray


def mean_weights(rates: np.ndarray, shares: np.ndarray) -> MeanWeights:
    """The table of classes, (M, K) shares of (K,) rates; M x 12 KB."""
    nodes = 0.5 + 0.5 * np.cos(np.pi * (np.arange(DEGREE + 1) + 0.5) / (DEGREE + 1))
    octaves = 2.0 ** np.arange(LOW, HIGH)[:, None, None]
    eighths = np.arange(1 << EIGHTHS)[:, None] + nodes
    lengths = (octaves * (1.0 + eighths / (1 << EIGHTHS))).reshape(BINS, DEGREE + 1)
    single = _single(lengths, rates) @ np.linalg.inv(np.vander(nodes, increasing=True)).T
    return MeanWeights(rates, shares, np.ascontiguousarray(np.einsum("mk,kbd->mbd", shares, single)))


@njit(cache=True, nogil=True)
def _single(lengths, rates):
    """The mean weight of each length (BINS, N) under each rate (K,): (K, BINS, N)."""
    out = np.empty((rates.shape[0], *lengths.shape))
    for k in range(rates.shape[0]):
        for b in range(lengths.shape[0]):
            for n in range(lengths.shape[1]):
                out[k, b, n] = mean_weight(lengths[b, n], rates[k])
    return out


@njit(cache=True, nogil=True, inline="always")
def integral_of(m, young, old, means):
    """Integral of the weight of class ``m`` over ages ``young`` to ``old``, int64 ns."""
    if young == 0:
        bits = np.float64(old).view(np.int64)
        place = (bits >> SHIFT) - FIRST
        if 0 <= place < BINS:
            t = (bits & REST) * STEP
            c = means.table[m, place]
            return old * (c[0] + t * (c[1] + t * (c[2] + t * (c[3] + t * (c[4] + t * c[5])))))
    total = 0.0
    for k in range(means.rates.shape[0]):
        if means.shares[m, k] > 0.0:
            total += means.shares[m, k] * integral(young, old, means.rates[k])
    return total

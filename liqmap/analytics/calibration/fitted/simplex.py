"""Shares of the parts of a class: the convex fit of a weight to what is left of its levels.

A class has A ages and R classes of what is left, each with its sum of sizes S and of true sizes T. The
weight at an age is w_a = sum over k of share_k power_ak; the last part is gone at once (power 0), so that the
shares, at least 0, come to 1. With rho = T / S the loss is

    median : sum over a, r of S |w_a - rho|        mean : sum over a, r of S (w_a - rho)**2

The median is fitted by squares that are weighed anew, S / max(|w_a - rho|, nearness), which never raises the
loss smoothed within that nearness; nearness goes down by `NEARNESS`. The squares are minimised by moving
shares between two parts at a time, to where that is least or one of them is used up. It starts from even
shares: the same counts give the same shares.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liqmap.compiling import borrowing

NEARNESS = (0.2, 0.05, 0.01, 0.002)
ROUNDS = 10
"""Times that squares are weighed anew at each nearness, at most."""
SWEEPS, MANY = 3, 300
"""Times that all pairs of parts are gone through: each time that squares are weighed anew, and where they are
weighed once."""
STILL = 1e-4
"""Shares that move less than this are where they belong."""


def fit_shares(size: np.ndarray, true: np.ndarray, powers: np.ndarray, target: str) -> np.ndarray:
    """The shares of each class, (C, K); what they leave over is gone at once.

    Parameters
    ----------
    size, true : (C, A, R) sums. powers : (A, K + 1), the last column 0. target : ``median`` or ``mean``.
    """
    parts = powers.shape[1]
    shares = np.full((len(size), parts), 1.0 / parts)
    left = np.divide(true, size, out=np.zeros_like(true), where=size > 0)
    room = Squares(np.empty((parts, parts)), np.empty(parts), np.empty(parts))
    fit = _fit_median if target == "median" else _fit_mean
    for c in range(len(size)):
        fit(size[c], left[c], powers, shares[c], room)
    shares = np.maximum(shares, 0.0)
    return shares[:, :-1] / shares.sum(axis=1, keepdims=True)


class Squares(NamedTuple):
    """Squares as shares gram shares - 2 pull shares, and half their slope.

    gram : (K + 1, K + 1). pull, slope : (K + 1,).
    """

    gram: np.ndarray
    pull: np.ndarray
    slope: np.ndarray


@borrowing
def _fit_median(size, left, powers, shares, squares):
    """Shares (K + 1,) of least absolute loss, in place; ``left`` is rho."""
    for nearness in NEARNESS:
        for _ in range(ROUNDS):
            _weigh(size, left, powers, shares, nearness, squares)
            if _descend(squares, shares, SWEEPS) < STILL:
                break


@borrowing
def _fit_mean(size, left, powers, shares, squares):
    """Shares (K + 1,) of least squares, in place."""
    _weigh(size, left, powers, shares, 0.0, squares)
    _descend(squares, shares, MANY)


@borrowing
def _weigh(size, left, powers, shares, nearness, squares):
    """The squares sum of v (w_a - rho)**2; v is S / max(|w_a - rho|, nearness), and S where nearness is 0."""
    parts, gram, pull = powers.shape[1], squares.gram, squares.pull
    gram[:] = 0.0
    pull[:] = 0.0
    for a in range(size.shape[0]):
        w = 0.0
        for k in range(parts):
            w += powers[a, k] * shares[k]
        weight = weighed = 0.0
        for r in range(size.shape[1]):
            s, rho = size[a, r], left[a, r]
            if s > 0.0:
                v = s / max(abs(w - rho), nearness) if nearness > 0.0 else s
                weight += v
                weighed += v * rho
        if weight > 0.0:
            for k in range(parts):
                pull[k] += weighed * powers[a, k]
                for j in range(k + 1):
                    gram[k, j] += weight * powers[a, j] * powers[a, k]
    for k in range(parts):
        for j in range(k):
            gram[j, k] = gram[k, j]


@borrowing
def _descend(squares, shares, sweeps):
    """Lower the squares on the simplex, two parts at a time; the largest share moved."""
    gram, slope, parts, largest = squares.gram, squares.slope, shares.shape[0], 0.0
    for k in range(parts):
        slope[k] = -squares.pull[k]
        for j in range(parts):
            slope[k] += gram[k, j] * shares[j]
    for _ in range(sweeps):
        for j in range(parts):
            for k in range(j + 1, parts):
                curve = gram[j, j] + gram[k, k] - 2.0 * gram[j, k]
                if curve > 0.0:
                    move = min(max((slope[j] - slope[k]) / curve, -shares[k]), shares[j])
                    shares[j] -= move
                    shares[k] += move
                    largest = max(largest, abs(move))
                    for i in range(parts):
                        slope[i] += move * (gram[i, k] - gram[i, j])
    return largest

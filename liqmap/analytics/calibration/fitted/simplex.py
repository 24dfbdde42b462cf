"""Shares of the parts of a class: the convex fit of a weight to what is left of its levels.

A class has A ages and R classes of what is left, each with its sum of sizes S and of true sizes T. The
weight at an age is w_a = sum over k of share_k power_ak; the last part is gone at once (power 0), so that the
shares, at least 0, come to 1. With rho = T / S the loss is

    median : sum over a, r of S |w_a - rho|        mean : sum over a, r of S (w_a - rho)**2

The median is fitted by squares that are weighed anew, S / max(|w_a - rho|, nearness), which never raises the
loss smoothed within that nearness; nearness goes down to `NEAREST`. The squares are minimised by moving
shares between two parts at a time, to where that is least or one of them is used up. It starts from even
shares: the same counts give the same shares.
"""

from __future__ import annotations

import numpy as np

from liqmap.compiling import borrowing

NEAREST = 1e-3
NEARNESS = (0.3, 0.1, 0.03, 0.01, 0.003, NEAREST)
ROUNDS = 12
"""Times that squares are weighed anew at each nearness."""
SWEEPS, MANY = 3, 300
"""Times that all pairs of parts are gone through: each time that squares are weighed anew, and where they are
weighed once."""


def fit_shares(size: np.ndarray, true: np.ndarray, powers: np.ndarray, target: str) -> np.ndarray:
    """The shares of each class, (C, K); what they leave over is gone at once.

    Parameters
    ----------
    size, true : (C, A, R) sums. powers : (A, K + 1), the last column 0. target : ``median`` or ``mean``.
    """
    parts = powers.shape[1]
    shares = np.full((len(size), parts), 1.0 / parts)
    gram, pull = np.empty((parts, parts)), np.empty(parts)
    for c in range(len(size)):
        if target == "median":
            _fit_median(size[c], true[c], powers, shares[c], gram, pull)
        else:
            _fit_mean(size[c], true[c], powers, shares[c], gram, pull)
    shares = np.maximum(shares, 0.0)
    return shares[:, :-1] / shares.sum(axis=1, keepdims=True)


@borrowing
def _fit_median(size, true, powers, shares, gram, pull):
    """Shares (K + 1,) of least absolute loss, in place."""
    for nearness in NEARNESS:
        for _ in range(ROUNDS):
            _squares(size, true, powers, shares, nearness, gram, pull)
            _descend(gram, pull, shares, SWEEPS)


@borrowing
def _fit_mean(size, true, powers, shares, gram, pull):
    """Shares (K + 1,) of least squares, in place."""
    _squares(size, true, powers, shares, 0.0, gram, pull)
    _descend(gram, pull, shares, MANY)


@borrowing
def _squares(size, true, powers, shares, nearness, gram, pull):
    """The squares sum of v (w_a - rho)**2 as shares gram shares - 2 pull shares; nearness 0: v = S."""
    parts = powers.shape[1]
    gram[:] = 0.0
    pull[:] = 0.0
    for a in range(size.shape[0]):
        w = 0.0
        for k in range(parts):
            w += powers[a, k] * shares[k]
        weight = weighed = 0.0
        for r in range(size.shape[1]):
            s = size[a, r]
            if s > 0.0:
                rho = true[a, r] / s
                v = s / max(abs(w - rho), nearness) if nearness > 0.0 else s
                weight += v
                weighed += v * rho
        for k in range(parts):
            pull[k] += weighed * powers[a, k]
            for j in range(parts):
                gram[j, k] += weight * powers[a, j] * powers[a, k]


@borrowing
def _slope(gram, pull, shares, k):
    out = -pull[k]
    for j in range(shares.shape[0]):
        out += gram[k, j] * shares[j]
    return out


@borrowing
def _descend(gram, pull, shares, sweeps):
    """Lower shares gram shares - 2 pull shares on the simplex, two parts at a time."""
    parts = shares.shape[0]
    for _ in range(sweeps):
        for j in range(parts):
            for k in range(j + 1, parts):
                curve = gram[j, j] + gram[k, k] - 2.0 * gram[j, k]
                if curve > 0.0:
                    move = (_slope(gram, pull, shares, j) - _slope(gram, pull, shares, k)) / curve
                    move = min(max(move, -shares[k]), shares[j])
                    shares[j] -= move
                    shares[k] += move

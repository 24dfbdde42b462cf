"""Shares of half-lives that fit given rates best, by expectation and maximisation.

A level of half-life h is still there at age a with the probability 2**(-a / h). All that is seen of it is
whether it is there, so its half-life is a hidden choice, and the shares of the half-lives are fitted by EM:
each step gives the levels to the half-lives that they probably have, and takes these counts for the shares.
The likelihood never falls and no share leaves 0 to 1. The first half-life, 0, is of what is gone at once.
"""

from __future__ import annotations

import numpy as np

STEPS = 200
"""Of EM. More change rates by less than 0.001; the shares of neighbouring half-lives hardly matter."""

TINY = 1e-12


def basis(half_lives: np.ndarray, age: np.ndarray) -> np.ndarray:
    """2**(-age / half-life), (..., K + 1): 0 of what is gone at once, then each half-life.

    Parameters
    ----------
    half_lives : (K,) s, rising, infinite without decay. age : (...) s.
    """
    out = np.zeros((*age.shape, len(half_lives) + 1))
    out[..., 1:] = np.exp2(-age[..., None] / half_lives)
    return out


def fitted(rate: np.ndarray, weight: np.ndarray, base: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """Shares (C, K + 1) of C classes, coming to 1, of the greatest likelihood.

    Parameters
    ----------
    rate : (C, A) how many are there. weight : (C, A) how much that counts.
    base : (C, A, K + 1), see `basis`. prior : (C, K + 1) counts that are added to those of each half-life.
    """
    share = prior + weight.sum(axis=1, keepdims=True) / prior.shape[1]
    share /= share.sum(axis=1, keepdims=True)
    for _ in range(STEPS):
        share = share * _wanted(share, rate, weight, base) + prior
        share /= share.sum(axis=1, keepdims=True)
    return share


def moved(share: np.ndarray, rate: np.ndarray, weight: np.ndarray, base: np.ndarray, up: bool) -> np.ndarray:
    """Shares closest to other rates among those that come of given ones when some move to shorter half-lives
    (``up``: to longer ones).

    Notes
    -----
    A longer half-life weighs more at every age: where all that moves moves down, the rate is nowhere above
    what it was. The unknown (C, K + 1, K + 1) is the part of each half-life that goes to each other one.
    """
    n = share.shape[1]
    allowed = np.triu(np.ones((n, n))) if up else np.tril(np.ones((n, n)))
    parts = np.repeat((allowed / allowed.sum(axis=1, keepdims=True))[None], len(share), axis=0)
    for _ in range(STEPS):
        now = np.einsum("ck,ckj->cj", share, parts)
        parts = parts * np.maximum(_wanted(now, rate, weight, base), TINY)[:, None, :]
        parts /= parts.sum(axis=2, keepdims=True)
    return np.asarray(np.einsum("ck,ckj->cj", share, parts))


def _wanted(share: np.ndarray, rate: np.ndarray, weight: np.ndarray, base: np.ndarray) -> np.ndarray:
    """How many times its share the levels want of each half-life, (C, K + 1), times their weight."""
    there = np.clip((base @ share[:, :, None])[:, :, 0], TINY, 1 - TINY)
    seen, gone = weight * rate / there, weight * (1 - rate) / (1 - there)
    return np.asarray(((seen - gone)[:, None, :] @ base)[:, 0] + gone.sum(axis=1)[:, None])

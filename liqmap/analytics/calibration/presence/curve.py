"""Curves of age that fit given rates best, by expectation and maximisation.

The probability that a level is there is a mean of steps, of which each counts most at ages between two
half-lives (see `PresenceRate`): p(a) = sum over k of step_k B_k(a), with B_k >= 0 that sum to 1. So a level
of age a is of step k with the probability B_k(a), which nobody sees, and there with the probability step_k:
each round of EM gives the levels to the steps that they probably are of, and takes the shares of them that
are there for the steps. The likelihood never falls, and no step leaves 0 to 1. Steps may rise: an order that
was cancelled and another one placed at its price later is there.
"""

from __future__ import annotations

import numpy as np

ROUNDS = 200
"""Of EM. More change rates by less than 0.001."""

TINY = 1e-12


def bumps(half_lives: np.ndarray, age: np.ndarray) -> np.ndarray:
    """How much each step counts at an age, (..., K + 1): 2**(-age / next) - 2**(-age / half-life).

    Parameters
    ----------
    half_lives : (K,) s, rising. age : (...) s.
    """
    falls = np.exp2(-age[..., None] / half_lives)
    ends = np.zeros((*age.shape, 1))
    return np.diff(np.concatenate([ends, falls, ends + 1], axis=-1), axis=-1)


def fitted(
    rate: np.ndarray, weight: np.ndarray, parts: np.ndarray, prior: np.ndarray, strength: float
) -> np.ndarray:
    """Steps (C, K + 1) of C classes that are likeliest.

    Parameters
    ----------
    rate : (C, A) share that is there. weight : (C, A) levels that it counts for. parts : (C, A, K + 1), see
        `bumps`. prior : (C, K + 1) steps, believed as ``strength`` levels of each are.
    """
    steps = np.clip(prior, 1e-3, 1 - 1e-3)
    for _ in range(ROUNDS):
        seen, gone = _shared(steps, rate, weight, parts)
        steps = (strength * prior + seen) / (strength + seen + gone)
    return steps


def smooth(rate: np.ndarray, weight: np.ndarray, parts: np.ndarray, strength: float) -> np.ndarray:
    """The same, with the mean of its neighbours for the prior of a step: where nothing was seen a curve goes
    on as it was."""
    steps = np.full((len(rate), parts.shape[2]), 0.5)
    for _ in range(ROUNDS):
        seen, gone = _shared(steps, rate, weight, parts)
        around = np.concatenate([steps[:, :1], steps, steps[:, -1:]], axis=1)
        prior = (around[:, :-2] + around[:, 2:]) / 2
        steps = (strength * prior + seen) / (strength + seen + gone)
    return steps


def _shared(
    steps: np.ndarray, rate: np.ndarray, weight: np.ndarray, parts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """How many of the levels that are there, and of those gone, are probably of each step, (C, K + 1)."""
    there = np.clip((parts @ steps[:, :, None])[:, :, 0], TINY, 1 - TINY)
    seen = ((weight * rate / there)[:, None, :] @ parts)[:, 0] * steps
    gone = ((weight * (1 - rate) / (1 - there))[:, None, :] @ parts)[:, 0] * (1 - steps)
    return seen, gone

"""The shares of half-lives in each class of size and distance, believed as much as there is of it."""

from __future__ import annotations

import numpy as np

from liqmap.analytics.calibration.presence.classes import AGES, middles
from liqmap.analytics.calibration.presence.counts import Counts
from liqmap.analytics.calibration.presence.mixing import basis, fitted

HALF_LIVES = np.array([1.0, 5.0, 30.0, 180.0, 1200.0, 7200.0, np.inf])
"""s, rising, of the parts."""

PRIOR = 0.002, 0.5
"""Of the time: the least and the most that a class must be seen to be believed as much as its like."""

STRETCHES = 8
"""Of the time, between which rates are compared with themselves."""

START = 1e-3
"""Counts of each half-life over all classes, so that none is out of reach."""


def many(count: np.ndarray) -> np.ndarray:
    """How many blocks, all alike, would hold so unequal counts, (sum n)**2 / sum n**2 over the first axis."""
    squares = (count**2).sum(axis=0)
    return np.asarray(count.sum(axis=0) ** 2 / np.where(squares > 0, squares, 1.0))


def errors(counts: Counts) -> np.ndarray:
    """Standard errors of the rates of counts (B, ...), by how they differ between eighths of the time."""
    stretches = counts.merged(STRETCHES)
    number, levels = len(stretches.levels), np.maximum(stretches.levels.sum(axis=0), 1)
    off = stretches.there - stretches.levels * (stretches.there.sum(axis=0) / levels)
    return np.asarray(np.sqrt((off**2).sum(axis=0) * number / max(number - 1, 1)) / levels)


def prior_of(counts: Counts) -> float:
    """How many blocks a class must be seen in to be believed as much as its like (empirical Bayes).

    Notes
    -----
    A class seen all the time has a rate that is off by its standard error, and rates differ between classes:
    the ratio of the two variances is the part of the time in which what is seen says as much as what is known
    of other classes.
    """
    each = Counts(*(c.sum(axis=3, keepdims=True) for c in counts))
    whole, seen = each.whole(), many(each.levels)
    if not seen.any():
        return PRIOR[1] * len(counts.levels)
    rate = whole.there / np.maximum(whole.levels, 1)
    middle = np.average(rate, weights=seen)
    noise = np.average(errors(each) ** 2, weights=seen)
    between = np.average((rate - middle) ** 2, weights=seen) - noise
    ratio = noise / between if between > 0 else PRIOR[1]
    return float(np.clip(ratio, *PRIOR)) * len(counts.levels)


def shares_of(parts: list[Counts], blocks: float) -> np.ndarray:
    """Shares (P, S, D, K + 1) of P parts of the time, each fitted by itself.

    Parameters
    ----------
    blocks : that a class must be seen in to be believed as much as its like, see `prior_of`.

    Notes
    -----
    Levels of a block are not independent, so a class counts as many as the blocks it was seen in. Its prior
    is the mean of what fits its size (at any distance) and its distance (at any size); theirs is what fits
    all.
    """
    whole = Counts(*(np.stack(c) for c in zip(*(part.whole() for part in parts))))
    seen = [part.levels.sum(axis=3) for part in parts]  # (B, S, D)

    def fit(axes: tuple[int, ...], prior: np.ndarray) -> np.ndarray:
        number = np.stack([many(s.sum(axis=axes, keepdims=True)) for s in seen])
        return _fitted(Counts(*(c.sum(axis=axes, keepdims=True) for c in whole)), number, prior)

    start = np.full((len(parts), 1, 1, len(HALF_LIVES) + 1), START)
    every = blocks * fit((1, 2), start)
    each = whole.levels.shape[1:3]
    by_size = fit((2,), np.repeat(every, each[0], axis=1))
    by_distance = fit((1,), np.repeat(every, each[1], axis=2))
    return fit((), blocks * (by_size + by_distance) / 2)


def _fitted(counts: Counts, blocks: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """Shares (P, S, D, K + 1) that fit counts (P, S, D, A); blocks : (P, S, D)."""
    weight = counts.levels / np.maximum(counts.levels.sum(axis=3, keepdims=True), 1) * blocks[..., None]
    rate = counts.there / np.maximum(counts.levels, 1)
    base = bases(counts)
    ages, kinds = base.shape[-2:]
    share = fitted(
        rate.reshape(-1, ages),
        weight.reshape(-1, ages),
        base.reshape(-1, ages, kinds),
        prior.reshape(-1, kinds),
    )
    return share.reshape(prior.shape)


def bases(counts: Counts) -> np.ndarray:
    """`basis` at the mean age of each bin, or in its middle where it is empty."""
    mean = counts.age / np.maximum(counts.levels, 1)
    return basis(HALF_LIVES, np.where(counts.levels > 0, mean, middles(AGES)))

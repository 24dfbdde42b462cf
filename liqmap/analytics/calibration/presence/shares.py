"""The shares of half-lives in each class of size and distance, believed as much as there is of it."""

from __future__ import annotations

import numpy as np

from liqmap.analytics.calibration.presence.classes import AGES, middles
from liqmap.analytics.calibration.presence.counts import Counts
from liqmap.analytics.calibration.presence.mixing import basis, fitted

HALF_LIVES = np.array([1.0, 5.0, 30.0, 180.0, 1200.0, 7200.0, np.inf])
"""s, rising, of the parts."""

PRIOR = 1 / 8
"""Of the time: a class seen for so long is believed as much as what is known of its size and distance."""

START = 1e-3
"""Counts of each half-life over all classes, so that none is out of reach."""


def many(count: np.ndarray) -> np.ndarray:
    """How many blocks, all alike, would hold so unequal counts, (sum n)**2 / sum n**2 over the first axis."""
    squares = (count**2).sum(axis=0)
    return np.asarray(count.sum(axis=0) ** 2 / np.where(squares > 0, squares, 1.0))


def shares_of(parts: list[Counts]) -> np.ndarray:
    """Shares (P, S, D, K + 1) of P parts of the time, each fitted by itself.

    Notes
    -----
    Levels of a block are not independent, so a class counts as many as the blocks it was seen in. Its prior
    is the mean of what fits its size (at any distance) and its distance (at any size); theirs is what fits
    all.
    """
    whole = Counts(*(np.stack(c) for c in zip(*(part.whole() for part in parts))))
    seen = [part.levels.sum(axis=3) for part in parts]  # (B, S, D)
    prior = np.array([PRIOR * len(s) for s in seen])[:, None, None, None]

    def fit(axes: tuple[int, ...], prior: np.ndarray) -> np.ndarray:
        blocks = np.stack([many(s.sum(axis=axes, keepdims=True)) for s in seen])
        return _fitted(Counts(*(c.sum(axis=axes, keepdims=True) for c in whole)), blocks, prior)

    start = np.full((len(parts), 1, 1, len(HALF_LIVES) + 1), START)
    every = prior * fit((1, 2), start)
    each = whole.levels.shape[1:3]
    by_size = fit((2,), np.repeat(every, each[0], axis=1))
    by_distance = fit((1,), np.repeat(every, each[1], axis=2))
    return fit((), prior * (by_size + by_distance) / 2)


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

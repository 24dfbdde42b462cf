"""The steps of a presence in each class of size and distance, believed as much as there is of it."""

from __future__ import annotations

import numpy as np

from liqmap.analytics.calibration.presence.classes import AGES, middles
from liqmap.analytics.calibration.presence.counts import GROUP_OF, Counts, Different
from liqmap.analytics.calibration.presence.curve import bumps, fitted, smooth
from liqmap.analytics.calibration.presence.groups import angle, by_group, many, rate_at

HALF_LIVES = np.array([1.0, 5.0, 30.0, 180.0, 1200.0, 7200.0])
"""s, rising, between the steps."""

LIKE = 10.0
"""Different levels at which a class is believed as much as its like, and a step of all classes as much as
those beside it. Chosen on the first halves of captures alone, whose parts foretell each other: from 5 to 20
their errors differ by less than 0.005."""

A_BLOCK = 4.0
"""Different levels that one block of time says as much as, at most: what happens to a market within seconds
happens to all of them."""


def repeats_of(counts: Counts, different: Different) -> np.ndarray:
    """How often a level was looked at in its group of age, (S, D, G); 1 where none was."""
    levels = by_group(counts.levels.sum(axis=0))
    return np.maximum(levels / np.maximum(different.number(levels), 1e-9) * (levels > 0), 1.0)


def steps_of(parts: list[Counts], repeats: np.ndarray) -> np.ndarray:
    """Steps (P, S, D, K + 1) of P parts of the time, each fitted by itself.

    Parameters
    ----------
    repeats : of `repeats_of`: rows of one level say one thing, so a class counts as many levels as it has
        different ones; and those of one block nearly one.

    Notes
    -----
    The prior of a class is what fits its size (at any distance), moved as far as what fits its distance (at
    any size) is from what fits all, as angles. Those have what fits all for theirs.
    """
    whole = Counts(*(np.stack(c) for c in zip(*(part.whole() for part in parts))))
    number = np.stack([_number(part, repeats)[..., GROUP_OF] for part in parts]) * whole.levels

    def fit(axes: tuple[int, ...], prior: np.ndarray | None) -> np.ndarray:
        some = Counts(*(c.sum(axis=axes, keepdims=True) for c in whole))
        return _fitted(some, number.sum(axis=axes, keepdims=True), prior)

    every = fit((1, 2), None)
    sizes, distances = whole.levels.shape[1:3]
    by_size = fit((2,), np.repeat(every, sizes, axis=1))
    by_distance = fit((1,), np.repeat(every, distances, axis=2))
    return fit((), rate_at(angle(by_size) + angle(by_distance) - angle(every)))


def _number(part: Counts, repeats: np.ndarray) -> np.ndarray:
    """How many levels a row counts for, (S, D, G): 1 / (1 / different levels + 1 / (4 blocks)) of a group."""
    levels = by_group(part.levels)
    rows, blocks = np.maximum(levels.sum(axis=0), 1), np.maximum(many(levels), 1)
    return np.asarray(1 / (repeats + rows / (A_BLOCK * blocks)))


def _fitted(counts: Counts, weight: np.ndarray, prior: np.ndarray | None) -> np.ndarray:
    """Steps (P, S, D, K + 1) that fit counts (P, S, D, A) of so many levels."""
    base = bumps_of(counts)
    ages, kinds = base.shape[-2:]
    rate = (counts.there / np.maximum(counts.levels, 1)).reshape(-1, ages)
    rows = weight.reshape(-1, ages), base.reshape(-1, ages, kinds)
    if prior is None:
        found = smooth(rate, *rows, LIKE)
    else:
        found = fitted(rate, *rows, prior.reshape(-1, kinds), LIKE)
    return found.reshape(*base.shape[:-2], kinds)


def bumps_of(counts: Counts) -> np.ndarray:
    """`bumps` at the mean age of each bin, or in its middle where it is empty."""
    mean = counts.age / np.maximum(counts.levels, 1)
    return bumps(HALF_LIVES, np.where(counts.levels > 0, mean, middles(AGES)))


def rates_of(steps: np.ndarray, counts: Counts) -> np.ndarray:
    """What steps (..., K + 1) say of each bin of age, (..., A)."""
    return np.asarray((bumps_of(counts) @ steps[..., None])[..., 0])

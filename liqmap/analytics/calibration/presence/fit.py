"""A presence and its interval, fitted to counts."""

from __future__ import annotations

import numpy as np

from liqmap.analytics.calibration.fitted.classes import Classes
from liqmap.analytics.calibration.presence.counts import Counts, Different
from liqmap.analytics.calibration.presence.curve import fitted
from liqmap.analytics.calibration.presence.groups import angle, by_bin, rate_at
from liqmap.analytics.calibration.presence.spread import LEAST_BLOCKS, features, grouped, spread_of
from liqmap.analytics.calibration.presence.steps import HALF_LIVES, bumps_of, rates_of, repeats_of, steps_of
from liqmap.carry import PresenceRate
from liqmap.carry.presence import Presence

UNSEEN = 0.02
"""How much bins of age that were never seen count beside the mean of others: their ends are wide."""

FREE = 1e-3
"""Strength of the prior of an end, which is fitted to where it should be and not to levels."""


def fit_presence(
    counts: Counts, different: Different, classes: Classes, level: float = 0.9
) -> Presence | None:
    """The probability that a carried level is still there, by size, distance and age, and its interval.

    Parameters
    ----------
    counts, different, classes : of `Counting`. level : of the interval.

    Returns
    -------
    None where there are fewer than 32 blocks with levels.

    Notes
    -----
    The interval is of rates over a time as long as the one counted, right after it: it holds what is unsure
    of the fit, the chance of that time, and as much drift as the parts of the time counted show. The steps of
    its ends are nowhere inside those of the rate itself, so neither are the curves.
    """
    counts = counts.part(np.flatnonzero(counts.levels.sum(axis=(1, 2, 3))))
    if len(counts.levels) < LEAST_BLOCKS:
        return None
    repeats = repeats_of(counts, different)
    steps = steps_of([counts], repeats)[0]
    whole = counts.whole()
    middle = angle(rates_of(steps, whole))
    away = _away(counts, steps, repeats, level)
    low, high = (_end(rate_at(middle + sign * away), whole, steps) for sign in (-1, 1))
    lowest, highest = np.minimum(low, steps), np.maximum(high, steps)
    return Presence(_rate(steps, classes), _rate(lowest, classes), _rate(highest, classes), level)


def _away(counts: Counts, steps: np.ndarray, repeats: np.ndarray, level: float) -> np.ndarray:
    """How far the ends are from the rate, as angles, (S, D, A)."""
    spread, groups = spread_of(counts, repeats, level), grouped(counts, steps, repeats)
    return by_bin(spread.away(features(groups, groups)))


def _end(rate: np.ndarray, whole: Counts, steps: np.ndarray) -> np.ndarray:
    """Steps (S, D, K + 1) whose curve is near to a rate (S, D, A): at all ages, not only those of most
    levels."""
    seen = whole.levels / np.maximum(whole.levels.sum(axis=2, keepdims=True), 1)
    kinds = steps.shape[-1]
    ages = rate.shape[-1]
    rows = (np.sqrt(seen) + UNSEEN).reshape(-1, ages), bumps_of(whole).reshape(-1, ages, kinds)
    return fitted(rate.reshape(-1, ages), *rows, steps.reshape(-1, kinds), FREE).reshape(steps.shape)


def _rate(steps: np.ndarray, classes: Classes) -> PresenceRate:
    """Steps (S, D, K + 1) as a model."""
    lives = [f"{h:g}s" for h in HALF_LIVES]
    return PresenceRate(lives, np.clip(steps, 0, 1), classes.sizes.tolist(), classes.distances.tolist())

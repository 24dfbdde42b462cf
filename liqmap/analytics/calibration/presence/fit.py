"""A presence and its interval, fitted to counts."""

from __future__ import annotations

import numpy as np

from liqmap.analytics.calibration.fitted.classes import Classes
from liqmap.analytics.calibration.presence.classes import AGES, GROUPS
from liqmap.analytics.calibration.presence.counts import Counts
from liqmap.analytics.calibration.presence.mixing import moved
from liqmap.analytics.calibration.presence.shares import HALF_LIVES, bases, many, prior_of, shares_of
from liqmap.analytics.calibration.presence.spread import (
    LEAST_BLOCKS,
    angle,
    by_group,
    features,
    rate_at,
    spread_of,
)
from liqmap.carry import Mixture
from liqmap.carry.presence import Presence

UNSEEN = 0.02
"""How much bins of age that were never seen count beside the mean of others: their ends are wide."""


def fit_presence(counts: Counts, classes: Classes, length: int, level: float = 0.9) -> Presence | None:
    """The probability that a carried level is still there, by size, distance and age, and its interval.

    Parameters
    ----------
    counts, classes : of `Counting`. length : ns, of a block. level : of the interval.

    Returns
    -------
    None where there are fewer than 32 blocks with levels.

    Notes
    -----
    The interval is of rates over a time as long as the one counted, right after it: it holds what is unsure
    of the fit, the chance of that time, and as much drift as the parts of the time counted show.
    """
    counts = counts.part(np.flatnonzero(counts.levels.sum(axis=(1, 2, 3))))
    if len(counts.levels) < LEAST_BLOCKS:
        return None
    shares = shares_of([counts], prior_of(counts))[0]
    away = _away(counts, length, level)
    whole = counts.whole()
    base = bases(whole)
    middle = angle((base @ shares[..., None])[..., 0])
    shown = _shown(whole, middle)
    seen = whole.levels / np.maximum(whole.levels.sum(axis=2, keepdims=True), 1)
    weight = np.sqrt(seen) + UNSEEN  # all ages are to be right, not only those of most levels

    def flat(array: np.ndarray) -> np.ndarray:
        return array.reshape(-1, *array.shape[2:])

    def end(up: bool) -> Mixture:
        bound = np.maximum(middle + away, shown) if up else np.minimum(middle - away, shown)
        rate = _falling(rate_at(bound), whole.levels > 0, up)
        share = moved(flat(shares), flat(rate), flat(weight), flat(base), up)
        return _mixture(share.reshape(shares.shape), classes)

    low, high = end(up=False), end(up=True)
    return Presence(_mixture(shares, classes), low, high, level)


def _away(counts: Counts, length: int, level: float) -> np.ndarray:
    """How far the ends are from the rate, as angles, (S, D, A)."""
    seconds = length * 1e-9
    spread = spread_of(counts, seconds, level)
    levels = by_group(counts.levels)
    blocks = many(levels)
    away = spread.away(features(blocks, blocks, levels.sum(axis=0), seconds))
    return _by_bin(away)


def _shown(whole: Counts, middle: np.ndarray) -> np.ndarray:
    """The angle of the rate that each group had, (S, D, A), which a falling curve may not follow; that of the
    curve where none was seen."""
    levels = by_group(whole.levels)
    rate = _by_bin(by_group(whole.there) / np.maximum(levels, 1))
    return np.where(_by_bin(levels) > 0, angle(rate), middle)


def _by_bin(group: np.ndarray) -> np.ndarray:
    """What is known of groups (..., G), for each bin of age."""
    return np.repeat(group, np.diff(np.append(GROUPS, len(AGES))), axis=-1)


def _falling(rate: np.ndarray, seen: np.ndarray, up: bool) -> np.ndarray:
    """The falling curve that is nowhere within the ends (S, D, A): the highest below, or the lowest above."""
    if not up:
        return np.asarray(np.minimum.accumulate(rate, axis=2))
    known = np.where(seen, rate, 0.0)
    above = np.maximum.accumulate(known[:, :, ::-1], axis=2)[:, :, ::-1]
    return np.where(above > 0, above, rate)


def _mixture(shares: np.ndarray, classes: Classes) -> Mixture:
    """Shares (S, D, K + 1) as a carry model; the first is of what is gone at once."""
    lives = [None if np.isinf(h) else f"{h:g}s" for h in HALF_LIVES]
    return Mixture(lives, shares[..., 1:], classes.sizes.tolist(), classes.distances.tolist())

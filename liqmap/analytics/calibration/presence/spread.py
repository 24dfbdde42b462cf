"""How far rates are from what the time before or after said of them: the spread between parts of the time.

Rates are compared as angles, 2 asin(sqrt(rate)), whose spread hardly depends on the rate: that of a share of
n independent levels is 1 / n. Levels are not independent, as one order is looked at every second, and rates
drift. So n counts little: what does is how many blocks of time a group was seen in, and how long its levels
stay, as blocks that one order stays through say one thing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liqmap.analytics.calibration.fitted.gain import widened
from liqmap.analytics.calibration.presence.classes import AGES, GROUPS, middles
from liqmap.analytics.calibration.presence.counts import Counts
from liqmap.analytics.calibration.presence.shares import bases, many, prior_of, shares_of

PARTS = 2, 4, 8
"""Parts of the time that are forecast by their neighbours."""

LEAST_BLOCKS = 4 * PARTS[-1]
"""Blocks below which nothing is said."""

LEAST_LEVELS = 30
"""Levels of a group below which its rate says nothing."""

STEPS = 2000


class Grouped(NamedTuple):
    """Groups (S, D, G) of a part of the time, by age in half decades.

    levels, there : how many; expected : how many should be there. blocks : as `many` counts them.
    """

    levels: np.ndarray
    there: np.ndarray
    expected: np.ndarray
    blocks: np.ndarray


class Spread(NamedTuple):
    """Variance of the angle between a rate forecast and what it was, of groups that were seen.

    terms : (4,) drift, between blocks, what that grows by with the age (in blocks), of single levels.
    factor : by how many standard deviations the level of the interval lies away.
    """

    terms: np.ndarray
    factor: float

    def away(self, features: np.ndarray) -> np.ndarray:
        """How far the ends are from the rate, as angles; features (4, ...)."""
        return np.asarray(self.factor * np.sqrt(np.tensordot(self.terms, features, 1)))


NOTHING = Spread(np.array([np.pi**2, 0.0, 0.0, 0.0]), 1.0)
"""Of groups of which nothing is known: any rate."""


def angle(rate: np.ndarray) -> np.ndarray:
    """2 asin(sqrt(rate)), 0 to pi."""
    return np.asarray(2 * np.arcsin(np.sqrt(np.clip(rate, 0, 1))))


def rate_at(turned: np.ndarray) -> np.ndarray:
    """The rate of an angle, which is cut to 0 to pi."""
    return np.asarray(np.sin(np.clip(turned, 0, np.pi) / 2) ** 2)


def by_group(counts: np.ndarray) -> np.ndarray:
    """Sums over the bins of each group of ages, of the last axis."""
    return np.asarray(np.add.reduceat(counts, GROUPS, axis=-1))


def grouped(part: Counts, shares: np.ndarray) -> Grouped:
    """The groups of a part of the time beside what shares (S, D, K + 1) expect."""
    whole = part.whole()
    expected = (bases(whole) @ shares[..., None])[..., 0] * whole.levels
    blocks = many(by_group(part.levels))
    return Grouped(by_group(whole.levels), by_group(whole.there), by_group(expected), blocks)


def features(blocks: np.ndarray, other: np.ndarray, levels: np.ndarray, length: float) -> np.ndarray:
    """What the variance of a group's angle is made of, (4, ..., G).

    Parameters
    ----------
    blocks : (..., G) seen in; other : by what forecasts them. levels : how many. length : s, of a block.
    """
    rare = 1 / np.maximum(blocks, 1) + 1 / np.maximum(other, 1)
    age = np.broadcast_to(middles(AGES[GROUPS]) / length, rare.shape)
    return np.stack([np.ones_like(rare), rare, rare * age, 1 / np.maximum(levels, 1)])


def spread_of(counts: Counts, length: float, level: float) -> Spread:
    """What parts of the time say of their neighbours, and how wrong they are.

    Parameters
    ----------
    length : s, of a block. level : of the intervals.

    Notes
    -----
    Halves, quarters and eighths are fitted, and each foretells the parts beside it. The variance is fitted to
    the squares of what they miss by; how far the ends are from the middle is then counted: so far that the
    interval holds ``level`` of all groups foretold, and of those of the halves, the longest there are. What
    differs from block to block is known from many, drift from the few parts that there are: so it is widened,
    as of four blocks.
    """
    rows, missed, halves = [], [], []
    parts = [(n, part) for n in PARTS for part in _parts(counts, n)]
    shares = shares_of([part for _, part in parts], prior_of(counts))
    for k, (n, part) in enumerate(parts):
        for j in (k - 1, k + 1):
            if not 0 <= j < len(parts) or parts[j][0] != n:
                continue
            found = grouped(part, shares[j])
            other = many(by_group(parts[j][1].levels))
            some = found.levels >= LEAST_LEVELS
            seen = found.levels[some]
            missed.append(angle(found.there[some] / seen) - angle(found.expected[some] / seen))
            rows.append(features(found.blocks, other, found.levels, length)[:, some])
            halves.append(np.full(len(seen), n == PARTS[0]))
    made, off, half = np.concatenate(rows, axis=1), np.concatenate(missed), np.concatenate(halves)
    if not len(off):
        return NOTHING
    terms = _terms(made, off**2)
    ratio = np.abs(off) / np.sqrt(np.maximum(terms @ made, 1e-12))
    factor = max(np.quantile(some, level) for some in (ratio, ratio[half]) if len(some))
    terms[0] *= float(widened(np.ones(1), PARTS[1], level)[0]) ** 2
    return Spread(terms, float(factor))


def _parts(counts: Counts, number: int) -> list[Counts]:
    edges = np.arange(number + 1) * len(counts.levels) // number
    return [counts.part(slice(a, b)) for a, b in zip(edges[:-1].tolist(), edges[1:].tolist())]


def _terms(made: np.ndarray, squares: np.ndarray) -> np.ndarray:
    """Least squares with terms of at least 0: each step keeps the sign (multiplicative, Lee and Seung)."""
    inner, outer = made @ made.T, made @ squares
    terms = np.full(len(made), 0.1)
    for _ in range(STEPS):
        terms = terms * outer / np.maximum(inner @ terms, 1e-300)
    return terms

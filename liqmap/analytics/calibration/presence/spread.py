"""How far rates are from what the time before or after said of them: the spread between parts of the time.

Rates are compared as angles, 2 asin(sqrt(rate)), whose spread hardly depends on the rate: that of a share of
n independent levels is 1 / n. Rows are not independent, as one order is looked at every second, and rates
drift. So what counts is how many different levels a group had, in how many blocks of time it was seen, and
how far parts of the time are from each other beyond that.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liqmap.analytics.calibration.fitted.gain import widened
from liqmap.analytics.calibration.presence.counts import Counts
from liqmap.analytics.calibration.presence.groups import angle, by_group, many
from liqmap.analytics.calibration.presence.steps import LIKE, rates_of, steps_of

PARTS = 2, 4, 8
"""Parts of the time that are forecast by their neighbours."""

LEAST_BLOCKS = 4 * PARTS[-1]
"""Blocks below which nothing is said."""

LEAST_LEVELS = 30
"""Levels of a group below which its rate says nothing."""

ROUNDS = 2000


class Grouped(NamedTuple):
    """Groups (S, D, G) of a part of the time, by age in half decades.

    levels, there : how many; expected : how many should be there. number : how many different levels.
    blocks : as `many` counts them.
    """

    levels: np.ndarray
    there: np.ndarray
    expected: np.ndarray
    number: np.ndarray
    blocks: np.ndarray


class Spread(NamedTuple):
    """Variance of the angle between a rate forecast and what it was, of groups that were seen.

    terms : (3,) drift, of different levels, between blocks. factor : by how many standard deviations the
    level of the interval lies away.
    """

    terms: np.ndarray
    factor: float

    def away(self, features: np.ndarray) -> np.ndarray:
        """How far the ends are from the rate, as angles; features (3, ...)."""
        return np.asarray(self.factor * np.sqrt(np.tensordot(self.terms, features, 1)))


NOTHING = Spread(np.array([np.pi**2, 0.0, 0.0]), 1.0)
"""Of groups of which nothing is known: any rate."""


def grouped(part: Counts, steps: np.ndarray, repeats: np.ndarray) -> Grouped:
    """The groups of a part of the time beside what steps (S, D, K + 1) expect."""
    whole = part.whole()
    expected = rates_of(steps, whole) * whole.levels
    levels, blocks = by_group(whole.levels), many(by_group(part.levels))
    return Grouped(levels, by_group(whole.there), by_group(expected), levels / repeats, blocks)


def features(here: Grouped, other: Grouped) -> np.ndarray:
    """What the variance of a group's angle is made of, (3, S, D, G), where ``other`` foretells it."""
    number = 1 / np.maximum(here.number, 1) + 1 / (other.number + LIKE)
    blocks = 1 / np.maximum(here.blocks, 1) + 1 / np.maximum(other.blocks, 1)
    return np.stack([np.ones_like(number), number, blocks])


def spread_of(counts: Counts, repeats: np.ndarray, level: float) -> Spread:
    """What parts of the time say of their neighbours, and how wrong they are.

    Parameters
    ----------
    repeats : rows of one level, see `repeats_of`. level : of the intervals.

    Notes
    -----
    Halves, quarters and eighths are fitted, and each foretells the parts beside it. The variance is fitted to
    the squares of what they miss by; how far the ends are from the middle is then counted: so far that the
    interval holds ``level`` of all groups foretold. What differs from level to level and from block to block
    is known from many, drift from the few parts that there are: so it is widened, as of four.
    """
    rows, missed = [], []
    parts = [(n, part) for n in PARTS for part in _parts(counts, n)]
    steps = steps_of([part for _, part in parts], repeats)
    for k, (n, part) in enumerate(parts):
        for j in (k - 1, k + 1):
            if not 0 <= j < len(parts) or parts[j][0] != n:
                continue
            found, other = (grouped(p, steps[j], repeats) for p in (part, parts[j][1]))
            some = found.levels >= LEAST_LEVELS
            seen = found.levels[some]
            missed.append(angle(found.there[some] / seen) - angle(found.expected[some] / seen))
            rows.append(features(found, other)[:, some])
    made, off = np.concatenate(rows, axis=1), np.concatenate(missed)
    if not len(off):
        return NOTHING
    terms = _terms(made, off**2)
    ratio = np.abs(off) / np.sqrt(np.maximum(terms @ made, 1e-12))
    factor = float(np.quantile(ratio, level))
    terms[0] *= float(widened(np.ones(1), PARTS[1], level)[0]) ** 2
    return Spread(terms, factor)


def _parts(counts: Counts, number: int) -> list[Counts]:
    edges = np.arange(number + 1) * len(counts.levels) // number
    return [counts.part(slice(a, b)) for a, b in zip(edges[:-1].tolist(), edges[1:].tolist())]


def _terms(made: np.ndarray, squares: np.ndarray) -> np.ndarray:
    """Least squares with terms of at least 0: each step keeps the sign (multiplicative, Lee and Seung)."""
    inner, outer = made @ made.T, made @ squares
    terms = np.full(len(made), 0.1)
    for _ in range(ROUNDS):
        terms = terms * outer / np.maximum(inner @ terms, 1e-300)
    return terms

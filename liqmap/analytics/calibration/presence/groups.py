"""Groups of age, in half decades, and how unsure the rate of one is."""

from __future__ import annotations

import numpy as np

from liqmap.analytics.calibration.presence.classes import AGES, GROUPS
from liqmap.analytics.calibration.presence.counts import Counts, Different

STRETCHES = 8
"""Of the time, between which rates are compared with themselves."""


def by_group(counts: np.ndarray) -> np.ndarray:
    """Sums over the bins of each group of ages, of the last axis."""
    return np.asarray(np.add.reduceat(counts, GROUPS, axis=-1))


def by_bin(group: np.ndarray) -> np.ndarray:
    """What is known of groups (..., G), for each bin of age."""
    return np.repeat(group, np.diff(np.append(GROUPS, len(AGES))), axis=-1)


def angle(rate: np.ndarray) -> np.ndarray:
    """2 asin(sqrt(rate)), 0 to pi, whose spread hardly depends on the rate: of n levels, it is 1 / n."""
    return np.asarray(2 * np.arcsin(np.sqrt(np.clip(rate, 0, 1))))


def rate_at(turned: np.ndarray) -> np.ndarray:
    """The rate of an angle, which is cut to 0 to pi."""
    return np.asarray(np.sin(np.clip(turned, 0, np.pi) / 2) ** 2)


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


def chance_of(counts: Counts, different: Different) -> np.ndarray:
    """Standard errors of the groups' rates, (S, D, G): the larger of how they differ between eighths of the
    time, and of what so many different levels can tell."""
    grouped = Counts(*(by_group(c) for c in counts))
    whole = grouped.whole()
    return np.maximum(errors(grouped), different.errors(whole.levels, whole.there))

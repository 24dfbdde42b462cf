"""Quantiles of true / last size by size, distance and age, believed as much as there is of each class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from liqmap.analytics.calibration.presence.ratios import HIGH_ENDS, LOW_ENDS, SAME

LEVELS = np.array(
    [0.0, 0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9,
     0.925, 0.95, 0.96, 0.97, 0.98, 0.99, 0.995, 1.0]
)  # fmt: skip
"""(L,) of the quantiles that are kept."""

LIKE = 10.0
"""Different levels at which a class is believed as much as its like."""


@dataclass(frozen=True, eq=False)
class SizeIntervals:
    """How much of the last size of a carried level is there, if anything is: quantiles of true / last size.

    sizes : (S - 1,) edges, base units. distances : (D - 1,) edges, bps of the touch. ages : (G - 1,) edges,
        int64 ns; a class holds its lower edge. quantiles : (S, D, G, L) int64, the class of the ratio (see
        `ratios`) that holds each of the `LEVELS`.

    Notes
    -----
    Ends of intervals are those of the classes, outward: at most 7.5 % further than the quantiles themselves.
    """

    sizes: np.ndarray
    distances: np.ndarray
    ages: np.ndarray
    quantiles: np.ndarray

    def classes_of(self, size: np.ndarray, distance: np.ndarray, age: np.ndarray) -> np.ndarray:
        """The quantiles (N, L) of sizes (base units), distances (bps, NaN without a touch) and ages (ns)."""
        pairs = (self.sizes, size), (self.distances, distance), (self.ages, age)
        at = tuple(np.searchsorted(edges, values, side="right") for edges, values in pairs)
        return np.asarray(self.quantiles[at])


def ends(quantiles: np.ndarray, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The ratios between two levels, of quantiles (..., L); the levels have the shape of all but the last."""
    below = np.searchsorted(LEVELS, low + 1e-9, side="right") - 1
    above = np.searchsorted(LEVELS, high - 1e-9, side="left")
    first, last = (np.take_along_axis(quantiles, k[..., None], -1)[..., 0] for k in (below, above))
    return LOW_ENDS[first], HIGH_ENDS[last]


def whole_ends(quantiles: np.ndarray, nothing: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """The interval of true / last size, nothing included.

    Parameters
    ----------
    quantiles : (N, L) of what is there. nothing : (N,) the probability that nothing is. level : of the
        interval, which leaves out as much above as below.

    Notes
    -----
    The level u of all is the level (u - nothing) / (1 - nothing) of what is there, or 0 below it.
    """
    tail, some = (1 - level) / 2, np.maximum(1 - nothing, 1e-12)
    below, above = (tail - nothing) / some, (1 - tail - nothing) / some
    low, high = ends(quantiles, np.clip(below, 0, 1), np.clip(above, 0, 1))
    return np.where(below < 0, 0.0, low), np.where(above > 0, high, 0.0)


def quantiles_of(ratios: np.ndarray, repeats: np.ndarray) -> np.ndarray:
    """Quantiles (S, D, G, L) of counts of ratios.

    Parameters
    ----------
    ratios : (S, D, G, Q) rows that are there, by the class of their ratio. repeats : (S, D, G), how often a
        level was looked at: rows of one level say one thing.

    Notes
    -----
    What is known of a class is mixed with that of its size and age at any distance, that with what is known
    of the size when it was younger and of the age at any size, and that with the age before: each as `LIKE`
    different levels. Where nothing is there at all, nothing changed.
    """
    number = ratios / repeats[..., None]
    unchanged = np.zeros(ratios.shape[-1])
    unchanged[SAME] = 1.0
    by_age = younger = _mixed(number.sum(axis=(0, 1, 2)), 1e-6 * unchanged)
    shares = np.empty_like(number)
    for g in range(number.shape[2]):
        here = number[:, :, g]
        by_age = _mixed(here.sum(axis=(0, 1)), LIKE * by_age)
        younger = _mixed(here.sum(axis=1), LIKE * (younger + by_age) / 2)
        shares[:, :, g] = _mixed(here, LIKE * younger[:, None])
    below = np.cumsum(shares, axis=-1)
    found = [(below < level - 1e-12).sum(axis=-1) for level in LEVELS[1:]]
    first = np.argmax(shares > 0, axis=-1)
    return np.minimum(np.stack([first, *found], axis=-1), ratios.shape[-1] - 1)


def _mixed(number: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """Shares (..., Q) of so many levels and what is known beside them."""
    some = number + prior
    return np.asarray(some / some.sum(axis=-1, keepdims=True))

"""Classes of size, distance and age in which levels are counted."""

from __future__ import annotations

import numpy as np

from liqmap.analytics.calibration.fitted.classes import Classes
from liqmap.analytics.calibration.held_out import Judged

SIZES, DISTANCES = 12, 2
"""Classes of size, of equal width in its logarithm, and of distance, of as much time; at most."""

ENDS = 0.01, 0.9999
"""Quantiles of size between which classes are equally wide."""

AGES = np.concatenate([[0.0], np.rint(10.0 ** (9 + np.arange(-1, 31) / 6))]).astype(np.int64)
"""ns, (A,), where bins of age begin: six a decade, from 0.7 s to 28 h; the last is open."""

GROUPS = np.concatenate([[0], np.arange(2, len(AGES), 3)])
"""(G,) bins in which groups of age begin: at 0, 1, 3, 10, 30 s and so on."""


def middles(begins: np.ndarray) -> np.ndarray:
    """An age, s, for each of some rising begins of bins, ns, the last of which is open."""
    ends = np.append(begins[1:], begins[-1] * 3)
    return np.where(begins > 0, np.sqrt(np.maximum(begins, 1) * ends.astype(float)), ends / 2) * 1e-9


def classes_of(judged: Judged) -> Classes:
    """Classes for a market: by its carried levels and how long each is, never by what is true of them."""
    size, distance, instants = judged.pieces()
    low, high = quantiles(size, instants, np.array(ENDS))
    near = np.isfinite(distance)
    far = quantiles(distance[near], instants[near], np.arange(1, DISTANCES) / DISTANCES)
    sizes = np.geomspace(low, high, SIZES + 1)[1:-1] if 0 < low < high else np.empty(0)
    return Classes(_dividing(sizes, size), _dividing(far, distance[near]), AGES[1:])


def quantiles(values: np.ndarray, weights: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Values below which so much of the weight lies; NaN of nothing."""
    if not weights.sum() > 0:
        return np.full(len(shares), np.nan)
    order = np.argsort(values, kind="stable")
    whole = np.cumsum(weights[order])
    place = np.searchsorted(whole, shares * whole[-1], side="left")
    return np.asarray(values[order][np.minimum(place, len(values) - 1)])


def _dividing(edges: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Those edges that have values on both sides, one of those that divide them alike."""
    edges = np.unique(edges[np.isfinite(edges)])
    places, first = np.unique(np.searchsorted(np.sort(values), edges), return_index=True)
    return edges[first[(places > 0) & (places < len(values))]]

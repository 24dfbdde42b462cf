"""The classes that carried levels are counted by: size, distance from the touch, age."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liqmap.analytics.calibration.held_out import Judged

SIZES, DISTANCES = 64, 4
"""Classes of size, of equal width in its logarithm, and of distance, of equally many levels; at most."""

ENDS = 0.01, 0.9999
"""Quantiles of size between which classes are equally wide: the few largest hold much of what rests."""

AGES = np.geomspace(0.5e9, 4 * 3600e9, 23).astype(np.int64)
"""ns, (A - 1,): edges between classes of age."""

DIGITS = 3
"""Of the edges: people read them."""


class Classes(NamedTuple):
    """Edges between classes; a class holds its lower edge.

    sizes : (S - 1,) base units. distances : (D - 1,) bps; levels without a touch are in the last class.
    ages : (A - 1,) int64 ns.
    """

    sizes: np.ndarray
    distances: np.ndarray
    ages: np.ndarray

    @property
    def shape(self) -> tuple[int, int, int]:
        """S, D, A."""
        return len(self.sizes) + 1, len(self.distances) + 1, len(self.ages) + 1


def classes_of(judged: Judged) -> Classes:
    """Classes for a market: by its carried levels and how long each is, never by what is true of them."""
    size, distance, instants = judged.pieces()
    low, high = (_quantile(size, instants, q) for q in ENDS)
    sizes = np.geomspace(low, high, SIZES + 1)[1:-1] if low < high else np.empty(0)
    far = np.isfinite(distance)
    shares = np.arange(1, DISTANCES) / DISTANCES
    distances = np.array([_quantile(distance[far], instants[far], q) for q in shares])
    return Classes(_dividing(sizes, size), _dividing(distances, distance[far]), AGES)


def _quantile(values: np.ndarray, counts: np.ndarray, share: float) -> float:
    """The value below which a share of the counts lies; NaN of none."""
    if not counts.any():
        return float("nan")
    order = np.argsort(values, kind="stable")
    total = np.cumsum(counts[order])
    return float(values[order[np.searchsorted(total, share * total[-1])]])


def _dividing(edges: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Edges that have values on both sides, one of those that divide them alike: sizes may be few numbers."""
    rounded = np.unique([float(f"{edge:.{DIGITS}g}") for edge in edges if np.isfinite(edge)])
    places, first = np.unique(np.searchsorted(np.sort(values), rounded), return_index=True)
    return rounded[first[(places > 0) & (places < len(values))]]

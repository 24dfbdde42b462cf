"""A tabulated survival curve as a carry model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numba import njit

from liqmap.carry.durations import Duration, nanoseconds, prune_of, spell
from liqmap.carry.model import Ages
from liqmap.schema import OPEN, GridError
from liqmap.schema.arguments import numbers


class Survival:
    """A weight that is read off a table, straight between its ages, and holds beyond the last.

    Parameters
    ----------
    ages : (K,) durations, rising, the first 0.
    weights : (K,), or (D, K) where it depends on the distance from the touch; 0 to 1, never rising with age.
    distances : (D - 1,) edges in basis points of the touch, rising, between the rows of ``weights``: row 0 is
        for levels nearer than the first, the last row for those beyond the last or without a touch.
    prune : age at which a carried size is dropped; None never.

    Raises
    ------
    GridError : ages, weights or distances that are no such table.

    Notes
    -----
    The distance is that of the level when the book last confirmed it. An integral is a sum of trapezes over
    the pieces that it crosses, of positive terms alone.
    """

    def __init__(
        self,
        ages: Sequence[Duration],
        weights: Any,
        distances: Sequence[float] | None = None,
        prune: Duration = None,
    ) -> None:
        if isinstance(ages, (str, bytes)) or not isinstance(ages, Iterable):
            raise GridError(argument="ages", expected="durations from 0 on", got=f"{ages!r:.60}")
        knots = [nanoseconds(a, "ages") for a in ages]
        if not knots or None in knots:
            raise GridError(argument="ages", expected="durations from 0 on", got=f"{list(ages)!r:.60}")
        self.ages = np.array(knots, np.int64)
        self.weights = np.atleast_2d(numbers(weights, "weights"))
        self.distances = np.atleast_1d(numbers(() if distances is None else distances, "distances"))
        self.prune = prune_of(prune)
        self.by_distance = len(self.distances) > 0
        self._check()

    def _check(self) -> None:
        rows, columns = len(self.distances) + 1, len(self.ages)
        if self.ages[0] != 0 or (np.diff(self.ages) <= 0).any():
            got = [spell(int(a)) for a in self.ages[:8]]
            raise GridError(argument="ages", expected="to rise from 0", got=str(got))
        if self.weights.shape != (rows, columns):
            expected = f"shape {(rows, columns)} (distances + 1, ages)"
            raise GridError(argument="weights", expected=expected, got=str(self.weights.shape))
        if not ((self.weights >= 0) & (self.weights <= 1)).all() or (np.diff(self.weights, axis=1) > 0).any():
            raise GridError(argument="weights", expected="numbers from 0 to 1 that never rise with age")
        if not np.isfinite(self.distances).all() or (np.diff(self.distances) <= 0).any():
            raise GridError(argument="distances", expected="rising basis points", got=str(self.distances))

    def __repr__(self) -> str:
        return f"{self.words[:-1]}, prune={spell(self.prune)})"

    @property
    def words(self) -> str:
        """The model without its prune, as titles say it: ``Survival(5 ages to 10min by 3 distances)``."""
        by = f" by {len(self.distances) + 1} distances" if self.by_distance else ""
        return f"Survival({len(self.ages)} ages to {spell(int(self.ages[-1]))}{by})"

    def row_of(self, distance: np.ndarray | None, shape: tuple[int, ...]) -> np.ndarray:
        """The row of ``weights`` for each distance."""
        if distance is None or not self.by_distance:
            return np.zeros(shape, np.int64)
        rows = np.searchsorted(self.distances, distance, side="right")  # NaN sorts last
        return np.broadcast_to(rows, shape).astype(np.int64)

    def weight(self, age: Ages, distance: np.ndarray | None = None) -> np.ndarray:
        """Weight of each age (ns), 0 to 1, of its shape, at its distance (basis points; NaN: no touch)."""
        age = np.asarray(age, np.float64)
        rows = self.row_of(distance, age.shape).ravel()
        out = _weights(age.ravel(), rows, self.ages, self.weights, float(self._end))
        return out.reshape(age.shape)

    def integral(self, young: Ages, old: Ages, distance: np.ndarray | None = None) -> np.ndarray:
        """Integral of the weight from ``young`` to ``old``, ns, of their common shape."""
        young, old = np.broadcast_arrays(np.asarray(young, np.float64), np.asarray(old, np.float64))
        rows = self.row_of(distance, young.shape).ravel()
        out = _integrals(young.ravel(), old.ravel(), rows, self.ages, self.weights, float(self._end))
        return out.reshape(young.shape)

    def reach(self, distance: np.ndarray | None = None) -> np.ndarray:
        """The age from which the weight is 0: where its row of the table ends in 0, or prune.

        int64 ns, of the shape of the distances.
        """
        dead = self.weights == 0.0
        first = np.where(dead.any(axis=1), self.ages[np.argmax(dead, axis=1)], OPEN)
        shape = () if distance is None else np.shape(distance)
        return np.minimum(first, self._end)[self.row_of(distance, shape)]

    def attrs(self) -> dict[str, str]:
        """``half_life`` (``none``), ``prune`` and the table in short (``carry``), in words."""
        return {"half_life": "none", "prune": spell(self.prune), "carry": repr(self)}

    @property
    def _end(self) -> int:
        return int(OPEN) if self.prune is None else self.prune


@njit(cache=True, nogil=True)
def _at(age, row, ages, weights):
    """The weight at an age, prune aside."""
    k = np.searchsorted(ages, age, side="right") - 1
    if k >= ages.shape[0] - 1:
        return weights[row, ages.shape[0] - 1]
    part = (age - ages[k]) / (ages[k + 1] - ages[k])
    return weights[row, k] + part * (weights[row, k + 1] - weights[row, k])


@njit(cache=True, nogil=True)
def _weights(age, rows, ages, weights, end):
    out = np.zeros(age.shape[0])
    for i in range(age.shape[0]):
        if age[i] < end:
            out[i] = _at(age[i], rows[i], ages, weights)
    return out


@njit(cache=True, nogil=True)
def _integrals(young, old, rows, ages, weights, end):
    out = np.zeros(young.shape[0])
    for i in range(young.shape[0]):
        a, stop = young[i], min(old[i], end)
        k = np.searchsorted(ages, a, side="right")
        while a < stop:
            b = min(stop, float(ages[k])) if k < ages.shape[0] else stop
            middle = 0.5 * (_at(a, rows[i], ages, weights) + _at(b, rows[i], ages, weights))
            out[i] += middle * (b - a)
            a = b
            k += 1
    return out

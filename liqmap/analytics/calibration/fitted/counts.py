"""What is left of carried levels, by class and by part of the time, in bounded memory."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liqmap.analytics.calibration.fitted.classes import Classes
from liqmap.analytics.calibration.fitted.counting import KEPT, count
from liqmap.analytics.calibration.held_out import HeldOut


class Counts(NamedTuple):
    """Sums over judged levels by F folds, S classes of size, D of distance, A of age, R of true / size.

    The sums stand for the levels: within a class of true / size the sum of \\|w size - true\\| is \\|w sum of
    sizes - sum of true\\| for every weight w that is not within it, and most levels are gone or the same.

    rows : (F, S, D) how many. size, true : (F, S, D, A, R). age : (A,) sum of size x age, ns.
    """

    rows: np.ndarray
    size: np.ndarray
    true: np.ndarray
    age: np.ndarray

    @classmethod
    def zeros(cls, folds: int, classes: Classes) -> Counts:
        sizes, distances, ages = classes.shape
        shape = folds, sizes, distances, ages, KEPT
        return cls(np.zeros(shape[:3]), np.zeros(shape), np.zeros(shape), np.zeros(ages))

    def add(self, rows: HeldOut, fold: np.ndarray, classes: Classes) -> None:
        """Count levels; ``fold`` (N,) int64."""
        count(rows.size, rows.age, rows.distance, rows.true, fold, classes, self)

    def powers(self, rates: np.ndarray) -> np.ndarray:
        """(A, K + 1): what is left of each part at the mean age of a class, and of what is gone at once, 0.

        Parameters
        ----------
        rates : (K,) 1 / half-life, 1 / ns.
        """
        size = self.size.sum(axis=(0, 1, 2, 4))
        age = self.age / np.where(size > 0, size, 1.0)
        return np.append(np.exp2(-age[:, None] * rates), np.zeros((len(age), 1)), axis=1)

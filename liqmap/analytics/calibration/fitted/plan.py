"""How finely a model is fitted: chosen by cross-validation over the first part of the time."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liqmap.analytics.calibration.fitted.counts import Counts
from liqmap.analytics.calibration.fitted.simplex import fit_shares

MERGED = (1, 2, 4, 8, 1 << 30)
"""Classes of size that are taken together; the last: all."""

BORROWED = (0.05, 0.3)
"""What a class counts of its neighbour's levels, of the next one's this squared, and so on."""

WORTH = 0.005
"""Of the loss: what a finer model has to save out of sample to be taken."""


class Plan(NamedTuple):
    """A degree of detail.

    merged : classes of size taken together. by_distance : whether distance matters. borrowed : share of its
        neighbour's levels that a class counts: a thin one goes by its neighbours, a thick one hardly.
    """

    merged: int
    by_distance: bool
    borrowed: float

    def sums(self, fine: np.ndarray) -> np.ndarray:
        """Fine sums (S, D, ...) by the plan's classes: (S', D', ...)."""
        some = fine if self.by_distance else fine.sum(axis=1, keepdims=True)
        return np.add.reduceat(some, np.arange(0, len(some), self.merged), axis=0)

    def smooth(self, sums: np.ndarray) -> np.ndarray:
        """The plan's sums with what is borrowed: along size, and from the other distances of a size."""
        place = np.arange(len(sums))
        lent = self.borrowed ** np.abs(place[:, None] - place).astype(np.float64)
        out = np.tensordot(lent, sums, axes=1)
        return out + self.borrowed * out.sum(axis=1, keepdims=True) if self.by_distance else out

    def edges(self, sizes: np.ndarray, distances: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The edges that remain."""
        return sizes[self.merged - 1 :: self.merged], distances if self.by_distance else distances[:0]

    def shares(self, folds: Folds, powers: np.ndarray, target: str) -> np.ndarray:
        """Fitted to all of the plan's folds: (S', D', K)."""
        size, true = (self.smooth(each.sum(axis=0)) for each in folds)
        flat = size.reshape(-1, *size.shape[2:]), true.reshape(-1, *size.shape[2:])
        return fit_shares(*flat, powers, target).reshape(*size.shape[:2], -1)

    def folds(self, counts: Counts, folds: int) -> Folds:
        """The first ``folds`` by the plan's classes."""
        size, true = (np.stack([self.sums(f) for f in each[:folds]]) for each in (counts.size, counts.true))
        return Folds(size, true)


class Folds(NamedTuple):
    """Sums of sizes and of true sizes by the classes of a plan: (F, S', D', A, R)."""

    size: np.ndarray
    true: np.ndarray

    def without(self, fold: int) -> Folds:
        """All but one."""
        return Folds(*(np.delete(each, fold, axis=0) for each in self))


def loss(size: np.ndarray, true: np.ndarray, weight: np.ndarray, target: str) -> float:
    """Of weights (..., A) on sums (..., A, R): of sizes for the median, of their squares for the mean."""
    w = weight[..., None]
    if target == "median":
        return float(np.abs(w * size - true).sum())
    return float((w * (w * size - 2 * true)).sum())


def choose(counts: Counts, folds: int, powers: np.ndarray, target: str) -> Plan:
    """The plan of the least loss on folds that it was not fitted to, of the first ``folds``; by distance
    where that is surely better.
    """

    def judged(plan: Plan) -> np.ndarray:
        sums, losses = plan.folds(counts, folds), []
        for fold in range(folds):
            shares = plan.shares(sums.without(fold), powers, target)
            losses.append(loss(sums.size[fold], sums.true[fold], shares @ powers[:, :-1].T, target))
        return np.array(losses)

    classes = counts.rows.shape[1]
    steps = sorted({min(step, classes) for step in MERGED}, reverse=True)
    plans = [Plan(step, False, borrowed) for step in steps for borrowed in BORROWED[::-1]]
    plans = plans[len(BORROWED) - 1 :]  # one class has nobody to borrow from
    if folds < 2:
        return plans[0]
    tried = {plan: judged(plan) for plan in plans}
    best = min(tried, key=lambda plan: tried[plan].sum())
    if target == "mean":  # a few large ones make the squares: what is finer has to be surely better
        best = next(plan for plan in plans if alike(tried[plan], tried[best]))
    if counts.rows.shape[2] > 1:
        finer = best._replace(by_distance=True)
        if not alike(tried[best], judged(finer)):
            return finer
    return best


def alike(coarse: np.ndarray, fine: np.ndarray) -> bool:
    """Whether a finer plan is not worth it: what it saves, fold by fold (F,), is within one standard error or
    less than `WORTH`."""
    saved = coarse - fine
    error = np.sqrt(len(saved)) * saved.std(ddof=1) if len(saved) > 1 else np.inf
    return bool(saved.sum() <= max(error, WORTH * abs(coarse.sum())))

"""A mixture as kernels take it: its classes and parts, and the columns under each part's half-life."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numba import njit

from liqmap.carry import HalfLife, Mixture, integral, weight
from liqmap.raster.columns import DecayColumns, TimeAxis, decay_columns
from liqmap.raster.mixture.mean_weights import MeanWeights, mean_weights
from liqmap.schema import OPEN

FAINT = 30
"""Bits. A part below 2**-FAINT of a slower one of its class is left out: K of them are 5e-9 of the sum."""

FOREVER = 1 << 62
"""ns; an age that nothing reaches."""


class Parts(NamedTuple):
    """M classes of K exponentials, the fastest decay first.

    means : `MeanWeights`, with the rates and the shares.
    whole : (M,) float64, the weight at age 0.
    reach : (M,) int64 ns, the age from which the weight is 0: prune, `OPEN` for never, 0 without shares.
    silent : (M, K) int64 ns, the age from which a part is left out; 0 for one of no share.
    last : (M,) int64, the part of each class that is never left out.
    """

    means: MeanWeights
    whole: np.ndarray
    reach: np.ndarray
    silent: np.ndarray
    last: np.ndarray


class MixtureColumns(NamedTuple):
    """The columns under each part, as `columns.DecayColumns` has them under one, (K, T) each, and alone:

    full : (T, K) float64 ns, the integral over a column of what weighs 1 at its left edge.
    step : (T, K) float64, what that weighs at its right edge.
    """

    axis: TimeAxis
    anchor: np.ndarray
    segment_end: np.ndarray
    entry: np.ndarray
    factor: np.ndarray
    full: np.ndarray
    step: np.ndarray


def parts_of(model: Mixture) -> Parts:
    """The parts of a model; what no prune changes is made once for equal models."""
    order, shares = _order(model), model.shares.reshape(-1, len(model.rates))
    means, silent, last = _made(model.rates[order].tobytes(), shares[:, order].tobytes(), len(order))
    whole = shares.sum(axis=1)
    reach = np.where(whole > 0, OPEN if model.prune is None else model.prune, 0).astype(np.int64)
    return Parts(means, whole, reach, silent, last)


def mixture_columns(axis: TimeAxis, model: Mixture, how: int) -> MixtureColumns:
    """The columns under a model; ``how`` is the aggregate."""
    spelled = [model.half_lives[k] for k in _order(model)]
    lives = [HalfLife(None if h is None else np.timedelta64(h, "ns"), None) for h in spelled]
    each = [decay_columns(axis, life, how) for life in lives]
    names = ("anchor", "segment_end", "entry", "factor")
    stacked = (np.stack([getattr(c, name) for c in each]) for name in names)
    alone = _columns_alone(np.diff(axis.edges), np.array([c.rate for c in each]))
    return MixtureColumns(axis, *stacked, *alone)


@njit(cache=True, nogil=True)
def _columns_alone(widths, rates):
    """full and step of `MixtureColumns`."""
    full, step = np.empty((2, widths.shape[0], rates.shape[0]))
    for c in range(widths.shape[0]):
        for k in range(rates.shape[0]):
            full[c, k] = integral(0, widths[c], rates[k])
            step[c, k] = weight(widths[c], rates[k])
    return full, step


def _order(model: Mixture) -> np.ndarray:
    """The parts of a model by falling rate."""
    return np.argsort(-model.rates, kind="stable")


@lru_cache(maxsize=4)
def _made(rates: bytes, shares: bytes, parts: int) -> tuple[MeanWeights, np.ndarray, np.ndarray]:
    means = mean_weights(np.frombuffer(rates).copy(), np.frombuffer(shares).reshape(-1, parts).copy())
    silent = silent_ages(means.rates, means.shares)
    return means, silent, parts - 1 - np.argmax(means.shares[:, ::-1] > 0, axis=1)


def silent_ages(rates: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """The age from which each part of each class is faint beside a slower one: (M, K) int64 ns.

        share 2**(-a rate)  <=  2**-FAINT  x  slower share 2**(-a slower rate)

    and so at every later age. The slowest part that has a share never is.

    Parameters
    ----------
    rates : (K,), falling; shares : (M, K).
    """
    silent = np.full(shares.shape, float(FOREVER))
    with np.errstate(divide="ignore"):
        bits = np.log2(shares)
    for k in range(len(rates)):
        for slower in range(k + 1, len(rates)):
            there = (shares[:, k] > 0) & (shares[:, slower] > 0)
            if rates[k] > rates[slower]:
                ahead = np.maximum(bits[there, k] - bits[there, slower] + FAINT, 0.0)
                silent[there, k] = np.minimum(silent[there, k], ahead / (rates[k] - rates[slower]))
    return np.where(shares > 0, silent, 0.0).astype(np.int64)


@njit(cache=True, nogil=True, inline="always")
def weight_of(m, age, parts):
    """The weight of an age, int64 ns, of class ``m``, prune aside."""
    if age == 0:
        return parts.whole[m]
    total = 0.0
    for k in range(parts.means.rates.shape[0]):
        if age < parts.silent[m, k]:
            total += parts.means.shares[m, k] * np.exp2(-age * parts.means.rates[k])
    return total


@njit(cache=True, nogil=True, inline="always")
def columns_of(k, columns, parts):
    """The columns under part ``k``, `columns.DecayColumns`; each class has a prune of its own."""
    anchor, segment_end = columns.anchor[k], columns.segment_end[k]
    entry, factor = columns.entry[k], columns.factor[k]
    return DecayColumns(columns.axis, anchor, segment_end, entry, factor, parts.means.rates[k], OPEN)

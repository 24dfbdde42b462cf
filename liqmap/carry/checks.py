"""Whether a carry model of one's own keeps what every model promises, asked at ages from 1 ms to a month."""

from __future__ import annotations

from typing import Any

import numpy as np

from liqmap.schema import OPEN, GridError

AGES = np.unique(np.append(0, np.geomspace(10**6, 30 * 86_400 * 10**9, 96).astype(np.int64)))
"""ns, (A,): where a model is asked."""

DISTANCES = np.array([np.nan, 0.0, 1.0, 5.0, 20.0, 100.0, 1_000.0])
"""Basis points from the touch at which one that goes by distance is asked, each by itself."""

SLACK = 1e-6
"""Rounding that is no fault, of a weight and of an integral by its bounds."""


def check_model(model: Any, argument: str = "carry", may_rise: bool = False) -> None:
    """Refuse a model of which sizes would grow as nobody hears of them, or means contradict them.

    Parameters
    ----------
    argument : where it was passed. may_rise : whether it is a rate of presence, which may rise with age.

    Raises
    ------
    GridError : a weight that is not from 0 to 1 or rises with age, is not 0 beyond its reach, or an integral
        that the weights at both its ends do not allow.
    """
    for distance in DISTANCES if model.by_distance else (None,):
        far = None if distance is None else np.full(len(AGES), distance)
        found = _fault(model, far, may_rise)
        if found is not None:
            expected, got = found
            raise GridError(where=type(model).__name__, argument=argument, expected=expected, got=got)


def _fault(model: Any, distance: np.ndarray | None, may_rise: bool) -> tuple[str, str] | None:
    """What was expected and what a model says instead; None of one without fault."""
    weight = np.asarray(model.weight(AGES, distance), np.float64)
    if weight.shape != AGES.shape:
        return f"a weight for each age, shape {AGES.shape}", f"shape {weight.shape}"
    if not ((weight >= -SLACK) & (weight <= 1 + SLACK)).all():
        k = int(np.argmin((weight >= -SLACK) & (weight <= 1 + SLACK)))
        return "weights from 0 to 1", f"{weight[k]:.6g} at {_seconds(k)}"
    rises = np.flatnonzero(np.diff(weight) > SLACK)
    if len(rises) and not may_rise:
        k = int(rises[0])
        got = f"{weight[k]:.6g} at {_seconds(k)} and {weight[k + 1]:.6g} at {_seconds(k + 1)}"
        return "a weight that never rises with age", got
    reach = np.broadcast_to(np.asarray(model.reach(distance)), AGES.shape)
    beyond = np.flatnonzero((reach <= AGES) & (reach < OPEN) & (weight > SLACK))
    if len(beyond):
        k = int(beyond[0])
        return "no weight from its reach on", f"{weight[k]:.6g} at {_seconds(k)}"
    return _integral_fault(model, distance, weight, may_rise)


def _integral_fault(
    model: Any, distance: np.ndarray | None, weight: np.ndarray, may_rise: bool
) -> tuple[str, str] | None:
    """What is wrong with a model's means from age to age; one that may rise is only held to 0 and 1."""
    ends = None if distance is None else distance[1:]
    mean = np.asarray(model.integral(AGES[:-1], AGES[1:], ends), np.float64) / np.diff(AGES)
    low, high = (0.0, 1.0) if may_rise else (weight[1:], weight[:-1])
    fits = (mean <= high + SLACK) & (mean >= low - SLACK)
    if mean.shape == (len(AGES) - 1,) and fits.all():
        return None
    k = int(np.argmin(fits)) if mean.shape == fits.shape else 0
    bounds = "0 and 1" if may_rise else f"the weights at both ends ({weight[k]:.6g} and {weight[k + 1]:.6g})"
    return f"an integral within {bounds}", f"{mean.flat[k]:.6g} a ns, from {_seconds(k)} to {_seconds(k + 1)}"


def _seconds(k: int) -> str:
    return f"{AGES[k] / 1e9:.6g} s"

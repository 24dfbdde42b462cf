"""How probable it is that a level is still there: kept apart from how much of its size to believe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from liqmap.carry.checks import AGES, DISTANCES, SLACK
from liqmap.carry.model import CarryModel, asked, carry_model, goes_by_size
from liqmap.schema import GridError
from liqmap.schema.arguments import is_number

SIZES = np.geomspace(1e-9, 1e9, 19)
"""Base units at which rates that go by size are compared, besides the edges of their own classes."""


@dataclass(frozen=True)
class Presence:
    """The probability that a level which nobody sees any more is still there, and how sure that rate is.

    Parameters
    ----------
    likely : a carry model whose weight of an age is the probability that a level, last confirmed so long ago,
        is still there with any size.
    low, high : the ends of the interval of that rate, as models too; nowhere above or below ``likely``.
    level : how often the interval is meant to hold the rate, between 0 and 1.

    Raises
    ------
    GridError : no such models, a low end above ``likely`` or a high end below it, a level out of range.

    Notes
    -----
    The interval is of the rate among levels of one age (and size, and distance), not of a single level: that
    one is there or not.
    """

    likely: CarryModel
    low: CarryModel
    high: CarryModel
    level: float = 0.9

    def __post_init__(self) -> None:
        for name in ("likely", "low", "high"):
            check_rate(getattr(self, name), name)
        if not (is_number(self.level) and 0 < self.level < 1):
            raise GridError(argument="level", expected="a share between 0 and 1", got=f"{self.level!r:.60}")
        self._check_order()

    def _check_order(self) -> None:
        models = (self.low, self.likely, self.high)
        ages, *by = (a.ravel() for a in np.meshgrid(AGES, _distances(models), _sizes(models)))
        low, likely, high = (model.weight(ages, *asked(model, *by)) for model in models)
        if (low > likely + SLACK).any() or (likely > high + SLACK).any():
            k = int(np.argmax(np.maximum(low - likely, likely - high)))
            rates = f"{low[k]:.6g}, {likely[k]:.6g} and {high[k]:.6g}"
            got = f"{rates} at {ages[k] / 1e9:.6g} s, {by[0][k]:.6g} bps, size {by[1][k]:.6g}"
            raise GridError(argument="likely", expected="rates that rise from low to high", got=got)


def check_rate(model: Any, argument: str) -> None:
    """Refuse what is no carry model.

    Raises
    ------
    GridError : it is none, or breaks the rules of models (see `checks.check_model`).
    """
    if model is None or isinstance(model, (type, Presence)) or not isinstance(model, CarryModel):
        expected = "a carry model such as HalfLife('5min', None) or Survival(ages, weights)"
        raise GridError(argument=argument, expected=expected, got=f"{model!r:.60}")
    carry_model(None, None, model)


def _distances(models: tuple[CarryModel, ...]) -> np.ndarray:
    """Basis points at which models may differ; one where none of them goes by distance."""
    if not any(model.by_distance for model in models):
        return np.zeros(1)
    return np.concatenate([DISTANCES, *(_about(model, "distances") for model in models)])


def _sizes(models: tuple[CarryModel, ...]) -> np.ndarray:
    """Sizes at which models may differ; one where none of them goes by size."""
    if not any(map(goes_by_size, models)):
        return np.ones(1)
    return np.concatenate([SIZES, *(_about(model, "sizes") for model in models)])


def _about(model: CarryModel, name: str) -> np.ndarray:
    """Both sides of the edges of a model's classes."""
    edges = np.ravel(np.asarray(getattr(model, name, ()), np.float64))
    return np.concatenate([edges, np.nextafter(edges, -np.inf)])

"""A model for as long as another one carries: rates of what is drawn, and of nothing that is dropped."""

from __future__ import annotations

from copy import copy
from typing import Any

import numpy as np

from liqmap.carry.classes import by_class
from liqmap.carry.exponentials import Exponentials
from liqmap.carry.mixture import Mixture
from liqmap.carry.model import Ages, CarryModel, HalfLife, asked, goes_by_size
from liqmap.carry.presence_rate import PresenceRate
from liqmap.carry.survival import Survival
from liqmap.schema import OPEN


def until(model: CarryModel, carry: CarryModel) -> CarryModel:
    """``model``, with nothing from the age on at which ``carry`` drops a level.

    A model of the package stays one of its kind, with a shorter prune, where all levels are dropped at one
    age: kernels that know it are faster than any model's.
    """
    end = end_of(carry)
    if end is None:
        return Until(model, carry)
    if end >= OPEN:
        return model
    if isinstance(model, HalfLife):
        return HalfLife(model.half_life, np.timedelta64(min(end, model.prune_ns), "ns"))
    if isinstance(model, (Exponentials, Mixture, PresenceRate, Survival)):
        shorter: Any = copy(model)
        shorter.prune = end if model.prune is None else min(end, model.prune)
        return shorter
    return Until(model, carry)


def end_of(carry: CarryModel) -> int | None:
    """The age, ns, at which every level is dropped, `OPEN` for never; None where it differs among them."""
    if not (carry.by_distance or goes_by_size(carry)):
        return int(np.max(carry.reach()))
    if not isinstance(carry, (Mixture, Survival)):
        return None
    ends = np.unique(carry.reach(*asked(carry, *by_class(carry))))
    return int(ends[0]) if len(ends) == 1 else None


class Until:
    """w(a) = model's weight of a for a below the age at which ``carry`` drops the level, else 0."""

    def __init__(self, model: CarryModel, carry: CarryModel) -> None:
        self.model, self.carry = model, carry
        self.by_distance = model.by_distance or carry.by_distance
        self.by_size = goes_by_size(model) or goes_by_size(carry)

    def weight(self, age: Ages, distance: Any = None, size: Any = None) -> np.ndarray:
        """Weight of each age, 0 to 1, of its shape."""
        weight = self.model.weight(age, *asked(self.model, distance, size))
        return np.where(np.asarray(age) < self._end(distance, size), weight, 0.0)

    def integral(self, young: Ages, old: Ages, distance: Any = None, size: Any = None) -> np.ndarray:
        """Integral of the weight from ``young`` to ``old``, ns, of their common shape."""
        end = self._end(distance, size)
        ages = (np.minimum(np.asarray(age, np.float64), end) for age in (young, old))
        return self.model.integral(*ages, *asked(self.model, distance, size))

    def reach(self, distance: Any = None, size: Any = None) -> np.ndarray:
        """The age, ns, from which the weight is 0."""
        return np.minimum(self.model.reach(*asked(self.model, distance, size)), self._end(distance, size))

    def attrs(self) -> dict[str, str]:
        """Those of the model."""
        return self.model.attrs()

    def _end(self, distance: Any, size: Any) -> Any:
        return self.carry.reach(*asked(self.carry, distance, size))

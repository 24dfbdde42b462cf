"""The carry model that a state stands for: made here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from liqmap.app.state.options import AS_TRANSMITTED
from liqmap.app.state.state import State
from liqmap.carry import CarryModel, HalfLife


def carry_of(state: State) -> HalfLife:
    """The model of the picture; where the book is shown as transmitted, nothing is carried."""
    prune = 0.0 if state.view == AS_TRANSMITTED else state.prune_s
    return HalfLife(_duration(state.half_life_s), _duration(prune))


def _duration(seconds: float | None) -> np.timedelta64 | None:
    """Seconds as a duration; None stays None."""
    return None if seconds is None else np.timedelta64(round(seconds * 1e9), "ns")


class CurrentCarry:
    """A carry model that is at any time another's current one: for a chart that is made once and drawn often.

    Parameters
    ----------
    current : gives the model, whenever it is asked.
    """

    by_distance = False

    def __init__(self, current: Callable[[], CarryModel]) -> None:
        self._current = current

    def weight(self, age: np.ndarray, distance: np.ndarray | None = None) -> np.ndarray:
        """Weight of an age."""
        return self._current().weight(age, distance)

    def integral(self, young: np.ndarray, old: np.ndarray, distance: np.ndarray | None = None) -> np.ndarray:
        """Integral of the weight from one age to another."""
        return self._current().integral(young, old, distance)

    def reach(self, distance: np.ndarray | None = None) -> np.ndarray | int:
        """The age from which the weight is 0."""
        return self._current().reach(distance)

    def attrs(self) -> dict[str, str]:
        """Half-life and prune in words."""
        return self._current().attrs()

"""Where a half-life and prune stand on an error surface, which knows only the points that were tried."""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import numpy as np

from liqmap.analytics.calibration.calibration import Calibration
from liqmap.carry import HalfLife, nanoseconds
from liqmap.schema import OPEN

BEYOND = 0.4
"""How far from the next point one stands that is shorter than all, in points."""


class Standing(NamedTuple):
    """A half-life and prune among the points of a surface.

    half_life, prune : places on its axes, in points from the first; between two of them by ratio.
    low, high : least and largest error of the points around it; one number where it is itself a point, 1
        where nothing is carried.
    is_point : whether it was tried itself. is_flat : whether that is as good as the best.
    """

    half_life: float
    prune: float
    low: float
    high: float
    is_point: bool
    is_flat: bool


def standing(calibration: Calibration, carry: HalfLife) -> Standing:
    """Where ``carry`` stands on the surface of a calibration.

    Notes
    -----
    Between two points the error is not known, only that of the points around.
    """
    cube = calibration.measures
    lives, prunes = (_stops(cube[dim].values.tolist()) for dim in ("half_life", "prune"))
    life = OPEN if carry.half_life is None else int(carry.half_life.astype(np.int64))  # type: ignore[union-attr]
    at = place_of(lives, int(life)), place_of(prunes, carry.prune_ns)
    error, flat = cube["error"].values, cube["flat"].values
    if carry.prune_ns == 0:
        return Standing(*at, 1.0, 1.0, True, calibration.best.prune == "0s")
    around = [_around(place, len(stops)) for place, stops in zip(at, (lives, prunes))]
    errors = [float(error[point]) for point in product(*around)]
    is_point = len(errors) == 1 and int(life) in lives and carry.prune_ns in prunes
    is_flat = is_point and bool(flat[around[0][0], around[1][0]])
    return Standing(*at, min(errors), max(errors), is_point, is_flat)


def place_of(stops: list[int], duration: int) -> float:
    """The place of a duration among rising ones (ns, `OPEN` the last), in stops from the first."""
    after = int(np.searchsorted(stops, duration))
    if after < len(stops) and stops[after] == duration:
        return float(after)
    if after == 0:
        return -BEYOND
    before = stops[after - 1]
    if stops[after] == OPEN:  # nothing is by ratio nearer to it
        return after - 0.5
    return float(after - 1 + np.log(duration / before) / np.log(stops[after] / before))


def _stops(words: list[str]) -> list[int]:
    return [int(OPEN) if ns is None else ns for ns in map(nanoseconds, words)]


def _around(place: float, count: int) -> list[int]:
    """The points beside a place, or the one that it is."""
    ends = {int(np.floor(place)), int(np.ceil(place))}
    return sorted({min(max(k, 0), count - 1) for k in ends})

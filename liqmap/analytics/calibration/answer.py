"""The best half-life and prune, how sure that is, and what it is worth on time that it was not chosen on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from liqmap.analytics.calibration.surface import Surface


@dataclass(frozen=True)
class Best:
    """The answer of a calibration. Errors are the sum of \\|carried - true\\| over the sum of true sizes.

    half_life, prune : in words such as ``30s`` or ``none``. Prune ``0s``: to draw nothing is best.
    error : of it, over all that was judged.
    error_interval : of the error, from a block bootstrap over time.
    interval : shortest and longest half-life that are as good under some prune: not surely worse by more than
        0.01.
    out_of_sample : error on the second part of the time, of what is best on the first.
    chosen_on_first : that half-life and prune.
    drop, hold, occupancy : errors of the baselines: nothing carried, carried without decay or prune, and all
        sizes weighed by the share of the levels that are still there.
    hold_out_of_sample, occupancy_out_of_sample : the same on the second part.
    """

    half_life: str
    prune: str
    error: float
    error_interval: tuple[float, float]
    interval: tuple[str, str]
    out_of_sample: float
    chosen_on_first: tuple[str, str]
    hold: float
    occupancy: float
    hold_out_of_sample: float
    occupancy_out_of_sample: float
    drop: float = 1.0


TOLERANCE = 0.01
"""Of the true size: errors that are not surely further apart are as good as each other. Nobody sees it."""


class Intervals(NamedTuple):
    """What a bootstrap says of a surface, (H, P) each.

    low, high : of the error. flat : whether a point is not surely worse than the best by more than
    `TOLERANCE`.
    """

    low: np.ndarray
    high: np.ndarray
    flat: np.ndarray


def best_point(error: np.ndarray) -> tuple[int, int]:
    """Where the error is least. Of equal ones the longest prune, which decides least, then the first."""
    least: list[list[int]] = np.argwhere(error == np.nanmin(error)).tolist()
    h, p = max(least, key=lambda point: (point[1], -point[0]))
    return h, p


def intervals(surface: Surface, best: tuple[int, int], draws: int, level: float, seed: int) -> Intervals:
    """Intervals of every point by a bootstrap of blocks of time, drawn with replacement.

    Notes
    -----
    All points are judged on the same draws, so the difference of two is far surer than either: a point is as
    good as the best where the interval of the difference of their errors reaches down to `TOLERANCE`.
    """
    drawn = surface.drawn(resampled(len(surface.levels), draws, seed))
    tail = (1 - level) / 2
    low, high = np.nanquantile(drawn, [tail, 1 - tail], axis=0)
    more = np.nanquantile(drawn - drawn[:, best[0], best[1]][:, None, None], tail, axis=0)
    return Intervals(low, high, more <= TOLERANCE)


def resampled(blocks: int, draws: int, seed: int) -> np.ndarray:
    """How often each block is in each draw of as many, with replacement: (R, B) float64."""
    chance = np.random.default_rng(seed)
    return chance.multinomial(blocks, np.full(blocks, 1 / blocks), draws).astype(np.float64)


def out_of_sample(surface: Surface, cut: int) -> tuple[tuple[int, int] | None, np.ndarray]:
    """What is best on the blocks before ``cut`` (None: to carry nothing), and the errors (H, P) on those from
    it on."""
    first, second = surface.part(slice(None, cut)), surface.part(slice(cut, None))
    if not first.true.any():  # all that would be carried was gone
        return None, second.measures()["error"]
    error = first.measures()["error"]
    at = best_point(error)
    return (at if error[at] < 1 else None), second.measures()["error"]

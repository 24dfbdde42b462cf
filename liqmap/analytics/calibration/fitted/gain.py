"""By how much a fitted model is nearer to the truth than the best half-life, and how sure that is."""

from __future__ import annotations

from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from liqmap.analytics.calibration.answer import best_point, resampled
from liqmap.analytics.calibration.surface import Surface

LEAST_BLOCKS = 5
"""Of time, in either part, with liquidity to judge by: of fewer nothing is said."""

ROUNDING = 1e-9
"""Of a gain that is none."""

MEASURED = {"median": ("absolute", "true", "error"), "mean": ("squared", "true2", "l2")}
"""By target: the sum that is judged, what it is measured by, and the name of the measure."""


class Gain(NamedTuple):
    """A fitted model beside the best half-life: chosen on the first part of the time, judged on the second.

    fitted, half_life : the measure of each (``error``; ``l2`` for the mean). gain : half_life - fitted.
    interval : of the gain. fitted_interval, half_life_interval : of each measure, on the same draws.
    recommended : whether it lies above 0, and the model is better than nothing.
    rival : half-life and prune, as places of the surface, of least measure over all of the time; None to
        carry nothing.
    """

    fitted: float
    half_life: float
    gain: float
    interval: tuple[float, float]
    fitted_interval: tuple[float, float]
    half_life_interval: tuple[float, float]
    recommended: bool
    rival: tuple[int, int] | None


def gain_of(
    surface: Surface, fitted: Surface, cut: int, target: str, draws: int, level: float, seed: int
) -> Gain:
    """Judge on the blocks from ``cut`` on; ``fitted`` has the model of the first part, then that of all.

    Notes
    -----
    The bootstrap draws whole blocks of the second part, the same for both. Of few blocks its interval is too
    narrow: it is widened about the gain as Student's is beside the normal one.
    """
    name, scale, measure = MEASURED[target]
    second, late = surface.part(slice(cut, None)), fitted.part(slice(cut, None))
    true = getattr(second, scale)
    chosen = _least(surface.part(slice(None, cut)), measure)
    theirs = true if chosen is None else second.sums[name][:, chosen[0], chosen[1]]
    ours = late.sums[name][:, 0, 0]
    blocks = len(true)
    counts = np.vstack([np.ones(blocks), resampled(blocks, draws, seed)])  # the first: all of them, once each
    with np.errstate(invalid="ignore", divide="ignore"):
        both = [(counts @ sums) / (counts @ true) for sums in (ours, theirs)]
    if target == "mean":
        both = [np.sqrt(ratio) for ratio in both]
    some, rival = int(np.count_nonzero(true)), _least(surface, measure)
    ends = _ends(both[1] - both[0], some, level)
    one, other = float(both[0][0]), float(both[1][0])
    better = bool(ends[0] > ROUNDING and one < 1)
    model, half_life = (_ends(drawn, some, level) for drawn in both)
    return Gain(one, other, other - one, ends, model, half_life, better, rival)


def _ends(drawn: np.ndarray, blocks: int, level: float) -> tuple[float, float]:
    """The interval of what was drawn (R + 1,), the first of them the value itself, widened for few blocks."""
    middle, tail = drawn[0], (1 - level) / 2
    low, high = middle + widened(np.nanquantile(drawn[1:], [tail, 1 - tail]) - middle, blocks, level)
    return float(low), float(high)


def widened(spread: np.ndarray, blocks: int, level: float) -> np.ndarray:
    """Ends of a bootstrap's interval about its middle, as few blocks want them: by the ratio of Student's
    quantile to the normal one (Fisher's expansion), and by sqrt(n / (n - 1)) for the mean that was taken off.
    """
    z, free = NormalDist().inv_cdf((1 + level) / 2), blocks - 1
    t = z + (z**3 + z) / (4 * free) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * free**2)
    return np.asarray(spread * (t / z) * np.sqrt(blocks / free))


def _least(surface: Surface, measure: str) -> tuple[int, int] | None:
    """Half-life and prune of the least measure; None where nothing drawn is better."""
    found = surface.measures()[measure]
    at = best_point(found)
    return at if found[at] < 1 else None

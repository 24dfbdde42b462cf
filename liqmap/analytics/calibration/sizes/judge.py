"""Intervals of sizes judged: how many of the levels that were held out are of a size within them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from liqmap.analytics.calibration.fitted.classes import Classes
from liqmap.analytics.calibration.presence.classes import AGES, GROUPS
from liqmap.analytics.calibration.presence.counts import Counting, Counts
from liqmap.analytics.calibration.presence.groups import by_group
from liqmap.analytics.calibration.presence.judge import Fits, bounds_of, said_by_bin
from liqmap.analytics.calibration.presence.ratios import HIGH_ENDS, LOW_ENDS
from liqmap.analytics.calibration.presence.spread import LEAST_LEVELS
from liqmap.analytics.calibration.presence.steps import repeats_of
from liqmap.analytics.calibration.sizes.intervals import SizeIntervals, ends, quantiles_of, whole_ends
from liqmap.carry.presence import Presence

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class SizeCoverage:
    """Intervals of sizes beside what was there, by groups of age, distance and size.

    groups : DataFrame, a row each: ``age_low``, ``age_high`` (s), ``distance_low``, ``distance_high`` (bps),
        ``size_low``, ``size_high``; ``levels`` counted; ``nothing``, the probability that was said of nothing
        being there, and ``gone``, the share that was; ``low``, ``high``, the interval of true / last size of
        what is there, and ``inside``, the share of that within it; ``whole_low``, ``whole_high``, the
        interval with the nothing, and ``whole_inside``, the share of all levels within that.
    """

    groups: pd.DataFrame

    @property
    def inside(self) -> float:
        """Share of the levels that were there whose size is within the interval of what is there."""
        groups = self.groups
        return _mean(groups["inside"].fillna(0.0), groups["levels"] * (1 - groups["gone"]))

    @property
    def whole_inside(self) -> float:
        """Share of all levels whose true size, 0 included, is within the interval with the nothing."""
        return _mean(self.groups["whole_inside"], self.groups["levels"])


def _mean(values: pd.Series, weights: pd.Series) -> float:
    return float((values * weights).sum() / weights.sum()) if weights.sum() > 0 else float("nan")


def sized(counting: Counting, fits: Fits, level: float) -> dict[str, Any]:
    """What a calibration says of sizes: of all of the time, and of the first part, judged on the second."""
    cut = counting.cut
    first, late = counting.counts.part(slice(None, cut)), counting.counts.part(slice(cut, None))
    whole = None if fits.whole is None else _intervals(counting, counting.counts, None)
    judged = None
    if fits.first is not None and late.levels.any():
        early = _intervals(counting, first, 0)
        judged = coverage(fits.first, early, late, counting.ratios[1], level).groups
    return {"sizes": whole, "size_groups": judged}


def _intervals(counting: Counting, counts: Counts, part: int | None) -> SizeIntervals:
    """Of all of the time, or of one part of it."""
    ratios = counting.ratios.sum(axis=0) if part is None else counting.ratios[part]
    found = quantiles_of(ratios, repeats_of(counts, counting.different(part)))
    return SizeIntervals(counting.classes.sizes, counting.classes.distances, AGES[GROUPS[1:]], found)


def coverage(
    presence: Presence, intervals: SizeIntervals, late: Counts, ratios: np.ndarray, level: float
) -> SizeCoverage:
    """Judge by the second part; groups of fewer than 30 levels are left out.

    Parameters
    ----------
    late : (B, S, D, A) counts. ratios : (S, D, G, Q), rows that were there.
    """
    import pandas as pd

    counts, classes = late.whole(), Classes(intervals.sizes, intervals.distances, AGES[1:])
    some = by_group(counts.levels) >= LEAST_LEVELS
    levels, there = by_group(counts.levels)[some], by_group(counts.there)[some]
    likely = by_group(said_by_bin(presence.likely, counts, classes) * counts.levels)[some] / levels
    nothing, gone = np.clip(1 - likely, 0, 1), levels - there
    table, found, tail = intervals.quantiles[some], ratios[some], np.full(len(levels), (1 - level) / 2)
    low, high = ends(table, tail, 1 - tail)
    whole_low, whole_high = whole_ends(table, nothing, level)
    inside = _within(found, low, high) / np.where(there > 0, there, np.nan)
    whole_inside = (_within(found, whole_low, whole_high) + np.where(whole_low <= 0, gone, 0)) / levels
    columns = bounds_of(classes, some) | {"levels": levels.astype(np.int64)}
    columns |= {"nothing": nothing, "gone": gone / levels, "low": low, "high": high, "inside": inside}
    columns |= {"whole_low": whole_low, "whole_high": whole_high, "whole_inside": whole_inside}
    return SizeCoverage(pd.DataFrame(columns))


def _within(ratios: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """How many of ratios (N, Q) lie between ends (N,), which are those of their classes."""
    inside = (low[:, None] <= LOW_ENDS) & (high[:, None] >= HIGH_ENDS)
    return np.asarray((ratios * inside).sum(axis=1))

"""A presence judged: how far groups' rates are from what it says, and whether its intervals hold them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from liqmap.analytics.calibration.fitted.classes import Classes
from liqmap.analytics.calibration.held_out import Judged
from liqmap.analytics.calibration.presence.classes import AGES, GROUPS, middles
from liqmap.analytics.calibration.presence.counts import Counting, Counts, Different
from liqmap.analytics.calibration.presence.fit import fit_presence
from liqmap.analytics.calibration.presence.groups import by_group, chance_of
from liqmap.analytics.calibration.presence.spread import LEAST_LEVELS
from liqmap.carry import CarryModel, asked
from liqmap.carry.presence import Presence

if TYPE_CHECKING:
    import pandas as pd

SLACK = 1e-3
"""By which a rate may be beyond an end: no share of half-lives is quite 0, so no end is quite 0 or 1."""

TOLERANCE = 0.03
"""Error of a presence that is asked for: a time can tell of it where chance alone makes no larger one."""

MEAN = float(np.sqrt(2 / np.pi))
"""Mean distance of what is normally distributed from its middle, in standard deviations."""


class Known(NamedTuple):
    """What is known of a part of the time: its counts, and how many different levels they are of."""

    counts: Counts
    different: Different


@dataclass(frozen=True, eq=False)
class Reliability:
    """A presence beside what was there, by groups of age, distance and size.

    groups : DataFrame, a row each: ``age_low``, ``age_high`` (s), ``distance_low``, ``distance_high`` (bps),
        ``size_low``, ``size_high``; ``levels`` counted; ``predicted``, ``low``, ``high``, the means of
        what was said of each; ``there``, the share that was; ``inside``, whether the interval holds it;
        ``chance``, the standard error of ``there``, the larger of what its eighths of the time and what its
        different levels say; ``unsure``, that of the rate of the same group in the time fitted to, NaN where
        it was not seen.
    """

    groups: pd.DataFrame

    @property
    def error(self) -> float:
        """Mean of \\|predicted - there\\|, weighed by levels."""
        return self._mean((self.groups["predicted"] - self.groups["there"]).abs())

    @property
    def chance(self) -> float:
        """What that would be on this time if the true rates were predicted."""
        return self._mean(self.groups["chance"] * MEAN)

    @property
    def floor(self) -> float:
        """What that would be if the rates of the time fitted to were predicted as they were, and the true
        ones had not changed, by the chance of both times: of groups that both have, else `chance`."""
        if "unsure" not in self.groups or self.groups["unsure"].isna().all():
            return self.chance
        groups = self.groups[self.groups["unsure"].notna()]
        return Reliability(groups)._mean(np.hypot(groups["chance"], groups["unsure"]) * MEAN)

    @property
    def long_enough(self) -> bool:
        """Whether the time can tell an error of 3 points from chance: whether the `floor` is no higher."""
        return bool(self.floor <= TOLERANCE)

    @property
    def covered(self) -> float:
        """Share of the groups whose rate is inside the interval."""
        return float(self.groups["inside"].mean()) if len(self.groups) else float("nan")

    def _mean(self, column: pd.Series) -> float:
        levels = self.groups["levels"]
        return float((column * levels).sum() / levels.sum()) if len(levels) else float("nan")


def judge_presence(presence: Presence, judged: Judged) -> Reliability:
    """Judge a presence by levels held out, in groups by the sizes and distances that it goes by.

    Parameters
    ----------
    judged : the levels, of a time that it was not fitted to.
    """
    sizes, distances = (getattr(presence.likely, name, np.empty(0)) for name in ("sizes", "distances"))
    counting = Counting(judged, Classes(sizes, distances, AGES[1:]))
    for _ in counting.counted(judged):
        pass
    return reliability(presence, Known(counting.counts, counting.different()), counting.classes)


class Fits(NamedTuple):
    """A presence fitted to all of the time, and to its first part; None of one that is too short."""

    whole: Presence | None
    first: Presence | None


def fits_of(counting: Counting, level: float) -> Fits:
    """The presence of a market, with intervals of so much."""
    early = counting.counts.part(slice(None, counting.cut))
    whole = fit_presence(counting.counts, counting.different(), counting.classes, level)
    return Fits(whole, fit_presence(early, counting.different(0), counting.classes, level))


def present(counting: Counting, fits: Fits) -> dict[str, Any]:
    """What a calibration says of presence: fitted to all of the time, and judged on its second part."""
    counts, cut = counting.counts, counting.cut
    early = Known(counts.part(slice(None, cut)), counting.different(0))
    late = Known(counts.part(slice(cut, None)), counting.different(1))
    judged = None
    if fits.first is not None and late.counts.levels.any():
        judged = reliability(fits.first, late, counting.classes, early)
    return {"presence": fits.whole, "presence_groups": None if judged is None else judged.groups}


def reliability(presence: Presence, late: Known, classes: Classes, early: Known | None = None) -> Reliability:
    """`judge_presence` on counts; groups of fewer than 30 levels are left out.

    Parameters
    ----------
    late : what it is judged by. early : what it was fitted to.
    """
    import pandas as pd

    whole = late.counts.whole()
    levels, there = np.maximum(by_group(whole.levels), 1e-9), by_group(whole.there)
    some = levels >= LEAST_LEVELS
    number = levels[some]
    columns = {**bounds_of(classes, some), "levels": number.astype(np.int64)}
    for name in ("likely", "low", "high"):
        said = said_by_bin(getattr(presence, name), whole, classes)
        columns[name] = by_group(said * whole.levels)[some] / number
    columns["predicted"] = columns.pop("likely")
    rate = columns["there"] = there[some] / number
    columns["inside"] = (rate >= columns["low"] - SLACK) & (rate <= columns["high"] + SLACK)
    columns["chance"] = chance_of(*late)[some]
    columns["unsure"] = _unsure(early)[some] if early is not None else np.full(len(number), np.nan)
    names = ["levels", "predicted", "low", "high", "there", "inside", "chance", "unsure"]
    return Reliability(pd.DataFrame(columns)[[*bounds_of(classes, some), *names]])


def _unsure(early: Known) -> np.ndarray:
    """Standard errors of groups' rates (S, D, G) in the time fitted to, NaN where none was seen."""
    seen = by_group(early.counts.levels.sum(axis=0)) > 0
    return np.where(seen, chance_of(*early), np.nan)


def said_by_bin(model: CarryModel, whole: Counts, classes: Classes) -> np.ndarray:
    """What a model says of each bin (S, D, A) of age, asked at its mean age."""
    mean = whole.age / np.maximum(whole.levels, 1)
    age = np.where(whole.levels > 0, mean, middles(AGES)) * 1e9
    size, distance, _ = np.meshgrid(
        _inside(classes.sizes), _inside(classes.distances), np.empty(age.shape[2]), indexing="ij"
    )
    by = asked(model, distance.ravel(), size.ravel())
    return np.asarray(model.weight(age.ravel(), *by)).reshape(age.shape)


def _inside(edges: np.ndarray) -> np.ndarray:
    """A value of each class: its lower edge, and one below the first."""
    return np.append(np.nextafter(edges[0], -np.inf), edges) if len(edges) else np.ones(1)


def bounds_of(classes: Classes, some: np.ndarray) -> dict[str, np.ndarray]:
    """The edges of the groups chosen out of (S, D, G)."""
    place = dict(zip(("size", "distance", "age"), np.nonzero(some)))
    out: dict[str, np.ndarray] = {}
    for name in ("age", "distance", "size"):
        between = AGES[GROUPS[1:]] * 1e-9 if name == "age" else getattr(classes, f"{name}s")
        edges = np.concatenate([[0.0], between, [np.inf]])
        out |= {f"{name}_low": edges[place[name]], f"{name}_high": edges[place[name] + 1]}
    return out

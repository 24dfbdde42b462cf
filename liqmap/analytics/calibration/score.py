"""A narrow feed scored against a wide book: the error surface, the answer and the tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from liqmap.analytics.calibration.answer import Best, Intervals, best_point, intervals, out_of_sample
from liqmap.analytics.calibration.fitted import Fit, Fitting, classes_of
from liqmap.analytics.calibration.fitted.gain import MEASURED
from liqmap.analytics.calibration.held_out import HeldOut, Judged
from liqmap.analytics.calibration.presence import Counting
from liqmap.analytics.calibration.sums import Blocks, Sums, Weights, sum_up
from liqmap.analytics.calibration.surface import MEASURES, Surface, rank_correlations
from liqmap.analytics.calibration.tally import GROUPS
from liqmap.carry import Duration, HalfLife, nanoseconds, spell
from liqmap.schema import OPEN, GridError

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

MINUTE = 60 * 10**9
HALF_LIVES: tuple[Duration, ...] = (
    "5s", "10s", "15s", "30s", "1min", "2min", "5min", "10min", "15min", "30min", "1h", None,
)  # fmt: skip
PRUNES: tuple[Duration, ...] = ("30s", "1min", "2min", "5min", "15min", "30min", "1h", None)

SAMPLED = 10_000
"""Levels of which the rank correlation is computed: right to about 0.01."""
LEAST_INSTANTS, LEAST_BLOCKS = 60, 10
"""Below which nothing is said."""


@dataclass(frozen=True)
class Choices:
    """What is tried and how it is judged.

    half_lives, prunes : ns, rising, `OPEN` (none) the last of both. block : ns, or None: a minute, or a
        twentieth of a shorter time. split : share of the time that is the first part. draws : of the
        bootstrap. level : of its intervals. seed : of all that is random. target : of the fitted model.
    """

    half_lives: tuple[int, ...]
    prunes: tuple[int, ...]
    block: int | None
    split: float
    draws: int
    level: float
    seed: int
    target: str = "median"

    @property
    def rates(self) -> np.ndarray:
        """(H,) 1 / half-life, 1 / ns; 0 without decay."""
        return np.array([0.0 if h == OPEN else 1.0 / h for h in self.half_lives])

    def words(self, h: int, p: int) -> tuple[str, str]:
        """Half-life and prune of a point."""
        return spelled(self.half_lives[h]), spelled(self.prunes[p])


def choices(
    half_lives: Any,
    prunes: Any,
    block: Duration,
    split: float,
    draws: int,
    level: float,
    seed: int,
    target: str = "median",
) -> Choices:
    """What users choose, checked; both lists rise, and none is always among them.

    Raises
    ------
    GridError : a half-life or block not above zero, a prune below it, shares that are none, no such target.
    """
    if not isinstance(target, str) or target not in MEASURED:
        raise GridError(argument="target", expected=f"one of {tuple(MEASURED)}", got=repr(target))
    for name, share in (("split", split), ("level", level)):
        if not 0 < share < 1:
            raise GridError(argument=name, expected="a share between 0 and 1", got=repr(share))
    if draws < 1:
        raise GridError(argument="draws", expected="at least 1", got=repr(draws))
    length = nanoseconds(block, "block")
    if length is not None and length <= 0:
        raise GridError(argument="block", expected="a duration above zero such as '1min'", got=repr(block))
    lives = (nanoseconds(HalfLife(h, None).half_life, "half_lives") for h in half_lives)
    rising = sorted({int(OPEN), *(h for h in lives if h is not None)})
    ages = sorted({int(OPEN), *(HalfLife(None, p).prune_ns for p in prunes)})
    return Choices(tuple(rising), tuple(ages), length, split, draws, level, seed, target)


@dataclass(frozen=True)
class Score:
    """A surface and what follows from it; see `Calibration`, which says what each is.

    sums, surface : per block of time, by age and by prune. cut : the block that the second part begins with.
    """

    best: Best
    table: pd.DataFrame
    measures: xr.Dataset
    reliability: pd.DataFrame
    levels: int
    sums: Sums
    surface: Surface
    blocks: Blocks
    cut: int
    fit: Fit | None
    counting: Counting


def score(judged: Judged, chosen: Choices) -> Score:
    """Score every half-life and prune, and fit a model beside them.

    Raises
    ------
    GridError : too little is carried, for too short a time, or nothing rests where something is.
    """
    blocks = blocks_of(judged, chosen.block)
    cut = _cut(judged, blocks, chosen.split)
    prunes, share = np.array(chosen.prunes[:-1], np.int64), min(1.0, SAMPLED / max(1, len(judged)))
    weights = Weights(np.ones(len(chosen.rates)), chosen.rates)
    split = blocks.begin + cut * blocks.length
    fitting = Fitting(classes_of(judged), blocks, cut, chosen.target)
    counting = Counting(judged, split=split)
    rows = counting.counted(fitting.counted(judged))
    sums, sample = sum_up(rows, weights, prunes, blocks, share, chosen.seed)
    surface = Surface.of(sums)
    check_enough(judged, surface)
    fitting.fit(surface, chosen.half_lives)
    occupied = Surface.of(_even(fitting.weighed(judged), surface, cut, blocks))
    fit = fitting.result(surface, sample, chosen.draws, chosen.level, chosen.seed)
    measures = surface.measures()
    measures["rank"] = rank_correlations(sample, chosen.rates, np.array(chosen.prunes, np.int64))
    at = best_point(measures["error"])
    spread = intervals(surface, at, chosen.draws, chosen.level, chosen.seed)
    first, second = out_of_sample(surface, cut)
    best = _best(chosen, measures["error"], spread, at, first, second)
    answer = Best(**(best | _occupancy(occupied, cut)))
    cube = _dataset(chosen, measures, spread, second)
    table = _table(cube, _baselines(cube, surface, occupied, answer.occupancy_out_of_sample), fit)
    point = None if answer.prune == "0s" else at
    curve, levels = _reliability(sums, point), len(judged)
    return Score(answer, table, cube, curve, levels, sums, surface, blocks, cut, fit, counting)


def _cut(judged: Judged, blocks: Blocks, split: float) -> int:
    """The block that the second part begins with: a share of those with anything to judge lies before it."""
    some = np.unique(blocks.of(judged.times[judged.counts > 0]))
    if len(some) < 2:
        return max(blocks.number - 1, 1)
    return max(int(some[min(max(round(split * len(some)), 1), len(some) - 1)]), 1)


def _even(portions: Iterable[HeldOut], surface: Surface, cut: int, blocks: Blocks) -> Sums:
    """Sums under the share of the levels that are there, over all of the time and over its first part."""
    rates = [s.present.sum() / s.levels.sum() for s in (surface, surface.part(slice(None, cut)))]
    sums, _ = sum_up(portions, Weights(np.array(rates), np.zeros(2)), np.empty(0, np.int64), blocks, 0.0, 0)
    return sums


def _occupancy(occupied: Surface, cut: int) -> dict[str, float]:
    """Errors of the base rate: on all of the time, and of the first part's on the second."""
    late = occupied.part(slice(cut, None)).measures()["error"][1, 0]
    return {
        "occupancy": float(occupied.measures()["error"][0, 0]),
        "occupancy_out_of_sample": float(late),
    }


def blocks_of(judged: Judged, length: int | None) -> Blocks:
    """Blocks of the time judged."""
    times = judged.times
    if not len(times):
        return Blocks(0, MINUTE, 1)
    begin, end = int(times[0]) - judged.step, int(times[-1])
    length = length or max(judged.step, min(MINUTE, (end - begin) // 20))
    return Blocks(begin, length, -(-(end - begin) // length))


def check_enough(judged: Judged, surface: Surface) -> None:
    """Refuse to answer from next to nothing.

    Raises
    ------
    GridError : says what there is too little of.
    """
    where = f"{judged.narrow.meta.venue} {judged.narrow.meta.symbol}, {_levels(judged)}"
    instants, blocks = np.count_nonzero(judged.counts), np.count_nonzero(surface.true > 0)
    if not instants:
        raise GridError(where=where, expected="levels that it carries inside the deeper book", got="none")
    if instants < LEAST_INSTANTS:
        expected = f"levels that it carries at {LEAST_INSTANTS} instants or more"
        got = f"{instants} of {len(judged.times)}"
        raise GridError(where=where, expected=expected, got=got, remedy="Take a longer session")
    if blocks < LEAST_BLOCKS:
        expected = f"liquidity beyond its window in at least {LEAST_BLOCKS} blocks of time"
        got = f"{blocks} of {len(surface.true)}"
        raise GridError(where=where, expected=expected, got=got, remedy="Take a longer session")


def _levels(judged: Judged) -> str:
    limit = judged.narrow.meta.depth_limit
    return f"{limit} levels a side" if limit else "the whole book"


def spelled(duration: int) -> str:
    """A duration in ns in words; `OPEN` is ``none``."""
    return spell(None if duration == OPEN else duration)


def _best(
    chosen: Choices,
    error: np.ndarray,
    spread: Intervals,
    at: tuple[int, int],
    first: tuple[int, int] | None,
    second: np.ndarray,
) -> dict[str, Any]:
    """The answer, but for occupancy."""
    alike = np.flatnonzero(spread.flat.any(axis=1))
    found = {
        "half_life": chosen.words(*at)[0],
        "prune": chosen.words(*at)[1],
        "error": float(error[at]),
        "error_interval": (float(spread.low[at]), float(spread.high[at])),
        "interval": (spelled(chosen.half_lives[alike[0]]), spelled(chosen.half_lives[alike[-1]])),
        "out_of_sample": 1.0 if first is None else float(second[first]),
        "chosen_on_first": ("none", "0s") if first is None else chosen.words(*first),
        "hold": float(error[-1, -1]),
        "hold_out_of_sample": float(second[-1, -1]),
    }
    if error[at] >= 1:  # whatever is carried is worse than nothing
        nothing = {"half_life": "none", "prune": "0s", "error": 1.0, "error_interval": (1.0, 1.0)}
        found |= nothing | {"interval": ("none", "none")}
    return found


def _dataset(
    chosen: Choices, measures: dict[str, np.ndarray], spread: Intervals, second: np.ndarray
) -> xr.Dataset:
    """All measures by half-life and prune; in words, with their seconds beside them (infinite: none)."""
    import xarray as xr

    dims = ("half_life", "prune")
    names = {dim: [spelled(d) for d in each] for dim, each in zip(dims, (chosen.half_lives, chosen.prunes))}
    lasts = {
        f"{dim}_s": (dim, np.array([np.inf if d == OPEN else d / 1e9 for d in each]), {"units": "s"})
        for dim, each in zip(dims, (chosen.half_lives, chosen.prunes))
    }
    cube = xr.Dataset(coords=names | lasts)
    for name, values in measures.items():
        cube[name] = dims, values, {"long_name": MEASURES[name]}
    cube["low"] = dims, spread.low, {"long_name": "lower end of the error's interval"}
    cube["high"] = dims, spread.high, {"long_name": "upper end of the error's interval"}
    cube["out_of_sample"] = dims, second, {"long_name": "error on the second part of the time"}
    cube["flat"] = dims, spread.flat, {"long_name": "not surely worse than the best by more than 0.01"}
    return cube


def _baselines(cube: xr.Dataset, surface: Surface, occupied: Surface, late: float) -> list[dict[str, Any]]:
    """A row each of what any model has to beat."""
    dropped = {"error": 1.0, "l2": 1.0, "bias": -1.0, "recovered": 0.0, "out_of_sample": 1.0}
    dropped["brier"] = float(surface.present.sum() / surface.levels.sum())
    even = {name: float(values[0, 0]) for name, values in occupied.measures().items()}
    held = cube.isel(half_life=-1, prune=-1)
    kept = {str(name): held[name].item() for name in cube.data_vars if name != "flat"}
    return [
        {"model": "drop", "half_life": "none", "prune": "0s"} | dropped,
        {"model": "never decay", "half_life": "none", "prune": "none"} | kept,
        {"model": "occupancy", "half_life": "", "prune": ""} | even | {"out_of_sample": late},
    ]


def _table(cube: xr.Dataset, baselines: list[dict[str, Any]], fit: Fit | None) -> pd.DataFrame:
    """The baselines and what was fitted, then a row per half-life and prune."""
    import pandas as pd

    rows = cube.drop_vars(["half_life_s", "prune_s"]).to_dataframe().reset_index()
    rows.insert(0, "model", "half-life")
    fitted = [] if fit is None else [{"model": "fitted", "half_life": "", "prune": ""} | fit.row]
    first = pd.DataFrame(baselines + fitted).assign(flat=False)
    order = ["model", "half_life", "prune", "error", "low", "high", "out_of_sample"]
    order += [name for name in MEASURES if name != "error"] + ["flat"]
    return pd.concat([first.reindex(columns=order), rows[order]], ignore_index=True)


def _reliability(sums: Sums, point: tuple[int, int] | None) -> pd.DataFrame:
    """Levels by their weight in tenths under the best point: how many, their mean weight, how many are
    there. None is carried under ``None``."""
    import pandas as pd

    groups = sums.groups
    whole = groups[:, 0].sum(axis=(0, 1))
    found = np.zeros((GROUPS, 3))
    if point is not None:
        h, p = point
        found += groups[: p + 1, h].sum(axis=0)
        beyond = groups[p + 1 :, h].sum(axis=(0, 1))
    else:
        beyond = whole
    found[0] += [beyond[0], 0.0, beyond[2]]
    with np.errstate(invalid="ignore", divide="ignore"):
        weight, there = found[:, 1] / found[:, 0], found[:, 2] / found[:, 0]
    edges = np.arange(GROUPS + 1) / GROUPS
    columns = {"low": edges[:-1], "high": edges[1:], "levels": found[:, 0].astype(np.int64)}
    return pd.DataFrame(columns | {"weight": weight, "there": there})

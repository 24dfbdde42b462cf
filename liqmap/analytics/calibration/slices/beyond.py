"""What the views of a feed let one say of the feed itself, beyond whose levels nothing judges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from liqmap.carry import nanoseconds

if TYPE_CHECKING:
    import pandas as pd

ROUNDING = 1e-9
"""Of an end that is one of the half-lives that were tried."""


@dataclass(frozen=True)
class Beyond:
    """Where the answers of a feed's views lead at its own depth: an extrapolation, judged by nothing.

    depth : levels a side of the feed. views : those that stood for a shallower one, rising.
    half_lives : of least error without a prune, at each.
    half_life : where their trend leads, of those tried; interval : shortest and longest, widened (see
        `trend`). growth : by what each doubling of the depth multiplies it; NaN where one never decays.

    Notes
    -----
    Errors are not followed: a view of N/2 is judged by levels up to N only, which are near to it and young,
    so that errors fall with the view whatever lies beyond N (the guide has a line through them that missed).
    """

    depth: int
    views: tuple[int, ...]
    half_lives: tuple[str, ...]
    half_life: str
    interval: tuple[str, str]
    growth: float


class Trend(NamedTuple):
    """The end of a line at a depth beyond, its interval, and the line's rise with each doubling."""

    value: float
    low: float
    high: float
    slope: float


def trend(views: np.ndarray, value: np.ndarray, low: np.ndarray, high: np.ndarray, depth: int) -> Trend:
    """A straight line through values by the logarithm of the depth, followed to one beyond them all.

    Parameters
    ----------
    views : (V,) levels, rising, two or more. value, low, high : (V,) of each, with its interval.

    Notes
    -----
    With the weights w of least squares the line ends at sum w value. Its interval is wider than any view's:

        sqrt(sum (w d)**2) + missed    to each side

    d being how far each value may be off, and missed how far the line through the views before the last one
    ends from the last (two views are no test of a line: there it is the whole step between them). And it
    holds the interval of the last view, for the trend may stop.
    """
    weight = _weights(views, depth)
    end = float(weight @ value)
    before = _weights(views[:-1], int(views[-1]))
    missed = abs(float(before @ value[:-1] - value[-1]))
    up, down = high - value, value - low
    above = float(np.sqrt(np.sum((weight * np.where(weight > 0, up, down)) ** 2)))
    below = float(np.sqrt(np.sum((weight * np.where(weight > 0, down, up)) ** 2)))
    ends = min(end - below - missed, float(low[-1])), max(end + above + missed, float(high[-1]))
    return Trend(end, *ends, float(_weights(views, 2 * depth) @ value) - end)


def _weights(views: np.ndarray, depth: int) -> np.ndarray:
    """What each value counts where a line through them by log2 of the depth ends; of one, itself."""
    x = np.log2(views.astype(np.float64))
    away = x - x.mean()
    spread = float(away @ away)
    rise = (np.log2(depth) - x.mean()) * away / spread if spread > 0 else np.zeros(len(x))
    return np.asarray(1 / len(x) + rise)


def beyond_of(views: pd.DataFrame, half_lives: list[str]) -> Beyond | None:
    """What a table of views says of the feed that they are views of.

    Parameters
    ----------
    views : `Calibration.views`. half_lives : those tried, in words, rising, ``none`` the last.

    Returns
    -------
    None of fewer than two views that say anything, and where the truth has no bound: then nothing is beyond.
    """
    if "unpruned" not in views or len(views) < 2:
        return None
    known = views[views["unpruned"].notna() & views["depth"].notna()].sort_values("view")
    if len(known) < 2 or known["depth"].nunique() != 1:
        return None
    depth, levels = int(known["depth"].iloc[0]), known["view"].to_numpy(np.int64)
    stops = _stops(half_lives)
    place = dict(zip(half_lives, stops))
    names = "unpruned", "unpruned_shortest", "unpruned_longest"
    middle, least, most = (np.array([place[w] for w in known[name]]) for name in names)
    life = trend(levels, middle, least, most, depth)
    at = int(np.argmin(np.abs(stops - life.value)))
    low = max(int(np.searchsorted(stops, life.low + ROUNDING, side="right")) - 1, 0)
    high = min(int(np.searchsorted(stops, life.high - ROUNDING, side="left")), len(stops) - 1)
    bounded = "none" not in set(known["unpruned"])
    return Beyond(
        depth,
        tuple(levels.tolist()),
        tuple(known["unpruned"]),
        half_lives[at],
        (half_lives[min(low, at)], half_lives[max(high, at)]),
        float(2**life.slope) if bounded else float("nan"),
    )


def _stops(half_lives: list[str]) -> np.ndarray:
    """Half-lives by log2 of their seconds; none is as far beyond the longest as that doubled."""
    lengths = [nanoseconds(words) for words in half_lives]
    known = [float(np.log2(ns * 1e-9)) for ns in lengths if ns is not None]
    return np.array([*known, known[-1] + 1 if known else 0.0])

"""The retention curve: how many levels are still there as they come back, by age and distance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from liqmap.analytics.calibration.reentry import exits
from liqmap.schema import OPEN, GridError
from liqmap.schema.arguments import numbers
from liqmap.schema.times import TimeRange
from liqmap.spans import Spans

if TYPE_CHECKING:
    import pandas as pd

AGES = (0.0, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 900.0, 3600.0, np.inf)
"""s: edges of gaps."""

MINUTE = 60 * 10**9


def retention(
    spans: Spans,
    ages: Sequence[float] = AGES,
    distances: Sequence[float] | None = None,
    *,
    time_range: TimeRange | None = None,
    block: int = MINUTE,
    draws: int = 200,
    level: float = 0.9,
    seed: int = 0,
) -> pd.DataFrame:
    """How many levels are still there when they come back into the window, by how long they were out.

    Parameters
    ----------
    ages : edges of the gap, s, rising from 0.
    distances : edges of the distance from the touch when the level left, bps; default: thirds of those that
        came back.
    block : ns of time that bands draw at once; draws, level, seed : of the bands.

    Returns
    -------
    A row per distance and age: ``distance_low``, ``distance_high``, ``age_low``, ``age_high``; ``out``, the
    levels that were out of sight for ``age_low`` or longer; ``returned``, those of them that came back within
    the age; of these the shares ``there`` (at any size), ``unchanged``, and ``kept`` (of the size).
    ``retention`` is ``there``, made not to rise with age, with its band from ``low`` to ``high``. NaN where
    none came back.

    Raises
    ------
    GridError : edges that do not rise.

    Notes
    -----
    Each level is looked at once, as it comes back: its end is never seen, only whether it lies before. Such
    data (current status) are fitted by the falling curve that is closest to the shares (isotonic regression,
    by pooling neighbours), which is their maximum likelihood, as Kaplan and Meier's product is for ends seen.

    It is not the retention of all carried levels. The price's path decides who comes back: those to which the
    price never returned are not in it (``out`` less ``returned`` says how many), and makers that see it
    return may place orders before it comes, or flee. And a level in sight when the window moves is more
    likely a long-lived one than a new one (length bias): the curve lies above that of new orders.
    """
    import pandas as pd

    edges = _edges(ages, "ages")
    gone = exits(spans, time_range)
    back = gone.chosen((gone.back < OPEN) & ~np.isnan(gone.distance))
    far = _thirds(back.distance) if distances is None else _edges(distances, "distances")
    shape = (len(far) - 1, len(edges) - 1)
    gap = (back.back - back.left) * 1e-9
    place = _place(back.distance, far), _place(gap, edges)
    inside = (place[0] >= 0) & (place[1] >= 0)
    cell = (place[0] * shape[1] + place[1])[inside]
    begin = int(back.back.min()) if len(back.back) else 0
    blocks = ((back.back - begin) // block)[inside]
    there, same = (back.after > 0)[inside], (back.after == back.size)[inside]
    size, kept = back.size[inside], np.minimum(back.size, back.after)[inside]
    number = int(blocks.max(initial=0)) + 1
    cells = shape[0] * shape[1]

    def by_block(weights: np.ndarray) -> np.ndarray:
        return np.bincount(blocks * cells + cell, weights, number * cells).reshape(number, *shape)

    counts, alive = by_block(np.ones(len(cell))), by_block(there)
    pairs = ((alive, counts), (by_block(same), counts), (by_block(kept), by_block(size)))
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = [part.sum(0) / whole.sum(0) for part, whole in pairs]
    drawn = np.random.default_rng(seed).multinomial(number, np.full(number, 1 / number), draws)
    returned = np.tensordot(drawn, counts, 1)
    curves = [falling(a, n) for a, n in zip(np.tensordot(drawn, alive, 1), returned)]
    low, high = _band(np.array(curves), level)
    curve = falling(alive.sum(0), counts.sum(0))
    waited = np.minimum(gone.back, spans.last) - gone.left
    longest = [_out(gone.distance, waited, pair, age) for pair in zip(far, far[1:]) for age in edges[:-1]]
    return pd.DataFrame(
        {
            "distance_low": np.repeat(far[:-1], shape[1]),
            "distance_high": np.repeat(far[1:], shape[1]),
            "age_low": np.tile(edges[:-1], shape[0]),
            "age_high": np.tile(edges[1:], shape[0]),
            "out": longest,
            "returned": counts.sum(0).astype(np.int64).ravel(),
            **{name: s.ravel() for name, s in zip(("there", "unchanged", "kept"), shares)},
            "retention": curve.ravel(),
            "low": low.ravel(),
            "high": high.ravel(),
        }
    )


def falling(there: np.ndarray, count: np.ndarray) -> np.ndarray:
    """The shares there / count that never rise along the last axis and are closest to those given, weighed by
    count: neighbours that rise are pooled. NaN where nothing was counted."""
    ages = (int(np.prod(there.shape[:-1])), there.shape[-1])
    flat_there, flat_count = there.reshape(ages), count.reshape(ages)
    out = np.full(flat_there.shape, np.nan)
    for row in range(len(out)):
        pools: list[list[float]] = []  # there, count, how many ages
        places = np.flatnonzero(flat_count[row])
        for k in places:
            pools.append([flat_there[row, k], flat_count[row, k], 1])
            while len(pools) > 1 and pools[-2][0] * pools[-1][1] < pools[-1][0] * pools[-2][1]:
                last = pools.pop()
                pools[-1] = [a + b for a, b in zip(pools[-1], last)]
        out[row, places] = np.repeat([a / n for a, n, _ in pools], [int(m) for *_, m in pools])
    return out.reshape(there.shape)


def _band(curves: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """The quantiles of drawn curves, (R, D, A); NaN where no draw has a value."""
    tail = (1 - level) / 2
    none = np.isnan(curves).all(axis=0)
    low, high = np.nanquantile(np.where(none, 0.0, curves), [tail, 1 - tail], axis=0)
    return np.where(none, np.nan, low), np.where(none, np.nan, high)


def _out(distance: np.ndarray, waited: np.ndarray, far: tuple[float, float], age: float) -> int:
    """How many levels of a distance were out of sight for an age (s) or longer."""
    inside = (distance >= far[0]) & (distance < far[1])
    return int(np.count_nonzero(inside & (waited >= age * 1e9)))


def _edges(given: Sequence[float], name: str) -> np.ndarray:
    edges = np.atleast_1d(numbers(given, name))
    if len(edges) < 2 or not (np.diff(edges) > 0).all():
        raise GridError(argument=name, expected="two edges or more that rise", got=f"{list(edges)[:8]}")
    return edges


def _thirds(distance: np.ndarray) -> np.ndarray:
    """Edges of three equal parts; fewer where many are equal."""
    if not len(distance):
        return np.array([0.0, np.inf])
    inner = np.unique(np.quantile(distance, [1 / 3, 2 / 3]).round(3))
    return np.concatenate([[0.0], inner[inner > 0], [np.inf]])


def _place(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """The bin [left, right) of each value, -1 outside."""
    place = np.searchsorted(edges, values, side="right") - 1
    return np.where((place >= 0) & (place < len(edges) - 1), place, -1)

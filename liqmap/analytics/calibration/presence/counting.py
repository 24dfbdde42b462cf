"""The kernel that counts levels, those still there, and how many different ones they are, by class.

A level that rests unseen for a minute is judged sixty times and says one thing. So besides its rows, each
level is counted as one: `Unseen` holds how often the level at a price was looked at in its group so far, and
when it leaves the group that number is added, with its square.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liqmap.analytics.calibration.fitted.counting import class_of
from liqmap.analytics.calibration.held_out import Judged
from liqmap.analytics.calibration.presence.ratios import ratio_of
from liqmap.compiling import borrowing

NOBODY = -1
"""The group of a price at which no level is counted."""


class Unseen(NamedTuple):
    """The level that is being counted at each of L prices of both sides, bids first.

    ticks : (L,) int32, rising within a side. first : (3,) where each side begins, and the end.
    seen : (L,) int64 ns, when the level was last confirmed. group : (L,) int64, its part, size, distance and
    group of age as one number, or `NOBODY`. rows, there : (L,) float64, how often it was looked at in that
    group, and how often it was there.
    """

    ticks: np.ndarray
    first: np.ndarray
    seen: np.ndarray
    group: np.ndarray
    rows: np.ndarray
    there: np.ndarray

    @classmethod
    def of(cls, judged: Judged) -> Unseen:
        """Nobody yet, at every price at which levels may be judged."""
        sides = judged.prices()
        ticks, first = np.concatenate(sides), np.cumsum([0, *map(len, sides)])
        n = len(ticks)
        return cls(ticks, first, np.zeros(n, np.int64), np.full(n, NOBODY), np.zeros(n), np.zeros(n))


@borrowing
def _close(k, unseen, alike):
    """Count the level at a price as one, and forget it."""
    if unseen.group[k] >= 0:
        n, r = unseen.rows[k], unseen.there[k]
        cell = alike[unseen.group[k]]
        cell[0] += n * n
        cell[1] += n * r
        cell[2] += r * r
    unseen.group[k] = NOBODY
    unseen.rows[k] = unseen.there[k] = 0.0


@borrowing
def close_all(unseen, alike):
    """Count the levels that are left."""
    for k in range(unseen.group.shape[0]):
        _close(k, unseen, alike)


@borrowing
def _place(ticks, low, high, tick):
    """Where a price is among those of its side, which begin at ``low`` and rise."""
    while low < high:
        middle = (low + high) // 2
        if ticks[middle] < tick:
            low = middle + 1
        else:
            high = middle
    return low


@borrowing
def count(rows, block, cut, classes, group_of, counts, alike, ratios, unseen):
    """Add N levels (`HeldOut`, in the order of `Judged`) to `Counts`.

    Parameters
    ----------
    block : (N,) of each; those from ``cut`` on are of the second part. group_of : (A,) of each bin of age.
    alike : (2 S D G, 3), `Different` of each part as rows. ratios : (2 S D G, Q), levels that are there by
    how much of their size is. unseen : `Unseen`, moves on.
    """
    sizes, distances, ages = classes.sizes.shape[0] + 1, classes.distances.shape[0] + 1, group_of[-1] + 1
    for i in range(rows.size.shape[0]):
        s, d = class_of(classes.sizes, rows.size[i]), class_of(classes.distances, rows.distance[i])
        b, a = block[i], class_of(classes.ages, rows.age[i])
        there = 1.0 if rows.true[i] > 0.0 else 0.0
        counts.levels[b, s, d, a] += 1.0
        counts.age[b, s, d, a] += rows.age[i] * 1e-9
        counts.there[b, s, d, a] += there
        side = rows.side[i]
        k = _place(unseen.ticks, unseen.first[side], unseen.first[side + 1], rows.tick[i])
        part = 1 if b >= cut else 0
        group = ((part * sizes + s) * distances + d) * ages + group_of[a]
        if there > 0.0:
            ratios[group, ratio_of(rows.size[i], rows.true[i])] += 1.0
        seen = rows.time[i] - rows.age[i]
        if unseen.group[k] != group or unseen.seen[k] != seen:
            _close(k, unseen, alike)
            unseen.group[k], unseen.seen[k] = group, seen
        unseen.rows[k] += 1.0
        unseen.there[k] += there

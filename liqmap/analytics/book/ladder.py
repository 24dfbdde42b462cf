"""The ladder: what rests in each row of prices at one instant, observed and carried."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from liqmap.carry import CarryModel, asked
from liqmap.raster.paint import paint
from liqmap.spans import Spans


@dataclass(frozen=True)
class Ladder:
    """Effective sizes by price (P rows) in the instant before ``at`` (ns), base units.

    rows : (P + 1,) int64 ticks, rising: a row is [left, right).
    observed, carried : (2, P), bids and asks.
    """

    at: int
    rows: np.ndarray
    observed: np.ndarray
    carried: np.ndarray

    @property
    def size(self) -> np.ndarray:
        """(2, P), observed and carried together."""
        return self.observed + self.carried

    @property
    def cumulative(self) -> np.ndarray:
        """(2, P): what a market order would find from its side's best price to the far edge of the row."""
        bids, asks = self.size
        return np.stack([np.cumsum(bids[::-1])[::-1], np.cumsum(asks)])


def ladder_of(spans: Spans, at: int, rows: np.ndarray, carry: CarryModel) -> Ladder:
    """The ladder of an instant: `rasterize` with ``agg="last"``, of one time and straight from the spans.

    Parameters
    ----------
    rows : (P + 1,) ticks, rising; levels beyond are left out, so ``cumulative`` counts from what is inside.
    """
    if carry.by_distance:
        parts = paint(spans, np.array([at - 1, at]), rows, carry, "last", parts=True)
        observed, carried = (np.nan_to_num(parts[name][:, :, 0]) for name in ("observed", "carried"))
        return Ladder(at, rows, observed.astype(float), carried.astype(float))
    shape = (2, len(rows) - 1)
    observed, carried = np.zeros(shape), np.zeros(shape)
    for side, s in enumerate(spans.sides):
        low, high = np.searchsorted(s.levels, rows[[0, -1]])
        inside = slice(s.first[low], s.first[high])
        k = np.flatnonzero((s.start[inside] < at) & (at <= s.end[inside])) + inside.start
        row = np.searchsorted(rows, s.tick[k], side="right") - 1
        seen, size = s.seen[k] >= at, s.size[k]
        weighed = size * carry.weight(np.maximum(at - s.seen[k], 0), *asked(carry, None, size))
        observed[side] = np.bincount(row[seen], size[seen], shape[1])
        carried[side] = np.bincount(row[~seen], weighed[~seen], shape[1])
    return Ladder(at, rows, observed, carried)

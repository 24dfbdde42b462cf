"""How much of what a cell shows is expected to be there still: a share of sizes as they were last confirmed.

    mean, last    sum(size x p(age)) / sum(size) over the levels in the cell, p = 1 for what is observed
    peak          p of the level that decides the cell, at the age at which it enters it

Both sums of the first are pictures under other carry models: p itself, and one that holds every size.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from liqmap.carry import DROP, HOLD, CarryModel, PresenceRate, asked
from liqmap.carry.until import until
from liqmap.raster.canvas import Canvas
from liqmap.raster.columns import PEAK
from liqmap.raster.deciding import NONE, deciding
from liqmap.raster.observed import Observed, observed
from liqmap.raster.paint import join, paint, shares_of
from liqmap.raster.pieces import carried_pieces, distances
from liqmap.spans import Spans

CELLS = 1 << 20
"""Cells whose rates are worked out at once."""


class Decided(NamedTuple):
    """Cells of some rows in which a carried level decides, n of them.

    bare : (p, T) float32, 1 where what is observed decides, else NaN.
    at : rows (from the first of them on) and columns, (n,) each.
    age : (n,) ns, at which the level enters the cell; size : (n,); distance : (n,) bps from the touch, or
        None where no model asks for it.
    """

    bare: np.ndarray
    at: tuple[np.ndarray, np.ndarray]
    age: np.ndarray
    size: np.ndarray
    distance: np.ndarray | None


def presences(
    spans: Spans,
    times: np.ndarray,
    rows: np.ndarray,
    carry: CarryModel,
    rates: Mapping[str, CarryModel],
    agg: str,
    slider: bool = False,
) -> dict[str, np.ndarray]:
    """The share of each cell that is expected to be there still, by each of some rates.

    Parameters
    ----------
    times : (T + 1,) int64 ns; rows : (P + 1,) ticks that the bins begin at.
    carry : what says which levels a cell holds, and of a ``peak`` which one it shows.
    rates : models whose weight of an age is the probability that a level is still there, by name, such as
        `carry.presence.rates_of` has them.
    slider : as of `paint`.

    Returns
    -------
    (2, P, T) float32 by name, 0 to 1: 1 where all is observed, NaN where nothing rests.
    """
    if slider and spans.parts and (shares := shares_of(spans.parts, times)) is not None:
        how = (rows, carry, rates, agg, slider)
        return join([presences(part, times[columns], *how) for part, columns in shares])
    if agg == "peak":
        found = _of_peaks(spans, Canvas(times, rows, PEAK), carry, rates, slider)
    else:
        found = _of_sums(spans, times, rows, carry, rates, agg, slider)
    if "presence_low" in found:  # kernels round, each in its own way
        likely = found["presence"]
        for name, ufunc in (("presence_low", np.minimum), ("presence_high", np.maximum)):
            ufunc(found[name], likely, out=found[name])
    return found


def _of_sums(
    spans: Spans,
    times: np.ndarray,
    rows: np.ndarray,
    carry: CarryModel,
    rates: Mapping[str, CarryModel],
    agg: str,
    slider: bool,
) -> dict[str, np.ndarray]:
    """Of ``mean`` and ``last``: what is expected to be there over what was last confirmed."""

    def sizes(model: CarryModel) -> np.ndarray:
        found = paint(spans, times, rows, until(model, carry), agg, slider=slider)["liquidity"]
        return np.nan_to_num(found, copy=False)

    def expected(rate: CarryModel) -> np.ndarray:
        """A rate that may rise is what adds less what takes away; what is observed counts once."""
        if not isinstance(rate, PresenceRate):
            return sizes(rate)
        terms = list(rate.terms())
        out = (1 - sum(factor for factor, _ in terms)) * sizes(DROP).astype(np.float64)
        for factor, mixture in terms:
            out += factor * sizes(mixture)
        return out

    whole = sizes(HOLD)
    some = whole > 0
    found = {}
    for name, rate in rates.items():
        share = np.full_like(whole, np.nan)
        np.divide(expected(rate), whole, out=share, where=some, casting="same_kind")
        found[name] = np.clip(share, np.float32(0), np.float32(1), out=share)
    return found


def _of_peaks(
    spans: Spans, canvas: Canvas, carry: CarryModel, rates: Mapping[str, CarryModel], slider: bool
) -> dict[str, np.ndarray]:
    """Of ``peak``: the rate of the level that decides."""
    seen = observed(spans, canvas, screen=slider)
    found = {name: np.empty((2, *canvas.shape), np.float32) for name in rates}
    far = any(model.by_distance for model in (carry, *rates.values()))
    for side in (0, 1):
        which = deciding(spans, side, canvas, carry)
        step = max(1, CELLS // canvas.shape[1])
        for begin in range(0, canvas.shape[0], step):
            some = _decided(spans, side, canvas, carry, seen, which[begin : begin + step], begin, far)
            for name, rate in rates.items():
                found[name][side, begin : begin + step] = _rated(some, rate)
    return found


def _decided(
    spans: Spans,
    side: int,
    canvas: Canvas,
    carry: CarryModel,
    seen: Observed,
    which: np.ndarray,
    begin: int,
    far: bool,
) -> Decided:
    """The cells in which a carried level is larger than what was observed: as the float32 that they show."""
    stop = begin + len(which)
    shown = np.where(seen.lit[side, begin:stop, None], seen.values[side, begin:stop], np.float32(0))
    at = np.nonzero(which != NONE)
    pieces, piece = carried_pieces(spans)[side], which[at]
    age = np.maximum(canvas.times[at[1]] - pieces.seen[piece], 0)
    size, distance = pieces.size[piece], distances(spans)[side][piece] if far else None
    effective = (size * carry.weight(age, *asked(carry, distance, size))).astype(np.float32)
    wins = (effective > shown[at]) | (shown[at] == 0)
    bare = np.where(shown > 0, np.float32(1), np.float32(np.nan))
    chosen = None if distance is None else distance[wins]
    return Decided(bare, (at[0][wins], at[1][wins]), age[wins], size[wins], chosen)


def _rated(some: Decided, rate: CarryModel) -> np.ndarray:
    """Their presence by a rate, (p, T)."""
    out = some.bare.copy()
    out[some.at] = rate.weight(some.age, *asked(rate, some.distance, some.size))
    return out

"""Which side of a cell shows, and how bright: the one rule of picture, tooltip and numbers.

The browser's engine has it once more (``browser/engine/colour/front.js``); tests feed the same cells to both.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liqmap.compiling import borrowing
from liqmap.render.frames.frame import Frame
from liqmap.render.frames.look import Look
from liqmap.render.frames.scale import Scale
from liqmap.schema import CARRIED, OBSERVED, UNKNOWN

NEITHER = -1
"""The side of a cell in which nothing is lit."""


class Rule(NamedTuple):
    """What is lit, and where it lies on the scale, as kernels take it.

    bids, asks : whether the side is drawn; least : smallest size that is; strength : of carried places.
    low, offset, factor, log : the scale; curve : places at even steps of it, see `Scale.curve`.
    """

    bids: bool
    asks: bool
    least: np.float32
    strength: float
    low: float
    offset: float
    factor: float
    log: bool
    curve: np.ndarray

    @classmethod
    def of(cls, look: Look, scale: Scale) -> Rule:
        low, high, log = scale.low, scale.high, scale.scaling != "linear"
        offset = float(np.log2(low)) if log else low
        factor = 1.0 / ((float(np.log2(high)) if log else high) - offset)
        least, curve = np.float32(look.min_size), np.array(scale.curve)
        return cls(look.bids, look.asks, least, look.strength, low, offset, factor, log, curve)


class Front(NamedTuple):
    """What shows in a cell: its side or `NEITHER`, and its place on the scale, 0 to 1."""

    side: int
    place: float


class Lit(NamedTuple):
    """What is lit of a frame.

    observed, carried : cells that show what is so.
    carried_share : share of the liquidity drawn (sizes of the sides that show) that is carried, 0 to 1; 0
        where there is none. Weighed by cell: the same level counts for every column in which it rests.
    """

    observed: int
    carried: int
    carried_share: float

    @property
    def multiplier(self) -> float:
        """Cells with carry by cells without it; NaN where nothing was observed."""
        return (self.observed + self.carried) / self.observed if self.observed else float("nan")


def front_at(frame: Frame, rule: Rule, row: int, column: int) -> int | None:
    """The side that shows in one cell; None where neither is lit."""
    cell = (slice(None), slice(row, row + 1), slice(column, column + 1))
    side = front(frame.intensity_of(cell), frame.state[cell], 0, 0, rule).side
    return None if side == NEITHER else side


def unlit_at(frame: Frame, row: int, column: int) -> float:
    """The largest size that is known of in one cell, drawn or not; 0 where there is none."""
    return float(np.nanmax(np.append(frame.intensity_of((slice(None), row, column)), 0.0)))


def count_lit(frame: Frame, look: Look, scale: Scale) -> Lit:
    """Counts of what a look lights on a scale."""
    cells, sizes = np.zeros(2, np.int64), np.zeros(2)
    _count(frame.intensity, frame.state, Rule.of(look, scale), cells, sizes)
    share = sizes[1] / sizes.sum() if sizes[1] > 0 else 0.0
    return Lit(int(cells[0]), int(cells[1]), float(share))


@borrowing
def is_known(state: int, rule: Rule) -> bool:
    """Whether a side's state is shown at all: what is carried may be hidden."""
    return state != UNKNOWN and not (state == CARRIED and rule.strength == 0.0)


@borrowing
def place_of(size: float, rule: Rule) -> float:
    """Place of a size above the lower cut-off: (log2 size - log2 low) / (log2 high - log2 low), or without
    logarithms, at most 1; then on the curve, where that has more than its ends."""
    place = min(((np.log2(size) if rule.log else size) - rule.offset) * rule.factor, 1.0)
    steps = rule.curve.shape[0] - 1
    if steps > 1:
        k = min(int(place * steps), steps - 1)
        place = rule.curve[k] + (rule.curve[k + 1] - rule.curve[k]) * (place * steps - k)
    return place


@borrowing
def front(intensity: np.ndarray, state: np.ndarray, i: int, j: int, rule: Rule) -> Front:
    """The side with the greater place x strength; bids where both are equal."""
    best, shown, at = 0.0, NEITHER, 0.0
    for side in range(2):
        what, size = state[side, i, j], intensity[side, i, j]
        if not (rule.bids if side == 0 else rule.asks) or not is_known(what, rule):
            continue
        if not np.float64(size) > rule.low or size < rule.least:  # NaN is not
            continue
        place = place_of(np.float64(size), rule)
        strong = place * (rule.strength if what == CARRIED else 1.0)
        if strong > best:
            best, shown, at = strong, side, place
    return Front(shown, at)


@borrowing
def _count(intensity, state, rule, cells, sizes):  # type: ignore[no-untyped-def]
    """Add up the cells that show what is observed and what is carried, and their sizes."""
    for i in range(state.shape[1]):
        for j in range(state.shape[2]):
            if state[0, i, j] == UNKNOWN and state[1, i, j] == UNKNOWN:
                continue
            side = front(intensity, state, i, j, rule).side
            if side != NEITHER:
                kind = 0 if state[side, i, j] == OBSERVED else 1
                cells[kind] += 1
                sizes[kind] += intensity[side, i, j]

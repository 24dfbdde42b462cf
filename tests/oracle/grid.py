"""Spans and window -> grid, cell by cell from the definition, written to be read, not to be fast.

A span is observed in [start, seen) and carried in [seen, min(end, seen + prune)) with the weight
w(a) = 2**(-a / half_life) of its age a. A tick is observed while the window covers it, and while an
observed span rests there. A cell is the ticks [low, high) over the times [left, right); an instant
counts only as part of an interval that has length. "The instant before the right edge" is the limit
from the left: an interval [a, b) holds it where a < right <= b.

Times, half-life and prune are integers of one unit (ns); None stands for no decay, no prune.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

UNKNOWN, OBSERVED, CARRIED = 0, 1, 2
FOREVER = math.inf


@dataclass(frozen=True)
class Carry:
    """The weight of an age."""

    half_life: int | None
    prune: int | None

    def weight(self, age: float) -> float:
        return 1.0 if self.half_life is None else 2.0 ** (-age / self.half_life)

    def integral(self, young: float, old: float) -> float:
        """Integral of the weight from one age to another: (w(young) - w(old)) * half_life / ln 2."""
        if self.half_life is None:
            return old - young
        rate = math.log(2) / self.half_life
        return self.weight(young) * -math.expm1(-rate * (old - young)) / rate

    def interval(self, span: tuple) -> tuple[float, float]:
        """When a span is carried with weight; empty (right <= left) where never."""
        _, _, _, seen, end, _ = span
        gone = FOREVER if end is None else end
        dropped = FOREVER if self.prune is None else seen + self.prune
        return seen, min(gone, dropped)


@dataclass(frozen=True)
class Cell:
    """One cell, with the spans and window steps that may touch it: all of its side (and price bin)."""

    low: int
    high: int
    left: int
    right: int
    spans: list
    window: list  # (start, stop, lowest tick, highest tick): what the window covered, when
    carry: Carry

    def overlap(self, start: float, stop: float) -> float:
        """How long an interval lies in this cell."""
        return max(0, min(stop, self.right) - max(start, self.left))

    def at_right(self, start: float, stop: float) -> bool:
        return start < self.right <= stop

    def mean(self) -> tuple[float, float]:
        """The observed and the carried part of the time-weighted mean of the summed effective size."""
        observed = carried = 0.0
        for span in self.spans:
            _, _, start, seen, _, size = span
            observed += size * self.overlap(start, seen)
            first, last = self.carry.interval(span)
            if self.overlap(first, last) > 0:
                young, old = max(first, self.left) - seen, min(last, self.right) - seen
                carried += size * self.carry.integral(young, old)
        width = self.right - self.left
        return observed / width, carried / width

    def peak(self) -> tuple[float, float]:
        """The largest effective size of a single level while observed, and while carried."""
        observed = carried = 0.0
        for span in self.spans:
            _, _, start, seen, _, size = span
            if self.overlap(start, seen) > 0:
                observed = max(observed, size)
            first, last = self.carry.interval(span)
            if self.overlap(first, last) > 0:
                carried = max(carried, size * self.carry.weight(max(first, self.left) - seen))
        return observed, carried

    def last(self) -> tuple[float, float]:
        """The observed and the carried part of the summed effective size before the right edge."""
        observed = carried = 0.0
        for span in self.spans:
            _, _, start, seen, _, size = span
            if self.at_right(start, seen):
                observed += size
            if self.at_right(*self.carry.interval(span)):
                carried += size * self.carry.weight(self.right - seen)
        return observed, carried

    def window_covers(self, lowest: float, highest: float) -> bool:
        return max(lowest, self.low) <= min(highest, self.high - 1)

    def state(self) -> int:
        """Observed if any part of the cell was, else carried if any part carried weight."""
        return self._state(lambda start, stop: self.overlap(start, stop) > 0)

    def last_state(self) -> int:
        """The same of the instant before the right edge."""
        return self._state(self.at_right)

    def _state(self, holds) -> int:
        if any(holds(a, b) and self.window_covers(low, high) for a, b, low, high in self.window):
            return OBSERVED
        if any(holds(span[2], span[3]) for span in self.spans):
            return OBSERVED
        if any(holds(*self.carry.interval(span)) for span in self.spans):
            return CARRIED
        return UNKNOWN

    def known(self) -> float:
        """Share of the cell's ticks x time that is observed, or carried with weight; 0 without ticks."""
        if self.low >= self.high:
            return 0.0
        total = 0.0
        for tick in range(self.low, self.high):
            parts = [(a, b) for a, b, low, high in self.window if low <= tick <= high]
            own = [span for span in self.spans if span[1] == tick]
            parts += [(span[2], span[3]) for span in own] + [self.carry.interval(span) for span in own]
            reached = self.left  # length of the union of the parts: sweep from the left
            for start, stop in sorted(parts):
                total += self.overlap(max(start, reached), stop)
                reached = max(reached, min(stop, self.right))
        return total / ((self.high - self.low) * (self.right - self.left))

    def age(self) -> float:
        """Mean age (unit of the times) before the right edge, weighted by effective size.

        0 where the bin holds nothing but is observed, NaN where it is unknown then.
        """
        sizes, ages = [], []
        for span in self.spans:
            _, _, start, seen, _, size = span
            if self.at_right(start, seen):
                sizes.append(size)
                ages.append(0)
            if self.at_right(*self.carry.interval(span)):
                sizes.append(size)
                ages.append(self.right - seen)
        if not sizes:
            return 0.0 if self.last_state() == OBSERVED else math.nan
        # Weights relative to the youngest, so that they never all underflow.
        weights = [size * self.carry.weight(age - min(ages)) for size, age in zip(sizes, ages)]
        return sum(w * a for w, a in zip(weights, ages)) / sum(weights)


def first_tick(price: float, tick_size: float) -> int:
    """The first tick at or above a price edge, forgiving the rounding of decimal prices."""
    return math.ceil(price / tick_size - 1e-6)


def covered(window: list, side: str) -> list:
    """Steps of one side as (start, stop, lowest tick, highest tick), the unknown ones left out."""
    steps = [(start, worst, known) for name, start, worst, known in window if name == side]
    stops = [start for start, _, _ in steps[1:]] + [FOREVER]
    out = []
    for (start, worst, known), stop in zip(steps, stops):
        lowest = worst if side == "bid" and worst is not None else -FOREVER
        highest = worst if side == "ask" and worst is not None else FOREVER
        if known:
            out.append((start, stop, lowest, highest))
    return out


def oracle_grid(spans, window, time_edges, price_edges, tick_size, half_life, prune, agg, *, parts=False):
    """Every cell of the grid, as a dict of (side, price, time) arrays.

    ``liquidity`` (0 where unknown) and ``state``; with ``parts`` also ``observed`` and ``carried`` (they
    add up to ``liquidity``, or for ``peak`` the larger is it), ``known`` and ``age`` (unit of the times).
    """
    carry = Carry(half_life, prune)
    ticks = [first_tick(float(edge), tick_size) for edge in price_edges]
    times = [int(edge) for edge in time_edges]
    shape = (2, len(ticks) - 1, len(times) - 1)
    names = ["liquidity", "state"] + (["observed", "carried", "known", "age"] if parts else [])
    grid = {name: np.zeros(shape, np.uint8 if name == "state" else np.float64) for name in names}
    for s, side in enumerate(("bid", "ask")):
        steps = covered(window, side)
        own = [span for span in spans if span[0] == side]
        for p, (low, high) in enumerate(pairwise(ticks)):
            resting = [span for span in own if low <= span[1] < high]
            for t, (left, right) in enumerate(pairwise(times)):
                cell = Cell(low, high, left, right, resting, steps, carry)
                observed, carried = getattr(cell, agg)()
                at = s, p, t
                grid["liquidity"][at] = max(observed, carried) if agg == "peak" else observed + carried
                grid["state"][at] = cell.last_state() if agg == "last" else cell.state()
                if parts:
                    grid["observed"][at], grid["carried"][at] = observed, carried
                    grid["known"][at], grid["age"][at] = cell.known(), cell.age()
    return grid

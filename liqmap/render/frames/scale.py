"""From sizes to places on a scale of colours, by one rule for every picture of a session.

Sizes are those of a level (``peak``) or per tick (``mean``, ``last``). How large they are in the whole
session is looked at once, whatever is in view (`sizes_of_session`); cut-offs are percentiles of that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from liqmap.carry import DROP, HOLD
from liqmap.render.frames.frame import Frame, Range, draw, instant_ns, price_rows, time_columns, visible
from liqmap.render.frames.look import DEFAULT, Look
from liqmap.spans import Derivation, Recent, Spans

AUTO = (40.0, 99.7)
"""Percentiles at which colour begins and saturates where nothing is said."""

SPREAD, GIANT, USUAL = 100.0, 6.0, 97.0
"""Of automatic cut-offs of a log scale: it spans at most the first factor, counted from its upper end, so
that walls stand out and dust is dark where sizes differ more. That end is at most the second factor above the
third percentile, so that one giant wall does not leave all else in the dark."""

KNOTS = 65
"""Points at which the curve of an equalised scale is kept, evenly spaced in log size."""

EVEN = 0.15
"""Share of the plain log scale in an equalised one: no two sizes look the same."""

FEWEST = 64
"""Where fewer observed cells are lit, carried ones count as well."""

CLOSEST = 1.05
"""Sizes closer than this factor are as good as one: decay alone must not send it to the dark end."""

LOWEST = 1e-6
"""The lower end of a scale that is not linear, beside the upper one, where it is asked to begin at 0."""

SAMPLE = 100_000
"""As many sizes as percentiles are taken of, at the most."""

RANKS = np.concatenate([np.arange(0, 990, 5) / 10, np.arange(990, 999) / 10, np.arange(9990, 10001) / 100])
"""Percentiles of which the sizes are kept, closest where sizes are farthest apart; others lie on a line
between their neighbours."""

COLUMNS, ROWS, KEPT = 1200, 600, 24
"""The picture of the whole session whose cells are looked at; pictures looked at that are kept."""


@dataclass(frozen=True)
class Sizes:
    """How large the lit cells of a picture are.

    at : (R,) float64 that float32 holds, rising: the sizes at `RANKS`; none where nothing is lit.
    """

    at: np.ndarray

    @classmethod
    def of(cls, rising: np.ndarray) -> Sizes:
        """Of sizes that rise."""
        if len(rising) == 0:
            return cls(np.empty(0))
        found = np.interp(RANKS / 100 * (len(rising) - 1), np.arange(len(rising)), rising)
        return cls(found.astype(np.float32).astype(np.float64))

    def size(self, percent: float) -> float:
        """The size at a percentile, 0 to 100."""
        return float(np.interp(percent, RANKS, self.at))

    def percent(self, size: float) -> float:
        """The percentile of a size: how many percent are smaller."""
        k = int(np.searchsorted(self.at, size))
        if k == 0 or k == len(self.at):
            return 0.0 if k == 0 else 100.0
        a, b = self.at[k - 1], self.at[k]
        return float(RANKS[k - 1] + (RANKS[k] - RANKS[k - 1]) * ((size - a) / (b - a)))


@dataclass(frozen=True)
class Scale:
    """Sizes at which colour begins and saturates.

    curve : of an ``equalised`` scale, the places of sizes evenly spaced in log size from ``low`` to ``high``,
        rising from 0 to 1.
    """

    low: float
    high: float
    scaling: str = "log"
    curve: tuple[float, ...] = (0.0, 1.0)

    def place(self, size: Any) -> np.ndarray:
        """Place of sizes on the scale, clipped to 0 to 1; 0 for a size of zero."""
        size = np.asarray(size, float)
        if self.scaling == "linear":
            return np.clip((size - self.low) / (self.high - self.low), 0.0, 1.0)
        with np.errstate(divide="ignore"):
            place = np.clip(np.log(size / self.low) / np.log(self.high / self.low), 0.0, 1.0)
        return place if self.scaling == "log" else np.interp(place, self._knots, self.curve)

    def size(self, place: Any) -> np.ndarray:
        """The inverse of `place` within the cut-offs."""
        place = np.asarray(place, float)
        if self.scaling == "linear":
            return self.low + place * (self.high - self.low)
        if self.scaling == "equalised":
            place = np.interp(place, self.curve, self._knots)
        return self.low * (self.high / self.low) ** place

    @property
    def _knots(self) -> np.ndarray:
        return np.linspace(0.0, 1.0, len(self.curve))


def scale_of(frame: Frame, look: Look = DEFAULT) -> Scale:
    """The scale of what one frame shows, which follows the view.

    Observed cells decide where there are enough of them. They do not depend on half-life and prune, so
    a faster decay looks fainter; were the carried cells counted, the scale would follow them down.
    """
    return scale_between(sizes_of(frame) if _asks(look) else Sizes(np.empty(0)), look)


def scale_of_session(
    spans: Spans, ranges: tuple[Range, Range], agg: str, look: Look = DEFAULT, others: Sequence[Spans] = ()
) -> Scale:
    """The scale of a whole session, the same for all its views: zooming and panning keep it.

    Parameters
    ----------
    ranges : time range and price range of the session.
    others : spans of other markets that are added.
    """
    asked = sizes_of_session(spans, ranges, agg, others) if _asks(look) else Sizes(np.empty(0))
    return scale_between(asked, look)


def sizes_of(frame: Frame) -> Sizes:
    """How large what a frame shows is; see `scale_of`."""
    lit = frame.observed_lit
    if len(lit) < FEWEST:
        values = frame.intensity
        lit = values[values > 0]
    return Sizes.of(np.sort(lit[:: max(1, len(lit) // SAMPLE)]))


def sizes_of_session(
    spans: Spans, ranges: tuple[Range, Range], agg: str, others: Sequence[Spans] = ()
) -> Sizes:
    """How large the observed cells of a picture of the whole session are, `COLUMNS` x `ROWS` at the most.

    They are kept with the spans, so other cut-offs cost next to nothing.
    """
    times = tuple(instant_ns(t) for t in visible(ranges[0]))
    low, high = map(float, ranges[1])
    added = (
        (o.meta.venue, o.meta.symbol, o.meta.feed, o.begin, o.last, *(float(s.size.sum()) for s in o.sides))
        for o in others
    )
    key = (agg, *added, *times, low, high)
    kept = SIZES.of(spans)
    if (found := kept.get(key)) is None:
        columns = time_columns(times[0], times[1], COLUMNS)
        rows = price_rows(low, high, ROWS, spans.tick_size)
        frame = draw(spans, columns, rows, DROP, agg, others)
        if len(frame.observed_lit) < FEWEST:  # of a message or two all else is carried: as it was last known
            frame = draw(spans, columns, rows, HOLD, agg, others)
        found = sizes_of(frame)
        kept.put(key, found)
    return found


def _none_kept(spans: Spans) -> Recent[tuple[object, ...], Sizes]:
    return Recent(KEPT)


SIZES = Derivation("sizes of what is lit", _none_kept)


def scale_between(sizes: Sizes, look: Look) -> Scale:
    """The scale between the cut-offs of a look, where so large sizes are lit."""
    if look.limits is not None:
        low, high = look.limits
    elif len(sizes.at) == 0:
        return Scale(1.0, 2.0, look.scaling)
    else:
        low, high = (sizes.size(p) for p in look.cutoffs or AUTO)
        if look.cutoffs is None and look.scaling == "log":
            high = min(high, max(GIANT * sizes.size(USUAL), low * SPREAD))
            low = max(low, high / SPREAD)
    if look.scaling != "linear":
        low = max(low if low > 0 else high * LOWEST, 1e-300)
    least = CLOSEST if look.limits is None else 1 + 1e-9
    if not high > low * least:
        low, high = low * 0.5, low * 1.5
    return Scale(low, high, look.scaling, _curve(sizes, low, high, look.scaling))


def _asks(look: Look) -> bool:
    """Whether the scale depends on the sizes there are."""
    return look.limits is None or look.scaling == "equalised"


def _curve(sizes: Sizes, low: float, high: float, scaling: str) -> tuple[float, ...]:
    """Of an equalised scale, the share of the sizes between the cut-offs that lie below each knot."""
    if scaling != "equalised":
        return 0.0, 1.0
    even = np.linspace(0.0, 1.0, KNOTS)
    below = even
    if len(sizes.at):
        below = np.array([sizes.percent(low * (high / low) ** k) for k in even])
    inside = below[-1] - below[0]
    share = (below - below[0]) / inside if inside > 0 else even
    curve = EVEN * even + (1 - EVEN) * share
    return tuple(float(v) for v in curve)

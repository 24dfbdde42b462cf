"""From sizes to places on a scale of colours: cut-offs of one view, or of a session for all its views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from liqmap.carry import DROP
from liqmap.grid import lattice
from liqmap.render.frames.frame import NICE_TIMES, Frame, Range, draw, instant_ns, nice_step, visible
from liqmap.render.frames.look import DEFAULT, Look
from liqmap.spans import Derivation, Recent, Spans

SPREAD, GIANT, USUAL = 100.0, 6.0, 97.0
"""A log scale spans at most the first factor, counted from its upper end: where sizes differ more, walls
stand out and dust is dark. That end is at most the second factor above the third percentile, so that one
giant wall does not leave all else in the dark."""

KNOTS = 65
"""Points at which the curve of an equalised scale is kept, evenly spaced in log size."""

EVEN = 0.15
"""Share of the plain log scale in an equalised one: no two sizes look the same."""

FEWEST = 64
"""Where fewer observed cells are lit, carried ones count as well."""

CLOSEST = 1.05
"""Sizes closer than this factor are as good as one: decay alone must not send it to the dark end."""

LOWEST = 1e-6
"""The lower end of a scale that is not linear, at the least, beside the upper one."""

SAMPLE = 100_000
"""As many sizes as a scale is cut from."""

COLUMNS, CELLS, KEPT = 1200, 1_000_000, 24
"""Columns that a session's picture has; cells, of a side, of the sample of them; samples kept."""


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
    """The scale of a frame: percentiles of its lit cells.

    Observed cells decide where there are enough of them. They do not depend on half-life and prune, so
    a faster decay looks fainter; were the carried cells counted, the scale would follow them down.
    """
    return _cut(_lit(frame) if _asks(look) else np.empty(0), look)


def scale_of_session(
    spans: Spans,
    ranges: tuple[Range, Range],
    agg: str,
    row_ticks: int,
    look: Look = DEFAULT,
    others: Sequence[Spans] = (),
) -> Scale:
    """The scale of a whole session at a size of rows, the same for all its views: panning keeps it.

    Parameters
    ----------
    ranges : time range and price range of the session.
    row_ticks : ticks a row, taken to the power of two above. Columns are those of a picture of the session.

    others : spans of other markets that are added.

    Notes
    -----
    Cut from columns spread over the session, about a million cells of a side. The sizes found are kept with
    the spans, so another cut-off costs its percentiles alone.
    """
    if not _asks(look):
        return _cut(np.empty(0), look)
    ticks = 1 << (max(int(row_ticks), 1) - 1).bit_length()
    times = visible(ranges[0])
    added = ((o.meta.venue, o.meta.symbol, o.meta.feed, len(o)) for o in others)
    key = (agg, ticks, *added, *(instant_ns(t) for t in times), *map(float, ranges[1]))
    samples = SAMPLES.of(spans)
    if (sizes := samples.get(key)) is None:
        sizes = _sample(spans, times, ranges[1], agg, ticks, others)
        samples.put(key, sizes)
    return _cut(sizes, look)


def _no_samples(spans: Spans) -> Recent[tuple[object, ...], np.ndarray]:
    return Recent(KEPT)


SAMPLES = Derivation("samples of sizes", _no_samples)


def _asks(look: Look) -> bool:
    """Whether the scale depends on the sizes there are."""
    return look.limits is None or look.scaling == "equalised"


def _lit(frame: Frame) -> np.ndarray:
    """Sizes that decide a scale, rising."""
    lit = frame.observed_lit
    if len(lit) < FEWEST:
        values = frame.intensity
        lit = values[values > 0]
    return np.sort(lit[:: max(1, len(lit) // SAMPLE)])


def _sample(
    spans: Spans, times: Range, prices: Range, agg: str, ticks: int, others: Sequence[Spans]
) -> np.ndarray:
    begin, end = map(instant_ns, times)
    first, last = (float(p) / spans.tick_size for p in prices)
    rows = lattice(int(first), max(int(last), int(first) + 1), ticks)
    edges = lattice(begin, end, nice_step((end - begin) / COLUMNS, NICE_TIMES))
    count = max(8, CELLS // (2 * len(rows)))
    if count < len(edges) // 2:  # some columns, and between them what is not looked at
        some = np.linspace(0, len(edges) - 2, count).astype(int)
        edges = np.unique(np.concatenate([edges[some], edges[some + 1]]))
    wanted = np.diff(edges) == np.diff(edges).min()
    frame = draw(spans, edges, rows, DROP, agg, others)
    seen = replace(frame, liquidity=frame.liquidity[:, :, wanted], state=frame.state[:, :, wanted])
    return _lit(seen).astype(np.float32)


def _cut(lit: np.ndarray, look: Look) -> Scale:
    """The scale of lit sizes, rising."""
    if look.limits is not None:
        low, high = look.limits
    elif len(lit) == 0:
        return Scale(1.0, 2.0, look.scaling)
    else:
        low, high = (_percentile(lit, p) for p in look.cutoffs)
        if look.scaling == "log":
            high = min(high, max(GIANT * _percentile(lit, USUAL), low * SPREAD))
            low = max(low, high / SPREAD)
    if look.scaling != "linear":
        low = max(low, high * LOWEST, 1e-300)
    least = CLOSEST if look.limits is None else 1 + 1e-9
    if not high > low * least:
        low, high = low * 0.5, low * 1.5
    return Scale(low, high, look.scaling, _curve(lit, low, high, look.scaling))


def _percentile(rising: np.ndarray, percent: float) -> float:
    """Of sizes that rise, so that nothing is sorted again."""
    at = percent / 100 * (len(rising) - 1)
    k = min(int(at), len(rising) - 2) if len(rising) > 1 else 0
    a, b = float(rising[k]), float(rising[min(k + 1, len(rising) - 1)])
    return a + (b - a) * (at - k)


def _curve(lit: np.ndarray, low: float, high: float, scaling: str) -> tuple[float, ...]:
    """Share of the lit sizes between the cut-offs that lie below each knot."""
    if scaling != "equalised":
        return 0.0, 1.0
    even = np.linspace(0.0, 1.0, KNOTS)
    below = np.searchsorted(lit, low * (high / low) ** even).astype(float)
    inside = below[-1] - below[0]
    share = (below - below[0]) / inside if inside > 0 else even
    curve = EVEN * even + (1 - EVEN) * share
    return tuple(float(v) for v in curve)

"""Screen frames: spans painted on the lattice that suits a view and its pixels.

Rows are whole multiples of a tick from tick 0, columns whole multiples of a nice time step from the
epoch. So a pan shifts the lattice by whole cells and nothing shimmers, and no two rows of a picture
hold different numbers of ticks, which would show as stripes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from liqmap.carry import CarryModel, HalfLife
from liqmap.grid import lattice
from liqmap.raster.paint import paint
from liqmap.raster.presence import presences
from liqmap.schema import OBSERVED, UNKNOWN, GridError
from liqmap.spans import Spans

Range = tuple[Any, Any]

_DECADE = (10, 12, 15, 20, 25, 30, 40, 50, 60, 80)
_SECOND = 10**9
NICE = [1, 2, 3, 4, 5, 6, 8] + [n * 10**k for k in range(17) for n in _DECADE]
NICE_TIMES = [n for n in NICE if n <= _SECOND // 2] + [
    n * _SECOND
    for n in (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 60, 90, 120, 180, 240, 300, 450, 600, 900,
              1200, 1800, 2700, 3600, 5400, 7200, 10800, 14400, 21600, 28800, 43200, 86400)
]  # fmt: skip


CARRY = HalfLife()
"""How sizes are carried where nothing is said: a half-life of 30 s, a prune of 5 min."""

SHORTEST, LEAST = 10**6, _SECOND
"""ns: of a session shorter than the first (a lone message) a picture shows as much as the second."""


@dataclass(frozen=True)
class Frame:
    """What one view shows (P rows, T columns).

    times : (T + 1,) int64 ns; rows : (P + 1,) int64 ticks, increasing: cells are [left, right).
    liquidity : (2, P, T) float32, NaN where unknown; state : (2, P, T) uint8, see `schema.STATES`.
    presence : (2, P, T) float32, share that is expected to be there still, see `rasterize`; None where nobody
        asks.
    """

    times: np.ndarray
    rows: np.ndarray
    tick_size: float
    agg: str
    liquidity: np.ndarray
    state: np.ndarray
    presence: np.ndarray | None = None

    @property
    def prices(self) -> np.ndarray:
        """(P + 1,) edges, quote currency."""
        return self.rows * self.tick_size

    @property
    def middles(self) -> tuple[np.ndarray, np.ndarray]:
        """Middles of the columns, datetime64[ns] (T,), and of the rows, quote currency (P,)."""
        times = (self.times[:-1] + np.diff(self.times) // 2).astype("datetime64[ns]")
        return times, (self.prices[:-1] + self.prices[1:]) / 2

    @property
    def ticks_a_row(self) -> int:
        return int(self.rows[1] - self.rows[0])

    @property
    def per(self) -> str:
        """What the unit of `intensity` is followed by: a tick, where it is a density."""
        return "" if self.agg == "peak" or self.ticks_a_row == 1 else " a tick"

    @property
    def intensity(self) -> np.ndarray:
        """What is coloured: ``liquidity``, of a ``mean`` or ``last`` frame per tick, so that zoom keeps
        brightness."""
        return self.intensity_of(slice(None))

    def intensity_of(self, cells: Any) -> np.ndarray:
        """The same of some cells, by an index of `liquidity`."""
        values = self.liquidity[cells]
        return values / np.float32(self.ticks_a_row) if self.per else values

    def plus(self, liquidity: np.ndarray, state: np.ndarray) -> Frame:
        """With what another book holds in the same cells: sizes add, the larger one's state shows.

        Unknown counts as 0 where the other is known; a cell is observed to be empty where either is.
        """
        mine, its = np.nan_to_num(self.liquidity), np.nan_to_num(liquidity)
        seen = (self.state == OBSERVED) | (state == OBSERVED)
        known = np.where(seen, OBSERVED, np.maximum(self.state, state))
        shown = np.where(mine > its, self.state, np.where(its > 0, state, known)).astype(np.uint8)
        added = np.where(shown == UNKNOWN, np.float32(np.nan), mine + its)
        return replace(self, liquidity=added, state=shown)

    @property
    def observed_lit(self) -> np.ndarray:
        """Observed intensities above zero, flat."""
        values = self.intensity[self.state == OBSERVED]
        return values[values > 0]


def instant_ns(time: Any) -> int:
    """A time of an axis (datetime64, Timestamp, datetime or ns) as int ns since the epoch."""
    if isinstance(time, (int, np.integer)):
        return int(time)
    if isinstance(time, np.datetime64):
        return int(time.astype("datetime64[ns]").astype(np.int64))
    import pandas as pd

    stamp = pd.Timestamp(time)
    return int((stamp.tz_convert(None) if stamp.tzinfo else stamp).as_unit("ns").value)


def visible(time_range: Range) -> tuple[np.datetime64, np.datetime64]:
    """The time a picture of a session shows: its own, or a second from its beginning where that is no length.

    Axes count in floating-point days or milliseconds, which cannot tell apart the ends of a few microseconds;
    and of one message there is its book, carried from then on, to see.
    """
    begin, end = (instant_ns(t) for t in time_range)
    end = end if end - begin >= SHORTEST else begin + LEAST
    return np.datetime64(begin, "ns"), np.datetime64(end, "ns")


def even_columns(begin: int, end: int, count: int) -> np.ndarray:
    """Edges of ``count`` columns from ``begin`` to ``end`` ns, even to the nanosecond; (count + 1,) int64.

    In integers, as a float64 of today counts in steps of 256 ns; divided before it is multiplied, as the
    product need not fit.
    """
    step, rest = divmod(end - begin, count)
    k = np.arange(count + 1, dtype=np.int64)
    return begin + step * k + rest * k // count


def nice_step(least: float, steps: list[int]) -> int:
    """The smallest of ``steps`` that is not below ``least``."""
    place = bisect_left(steps, least)
    return steps[min(place, len(steps) - 1)]


def time_columns(begin: int, end: int, width: int) -> np.ndarray:
    """Column edges that cover [begin, end] ns in at most about ``width`` nice steps; int64."""
    return lattice(begin, max(end, begin + 1), nice_step(max(end - begin, 1) / max(width, 1), NICE_TIMES))


def price_rows(
    low: float, high: float, height: int, tick_size: float, ticks: int | None = None
) -> np.ndarray:
    """Row edges in ticks that cover [low, high]: the smallest nice step with at most ``height`` rows; int64.

    ``ticks`` asks for so many ticks a row; it is raised to what the pixels can show.
    """
    first, last = int(np.floor(low / tick_size + 1e-6)), int(np.ceil(high / tick_size - 1e-6))
    least = max(last - first, 1) / max(height, 1)
    step = nice_step(least, NICE)
    if ticks is not None:
        step = ticks * max(1, int(np.ceil(least / ticks)))
    return lattice(first, max(last, first + 1), step)


def screen(
    spans: Spans,
    time_range: Range,
    price_range: Range,
    width: int,
    height: int,
    carry: CarryModel = CARRY,
    agg: str = "peak",
    row_ticks: int | None = None,
) -> Frame:
    """Paint what a view of ``width`` x ``height`` pixels shows.

    Parameters
    ----------
    time_range : begin and end, UTC.
    price_range : low and high, quote currency.
    row_ticks : ticks a row; default as few as the pixels can show.
    carry : how sizes are carried; default a half-life of 30 s and a prune of 5 min.

    Raises
    ------
    GridError : an unknown aggregate, ranges that are not finite.
    """
    begin, end = map(instant_ns, time_range)
    low, high = map(float, price_range)
    if not (np.isfinite([low, high]).all() and end >= begin and high >= low):
        expected = "rising, finite ranges"
        raise GridError(argument="view", expected=expected, got=f"{time_range} and {price_range}")
    times = time_columns(begin, end, width)
    rows = price_rows(low, high, height, spans.tick_size, row_ticks)
    return draw(spans, times, rows, carry, agg)


def check_alone(others: Sequence[Spans]) -> None:
    """Refuse presence where markets are added up: a rate is of one of them.

    Raises
    ------
    GridError : there are others.
    """
    if others:
        raise GridError(argument="presence", expected="one market", got=f"{1 + len(others)} added up")


def draw(
    spans: Spans,
    times: np.ndarray,
    rows: np.ndarray,
    carry: CarryModel,
    agg: str,
    others: Sequence[Spans] = (),
    presence: CarryModel | None = None,
) -> Frame:
    """Paint given edges: ``times`` in ns, ``rows`` in ticks; ``others``, of finer or equal tick, add.

    Parameters
    ----------
    presence : the rate by which levels are still there, of one market alone.

    Raises
    ------
    GridError : an unknown aggregate, presence of several markets.
    """
    if presence is not None:
        check_alone(others)
    parts = paint(spans, times, rows, carry, agg, slider=True)
    if presence is not None:
        parts |= presences(spans, times, rows, carry, {"presence": presence}, agg, slider=True)
    shown = parts["liquidity"], parts["state"], parts.get("presence")
    frame = Frame(times, rows, spans.tick_size, agg, *shown)
    for other in others:
        edges = np.ceil(frame.prices / other.tick_size - 1e-6).astype(np.int64)
        parts = paint(other, times, edges, carry, agg, slider=True)
        frame = frame.plus(parts["liquidity"], parts["state"])
    return frame

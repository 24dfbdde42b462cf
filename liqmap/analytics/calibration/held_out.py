"""Held-out depth: what a narrow feed still carries, beside what a wider one says is there."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from liqmap.analytics.calibration.merge import (
    STRIDE,
    Carried,
    Instants,
    Rested,
    Rows,
    count_rows,
    write_rows,
)
from liqmap.carry import Duration, nanoseconds
from liqmap.raster.pieces import carried_pieces, distances
from liqmap.raster.window import NOTHING, window_steps
from liqmap.schema import GridError
from liqmap.schema.times import TimeRange, interval
from liqmap.spans import Spans
from liqmap.spans.levels import NO_WINDOW, UNBOUNDED
from liqmap.spans.rows import both

PORTION = 1 << 20
"""Rows in memory at once, some 45 bytes each (or those of one instant, if more)."""

MOST = 50_000_000
"""Rows that `held_out` gives at once."""


class HeldOut(NamedTuple):
    """N levels that a narrow feed carries at an instant, and what a wider book says of them, by time.

    time : (N,) int64 ns, the instant judged: the state just before it.
    side : (N,) int8, 0 bid, 1 ask; tick : (N,) int32.
    size : (N,) float64, the last size that the narrow feed showed.
    age : (N,) int64 ns, time since it last confirmed the level.
    distance : (N,) float64, bps of the touch when it did; NaN where there was no touch.
    true : (N,) float64, size in the wide book; 0 where the level is gone.
    """

    time: np.ndarray
    side: np.ndarray
    tick: np.ndarray
    size: np.ndarray
    age: np.ndarray
    distance: np.ndarray
    true: np.ndarray


class Judged:
    """The levels to judge, portion by portion in bounded memory; it can be gone through more than once.

    Parameters
    ----------
    narrow : spans of the feed that is judged, such as ``session.spans(depth_limit=50)``.
    wide : spans of a deeper book of the same market.
    every : distance of the instants, which are its multiples since the epoch.
    time_range : begin and end; default: where both have messages.

    Raises
    ------
    GridError : another market or tick size, a distance that is not above zero, a range without messages.

    Attributes
    ----------
    times : (K,) int64 ns, the instants, after begin up to the end. counts : (K,) int64, levels to judge at
        each.
    """

    def __init__(
        self, narrow: Spans, wide: Spans, every: Duration = "1s", time_range: TimeRange | None = None
    ) -> None:
        check_alike(narrow, wide)
        self.narrow, self.wide, self.step = narrow, wide, _step(every)
        begin, end = max(narrow.begin, wide.begin), min(narrow.last, wide.last)
        if time_range is not None:
            known = begin, max(end, begin + 1)
            low, high = interval(time_range, "time_range", known)
            begin, end = max(begin, low), min(end, high)
        if not (len(narrow) and len(wide)):
            end = begin
        first, last = begin // self.step + 1, max(end // self.step, begin // self.step)
        self.times = np.arange(first, last + 1, dtype=np.int64) * self.step
        far = distances(narrow)
        self._carried = [Carried(*pieces, far[s]) for s, pieces in enumerate(carried_pieces(narrow))]
        self._rested = [Rested(s.levels, s.first, s.start, s.seen, s.size) for s in wide.sides]
        self._instants = [_instants(wide, side, self.times, self.step) for side in (0, 1)]
        self._counts = both(self._count, (0, 1), len(narrow))
        self.counts = self._counts[0] + self._counts[1]

    def _count(self, side: int) -> np.ndarray:
        counts = np.zeros(len(self.times), np.int64)
        count_rows(self._carried[side], self._instants[side], counts)
        return counts

    def pieces(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Size, distance and length (in instants, float64) of each carried piece, (C,): what there is to
        judge, and nothing of what is true."""
        begin, end = (self.times[0] - self.step, self.times[-1]) if len(self.times) else (0, 0)
        columns = []
        for c in self._carried:
            lengths = np.minimum(c.end, end) - np.maximum(c.seen, begin)
            columns.append((c.size, c.distance, np.maximum(lengths, 0) / self.step))
        size, distance, instants = (np.concatenate(both_sides) for both_sides in zip(*columns))
        some = instants > 0
        return size[some], distance[some], instants[some]

    def prices(self) -> tuple[np.ndarray, np.ndarray]:
        """Ticks at which levels may be judged, rising, of bids and of asks."""
        bids, asks = self._carried
        return bids.levels, asks.levels

    def __len__(self) -> int:
        return int(self.counts.sum())

    def __iter__(self) -> Iterator[HeldOut]:
        return self.portions()

    def portions(self, most: int = PORTION) -> Iterator[HeldOut]:
        """The rows of whole instants, about ``most`` at a time, by time, then side, then tick."""
        ends = np.concatenate([[0], np.cumsum(self.counts)])
        begin = 0
        while begin < len(self.times):
            stop = max(int(np.searchsorted(ends, ends[begin] + most, side="right")) - 1, begin + 1)
            stop = min(stop, len(self.times))
            if ends[stop] > ends[begin]:
                yield self._rows(begin, stop)
            begin = stop

    def _rows(self, begin: int, stop: int) -> HeldOut:
        counts = self.counts[begin:stop]
        n, place = int(counts.sum()), np.cumsum(counts) - counts
        ints, floats = partial(np.empty, n, np.int64), partial(np.empty, n, np.float64)
        columns = np.empty(n, np.int8), np.empty(n, np.int32), floats(), ints(), floats(), floats()
        starts = place.copy(), place + self._counts[0][begin:stop]

        def write(side: int) -> None:
            rows = Rows(begin, stop, starts[side], *columns)
            write_rows(side, self._carried[side], self._rested[side], self._instants[side], rows)

        both(write, (0, 1), len(self.narrow))
        return HeldOut(np.repeat(self.times[begin:stop], counts), *columns)


def held_out(
    narrow: Spans, wide: Spans, every: Duration = "1s", time_range: TimeRange | None = None
) -> HeldOut:
    """Every level that a narrow feed still carries, at regular instants, beside the truth of a wider book.

    Judged are levels that the narrow feed has seen and does not observe at that instant, whose span it would
    still carry without a prune, and that lie inside the wide window. The instants are the multiples of
    ``every`` since the epoch; what is judged is the state just before each.

    Parameters
    ----------
    narrow, wide, every, time_range : as of `Judged`, which gives the same in portions.

    Raises
    ------
    GridError : as `Judged`; more than 50 million rows.
    """
    judged = Judged(narrow, wide, every, time_range)
    if len(judged) > MOST:
        raise GridError(
            where="held_out",
            expected=f"at most {MOST:,} rows",
            got=f"{len(judged):,}",
            remedy="Take a longer every, or Judged(narrow, wide), which gives them in portions",
        )
    for rows in judged.portions(MOST):
        return rows
    empty = (np.empty(0, kind) for kind in ("i8", "i1", "i4", "f8", "i8", "f8", "f8"))
    return HeldOut(*empty)


def check_alike(narrow: Any, wide: Any) -> None:
    """Refuse to judge one market by another.

    Raises
    ------
    GridError : no spans, or of another symbol or tick size.
    """
    for name, given in (("narrow", narrow), ("wide", wide)):
        if not isinstance(given, Spans):
            raise GridError(
                argument=name,
                expected="Spans, such as session.spans(depth_limit=50)",
                got=type(given).__name__,
            )
    # not the venue: a book that orders sum to may come by another way than the feed
    facts = [(s.meta.symbol.upper(), f"{s.tick_size:.10g}") for s in (narrow, wide)]
    if facts[0] != facts[1]:
        expected, got = (f"{symbol} with ticks of {tick}" for symbol, tick in facts)
        raise GridError(where="wide book", expected=expected, got=got)


def _step(every: Duration) -> int:
    step = nanoseconds(every, "every")
    if step is None or step <= 0:
        raise GridError(argument="every", expected="a duration above zero such as '1s'", got=repr(every))
    return step


def _instants(wide: Spans, side: int, times: np.ndarray, step: int) -> Instants:
    """The instants, with the bound of the wide window of a side just before each."""
    window = window_steps(wide, side)
    nothing, everything = -int(NOTHING), int(NOTHING)
    reach = np.where(window.kind == UNBOUNDED, everything, window.outward * window.worst)
    reach = np.append(np.where(window.kind == NO_WINDOW, nothing, reach), nothing)
    bound = reach[np.searchsorted(window.start, times, side="left") - 1].astype(np.int64)
    strides = np.arange(0, len(times), STRIDE)
    widest = np.maximum.reduceat(bound, strides) if len(times) else bound
    first = int(times[0]) // step if len(times) else 0
    return Instants(step, first, bound, widest, window.outward)

"""`snapshots`: the observed book at regular instants, as a plain frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from liqmap.carry import Duration, nanoseconds
from liqmap.compiling import borrowing
from liqmap.schema import SIDES, GridError
from liqmap.schema.arguments import whole_number
from liqmap.spans import Spans
from liqmap.spans.spans import SideSpans, spans_of

if TYPE_CHECKING:
    import pandas as pd


def snapshots(source: Spans | Any, every: Duration = "500ms", levels: int = 100) -> pd.DataFrame:
    """The best levels of the observed book at regular instants.

    Parameters
    ----------
    source : Spans, or a Session (of which the look-back is left out).
    every : distance of the instants, which are its multiples since the epoch.
    levels : best levels a side.

    Returns
    -------
    ``ts`` (datetime64[ns, UTC]), ``side`` (bid, ask), ``price``, ``size``: sorted by time, then bids and
    asks, the best first. Nothing carried is in it.

    Raises
    ------
    GridError : a distance that is not above zero, fewer than one level.
    """
    import pandas as pd

    spans, begin, end = time_extent(source)
    times = instants(begin, end, step_of(every, "every"))
    at, side, tick, size = books(spans, times, levels)
    return pd.DataFrame(
        {
            "ts": pd.DatetimeIndex(times[at].view("datetime64[ns]"), tz="UTC"),
            "side": pd.Index(SIDES, dtype="str").take(side),
            "price": spans.prices(tick),
            "size": size,
        }
    )


def time_extent(source: Spans | Any) -> tuple[Spans, int, int]:
    """Spans of a source, with its first and last instant, ns: a Session's spans look further back than it."""
    if isinstance(source, Spans):
        return source, source.begin if len(source) else source.last, source.last
    spans, begin, last = time_extent(spans_of(source, "source"))
    first, end = (int(t.astype("datetime64[ns]").astype(np.int64)) for t in source.time_range)
    return spans, max(first, begin), min(end, last)


def step_of(duration: Duration, name: str) -> int:
    """A duration above zero, ns.

    Raises
    ------
    GridError : it is not.
    """
    step = nanoseconds(duration, name)
    if step is None or step <= 0:
        raise GridError(argument=name, expected="a duration above zero such as '500ms'", got=repr(duration))
    return step


def instants(begin: int, end: int, step: int) -> np.ndarray:
    """Multiples of ``step`` from begin to end, both included; int64."""
    return np.arange(-(-begin // step), end // step + 1, dtype=np.int64) * step


def books(
    spans: Spans, times: np.ndarray, levels: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The best ``levels`` a side at every instant: (index of the instant, side, tick, size), best first.

    Raises
    ------
    GridError : fewer than one level.
    """
    levels = whole_number(levels, "levels")
    counts = np.zeros((2, len(times)), np.int64)
    for side, s in enumerate(spans.sides):
        _count(times, observed(s), levels, counts[side])
    both = counts.sum(axis=0)
    begins = np.cumsum(both) - both
    n = int(both.sum())
    sides, ticks, sizes = np.empty(n, np.int8), np.empty(n, np.int32), np.empty(n)
    for side, s in enumerate(spans.sides):
        place = begins + side * counts[0]
        out = BookRows(place, place + counts[side], sides, ticks, sizes)
        _cut(side, times, observed(s), out)
    return np.repeat(np.arange(len(times)), both), sides, ticks, sizes


class ObservedSpans(NamedTuple):
    """S spans of one side, by tick: the size that was observed from ``start`` to ``seen``.

    tick : (S,) int32; start, seen : (S,) int64 ns; size : (S,) float64.
    """

    tick: np.ndarray
    start: np.ndarray
    seen: np.ndarray
    size: np.ndarray


class BookRows(NamedTuple):
    """Rows of the books of K instants, N in all, and which of them belong to one side.

    place, stop : (K,) int64, the next row of each instant to be written (moves on), and
        the one after its last.
    side : (N,) int8; tick : (N,) int32; size : (N,) float64.
    """

    place: np.ndarray
    stop: np.ndarray
    side: np.ndarray
    tick: np.ndarray
    size: np.ndarray


def observed(side: SideSpans) -> ObservedSpans:
    """The spans of a side, as kernels take them."""
    return ObservedSpans(side.tick, side.start, side.seen, side.size)


NEAR = 4
"""Steps from where an instant should be, were all as far from each other, that are taken one by one."""


@borrowing
def pace_of(times):
    """Instants a ns, in the mean."""
    n = times.shape[0]
    return (n - 1) / (times[n - 1] - times[0]) if n > 1 else 0.0


@borrowing
def first_at(times, pace, start):
    """The first instant at ``start`` or after it, of rising ones; at an even ``pace`` it needs no search."""
    n = times.shape[0]
    if n == 0:
        return n
    k = np.int64(min(max((start - times[0]) * pace, 0.0), float(n)))
    for _ in range(NEAR):
        if k < n and times[k] < start:
            k += 1
        elif k > 0 and times[k - 1] >= start:
            k -= 1
        else:
            return k
    return np.searchsorted(times, start)


@borrowing
def _count(times, spans, levels, counts):
    """How many levels are observed (start <= t < seen) at each instant, at most ``levels``: (K,) int64."""
    pace = pace_of(times)
    for i in range(spans.start.shape[0]):
        k = first_at(times, pace, spans.start[i])
        while k < times.shape[0] and times[k] < spans.seen[i]:
            counts[k] = min(counts[k] + 1, levels)
            k += 1


@borrowing
def _cut(side, times, spans, out):
    """Write the spans observed at each instant to `BookRows`. Spans lie by tick: going from the best price
    outward, every instant meets its best levels first."""
    place, n, pace = out.place, spans.tick.shape[0], pace_of(times)
    for j in range(n):
        i = n - 1 - j if side == 0 else j
        last = first_at(times, pace, spans.start[i])
        while last < times.shape[0] and times[last] < spans.seen[i]:
            row = place[last]
            if row < out.stop[last]:
                out.side[row], out.tick[row], out.size[row] = side, spans.tick[i], spans.size[i]
                place[last] += 1
            last += 1

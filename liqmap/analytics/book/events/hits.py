"""Trades that met one side of the book, by level and time."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from liqmap.compiling import borrowing
from liqmap.schema import AGGRESSORS, OPEN
from liqmap.spans import Spans
from liqmap.spans.end_reasons import Prints, read_prints
from liqmap.spans.rows import both


class Hits(NamedTuple):
    """H trades that may have met a side, by tick and then by time.

    tick, ts : (H,) int64; ts in ns. size : (H,) float64.
    spoke : (H,) int64, when the book next changed, at the trade or after it: what it says then of a level
        that it did not list knows of the trade. `OPEN`: it never did, or the aggressor is not known.
    """

    tick: np.ndarray
    ts: np.ndarray
    size: np.ndarray
    spoke: np.ndarray


def prints_of(trades: Any, spans: Spans) -> Prints:
    """Trades of the market of some spans, by tick and time: a session, a table or frame, or such `Prints`.

    RPI and block trades, and prices between ticks, met no level and are left out.

    Raises
    ------
    SchemaError : they are of another market or unit, or lack a column.
    """
    return trades if isinstance(trades, Prints) else read_prints(trades, spans)


def hits_of(spans: Spans, prints: Prints) -> tuple[Hits, Hits]:
    """Trades that may have met the bids, and the asks: those whose aggressor was of the other side, and those
    of which nobody says who it was; these count where a level was listed before, which only one side has."""
    spoke = next_change(spans, prints.ts)
    found = []
    for taker in ("sell", "buy"):
        mine = prints.aggressor == AGGRESSORS.index(taker)
        told = np.where(mine, spoke, OPEN)
        (k,) = np.nonzero(mine | (prints.aggressor < 0))
        found.append(Hits(prints.tick[k], prints.ts[k], prints.size[k], told[k]))
    return found[0], found[1]


def next_change(spans: Spans, ts: np.ndarray) -> np.ndarray:
    """(N,) when anything of the book first changed at a time or after it, ns; `OPEN` where it never did.

    What `message_times` would find, without putting all times of all spans in order.
    """
    times, back = np.unique(ts, return_inverse=True)
    if not len(times):
        return np.empty(0, np.int64)
    shift = int(max(int(times[-1] - times[0]), 1) * 2 // len(times)).bit_length()
    steps = int(times[-1] - times[0]) >> shift
    first = np.searchsorted(times, times[0] + (np.arange(steps + 2, dtype=np.int64) << shift))

    def of_side(number: int) -> np.ndarray:
        side, found = spans.sides[number], np.full(len(times), OPEN)
        none = np.empty(0, np.int64)
        for column, told in (
            (side.start, none), (side.seen, none), (side.end, side.seen), (spans.windows[number].start, none),
        ):  # fmt: skip
            _take_earlier(column, told, times, first, shift, found)
        return found

    earliest = np.minimum(*both(of_side, (0, 1), len(spans)))
    return np.minimum.accumulate(earliest[::-1])[::-1][back]


@borrowing
def _take_earlier(changes, told, times, first, shift, found):
    """Note for the last time at or before each change that it came, if none came earlier.

    told : changes in the same places that are noted already; none: (0,).
    first : where the times of each even step of ``1 << shift`` ns begin.
    """
    n = times.shape[0]
    for i in range(changes.shape[0]):
        c = changes[i]
        if c < times[0] or c == OPEN or (told.shape[0] > 0 and told[i] == c):
            continue
        if c >= times[n - 1]:
            k = n - 1
        else:
            k = first[(c - times[0]) >> shift]
            while k < n and times[k] <= c:
                k += 1
            k -= 1
        found[k] = min(found[k], c)


@borrowing
def hits_at(hits, tick):
    """First trade at a tick, and the one after its last."""
    return np.searchsorted(hits.tick, tick), np.searchsorted(hits.tick, tick, side="right")


@borrowing
def traded_between(hits, first, stop, after, until):
    """Size of the trades ``first`` to ``stop`` with after < ts <= until, and the first that came later.

    ``first`` may be what an earlier call gave, as the intervals of a level follow on each other.
    """
    total, k = 0.0, first
    while k < stop and hits.ts[k] <= until:
        if hits.ts[k] > after:
            total += hits.size[k]
        k += 1
    return total, k


@borrowing
def traded_before_listed(hits, first, stop, at):
    """Size of the trades that came since the book last changed before ``at``, up to then; and as above."""
    total, k = 0.0, first
    while k < stop and hits.ts[k] <= at:
        if hits.spoke[k] == at:
            total += hits.size[k]
        k += 1
    return total, k


@borrowing
def added_and_pulled(before, after, traded):
    """``max(0, after - before + traded)`` and ``max(0, before - traded - after)``; what is left of decimal
    sizes by floats, a billionth of them, is none."""
    change = after - before + traded
    if abs(change) <= 1e-9 * (before + after + traded):
        return 0.0, 0.0
    return (change, 0.0) if change > 0 else (0.0, -change)

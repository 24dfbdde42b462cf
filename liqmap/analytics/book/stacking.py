"""Stacking and pulling: what was added to and taken from each row of prices, trades and the window apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numba import njit

from liqmap.analytics.book.events.changes import (
    ADDED,
    ENTERED,
    FOLLOWED,
    LEFT,
    STANDS,
    changes_of,
)
from liqmap.analytics.book.events.hits import (
    Hits,
    added_and_pulled,
    hits_at,
    hits_of,
    prints_of,
    traded_before_listed,
    traded_between,
)
from liqmap.analytics.book.rows import row_edges
from liqmap.analytics.book.source import market_of, trades_known
from liqmap.carry import Duration
from liqmap.fill.snapshots import step_of
from liqmap.grid.edges import lattice
from liqmap.schema import OPEN, SIDES, GridError
from liqmap.spans import Spans

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("start_size", "end_size", "added", "pulled", "traded", "entered", "left")
MOST_STEPS = 10_000_000


@dataclass(frozen=True)
class Stacking:
    """What happened to one side, by row of prices and bin of time (C cells, those in which something did).

    side : 0 bids, 1 asks. time : (T + 1,) int64 ns, edges; a bin is [left, right). rows : (R + 1,) int64,
    edges, ticks.
    row, bin : (C,) int64; rising by row and then by bin.
    start_size, end_size, added, pulled, traded, entered, left : (C,) float64, the market's size unit. See
        `stacking`.
    """

    side: int
    time: np.ndarray
    rows: np.ndarray
    row: np.ndarray
    bin: np.ndarray
    start_size: np.ndarray
    end_size: np.ndarray
    added: np.ndarray
    pulled: np.ndarray
    traded: np.ndarray
    entered: np.ndarray
    left: np.ndarray

    def __len__(self) -> int:
        return len(self.row)


class Cells(NamedTuple):
    """One row of prices at work, by bin (T): what happened, and (T + 1,) what stood before each edge."""

    standing: np.ndarray
    sums: np.ndarray
    touched: np.ndarray


ADD, PULL, TRADE, ENTER, LEAVE = range(5)


def stacking_of(
    spans: Spans, trades: Any, time_edges_ns: np.ndarray, row_edges_ticks: np.ndarray, side: int
) -> Stacking:
    """Stacking and pulling of one side by row and bin: the numbers of `stacking`, as arrays.

    Parameters
    ----------
    trades : of the market, as `Spans.to_pandas` takes them, or the `Prints` made of such by `prints_of`.
    time_edges_ns : (T + 1,) int64, rising. row_edges_ticks : (R + 1,) int64, rising.
    side : 0 bids, 1 asks.

    Raises
    ------
    SchemaError : trades of another market or unit, or without the columns they need.
    """
    prints = prints_of(trades, spans)
    return stacked(spans, hits_of(spans, prints)[side], time_edges_ns, row_edges_ticks, side)


def stacked(spans: Spans, hits: Hits, time: np.ndarray, rows: np.ndarray, side: int) -> Stacking:
    """`stacking_of` with the trades of the side at hand."""
    time, rows = np.ascontiguousarray(time, np.int64), np.ascontiguousarray(rows, np.int64)
    bins = len(time) - 1
    work = Cells(np.zeros(bins + 1), np.zeros((bins, 5)), np.zeros(bins, np.bool_))
    s = spans.sides[side]
    low, high = np.searchsorted(s.levels, rows[[0, -1]])
    inside = s.first[low], s.first[high]
    found = _by_level(s.columns, changes_of(spans)[side], hits, time, rows, inside, work)
    row, cell = found[:, :2].astype(np.int64).T
    return Stacking(side, time, rows, row, cell, *found[:, 2:].T)


@njit(cache=True, nogil=True)
def _by_level(spans, changes, hits, time, rows, inside, work):
    """Walk the spans by level, and write out each row of prices when it is over.

    Parameters
    ----------
    spans : `SpanColumns`; changes : `Changes`; hits : `Hits`; time, rows : edges.
    inside : the first span of the rows, and the one after the last.
    work : `Cells`, all zero.

    Returns
    -------
    (C, 9): row, bin, and the values that `COLUMNS` names.
    """
    out, n = np.empty((1024, 9)), 0
    row, tick, first, stop = np.int64(-1), np.int64(0), np.int64(0), np.int64(0)
    for i in range(inside[0], inside[1]):
        if i == inside[0] or spans.tick[i] != tick:
            tick = np.int64(spans.tick[i])
            first, stop = hits_at(hits, tick)
            now = np.searchsorted(rows, tick, side="right") - 1
            if now != row:
                out, n = _write(row, work, out, n)
                row = now
        start, size = spans.start[i], spans.size[i]
        leaves = OPEN if changes.ended[i] == STANDS else spans.seen[i]
        first_edge = np.searchsorted(time, start, side="right")
        for k in range(first_edge, np.searchsorted(time, leaves, side="right")):
            work.standing[k] += size
        if changes.began[i] == ENTERED:
            _count(work, time, start, ENTER, size)
        elif changes.began[i] == ADDED:
            traded, first = traded_before_listed(hits, first, stop, start)
            _change(work, time, start, 0.0, size, traded)
        if changes.ended[i] == LEFT:
            _count(work, time, leaves, LEAVE, size)
        elif changes.ended[i] != STANDS:
            after = spans.size[i + 1] if changes.ended[i] == FOLLOWED else 0.0
            traded, first = traded_between(hits, first, stop, start, leaves)
            _change(work, time, leaves, size, after, traded)
    out, n = _write(row, work, out, n)
    return out[:n].copy()


@njit(cache=True, nogil=True)
def _count(work, time, at, what, size):
    """Add a size to the bin of a time."""
    k = np.searchsorted(time, at, side="right") - 1
    if 0 <= k < time.shape[0] - 1:
        work.sums[k, what] += size
        work.touched[k] = True


@njit(cache=True, nogil=True)
def _change(work, time, at, before, after, traded):
    """Add what happened to a level that the book told of at a time."""
    k = np.searchsorted(time, at, side="right") - 1
    if 0 <= k < time.shape[0] - 1:
        added, pulled = added_and_pulled(before, after, traded)
        work.sums[k, ADD] += added
        work.sums[k, PULL] += pulled
        work.sums[k, TRADE] += traded
        work.touched[k] = True


@njit(cache=True, nogil=True)
def _write(row, work, out, n):
    """Write the bins of a row in which something happened after the first ``n`` cells, and clear it."""
    for k in range(work.touched.shape[0]):
        if not work.touched[k]:
            continue
        if n == out.shape[0]:
            more = np.empty((2 * n, 9))
            more[:n] = out
            out = more
        out[n, 0], out[n, 1] = row, k
        out[n, 2], out[n, 3] = work.standing[k], work.standing[k + 1]
        out[n, 4:] = work.sums[k]
        work.sums[k] = 0.0
        n += 1
    work.touched[:] = False
    work.standing[:] = 0.0
    return out, n


def stacking(
    source: Any, every: Duration = "1min", price: float | None = None, trades: Any = None
) -> pd.DataFrame:
    """Stacking and pulling: what was added to and taken from each row of prices, step by step.

    Parameters
    ----------
    source : a `Session`, or spans (then ``trades`` are needed).
    every : the step; steps begin at its multiples since the epoch, UTC.
    price : height of a row, quote currency, a whole multiple of the tick. Default: one tick.
    trades : of the market, as `Spans.to_pandas` takes them, instead of the session's own.

    Returns
    -------
    A row per step [ts, ts + every), side and row of prices in which something happened: ``ts`` (UTC), where
    the step begins; ``side`` (bid, ask); ``price``, the lower edge of the row, quote currency. In the size
    unit of the market: ``start_size`` and ``end_size``, what was observed in the row in the instant before
    the step begins, and ends; ``added, pulled, traded, entered, left``. The first three of these are NaN
    where the trades are not known: before the step of the first one, and on UTC days without any.

    Raises
    ------
    SessionError : no trades. GridError : a step that is not above zero, a height that is no whole number of
    ticks, too many steps. SchemaError : trades of another market or unit.

    Notes
    -----
    For each change of a level's size from q0 to q1, with V the size of the trades that met it since its last
    change (the aggressor of the other side; or not known, if the level was listed)::

        added  = max(0, q1 - q0 + V)
        pulled = max(0, q0 - V - q1)
        traded = V

    which is the least that explains the change; what came and went between two words of the book on a level
    is in neither. Where the book knew that nothing rested, q0 = 0 and V counts from its last change on any
    level. ``entered`` is the size of levels when the window came to reach them (or back to them, and after a
    gap), ``left`` of those that it no longer reached: neither was done by anybody. For every row and step::

        added - pulled - traded + entered - left = end_size - start_size

    A step is settled when it is over: later messages change none, but that a gap which they tell of makes
    everything leave as of the message before it. The clocks of depth and trades are taken for one: a trade
    that prints after the change it made counts as pulled, and then as added.
    """
    import pandas as pd

    market, step = market_of(source, trades), step_of(every, "every")
    spans, prints = market.spans, market.prints
    if (market.end - market.begin) // step >= MOST_STEPS:
        raise GridError(
            argument="every",
            expected=f"at most {MOST_STEPS:,} steps",
            got=f"{(market.end - market.begin) // step + 1:,}",
            remedy="Take longer ones, or a part of the session: session.sel(start, end)",
        )
    time, rows = lattice(market.begin, market.end + 1, step), row_edges(spans, price, None)
    found = [stacked(spans, hits, time, rows, side) for side, hits in enumerate(hits_of(spans, prints))]
    row, at = (np.concatenate([getattr(one, name) for one in found]) for name in ("row", "bin"))
    side = np.repeat([0, 1], [len(one) for one in found])
    order = np.lexsort((row, side, at))
    values = {name: np.concatenate([getattr(one, name) for one in found])[order] for name in COLUMNS}
    known = trades_known(prints, time) & ~((time[:-1] < market.begin) & (spans.begin < market.begin))
    unknown = ~known[at[order]]
    for name in ("added", "pulled", "traded"):
        values[name][unknown] = np.nan
    columns = {
        "ts": pd.DatetimeIndex(time[at[order]].view("datetime64[ns]"), tz="UTC"),
        "side": pd.Index(SIDES, dtype="str").take(side[order]),
        "price": spans.prices(rows[row[order]]),
    }
    return pd.DataFrame(columns | values)

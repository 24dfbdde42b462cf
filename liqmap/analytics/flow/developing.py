"""Point of control and value area as they develop: of all that traded so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from liqmap.analytics.flow.anchors import begins_of
from liqmap.analytics.flow.bars import utc
from liqmap.analytics.flow.cuts import Rule, cuts_of, rule_of
from liqmap.analytics.flow.kernels.records import Areas
from liqmap.analytics.flow.kernels.running import run_area
from liqmap.analytics.flow.profile import MOST_ROWS
from liqmap.analytics.flow.rows import Rows, rows_of, too_many
from liqmap.analytics.flow.source import trades_of
from liqmap.analytics.flow.trades import Traded, Trades
from liqmap.analytics.flow.value_area import share_of
from liqmap.carry import Duration

if TYPE_CHECKING:
    import pandas as pd


class Developing(NamedTuple):
    """At each of K times, (K,) int64 ns: prices (K,), lower edges of rows, NaN while nothing traded."""

    time: np.ndarray
    poc: np.ndarray
    low: np.ndarray
    high: np.ndarray


def developing(
    trades: Traded | Any,
    every: Duration = "1min",
    price: float | None = None,
    share: float = 0.7,
    anchor: Any = "session",
    tick_size: float | None = None,
) -> pd.DataFrame:
    """Point of control and value area of the volume profile, as they develop.

    Parameters
    ----------
    trades : a `Session`, or a table of trades (see `bars`).
    every : how often they are told: at multiples since the epoch.
    price : height of a row, quote currency, a whole multiple of the tick. Default: one tick.
    share : of the volume, that the area holds.
    anchor : where the profile begins: ``"session"``, a duration or a time (see `cumulative_delta`).
    tick_size : quote currency; default: that of the session, or of the table's metadata.

    Returns
    -------
    A row for each step [ts - every, ts) in which something traded: ``ts`` (UTC), its end; ``poc``,
    ``value_area_low``, ``value_area_high``: rows by their lower edge, quote currency, of the trades from the
    anchor on, before ``ts``. They hold until the next row, so that a row may stand beside what happens from
    its time on. The area and its ties are those of `value_area`, over the rows from the lowest to the highest
    trade so far. A step that an anchor divides is told by the trades after it.

    Raises
    ------
    GridError : a step, share or anchor that is none; rows of no whole number of ticks, or over 10 million.
    SchemaError : no trades (see `bars`).
    """
    import pandas as pd

    rule, share = rule_of(every, "time"), share_of(share)
    found, rows = trades_of(trades), rows_of(trades, price, tick_size)
    line = developing_of(found, int(rule.amount), rows, share, begins_of(found, anchor))
    columns = {"poc": line.poc, "value_area_low": line.low, "value_area_high": line.high}
    return pd.DataFrame({"ts": utc(line.time), **columns})


def developing_of(
    trades: Trades, step: int, rows: Rows, share: float = 0.7, begins: np.ndarray | None = None
) -> Developing:
    """`developing` as arrays; ``step`` in ns, ``begins`` as of `begins_of`, default the first trade."""
    if begins is not None:
        trades = trades.part(int(np.searchsorted(trades.time, begins[0])) if len(begins) else 0, len(trades))
    row = rows.of(trades.price)
    lowest = int(row.min()) if len(row) else 0
    count = int(row.max()) - lowest + 1 if len(row) else 0
    if count > MOST_ROWS:
        raise too_many(count, MOST_ROWS, rows.height)
    cuts = cuts_of(trades, Rule("time", step))
    start, period = cuts.start, np.zeros(len(trades), np.int64)
    if begins is not None:
        period = np.searchsorted(begins, trades.time, side="right")
        anchored = np.flatnonzero(np.diff(period)) + 1
        start = np.union1d(start, anchored)
    first = start[:-1]
    anew = np.diff(period[first], prepend=-1) != 0
    areas = Areas.empty(len(first))
    run_area(start, row - lowest, trades.columns.amount, anew, share, np.zeros(count), areas)
    time = trades.time[first] // step * step + step
    last = np.append(time[1:] != time[:-1], True)[: len(time)]  # of two periods in one step the later
    shifted = (np.where(found < 0, found, found + lowest)[last] for found in areas)
    return Developing(time[last], *(rows.prices(found) for found in shifted))

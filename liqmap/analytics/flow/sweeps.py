"""Sweeps: trades of one aggressor through several prices, joined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from liqmap.analytics.flow.bars import utc
from liqmap.analytics.flow.kernels.joining import count_prices, join_trades
from liqmap.analytics.flow.source import trades_of
from liqmap.analytics.flow.trades import Traded, Trades
from liqmap.carry import Duration, nanoseconds
from liqmap.schema import AGGRESSORS, GridError
from liqmap.schema.arguments import is_number, whole_number

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Sweeps:
    """Joined trades (S of them).

    time, end : (S,) int64 ns, of the first and the last; aggressor : (S,) int8; count : (S,) trades.
    prices : (S,) distinct prices; first, last : prices of the first and the last, quote currency.
    size : base units; notional : price x size.
    """

    time: np.ndarray
    end: np.ndarray
    aggressor: np.ndarray
    count: np.ndarray
    prices: np.ndarray
    first: np.ndarray
    last: np.ndarray
    size: np.ndarray
    notional: np.ndarray

    def __len__(self) -> int:
        return len(self.time)


def sweeps(
    trades: Traded | Any, within: Duration = "0ms", min_size: float = 0.0, min_prices: int = 2
) -> pd.DataFrame:
    """Trades of one aggressor joined: sweeps through several prices, and large trades that came in parts.

    Parameters
    ----------
    trades : a `Session`, or a table of trades (see `bars`).
    within : how long after its first trade a sweep may last; ``"0ms"``: all at one time, as venues report
        the fills of one order.
    min_size : least size of what is told, the market's size unit.
    min_prices : least number of distinct prices; 1 with a ``min_size`` gives large trades, joined.

    Returns
    -------
    A row per joined trade: ``ts``, ``end`` (UTC), of its first and last trade; ``aggressor``; ``trades``,
    ``prices``: how many, and of how many distinct prices; ``price``, ``reached``: the first and the last,
    quote currency; ``size``, the market's size unit; ``notional``; ``vwap``.

    Raises
    ------
    GridError : a duration below zero, a size or number of prices that is none.
    SchemaError : no trades (see `bars`).

    Notes
    -----
    A trade joins the one before it where both have the same known aggressor, the price has not come back (a
    buy's is not lower, a sell's not higher), and it came at most ``within`` after the first of them. Several
    orders that follow each other so fast are one: trades do not say whose they are. A trade whose aggressor
    is not known stands alone, and ends the one before it. The last one may grow when more trades come.
    """
    import pandas as pd

    limit = nanoseconds(within, "within")
    if limit is None or limit < 0:
        raise GridError(argument="within", expected="a duration such as '5ms'", got=repr(within))
    if not (is_number(min_size) and 0 <= min_size < np.inf):
        raise GridError(argument="min_size", expected="a size, 0 or above", got=f"{min_size!r:.60}")
    least = whole_number(min_prices, "min_prices")
    found = sweeps_of(trades_of(trades), limit, float(min_size), least)
    words = np.array([*AGGRESSORS, None], object)[found.aggressor]
    return pd.DataFrame(
        {
            "ts": utc(found.time),
            "end": utc(found.end),
            "aggressor": pd.array(words, dtype="str"),
            "trades": found.count,
            "prices": found.prices,
            "price": found.first,
            "reached": found.last,
            "size": found.size,
            "notional": found.notional,
            "vwap": found.notional / np.where(found.size > 0, found.size, np.nan),
        }
    )


def sweeps_of(trades: Trades, within: int, min_size: float = 0.0, min_prices: int = 2) -> Sweeps:
    """`sweeps` as arrays; ``within`` in ns."""
    start = _starts(trades, within)
    joined = len(start) - 1
    prices = np.empty(joined, np.int64)
    count_prices(start, trades.columns.price, prices)
    first, last = start[:-1], start[1:] - 1
    value, per_unit = trades.amounts
    sums = (np.add.reduceat(a, first) if joined else np.empty(0) for a in (value, trades.price * trades.size))
    size, notional = sums
    size = size / per_unit
    told = (prices >= min_prices) & (size >= min_size)
    all_of = (
        trades.time[first], trades.time[last], trades.aggressor[first], np.diff(start), prices,
        trades.price[first], trades.price[last], size, notional,
    )  # fmt: skip
    return Sweeps(*(column[told] for column in all_of))


def joined_of(trades: Trades, within: int) -> np.ndarray:
    """(N,) int64, the number of the joined trade that each trade is part of, from 0; ``within`` in ns."""
    start = _starts(trades, within)
    return np.repeat(np.arange(len(start) - 1), np.diff(start))


def _starts(trades: Trades, within: int) -> np.ndarray:
    """(S + 1,) where joined trades begin; the last number ends the last."""
    start = np.empty(len(trades) + 1, np.int64)
    joined = join_trades(trades.columns, within, start)
    start[joined] = len(trades)
    return start[: joined + 1].copy()

"""Volume by price: how much traded in each row of prices, by aggressor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from liqmap.analytics.flow.kernels.growing import busiest_row
from liqmap.analytics.flow.rows import Rows, rows_of, too_many
from liqmap.analytics.flow.source import trades_of
from liqmap.analytics.flow.trades import BUY, SELL, UNSIGNED, Traded, Trades
from liqmap.schema.times import TimeRange, interval

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 10_000_000


@dataclass(frozen=True)
class Profile:
    """Traded volume by price (P rows), base units.

    rows : (P + 1,) int64 ticks, rising: a row is [left, right).
    buys, sells, unsigned : (P,), by aggressor; the last where it is not known.
    """

    rows: np.ndarray
    buys: np.ndarray
    sells: np.ndarray
    unsigned: np.ndarray

    @property
    def volume(self) -> np.ndarray:
        return self.buys + self.sells + self.unsigned

    @property
    def busiest(self) -> int | None:
        """The row in which most traded (the point of control), the lowest of equals; None of no trades."""
        busiest = busiest_row(self.volume, len(self.rows) - 1)
        return busiest if busiest >= 0 else None


def volume_profile(
    trades: Traded | Any,
    price: float | None = None,
    tick_size: float | None = None,
    time_range: TimeRange | None = None,
) -> pd.DataFrame:
    """Volume by price: how much traded in each row of prices, by aggressor.

    Parameters
    ----------
    trades : a `Session`, or a table of trades (pyarrow, pandas, polars) with ``ts``, ``price``, ``size`` and
        ``aggressor``, such as ``session.trades()``. Every trade counts, whatever its flags.
    price : height of a row, quote currency, a whole multiple of the tick; rows begin at its multiples.
        Default: one tick.
    tick_size : quote currency; default: that of the session, or of the table's metadata.
    time_range : only trades of [begin, end), such as what a picture shows; default: all.

    Returns
    -------
    A row per row of prices [price, price + height) from the lowest to the highest trade, those without a
    trade included: ``price``, its lower edge, quote currency; ``buys, sells, unsigned, volume``, the market's
    size unit, of trades whose aggressor bought, sold, is not known, and of all.

    Raises
    ------
    GridError : a height that is no whole number of ticks, no tick size, more than 10 million rows; a time
        range in which there is nothing.
    SchemaError : no trades: a column is missing, or a number or a time in it.

    Notes
    -----
    ``volume(row) = sum of q_i over trades with floor(p_i / height) = row``. The row with most is the point of
    control (Steidlmayer's market profile, by volume); `value_area` gives it, with what lies about it.
    """
    import pandas as pd

    some, rows = trades_of(trades), rows_of(trades, price, tick_size)
    if time_range is not None and len(some):
        within = int(some.time[0]), int(some.time[-1]) + 1
        some = some.between(*interval(time_range, "time_range", within))
    at = rows.of(some.price)
    if len(at) and at.max() - at.min() >= MOST_ROWS:
        raise too_many(int(at.max() - at.min() + 1), MOST_ROWS, rows.height)
    all_rows = np.arange(at.min(), at.max() + 2) if len(at) else np.arange(1)
    found = profile_of(some, all_rows * rows.ticks, rows.tick_size)
    columns = {"price": rows.prices(all_rows[:-1]), "buys": found.buys, "sells": found.sells}
    return pd.DataFrame(columns | {"unsigned": found.unsigned, "volume": found.volume})


def profile_of(trades: Trades, rows: np.ndarray, tick_size: float) -> Profile:
    """Volume of trades in ``rows``, (P + 1,) ticks, rising; trades beyond them are left out."""
    tick = Rows(tick_size, 1).of(trades.price)
    row = np.searchsorted(rows, tick, side="right") - 1
    count = len(rows) - 1
    inside = (row >= 0) & (row < count)
    value, per_unit = trades.amounts
    sums = [
        np.bincount(row[mine], value[mine], minlength=count) / per_unit
        for mine in (inside & (trades.aggressor == s) for s in (BUY, SELL, UNSIGNED))
    ]
    return Profile(rows, *sums)

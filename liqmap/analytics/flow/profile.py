"""Volume by price: how much traded in each row of prices, by aggressor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from liqmap.analytics.flow.trades import BUY, SELL, UNSIGNED, Trades
from liqmap.schema import GridError

if TYPE_CHECKING:
    import pandas as pd


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
        volume = self.volume
        return int(volume.argmax()) if len(volume) and volume.max() > 0 else None


def volume_profile(
    trades: pa.Table,
    price: float,
    tick_size: float,
    begin: int | None = None,
    end: int | None = None,
) -> pd.DataFrame:
    """Volume by price of a table of trades.

    Parameters
    ----------
    trades : schema `TRADES`, such as ``session.trades()``.
    price : height of a row, quote currency, a whole multiple of ``tick_size``; rows begin at its multiples.
    begin, end : ns; trades of [begin, end) count, default all.

    Returns
    -------
    A row per row of prices from the lowest to the highest trade: price (its lower edge), buys, sells, volume.

    Raises
    ------
    GridError : a height that is no whole number of ticks.
    """
    import pandas as pd

    ticks = round(price / tick_size) if price > 0 else 0
    if ticks < 1 or abs(ticks * tick_size - price) > 1e-6 * price:
        raise GridError(
            argument="price", expected=f"a whole multiple of the tick {tick_size:g}", got=repr(price)
        )
    all_ = Trades.of(trades)
    lowest, highest = np.iinfo(np.int64).min, np.iinfo(np.int64).max
    some = all_.between(lowest if begin is None else begin, highest if end is None else end)
    at = np.rint(some.price / tick_size).astype(np.int64) // ticks
    rows = np.arange(at.min(), at.max() + 2) * ticks if len(at) else np.arange(1)
    found = profile_of(some, rows, tick_size)
    columns = {"price": rows[:-1] * tick_size, "buys": found.buys, "sells": found.sells}
    return pd.DataFrame(columns | {"volume": found.volume})


def profile_of(trades: Trades, rows: np.ndarray, tick_size: float) -> Profile:
    """Volume of trades in ``rows``, (P + 1,) ticks, rising; trades beyond them are left out."""
    tick = np.rint(trades.price / tick_size).astype(np.int64)
    row = np.searchsorted(rows, tick, side="right") - 1
    count = len(rows) - 1
    inside = (row >= 0) & (row < count)
    sums = [
        np.bincount(row[mine], trades.size[mine], minlength=count)
        for mine in (inside & (trades.aggressor == s) for s in (BUY, SELL, UNSIGNED))
    ]
    return Profile(rows, *sums)

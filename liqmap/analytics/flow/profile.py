"""Volume by price: how much traded in each row of prices, by aggressor."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from liqmap.analytics.flow.source import row_numbers, trades_of
from liqmap.analytics.flow.trades import BUY, SELL, UNSIGNED, Traded, Trades
from liqmap.schema import GridError, Keyword, LiqmapError, Meta, Sentence, decimals
from liqmap.schema.arguments import is_number

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
        volume = self.volume
        return int(volume.argmax()) if len(volume) and volume.max() > 0 else None


def volume_profile(
    trades: Traded | Any, price: float | None = None, tick_size: float | None = None
) -> pd.DataFrame:
    """Volume by price: how much traded in each row of prices, by aggressor.

    Parameters
    ----------
    trades : a `Session`, or a table of trades (pyarrow, pandas, polars) with ``ts``, ``price``, ``size`` and
        ``aggressor``, such as ``session.trades()``. Every trade counts, whatever its flags.
    price : height of a row, quote currency, a whole multiple of the tick; rows begin at its multiples.
        Default: one tick.
    tick_size : quote currency; default: that of the session, or of the table's metadata.

    Returns
    -------
    A row per row of prices [price, price + height) from the lowest to the highest trade, those without a
    trade included: ``price``, its lower edge, quote currency; ``buys, sells, unsigned, volume``, the market's
    size unit, of trades whose aggressor bought, sold, is not known, and of all.

    Raises
    ------
    GridError : a height that is no whole number of ticks, no tick size, more than 10 million rows.
    SchemaError : no trades: a column is missing, or a number or a time in it.

    Notes
    -----
    ``volume(row) = sum of q_i over trades with floor(p_i / height) = row``. The row with most is the point of
    control (Steidlmayer's market profile, by volume).
    """
    import pandas as pd

    some, tick = trades_of(trades), _tick_size(trades, tick_size)
    height = tick if price is None else price
    ticks = round(height / tick) if is_number(height) and 0 < height < np.inf else 0
    if ticks < 1 or abs(ticks * tick - height) > 1e-6 * height:
        raise GridError(argument="price", expected=f"a whole multiple of the tick {tick:g}", got=repr(price))
    at = row_numbers(some.price, tick) // ticks
    if len(at) and at.max() - at.min() >= MOST_ROWS:
        raise GridError(
            argument="price",
            expected=f"at most {MOST_ROWS:,} rows",
            got=f"{at.max() - at.min() + 1:,} of {height:g}",
            remedy="Take higher rows",
        )
    rows = np.arange(at.min(), at.max() + 2) * ticks if len(at) else np.arange(1)
    found = profile_of(some, rows, tick)
    columns = {"price": np.round(rows[:-1] * tick, decimals(tick)), "buys": found.buys, "sells": found.sells}
    return pd.DataFrame(columns | {"unsigned": found.unsigned, "volume": found.volume})


def _tick_size(trades: Traded | Any, given: float | None) -> float:
    """The tick that was given, else that of a session or of a table's metadata."""
    if given is not None:
        if not (isinstance(given, (int, float, np.number)) and np.isfinite(given) and given > 0):
            raise GridError(argument="tick_size", expected="a tick above zero", got=repr(given))
        return float(given)
    found = None
    if isinstance(trades, Traded):
        with suppress(LiqmapError):  # a session without depth
            found = getattr(trades, "meta").tick_size  # noqa: B009 (not all that has trades has it)
        trades = trades.trades() if found is None else trades
    if isinstance(trades, pa.Table) and b"venue" in (trades.schema.metadata or {}):
        found = Meta.from_metadata(trades.schema.metadata).tick_size
    if found is None:
        raise GridError(
            argument="tick_size",
            expected="the tick of the market",
            got="none, and trades that do not tell it",
            remedy=Sentence("Pass ", Keyword("tick_size"), ", or the session itself"),
        )
    return float(found)


def profile_of(trades: Trades, rows: np.ndarray, tick_size: float) -> Profile:
    """Volume of trades in ``rows``, (P + 1,) ticks, rising; trades beyond them are left out."""
    tick = row_numbers(trades.price, tick_size)
    row = np.searchsorted(rows, tick, side="right") - 1
    count = len(rows) - 1
    inside = (row >= 0) & (row < count)
    sums = [
        np.bincount(row[mine], trades.size[mine], minlength=count).astype(float)
        for mine in (inside & (trades.aggressor == s) for s in (BUY, SELL, UNSIGNED))
    ]
    return Profile(rows, *sums)

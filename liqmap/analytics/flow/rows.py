"""Rows of prices: whole ticks high, from 0, each named by its lower edge."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from liqmap.analytics.flow.amounts import EXACT
from liqmap.analytics.flow.kernels.numbering import number_rows
from liqmap.analytics.flow.kernels.records import Lattice
from liqmap.analytics.flow.trades import Traded
from liqmap.schema import MISSING, GridError, Keyword, LiqmapError, Meta, Sentence, decimals
from liqmap.schema.arguments import is_number


class Rows(NamedTuple):
    """Row r holds the prices of [r, r + 1) x ticks x tick_size, quote currency."""

    tick_size: float
    ticks: int

    @property
    def height(self) -> float:
        """Quote currency."""
        return self.ticks * self.tick_size

    @property
    def lattice(self) -> Lattice:
        """As kernels take them."""
        return Lattice(self.tick_size, self.ticks)

    def of(self, price: np.ndarray) -> np.ndarray:
        """(N,) int64, the row of each price; one between two ticks belongs to the lower.

        Raises
        ------
        GridError : a price of 2**53 ticks or more, which no number tells from its neighbours.
        """
        most = max(price.max(initial=0.0), -price.min(initial=0.0))
        if most >= EXACT * self.tick_size:
            raise GridError(
                argument="tick_size",
                expected=f"prices below 2**53 ticks of {self.tick_size:g}",
                got=f"{most:g}",
                remedy="Take a larger tick",
            )
        row = np.empty(len(price), np.int64)
        prices = np.ascontiguousarray(price, np.float64).view()
        prices.setflags(write=False)
        number_rows(prices, self.lattice, row)
        return row

    def prices(self, row: np.ndarray) -> np.ndarray:
        """Lower edges of rows as they are written, quote currency; NaN of `MISSING`."""
        found = np.round(row * (self.ticks * self.tick_size), decimals(self.tick_size))
        return np.where(row == MISSING, np.nan, found)


def rows_of(source: Traded | Any, price: Any, tick_size: Any) -> Rows:
    """Rows of a height, quote currency; None is one tick. The tick: given, of the session, or of the table.

    Raises
    ------
    GridError : a height that is no whole number of ticks, or no tick size.
    """
    tick = tick_size_of(source, tick_size)
    height = tick if price is None else price
    ticks = round(height / tick) if is_number(height) and 0 < height < np.inf else 0
    if ticks < 1 or abs(ticks * tick - height) > 1e-6 * height:
        raise GridError(argument="price", expected=f"a whole multiple of the tick {tick:g}", got=repr(price))
    return Rows(tick, ticks)


def tick_size_of(trades: Traded | Any, given: Any) -> float:
    """The tick that was given, else that of a session or of a table's metadata.

    Raises
    ------
    GridError : none is known.
    """
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


def too_many(got: int, most: int, height: float) -> GridError:
    """The error of rows that would not fit into memory."""
    return GridError(
        argument="price",
        expected=f"at most {most:,} rows",
        got=f"{got:,} of {height:g}",
        remedy="Take higher rows",
    )

"""Trades as arrays: what bars, profiles and pictures are counted from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import pyarrow as pa

from liqmap.analytics.flow.amounts import Amounts, amounts_of
from liqmap.analytics.flow.kernels.records import TradeColumns
from liqmap.schema import AGGRESSORS, codes, int64

BUY, SELL, UNSIGNED = 0, 1, -1
"""Codes of the aggressor: places in `schema.AGGRESSORS`, and not known."""


@dataclass(frozen=True)
class Trades:
    """Trades by time.

    time : (N,) int64 ns, not falling; price, quote currency; size, base units; aggressor : (N,) int8.
    """

    time: np.ndarray
    price: np.ndarray
    size: np.ndarray
    aggressor: np.ndarray

    @classmethod
    def of(cls, table: pa.Table) -> Self:
        """From a table of schema `TRADES`; trades of one time keep their order."""
        time = int64(table["ts"])
        order = np.argsort(time, kind="stable")
        columns = (table["price"].to_numpy(), table["size"].to_numpy(), codes(table["aggressor"], AGGRESSORS))
        return cls(time[order], *(c[order] for c in columns))

    def __len__(self) -> int:
        return len(self.time)

    def before(self, time: int) -> Self:
        """The trades of before a time, ns."""
        return self.part(0, int(np.searchsorted(self.time, time)))

    def between(self, begin: int, end: int) -> Self:
        """The trades of [begin, end) ns."""
        first, last = np.searchsorted(self.time, (begin, end)).tolist()
        return self.part(first, last)

    def part(self, first: int, last: int) -> Self:
        """The trades from the first on, before the last, by number; amounts that are known stay."""
        cut = slice(first, last)
        part = type(self)(self.time[cut], self.price[cut], self.size[cut], self.aggressor[cut])
        if (amounts := self.__dict__.get("amounts")) is not None:
            part.__dict__["amounts"] = Amounts(amounts.value[cut], amounts.per_unit)
        return part

    @property
    def direction(self) -> np.ndarray:
        """(N,) float64: 1 where the aggressor bought, -1 where it sold, 0 where it is not known."""
        return np.array([1.0, -1.0, 0.0])[self.aggressor]  # the codes are 0, 1 and -1

    @property
    def signed(self) -> np.ndarray:
        """Sizes, negative where the aggressor sold, 0 where it is not known."""
        return self.size * self.direction

    @cached_property
    def amounts(self) -> Amounts:
        """Sizes as they add up without rounding."""
        return amounts_of(self.size)

    @property
    def columns(self) -> TradeColumns:
        """As kernels take them: to be read alone, so that one is compiled for all."""
        return self.plain_columns._replace(amount=_read_only(self.amounts.value))

    @property
    def plain_columns(self) -> TradeColumns:
        """The same where sizes add up as they are: ``amount`` is the size."""
        columns = (self.time, self.price, self.size, self.size, self.aggressor)
        return TradeColumns(*map(_read_only, columns))

    @property
    def totals(self) -> Totals:
        """What they come to."""
        bought, sold = (float(self.size[self.aggressor == one].sum()) for one in (BUY, SELL))
        volume = float(self.size.sum())
        vwap = float((self.price * self.size).sum() / volume) if volume > 0 else None
        return Totals(len(self), volume, bought, sold, vwap)


def _read_only(column: np.ndarray) -> np.ndarray:
    view = column.view()
    view.setflags(write=False)
    return view


class Traded(ABC):
    """What has a table of trades, and keeps them as arrays by time."""

    _traded: Trades | None = None

    @abstractmethod
    def trades(self) -> pa.Table:
        """Trades, schema `TRADES`."""

    def traded(self) -> Trades:
        """`trades` as arrays by time; read once, and then kept as they are."""
        if self._traded is None:
            self._traded = unchanging(self.trades())
        return self._traded


def unchanging(table: pa.Table) -> Trades:
    """Trades of a table that nobody can write into."""
    found = Trades.of(table)
    for column in (found.time, found.price, found.size, found.aggressor):
        column.setflags(write=False)
    return found


@dataclass(frozen=True)
class Totals:
    """Of some trades: how many, base units, and their volume-weighted price, None of no volume.

    bought, sold : by aggressor; where it is not known the volume is in neither.
    """

    count: int
    volume: float
    bought: float
    sold: float
    vwap: float | None

    @property
    def delta(self) -> float:
        return self.bought - self.sold

"""What the kernels take and fill: records of arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np


class TradeColumns(NamedTuple):
    """N trades by time. amount : sizes as `Amounts` adds them; sign : int8, `BUY`, `SELL` or `UNSIGNED`."""

    time: np.ndarray
    price: np.ndarray
    size: np.ndarray
    amount: np.ndarray
    sign: np.ndarray


class BarSums(NamedTuple):
    """Of B bars, float64. buys, sells, unsigned, min_delta, max_delta : amounts; notional : price x size."""

    open: np.ndarray
    high: np.ndarray
    low: np.ndarray
    close: np.ndarray
    buys: np.ndarray
    sells: np.ndarray
    unsigned: np.ndarray
    min_delta: np.ndarray
    max_delta: np.ndarray
    notional: np.ndarray

    @classmethod
    def empty(cls, n: int) -> BarSums:
        """Room for so many."""
        return cls(*(np.empty(n) for _ in cls._fields))


class CellColumns(NamedTuple):
    """Rows of prices of bars in which something traded, by bar and then by price (C cells).

    bar : (C,) int64, the place of the bar; row : (C,) int64, in heights of a row from 0.
    buys, sells, unsigned : (C,) float64; trades : (C,) int64, their number.
    buy_stack, sell_stack : (C,) int32, how many adjoining rows have an imbalance to this side, this one
        included; 0 where it has none.
    """

    bar: np.ndarray
    row: np.ndarray
    buys: np.ndarray
    sells: np.ndarray
    unsigned: np.ndarray
    trades: np.ndarray
    buy_stack: np.ndarray
    sell_stack: np.ndarray

    @classmethod
    def empty(cls, n: int) -> CellColumns:
        """Room for so many."""
        whole, floats, runs = (np.int64,) * 2, (np.float64,) * 3, (np.int64, np.int32, np.int32)
        return cls(*(np.empty(n, kind) for kind in (*whole, *floats, *runs)))

    def first(self, n: int) -> CellColumns:
        """The first n of them."""
        return CellColumns(*(shortened(column, n) for column in self))

    @classmethod
    def joined(cls, parts: Sequence[CellColumns]) -> CellColumns:
        """One behind the other."""
        return cls(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


class Areas(NamedTuple):
    """(B,) int64 rows of bars: point of control, lowest and highest row of the value area; `MISSING` where
    no volume traded."""

    poc: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @classmethod
    def empty(cls, n: int) -> Areas:
        """Room for so many."""
        return cls(*(np.empty(n, np.int64) for _ in cls._fields))


class BarRows(NamedTuple):
    """Of B bars, (B,) int64: the rows of the lowest and of the highest price."""

    low: np.ndarray
    high: np.ndarray


class Lattice(NamedTuple):
    """Rows as kernels number prices by them. ticks : height of a row."""

    tick_size: float
    ticks: int


class Shelf(NamedTuple):
    """Scratch of the rows of one bar, from its lowest on (R of them).

    side : (R, 4) float64: amounts bought, sold, nothing, amounts of no known aggressor; an amount is in the
        place of the code of its aggressor, `UNSIGNED` being the last.
    volume : (R,) float64; trades : (R,) int64; buy_run, sell_run : (R,) int32.
    """

    side: np.ndarray
    volume: np.ndarray
    trades: np.ndarray
    buy_run: np.ndarray
    sell_run: np.ndarray

    @classmethod
    def empty(cls, n: int) -> Shelf:
        """Room for so many rows."""
        runs = (np.empty(n, np.int32) for _ in range(2))
        return cls(np.empty((n, 4)), np.empty(n), np.empty(n, np.int64), *runs)


class Judged(NamedTuple):
    """What makes an imbalance and a value area.

    share : of the volume, that the area holds. ratio : times the other side. least : amount of an imbalance.
    """

    share: float
    ratio: float
    least: float


class Running(NamedTuple):
    """Sums from an anchor on, one per distinct time (K): see `vwap` and `cumulative_delta`."""

    time: np.ndarray
    first: np.ndarray
    second: np.ndarray
    third: np.ndarray

    @classmethod
    def empty(cls, n: int) -> Running:
        """Room for so many."""
        return cls(np.empty(n, np.int64), *(np.empty(n) for _ in range(3)))

    def until(self, n: int) -> Running:
        """The first n of them."""
        return Running(*(shortened(column, n) for column in self))


def shortened(column: np.ndarray, n: int) -> np.ndarray:
    """The first n of a column; without the rest in memory, where that is more than half."""
    return column[:n] if 2 * n > len(column) else column[:n].copy()

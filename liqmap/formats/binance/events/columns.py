"""Binance's diffs, trades and book tickers in columns: what the scanner takes, and the room for what it
finds."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from liqmap.formats.text.json_scan import Levels

DIFFS, ROWS, LINES, TRADES, TICKERS, FOREIGN_TICKERS = range(6)
"""What `Output.used` counts."""


class Wanted(NamedTuple):
    """What is taken: events of a symbol, where diffs come under the name of a stream, those of one (both
    uint8; empty: of none so far), of trades those of a name (see `word`), book tickers of a market (see
    `scan_ticker`; -1: of none so far); whether those of other symbols are passed over."""

    symbol: np.ndarray
    stream: np.ndarray
    trades: int
    market: int
    passes_tickers: bool


class Ticks(NamedTuple):
    """The states of the `Tick` of the book, of that of the trades, and of that of the book tickers."""

    book: np.ndarray
    trades: np.ndarray
    tickers: np.ndarray


class Diffs(NamedTuple):
    """Room for M diffs: (M,) time (ms or us, as written), u, what it follows, line from 1, local time (ns, 0
    where a line has none); (M + 1,) where their levels begin and end."""

    ts: np.ndarray
    seq: np.ndarray
    prev: np.ndarray
    line: np.ndarray
    recv: np.ndarray
    rows: np.ndarray
    levels: Levels

    @classmethod
    def room(cls, count: int, levels: int) -> Diffs:
        """For so many."""
        ts, seq, prev, line, recv = (np.empty(count, np.int64) for _ in range(5))
        return cls(ts, seq, prev, line, recv, np.zeros(count + 1, np.int64), Levels.room(levels))

    def first(self, count: int) -> Diffs:
        """So many of them, from the first on."""
        ts, seq, prev, line, recv = (column[:count] for column in self[:5])
        levels = self.levels.first(int(self.rows[count]))
        return Diffs(ts, seq, prev, line, recv, self.rows[: count + 1], levels)


class Trades(NamedTuple):
    """Room for K trades: (K,) time (ms or us, as written), id, whether the buyer was the maker, price, size,
    line from 1."""

    ts: np.ndarray
    id: np.ndarray
    maker: np.ndarray
    price: np.ndarray
    size: np.ndarray
    line: np.ndarray

    @classmethod
    def room(cls, count: int) -> Trades:
        """For so many."""
        ts, name, line = (np.empty(count, np.int64) for _ in range(3))
        return cls(ts, name, np.empty(count, np.bool_), np.empty(count), np.empty(count), line)

    def first(self, count: int) -> Trades:
        """So many of them, from the first on."""
        return Trades(*(column[:count] for column in self))


class Tickers(NamedTuple):
    """Room for Q tickers: (Q,) time (ms or us, as written; 0 on spot), u, line from 1, local time (ns, 0
    where a line has none); bid, its size, ask, its size (NaN: an empty side)."""

    ts: np.ndarray
    seq: np.ndarray
    line: np.ndarray
    recv: np.ndarray
    bid: np.ndarray
    bid_size: np.ndarray
    ask: np.ndarray
    ask_size: np.ndarray

    @classmethod
    def room(cls, count: int) -> Tickers:
        """For so many."""
        whole = (np.empty(count, np.int64) for _ in range(4))
        return cls(*whole, *(np.empty(count) for _ in range(4)))

    def first(self, count: int) -> Tickers:
        """So many of them, from the first on."""
        return Tickers(*(column[:count] for column in self))

    def put(self, at: int, found: tuple[Any, ...]) -> None:
        """Write one."""
        for column, value in zip(self, found, strict=True):
            column[at] = value


class Output(NamedTuple):
    """Room for what lines hold, and how much of it is used: (6,) diffs, rows, lines, trades and book tickers
    so far, and those of other symbols."""

    diffs: Diffs
    trades: Trades
    tickers: Tickers
    used: np.ndarray

    @classmethod
    def room(cls, size: int) -> Output:
        """For what a text of ``size`` bytes can hold."""
        most = size // 32 + 16
        levels = size // 6 + 16
        return cls(Diffs.room(most, levels), Trades.room(most), Tickers.room(most), np.zeros(6, np.int64))

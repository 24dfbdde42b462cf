"""What the lines of a chunk of a Binance capture hold, in columns, and which of its prices fit together.

The scanner writes diffs, trades and book tickers there, `append` those that it left, and snapshots stand
beside. Levels, trades and tickers whose prices leave no tick size for the others are left out.
"""

from __future__ import annotations

import copy
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa

from liqmap.compiling import say_if_compiling
from liqmap.formats.binance.events import scan as kernel
from liqmap.formats.binance.events.columns import (
    DIFFS,
    FOREIGN_TICKERS,
    LINES,
    ROWS,
    TICKERS,
    TRADES,
    Output,
    Tickers,
    Ticks,
    Trades,
    Wanted,
)
from liqmap.formats.binance.events.exact import (
    Diff,
    Trade,
    diff_messages,
    exact_snapshot,
    snapshot_message,
    trade_rows,
)
from liqmap.formats.binance.events.tickers import exact_ticker, quotes_of
from liqmap.formats.text.decimals import Tick
from liqmap.formats.text.far_prices import far_prices, near_levels, without_levels
from liqmap.schema import MISSING, SNAPSHOT, Messages, Quotes, Rejected


class Chunk:
    """One chunk after the other; the ``tick`` of the book, that of the trades and that of the book tickers go
    on. ``timeless`` counts tickers that have no time."""

    def __init__(self, tick_size: float | None) -> None:
        self.tick, self.trade_tick, self.ticker_tick = (Tick(tick_size) for _ in range(3))
        self.timeless = 0
        self.snapshots: list[Messages] = []
        self._forced: list[int] = []

    def begin(self, size: int) -> None:
        """Make room for what ``size`` bytes can hold, and forget the chunk before."""
        self._out = Output.room(size)
        self.snapshots, self._forced = [], []

    def scan(self, text: np.ndarray, at: int, line: int, wanted: Wanted) -> tuple[int, int]:
        """Take lines from byte ``at``, after ``line`` others, as far as the scanner knows them."""
        ticks = Ticks(self.tick.state, self.trade_tick.state, self.ticker_tick.state)
        before = Ticks(*np.empty((3, 3), np.int64))
        say_if_compiling(kernel.scan)
        self._out.used[LINES] = line
        at = kernel.scan(text, at, wanted, ticks, before, self._out)
        return at, int(self._out.used[LINES])

    def append(self, found: Diff | Trade, line: int, local: int) -> None:
        """Write one diff or trade after those that the scanner took."""
        diffs, trades, _, count = self._out
        m, r, k = int(count[DIFFS]), int(count[ROWS]), int(count[TRADES])
        if isinstance(found, Diff):
            diffs.ts[m], diffs.seq[m], diffs.prev[m] = found.ts, found.seq, found.prev
            diffs.line[m], diffs.recv[m] = line, local
            for code, at, amount in found.levels:
                diffs.levels.side[r], diffs.levels.price[r], diffs.levels.size[r] = code, at, amount
                r += 1
            diffs.rows[m + 1] = r
            count[DIFFS], count[ROWS] = m + 1, r
        else:
            trades.ts[k], trades.id[k], trades.maker[k] = found.ts, found.id, found.maker
            trades.price[k], trades.size[k], trades.line[k] = found.price, found.size, line
            if found.forced:
                self._forced.append(k)
            count[TRADES] = k + 1

    def append_snapshot(self, event: dict[str, Any], line: int, local: int, ours: bool) -> str | None:
        """Keep a REST snapshot, or say what is wrong with it. One that may not be ``ours`` leaves our tick as
        it is until it is known to be."""
        found = exact_snapshot(event, self.tick if ours else copy.deepcopy(self.tick))
        if isinstance(found, str):
            return found
        self.snapshots.append(snapshot_message(found, line, local or MISSING))
        return None

    def append_ticker(self, event: dict[str, Any], line: int, local: int) -> str | None:
        """Write one book ticker after those that the scanner took, or say what is wrong with it."""
        found = exact_ticker(event, local, line, self.ticker_tick)
        if isinstance(found, str):
            return found
        self._out.tickers.put(int(self._out.used[TICKERS]), found)
        self._out.used[TICKERS] += 1
        return None

    @property
    def foreign_tickers(self) -> int:
        """Book tickers of other symbols that the scanner passed over."""
        return int(self._out.used[FOREIGN_TICKERS])

    @property
    def tickers(self) -> Tickers:
        """The book tickers, as written."""
        return self._out.tickers.first(int(self._out.used[TICKERS]))

    def quotes(self, rejected: list[Rejected]) -> Quotes | None:
        """The book tickers that have a time, without those whose prices leave no tick size for the others."""
        found, timeless = quotes_of(self.tickers, self.ticker_tick, rejected)
        self.timeless += timeless
        return found

    def times(self) -> np.ndarray:
        """Those of the diffs, trades and book tickers, as written; none of tickers that have none."""
        used = self._out.used
        ticked = self.tickers.ts
        known = [self._out.diffs.ts[: used[DIFFS]], self._out.trades.ts[: used[TRADES]], ticked[ticked > 0]]
        return np.concatenate(known)

    def diffs(self, rejected: list[Rejected], ours: bool) -> Messages | None:
        """The diffs, without the levels whose prices leave no tick size for the others; the snapshots lose
        theirs too, unless they may not be ``ours``."""
        found = self._out.diffs.first(int(self._out.used[DIFFS]))
        diffs = diff_messages(found) if len(found.ts) else None
        if not self.tick.torn:
            self.tick.settle(np.empty(0))
            return diffs
        both = [*([diffs] if diffs is not None else []), *(self.snapshots if ours else [])]
        prices = [found.price for found in both]
        lines = [np.repeat(found.line, np.diff(found.rows)) for found in both]
        empty = np.empty(0, np.int64)
        wrong = far_prices(
            self.tick, np.concatenate([[], *prices]), np.concatenate([empty, *lines]), rejected
        )
        if wrong is None:
            return diffs
        ends = np.cumsum([len(found) for found in prices])[:-1]
        left = [without_levels(found, lost) for found, lost in zip(both, np.split(wrong, ends))]
        if ours:
            self.snapshots = [found for found in left[len(left) - len(self.snapshots) :] if found is not None]
        return left[0] if diffs is not None else None

    def trades(self, rejected: list[Rejected]) -> pa.RecordBatch | None:
        """The trades, without those whose prices leave no tick size for the others."""
        trades = self._out.trades.first(int(self._out.used[TRADES]))
        wrong = far_prices(self.trade_tick, trades.price, trades.line, rejected)
        if wrong is not None:
            self._forced = [i - int(wrong[:i].sum()) for i in self._forced if not wrong[i]]
            trades = Trades(*(column[~wrong] for column in trades))
        return trade_rows(trades, self._forced) if len(trades.ts) else None

    def near_snapshots(
        self, depth: Messages, lost: tuple[Rejected, ...]
    ) -> tuple[Messages | None, tuple[Rejected, ...]]:
        """Messages without such levels of snapshots that are only now known to be ours, and what is lost."""
        for i in np.flatnonzero(depth.event == SNAPSHOT):
            prices = depth.price[depth.rows[i] : depth.rows[i + 1]].tolist()
            self.tick.add(Fraction(repr(price)) for price in prices)
        rejected = list(lost)
        return near_levels(self.tick, depth, rejected), tuple(rejected)

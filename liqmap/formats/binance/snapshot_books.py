"""What readers of Binance's books one by one share: each message replaces the book, and trades stand
between."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from liqmap.formats.binance.events import Trades
from liqmap.formats.binance.exact_events import Trade, exact_trade, trade_rows
from liqmap.formats.market import binance_sizes
from liqmap.formats.raw import RawFile
from liqmap.formats.registry import Hints
from liqmap.formats.text.decimals import Tick
from liqmap.formats.text.json_reader import JsonLinesReader
from liqmap.schema import Batch, Messages, Meta, Rejected
from liqmap.schema.messages import join


class SnapshotBooks(JsonLinesReader):
    """A reader says the ``symbol``, the ``feed``, of how many ``levels`` a book is, and which kind of
    ``trades`` are taken."""

    symbol: str
    feed: str
    levels: int
    trades: str

    def __init__(self, raw: RawFile, hints: Hints) -> None:
        super().__init__(raw)
        self.tick, self._trade_tick = Tick(hints.tick_size), Tick(hints.tick_size)
        self.books: list[Messages] = []
        self._trades: list[Trade] = []
        self._last = -1

    def take(self, rejected: list[Rejected], position: int) -> Batch:
        found, self.books = self.books, []
        return Batch(
            depth=self._follow(found),
            trades=self._take_trades(),
            rejected=tuple(rejected),
            position=position,
        )

    def trade(self, event: dict[str, Any]) -> str | None:
        """Take a trade, or say what is wrong with it."""
        trade = exact_trade(event, self._trade_tick)
        if isinstance(trade, str):
            return trade
        self._trades += [] if trade is None else [trade]
        return None

    def _follow(self, found: list[Messages]) -> Messages | None:
        """One after the other: each follows the one before, whatever its id."""
        depth = join(found)
        if depth is None:
            return None
        newest = np.maximum.accumulate(np.concatenate([[self._last], depth.seq]))
        self._last = int(newest[-1])
        sizes: dict[str, Any] = binance_sizes(self.venue, self.symbol)
        self.meta["depth"] = Meta(
            venue=self.venue,
            symbol=self.symbol,
            feed=self.feed,
            tick_size=self.tick.size,
            depth_limit=self.levels,
            window_policy="snapshots",
            **sizes,
        )
        return replace(depth, prev=newest[:-1])

    def _take_trades(self) -> pa.RecordBatch | None:
        """The trades of the lines since the last call."""
        trades, self._trades = self._trades, []
        if not trades:
            return None
        sizes: dict[str, Any] = binance_sizes(self.venue, self.symbol)
        self.meta["trades"] = Meta(
            venue=self.venue,
            symbol=self.symbol,
            tick_size=self._trade_tick.size,
            trade_ids="aggregate" if self.trades == "aggTrade" else "trade",
            **sizes,
        )
        ts, name = (np.array([getattr(t, n) for t in trades], np.int64) for n in ("ts", "id"))
        maker, price, size = (np.array([getattr(t, n) for t in trades]) for n in ("maker", "price", "size"))
        forced = [i for i, t in enumerate(trades) if t.forced]
        return trade_rows(Trades(ts, name, maker, price, size), forced)

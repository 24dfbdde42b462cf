"""What readers of Binance's books one by one share: each message replaces the book, and trades and book
tickers stand between."""

from __future__ import annotations

from dataclasses import replace
from itertools import compress
from typing import Any

import numpy as np
import pyarrow as pa

from liqmap.formats.binance.events.columns import Tickers, Trades
from liqmap.formats.binance.events.exact import Trade, exact_trade, trade_rows
from liqmap.formats.binance.events.tickers import TICKER, arrival_note, exact_ticker, quotes_of, timeless_note
from liqmap.formats.market import binance_sizes
from liqmap.formats.raw import RawFile
from liqmap.formats.registry import Hints
from liqmap.formats.text.decimals import Tick
from liqmap.formats.text.far_prices import far_prices, near_levels
from liqmap.formats.text.json_escapes import unescaped
from liqmap.formats.text.json_reader import JsonLinesReader
from liqmap.schema import Batch, Messages, Meta, Quotes, Rejected
from liqmap.schema.messages import join


class SnapshotBooks(JsonLinesReader):
    """A reader says the ``symbol``, the ``feed``, whether its market is ``spot``, of how many ``levels`` a
    book is, and which kind of ``trades`` are taken."""

    symbol: str
    spot: bool
    feed: str
    levels: int
    trades: str

    def __init__(self, raw: RawFile, hints: Hints) -> None:
        super().__init__(raw)
        self.tick, self._trade_tick = Tick(hints.tick_size), Tick(hints.tick_size)
        self.books: list[Messages] = []
        self._trades: list[Trade] = []
        self._trade_lines: list[int] = []
        self.also = "quotes" if TICKER.search(unescaped(raw.head())) else ""
        self._ticker_tick = Tick(hints.tick_size)
        self._tickers: list[tuple[Any, ...]] = []
        self._timeless = 0
        self._last = -1

    def take(self, rejected: list[Rejected], position: int) -> Batch:
        found, self.books = self.books, []
        return Batch(
            depth=self._follow(near_levels(self.tick, join(found), rejected)),
            trades=self._take_trades(rejected),
            quotes=self._take_quotes(rejected),
            rejected=tuple(rejected),
            position=position,
        )

    def trade(self, event: dict[str, Any], line: int) -> str | None:
        """Take a trade, or say what is wrong with it."""
        trade = exact_trade(event, self._trade_tick)
        if isinstance(trade, str):
            return trade
        if trade is not None:
            self._trades.append(trade)
            self._trade_lines.append(line)
        return None

    def ticker(self, event: dict[str, Any], local: int, line: int) -> Rejected | None:
        """Take a book ticker of ours, or say what is wrong with it: nothing else is lost with one."""
        if event.get("s") != self.symbol:
            self.skipped["book tickers of other symbols"] += 1
            return None
        if ("e" not in event) != self.spot:
            self.skipped["book tickers of another market"] += 1
            return None
        found = exact_ticker(event, local, line, self._ticker_tick)
        if isinstance(found, str):
            return Rejected(line, found, level=True)
        self._tickers.append(found)
        return None

    def last_notes(self) -> list[str]:
        notes, name = super().last_notes(), self.raw.path.name
        if self._timeless:
            notes.append(timeless_note(name, self._timeless))
        if "quotes" in self.meta and self.spot:
            notes.append(arrival_note(name))
        return notes

    def _take_quotes(self, rejected: list[Rejected]) -> Quotes | None:
        """The book tickers of the lines since the last call."""
        rows, self._tickers = self._tickers, []
        if not rows:
            return None
        tickers = Tickers.room(len(rows))
        for at, row in enumerate(rows):
            tickers.put(at, row)
        quotes, timeless = quotes_of(tickers, self._ticker_tick, rejected)
        self._timeless += timeless
        if quotes is not None:
            sizes: dict[str, Any] = binance_sizes(self.venue, self.symbol)
            tick_size = self._ticker_tick.size
            self.meta["quotes"] = Meta(venue=self.venue, symbol=self.symbol, tick_size=tick_size, **sizes)
        return quotes

    def _follow(self, depth: Messages | None) -> Messages | None:
        """One after the other: each follows the one before, whatever its id."""
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

    def _take_trades(self, rejected: list[Rejected]) -> pa.RecordBatch | None:
        """The trades of the lines since the last call."""
        trades, self._trades = self._trades, []
        lines, self._trade_lines = self._trade_lines, []
        prices = np.array([trade.price for trade in trades])
        wrong = far_prices(self._trade_tick, prices, np.array(lines), rejected)
        if wrong is not None:
            trades = list(compress(trades, ~wrong))
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
        return trade_rows(Trades(ts, name, maker, price, size, np.zeros_like(ts)), forced)

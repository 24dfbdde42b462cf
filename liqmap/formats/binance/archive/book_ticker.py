"""Binance's ``bookTicker`` archives (CSV) of USD-M and COIN-M; there are none of spot.

``update_id,best_bid_price,best_bid_qty,best_ask_price,best_ask_qty,transaction_time,event_time``, with this
header or without. Without one only the file's name says what the numbers are: it must hold ``bookTicker``.
``transaction_time`` is that of the engine. Price and quantity of an empty side are 0.

Some files of 2024 have rows of two times of the day in turn: such a file is refused, it must be sorted first.
Source: https://github.com/binance/binance-public-data/issues/305
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np

from liqmap.formats.binance.archive.symbol_and_time import file_symbol, wrong_time
from liqmap.formats.market import binance_sizes, binance_venue
from liqmap.formats.raw import RawFile
from liqmap.formats.registry import Format, Hints, register
from liqmap.formats.text import best_prices
from liqmap.formats.text.csv_columns import NUMBER, PRICE, WHOLE, Column, Lines, Read
from liqmap.formats.text.csv_header import first_cells, wrong_columns
from liqmap.formats.text.csv_reader import CsvReader, Exact
from liqmap.formats.text.times import are_times, is_micro, to_ns
from liqmap.schema import MISSING, Batch, FormatError, Meta, Quotes, Rejected

_NAMES = (
    "update_id",
    "best_bid_price",
    "best_bid_qty",
    "best_ask_price",
    "best_ask_qty",
    "transaction_time",
    "event_time",
)
_CELL = r"\d+(?:\.\d+)?"
_BARE = re.compile(rf"[1-9]\d{{0,17}}(?:,{_CELL}){{4}}(?:,1[0-9]{{12}}){{2}}")
_PRICE, _SIZE = Column(PRICE, empty=True), Column(NUMBER)

MOST_OLDER = 100
"""One in so many rows may have a lower id than the one before."""


class BinanceBookTickerCsv(CsvReader[Quotes]):
    """Reader of one archive."""

    def __init__(self, raw: RawFile, hints: Hints) -> None:
        header = _header(raw.head())
        if header is None:
            raise wrong_columns(raw.path, "binance-book-ticker", first_cells(raw.head()))
        if not header and "bookticker" not in raw.path.name.lower():
            raise FormatError(
                where=raw.path,
                expected="a header, or bookTicker in the file's name",
                got="numbers alone",
                remedy="Give it its name of the archive, such as BTCUSDT-bookTicker-2023-06-01.csv",
            )
        super().__init__(raw, hints.tick_size, usual_unit="ms", header=header)
        self.lines = Lines([Column(WHOLE), _PRICE, _SIZE, _PRICE, _SIZE, Column(WHOLE), Column(WHOLE)])
        self._symbol = file_symbol(raw, hints)
        self.named = "" if hints.symbol else self._symbol
        self.venue, note = binance_venue(raw.path, hints.venue, self._symbol, False)
        self.notes = [note] if note else []
        self._count = self._older = self._last = 0

    def take(self, rows: Quotes | None, rejected: list[Rejected], position: int) -> Batch:
        if rows is not None:
            steps = np.diff(rows.seq, prepend=self._last)
            self._older += int((steps < 0).sum())
            self._count, self._last = self._count + len(steps), int(rows.seq[-1])
            sizes: dict[str, Any] = binance_sizes(self.venue, self._symbol)
            self.meta["quotes"] = Meta(
                venue=self.venue, symbol=self._symbol, tick_size=self.tick.size, **sizes
            )
        return Batch(quotes=rows, rejected=tuple(rejected), position=position)

    def last_notes(self) -> list[str]:
        """
        Raises
        ------
        FormatError : rows are not in the order of their ids.
        """
        if self._older * MOST_OLDER > self._count:
            raise FormatError(
                where=self.raw.path,
                expected="rows in the order of update_id",
                got=f"{self._older:,} of {self._count:,} with a lower one than the row before",
                remedy="Sort the file by update_id",
            )
        return super().last_notes()

    def at_once(self, read: Read, line: int) -> Quotes | None:
        name, *sides, time, published = (read.column(place) for place in range(len(_NAMES)))
        if name.min() < 1 or not (are_times(time) and are_times(published)):
            return None
        return best_prices.at_once(self._heads(time, name), sides, blank=False)

    def exact(self, cells: list[str], line: int) -> Exact:
        if len(cells) != len(_NAMES):
            return f"expected {len(_NAMES)} columns, got {len(cells)}"
        if not re.fullmatch(r"[1-9]\d{0,17}", cells[0], re.ASCII):
            return f"expected a whole number as update_id, got {cells[0]!r:.40}"
        for cell in cells[5:]:
            if wrong := wrong_time(cell):
                return wrong
        sides = best_prices.exact_sides((cells[1], cells[2]), (cells[3], cells[4]), self.tick)
        return sides if isinstance(sides, str) else (int(cells[5]), 0, int(cells[0]), *sides)

    def near(
        self, columns: list[tuple[Any, ...]] | None, rejected: list[Rejected]
    ) -> list[tuple[Any, ...]] | None:
        return best_prices.near_rows(self.tick, columns, rejected)

    def gather(self, columns: list[tuple[Any, ...]]) -> Quotes:
        quotes = best_prices.gathered(columns)
        ts, recv, seq = self._heads(quotes.ts, quotes.seq)
        return replace(quotes, ts=ts, ts_recv=recv, seq=seq)

    def _heads(self, time: np.ndarray, name: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Time, arrival and id."""
        micro = is_micro(time)
        self.units.see(us=micro, ms=~micro)
        return to_ns(time), np.full(len(time), MISSING), name


def _header(head: bytes) -> int | None:
    """The lines of header; None if this is no such file."""
    cells = tuple(first_cells(head))
    return 1 if cells == _NAMES else 0 if _BARE.fullmatch(",".join(cells)) else None


register(
    Format(
        "binance-book-ticker",
        "Binance bookTicker archive, csv or zip",
        detect=lambda head: _header(head) is not None,
        open=BinanceBookTickerCsv,
    )
)

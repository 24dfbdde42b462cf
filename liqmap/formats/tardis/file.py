"""Tardis CSV files: ``incremental_book_L2``, ``book_snapshot_N`` and ``trades``, plain or gzip.

Times are microseconds: ``timestamp`` is the exchange's (``ts``), ``local_timestamp`` that of arrival
(``ts_recv``). Exchange ids are our venue ids. There are no sequence numbers: ``seq`` is the arrival in
microseconds, which is the same in every file that holds the message.
Source: https://docs.tardis.dev/downloadable-csv-files

A chunk of lines is read at once; if anything in it is strange, line by line.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np

from liqmap.formats.market import spelled, tardis_sizes
from liqmap.formats.raw import RawFile
from liqmap.formats.registry import Hints
from liqmap.formats.text.csv_columns import SKIP, WHOLE, WORD, Column, Lines, Read
from liqmap.formats.text.csv_header import check_columns
from liqmap.formats.text.csv_reader import CsvReader, Exact, Rows
from liqmap.formats.text.decimals import number
from liqmap.formats.text.rejected_lines import RejectedLines
from liqmap.schema import Batch, FormatError, Rejected
from liqmap.schema.wording import Keyword, Sentence

COMMON = ("exchange", "symbol", "timestamp", "local_timestamp")
EARLIEST, LATEST = 10**15, 4 * 10**15
"""Microseconds of 2001 and 2096: seconds, milliseconds and nanoseconds lie outside."""


class TardisFile(CsvReader[Rows]):
    """What the kinds share: header, market, times, and lines that wait with their message.

    A kind says what its columns are (``types``), what lines of sound times mean at once (`chunk`), what one
    means (`one`), and what a Batch holds of the rows so far (`found`).
    """

    types: dict[str, Column]

    def __init__(self, raw: RawFile, hints: Hints) -> None:
        super().__init__(raw, hints.tick_size)
        head = raw.head().split(b"\n")
        self.names = head[0].decode("utf-8", "replace").strip().split(",")
        check_columns(raw.path, "Tardis", (*COMMON, *getattr(self, "types", ())), self.names)
        self._chosen = hints.symbol is not None
        self._rejected = RejectedLines()
        rows = [line.decode("utf-8", "replace").split(",") for line in head[1:-1] or head[1:]]
        markets = Counter((r[0], r[1]) for r in rows if len(r) == len(self.names))
        asked = hints.symbol and (spelled(hints.symbol, (s for _, s in markets)) or hints.symbol)
        common = [m for m, _ in markets.most_common() if asked in (None, m[1])]
        if not common and not (hints.symbol and markets):
            raise FormatError(
                where=raw.path,
                expected=f"lines of {len(self.names)} columns after the header",
                got="none",
                remedy="Fetch it again",
            )
        self._exchange, self.symbol = common[0] if common else (next(iter(markets))[0], str(asked))
        self.venue = hints.venue or self._exchange
        self.sizes: dict[str, Any] = tardis_sizes(self._exchange, self.symbol)

    @abstractmethod
    def chunk(self, read: Read, ts: np.ndarray, local: np.ndarray, line: int) -> Rows | None:
        """All lines of a chunk, after ``line`` others; None if any of them needs a closer look."""

    @abstractmethod
    def one(self, cell: dict[str, str], ts: int, local: int) -> Exact:
        """The rows of one line, or what is wrong with it."""

    @abstractmethod
    def found(self, rows: Rows | None, last: bool) -> dict[str, Any]:
        """What a Batch holds of the rows so far; ``last``: no more come."""

    @property
    def waiting_since(self) -> int | None:
        """The first line of what waits for more."""
        return None

    def take(self, rows: Rows | None, rejected: list[Rejected], position: int) -> Batch:
        found = self.found(rows, last=False)
        self._rejected.add(rejected)
        return Batch(**found, rejected=self._rejected.before(self.waiting_since), position=position)

    def finish(self, damage: list[Rejected]) -> Iterator[Batch]:
        """What waited."""
        found = self.found(None, last=True)
        self.check_found()
        self._rejected.add(damage)
        self.notes += self.last_notes()
        yield Batch(**found, rejected=self._rejected.before(None), position=self.raw.position)

    def nothing_found(self) -> FormatError:
        remedy = Sentence("Pass ", Keyword("symbol"), " of one of these, or leave it out")
        return self.skipped.instead(self.raw.path, f"lines of symbol {self.symbol}", remedy)

    @cached_property
    def lines(self) -> Lines:  # type: ignore[override]
        """What the columns are."""
        own = {"exchange": Column(WORD, (self._exchange,)), "symbol": Column(WORD, (self.symbol,))}
        times = dict.fromkeys(COMMON[2:], Column(WHOLE))
        kinds = own | times | self.types
        return Lines([kinds.get(name, Column(SKIP)) for name in self.names])

    def at_once(self, read: Read, line: int) -> Rows | None:
        ts, local = (read.column(self.names.index(n)) for n in COMMON[2:])
        sound = all(t.min() >= EARLIEST and t.max() < LATEST for t in (ts, local))
        return self.chunk(read, ts, local, line) if sound else None

    def exact(self, cells: list[str], line: int) -> Exact:
        if len(cells) != len(self.names):
            return f"expected {len(self.names)} columns, got {len(cells)}"
        cell = dict(zip(self.names, cells))
        if self._chosen and cell["symbol"] != self.symbol:
            self.skipped[cell["symbol"]] += 1
            return None
        if (cell["exchange"], cell["symbol"]) != (self._exchange, self.symbol):
            why = f"expected {self._exchange} {self.symbol}, got {cell['exchange']} {cell['symbol']}"[:150]
            remedy = Sentence(f"{why}. Pass ", Keyword("symbol"), " to take one of several markets")
            return Rejected(line, remedy, foreign=bool(cell["exchange"] and cell["symbol"]))
        for name in COMMON[2:]:
            if not re.fullmatch(r"\d{16}", cell[name], re.ASCII) or not EARLIEST <= int(cell[name]) < LATEST:
                return f"expected {name} in microseconds, got {cell[name]!r:.40}"
        return self.one(cell, int(cell["timestamp"]), int(cell["local_timestamp"]))

    def level(self, price: str, size: str) -> tuple[float, float] | str:
        """A price above 0 and a size of 0 or more, or what is wrong; the tick size takes the price."""
        found, amount = number(price), number(size)
        if not found:
            return f"expected a positive price, got {price!r:.40}"
        if amount is None:
            return f"expected an amount of 0 or more, got {size!r:.40}"
        self.tick.add([found])
        return float(found), float(amount)

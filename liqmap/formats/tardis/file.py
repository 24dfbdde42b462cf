"""Tardis CSV files: ``incremental_book_L2``, ``book_snapshot_N`` and ``trades``, plain or gzip.

Times are microseconds: ``timestamp`` is the exchange's (``ts``), ``local_timestamp`` that of arrival
(``ts_recv``). Exchange ids are our venue ids. There are no sequence numbers: ``seq`` is the arrival in
microseconds, which is the same in every file that holds the message.
Source: https://docs.tardis.dev/downloadable-csv-files

A chunk of lines is read at once; if anything in it is strange, line by line.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np

from liqmap.formats.market import spelled, tardis_sizes
from liqmap.formats.raw.file import RawFile, ahead
from liqmap.formats.registry import Hints
from liqmap.formats.text.columns import SKIP, WHOLE, WORD, Column, Lines, Read, count_lines
from liqmap.formats.text.csv_lines import check_columns
from liqmap.formats.text.decimals import MOST_TICKS, Tick, number
from liqmap.formats.text.left_out import LeftOut
from liqmap.schema import Batch, FormatError, Meta, Rejected

COMMON = ("exchange", "symbol", "timestamp", "local_timestamp")
EARLIEST, LATEST = 10**15, 4 * 10**15
"""Microseconds of 2001 and 2096: seconds, milliseconds and nanoseconds lie outside."""


class TardisFile(ABC):
    """What the kinds share: header, market, times, and the walk over the lines.

    A kind says what its columns are (``types``), takes lines of sound times at once (``at_once``: False if
    it will not), takes one line (``one``: what is wrong with it), and gives what it took (``take``).
    """

    types: dict[str, Column]

    def __init__(self, raw: RawFile, hints: Hints) -> None:
        head = raw.head().split(b"\n")
        self.names = head[0].decode("utf-8", "replace").strip().split(",")
        check_columns(raw.path, "Tardis", (*COMMON, *getattr(self, "types", ())), self.names)
        self.meta: dict[str, Meta] = {}
        self.notes: list[str] = []
        self.tick = Tick(hints.tick_size)
        self._raw = raw
        self._told = hints.symbol is not None
        self._left_out = LeftOut()
        self._broken = False
        self._late: list[Rejected] = []
        rows = [line.decode("utf-8", "replace").split(",") for line in head[1:-1] or head[1:]]
        markets = Counter((r[0], r[1]) for r in rows if len(r) == len(self.names))
        told = hints.symbol and (spelled(hints.symbol, (s for _, s in markets)) or hints.symbol)
        common = [m for m, _ in markets.most_common() if told in (None, m[1])]
        if not common and not (hints.symbol and markets):
            raise FormatError(
                f"{raw.path}: expected lines of {len(self.names)} columns after the header, got none. "
                "Fetch it again"
            )
        self._exchange, self.symbol = common[0] if common else (next(iter(markets))[0], str(told))
        self.venue = hints.venue or self._exchange
        self.sizes: dict[str, Any] = tardis_sizes(self._exchange, self.symbol)

    @abstractmethod
    def at_once(self, read: Read, ts: np.ndarray, local: np.ndarray, line: int) -> bool:
        """Take all lines of a chunk; False if any of them needs a closer look."""

    @abstractmethod
    def one(self, cell: dict[str, str], ts: int, local: int, line: int) -> str | None:
        """Take one line, or say what is wrong with it."""

    @abstractmethod
    def take(self, last: bool) -> dict[str, Any]:
        """What a Batch holds of the lines so far."""

    def batches(self) -> Iterator[Batch]:
        """A batch for each chunk of the file; decompression runs ahead in a thread."""
        line = 0
        for chunk, position in ahead(self._raw.chunks()):
            text = chunk if line else chunk.split(b"\n", 1)[1]
            line = line or 1
            rejected: list[Rejected] = []
            rows = count_lines(text)
            if text and not self._fast(text, line, rows):
                self._slow(text, line, rejected)
            line += rows
            found = self.take(last=False)
            yield Batch(**found, rejected=self._lost(rejected), position=position)
        damage = [Rejected(line + 1, self._raw.damage)] if self._raw.damage else []
        found = self.take(last=True)
        if self._left_out and not self.meta and not self._broken:
            raise self._left_out.instead(
                self._raw.path,
                f"lines of symbol {self.symbol}",
                "Pass symbol= of one of these, or leave it out",
            )
        yield Batch(**found, rejected=self._lost(damage), position=self._raw.position)
        self.notes += self._left_out.notes(self._raw.path.name)

    @property
    def waiting_since(self) -> int | None:
        """The first line of what was taken and not yet given: it waits for more."""
        return None

    def _lost(self, rejected: list[Rejected]) -> tuple[Rejected, ...]:
        """The lines lost before the message that waits; the others wait with it."""
        since = self.waiting_since
        found = self._late + rejected
        self._late = [r for r in found if since is not None and r.line >= since]
        return tuple(found[: len(found) - len(self._late)])

    @cached_property
    def _lines(self) -> Lines:
        own = {"exchange": Column(WORD, (self._exchange,)), "symbol": Column(WORD, (self.symbol,))}
        times = dict.fromkeys(COMMON[2:], Column(WHOLE))
        kinds = own | times | self.types
        return Lines([kinds.get(name, Column(SKIP)) for name in self.names])

    def _fast(self, text: bytes, line: int, rows: int) -> bool:
        before = self.tick.state.copy()
        read = self._lines.read(text, self.tick, rows)
        if read is None:
            return False
        ts, local = (read.column(self.names.index(n)) for n in COMMON[2:])
        sound = all(t.min() >= EARLIEST and t.max() < LATEST for t in (ts, local))
        if sound and self.at_once(read, ts, local, line):
            return True
        self.tick.state[:] = before
        return False

    def _slow(self, text: bytes, line: int, rejected: list[Rejected]) -> None:
        for raw in text.split(b"\n")[:-1]:
            line += 1
            if not raw.strip():
                continue
            wrong = self._exact(raw.rstrip(b"\r").decode("utf-8", "replace").split(","), line)
            if wrong:
                self._broken = True
                rejected.append(wrong if isinstance(wrong, Rejected) else Rejected(line, wrong))

    def _exact(self, cells: list[str], line: int) -> Rejected | str | None:
        """Take one line, or say what is wrong with it."""
        if len(cells) != len(self.names):
            return f"expected {len(self.names)} columns, got {len(cells)}"
        cell = dict(zip(self.names, cells))
        if self._told and cell["symbol"] != self.symbol:
            self._left_out[cell["symbol"]] += 1
            return None
        if (cell["exchange"], cell["symbol"]) != (self._exchange, self.symbol):
            why = f"expected {self._exchange} {self.symbol}, got {cell['exchange']} {cell['symbol']}. "
            why += "Pass symbol= to take one of several markets"
            return Rejected(line, why[:200], foreign=bool(cell["exchange"] and cell["symbol"]))
        for name in COMMON[2:]:
            if not re.fullmatch(r"\d{16}", cell[name], re.ASCII) or not EARLIEST <= int(cell[name]) < LATEST:
                return f"expected {name} in microseconds, got {cell[name]!r:.40}"
        return self.one(cell, int(cell["timestamp"]), int(cell["local_timestamp"]), line)

    def level(self, price: str, size: str) -> tuple[float, float] | str:
        """A price above 0 and a size of 0 or more, or what is wrong; the tick size takes the price."""
        found, amount = number(price), number(size)
        if not found:
            return f"expected a positive price, got {price!r:.40}"
        if amount is None:
            return f"expected an amount of 0 or more, got {size!r:.40}"
        return self.tick.add([found], below=MOST_TICKS) or (float(found), float(amount))

"""Bybit's trade archives (CSV) and publicTrade captures (NDJSON).

Derivatives: ``timestamp,symbol,side,size,price,tickDirection,trdMatchID,...[,RPI]``, seconds with decimals.
Spot: ``id,timestamp,price,volume,side[,rpi]``, milliseconds, no symbol: the file name has it.
Source: https://public.bybit.com/trading/ and https://public.bybit.com/spot/

A chunk of lines is read at once; if anything in it is strange, line by line.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa

from liqmap.formats.bybit.stream import DEPTH_TOPIC, TRADE_TOPIC, BybitStream
from liqmap.formats.market import bybit_size_unit, named, spelled
from liqmap.formats.raw import RawFile
from liqmap.formats.registry import Format, Hints, Reader, register
from liqmap.formats.text.csv_columns import (
    NUMBER,
    PLAIN,
    PRICE,
    SKIP,
    TEXT,
    WORD,
    Column,
    Lines,
    Read,
    or_null,
)
from liqmap.formats.text.csv_header import check_columns, first_cells
from liqmap.formats.text.csv_reader import CsvReader, Exact
from liqmap.formats.text.decimals import number
from liqmap.formats.text.ids import are_plain, plain_id
from liqmap.formats.text.json_escapes import unescaped
from liqmap.formats.text.times import EARLIEST, EARLIEST_MS, LATEST, LATEST_MS
from liqmap.schema import AGGRESSORS, FLAGS, TIMESTAMP, TRADES, Batch, FormatError, Meta, Rejected, words
from liqmap.schema.wording import Keyword, Sentence

_DERIVATIVE = (b"timestamp", b"symbol", b"side", b"size", b"price")
_SPOT = (b"id", b"timestamp", b"price", b"volume", b"side")
_NAMES = {"volume": "size", "trdMatchID": "id", "RPI": "rpi", "isRPI": "rpi"}
_TIME = r"^\d{1,13}(\.\d{1,9})?$"
_SIDES = {"Buy": 0, "buy": 0, "BUY": 0, "Sell": 1, "sell": 1, "SELL": 1}
_RPI = {"true": True, "1": True, "false": False, "0": False, "": False}
_RPI_WORDS = {form: said for word, said in _RPI.items() for form in (word, word.upper(), word.capitalize())}
_KINDS = {
    "timestamp": Column(PLAIN),
    "side": Column(WORD, tuple(_SIDES)),
    "size": Column(NUMBER),
    "price": Column(PRICE),
    "id": Column(TEXT),
    "rpi": Column(WORD, tuple(_RPI_WORDS)),
}
_LINES = re.compile(rb"\s*(\d{12,19}[ \t]+)?[{\[]")
_FILE_SYMBOL = re.compile(r"^([A-Z0-9]+?(?:-\d{2}[A-Z]{3}\d{2})?)[-_]?\d{4}-\d{2}")


class BybitTradesCsv(CsvReader[pa.RecordBatch]):
    """Reader of one trade archive."""

    price = 3

    def __init__(self, raw: RawFile, hints: Hints) -> None:
        head = raw.head()
        names = first_cells(head)
        self._columns = [_NAMES.get(n, n) for n in names]
        self._at = {n: i for i, n in enumerate(self._columns)}
        super().__init__(raw, hints.tick_size, "s" if "symbol" in self._at else "ms")
        self.named = ""
        self._hints = hints
        check_columns(raw.path, "bybit-trades", ("timestamp", "side", "size", "price"), self._columns)
        self._symbol = self._find_symbol(head)
        numbered = "row" if "symbol" not in self._at else "trade"  # spot files count from 1, each anew
        self._trade_ids = numbered if "id" in self._at else "none"
        self.venue = self._venue()
        kinds = _KINDS | {"symbol": Column(WORD, (self._symbol,))}
        self.lines = Lines([kinds.get(name, Column(SKIP)) for name in self._columns])

    def take(self, rows: pa.RecordBatch | None, rejected: list[Rejected], position: int) -> Batch:
        if rows is not None:
            self.meta["trades"] = Meta(
                venue=self.venue,
                symbol=self._symbol,
                tick_size=self.tick.size,
                size_unit=bybit_size_unit(self.venue, self._symbol),
                trade_ids=self._trade_ids,
            )
        return Batch(trades=rows, rejected=tuple(rejected), position=position)

    def nothing_found(self) -> FormatError:
        remedy = Sentence("Pass ", Keyword("symbol"), " of one of these, or leave it out")
        return self.skipped.instead(self.raw.path, f"lines of symbol {self._symbol}", remedy)

    def _venue(self) -> str:
        """The two markets have layouts of their own: no folder says more."""
        return self._hints.venue or ("bybit" if "symbol" in self._at else "bybit-spot")

    def _find_symbol(self, head: bytes) -> str:
        asked = self._hints.symbol
        if "symbol" in self._at:
            rows = [r.split(b",") for r in head.split(b"\n")[1:-1]]
            cells = Counter(r[self._at["symbol"]] for r in rows if len(r) == len(self._columns))
            found = [cell.decode("utf-8", "replace") for cell, _ in cells.most_common()]
            if asked:
                return spelled(asked, found) or asked.upper()
            if found:
                return found[0]
        match = _FILE_SYMBOL.match(self.raw.path.name)
        symbol = named(self.raw.path, match[1] if match else None, asked)
        if symbol is None:
            raise FormatError(
                where=self.raw.path,
                expected="a symbol in the file or its name",
                got="none",
                remedy=Sentence("Pass ", Keyword("symbol")),
            )
        self.named = "" if asked else symbol
        return symbol

    def at_once(self, read: Read, line: int) -> pa.RecordBatch | None:
        found = {n: read.column(at) for n, at in self._at.items() if n in _KINDS}
        time, size = found["timestamp"], found["size"]
        if size.min() <= 0 or not _are_times(time) or ("id" in found and not are_plain(found["id"])):
            return None
        side = np.array(list(_SIDES.values()), np.int8)[found["side"]]
        name = found["id"] if "id" in found else pa.nulls(read.rows, pa.string())
        none = np.zeros(read.rows, np.bool_)
        rpi = np.array(list(_RPI_WORDS.values()))[found["rpi"]] if "rpi" in found else none
        return self._record(time, name, side, found["price"], size, rpi)

    def gather(self, columns: list[tuple[Any, ...]]) -> pa.RecordBatch:
        time, codes, price, size, rpi = (np.array(columns[i]) for i in (0, 2, 3, 4, 5))
        return self._record(time, pa.array(columns[1], pa.string()), codes, price, size, rpi)

    def _record(
        self,
        time: np.ndarray,
        name: pa.Array,
        side: np.ndarray,
        price: np.ndarray,
        size: np.ndarray,
        rpi: np.ndarray,
    ) -> pa.RecordBatch:
        """Seconds or ms to ns by way of whole microseconds, which float64 holds exactly."""
        seconds = time < LATEST
        self.units.see(s=seconds, ms=~seconds)
        micros = np.rint(np.where(seconds, time * 1e6, time * 1e3)).astype(np.int64)
        return pa.RecordBatch.from_arrays(
            [
                pa.array(micros * 1000).view(TIMESTAMP),
                or_null(name),
                words(side, AGGRESSORS),
                pa.array(price),
                pa.array(size),
                words(np.zeros(len(rpi), np.int8), FLAGS, null=~rpi),
            ],
            schema=TRADES,
        )

    def exact(self, cells: list[str], line: int) -> Exact:
        """A line of a symbol that was not asked for is passed over."""
        if len(cells) != len(self._columns):
            return f"expected {len(self._columns)} columns, got {len(cells)}"
        cell = dict(zip(self._columns, cells))
        price, size = number(cell["price"]), number(cell["size"])
        if cell.get("symbol", self._symbol) != self._symbol:
            if self._hints.symbol and cell["symbol"]:
                self.skipped[f"symbol {cell['symbol']}"] += 1
                return None
            why = f"expected symbol {self._symbol}, got {cell['symbol']!r:.40}. "
            return Sentence(why, "Pass ", Keyword("symbol"), " to take one of several markets")
        if not re.match(_TIME, cell["timestamp"], re.ASCII) or not _are_times(
            np.array([float(cell["timestamp"])])
        ):
            return f"expected a time in s or ms since 1970, of 2000 to 2099, got {cell['timestamp']!r:.40}"
        if not price:
            return f"expected a positive price, got {cell['price']!r:.40}"
        if not size:
            return f"expected a positive size, got {cell['size']!r:.40}"
        if cell["side"] not in _SIDES:
            return f"expected side Buy or Sell, got {cell['side']!r:.40}"
        if cell.get("rpi", "").lower() not in _RPI:
            return f"expected RPI to be true or false, got {cell['rpi']!r:.40}"
        try:
            name = plain_id(cell.get("id", ""))
        except ValueError as lost:
            return str(lost)
        self.tick.add([price])
        rpi = _RPI[cell.get("rpi", "").lower()]
        return float(cell["timestamp"]), name, _SIDES[cell["side"]], float(price), float(size), rpi


def _are_times(times: np.ndarray) -> bool:
    """Whether all of these are times in seconds or ms."""
    seconds = (times >= EARLIEST) & (times < LATEST)
    return bool((seconds | (times >= EARLIEST_MS) & (times <= LATEST_MS)).all())


def _is_csv(head: bytes) -> bool:
    names = head.split(b"\n", 1)[0].strip().split(b",")
    return tuple(names[:5]) in (_DERIVATIVE, _SPOT)


def _is_trades(head: bytes) -> bool:
    """An archive, or lines of trades among which there is no depth."""
    if _is_csv(head):
        return True
    head = unescaped(head)
    return TRADE_TOPIC.search(head) is not None and DEPTH_TOPIC.search(head) is None


def _open(raw: RawFile, hints: Hints) -> Reader:
    return BybitStream(raw, hints) if _LINES.match(raw.head()) else BybitTradesCsv(raw, hints)


register(
    Format(
        "bybit-trades",
        "Bybit trade archive, csv or csv.gz, or publicTrade lines",
        detect=_is_trades,
        open=_open,
    )
)

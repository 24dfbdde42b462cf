"""Binance's ``trades`` and ``aggTrades`` archives (CSV) of spot, USD-M and COIN-M.

``id,price,qty,quote_qty,time,is_buyer_maker[,is_best_match]`` and ``agg_trade_id,price,quantity,
first_trade_id,last_trade_id,transact_time,is_buyer_maker[,is_best_match]``, with a header or without.
Only spot has the best match. Times are ms; spot has us since 2025-01-01. Source: https://github.com/binance/binance-public-data

A chunk of lines is read at once; if anything in it is strange, line by line.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pyarrow as pa

from liqmap.formats.binance.archive.symbol_and_time import file_symbol, wrong_time
from liqmap.formats.market import binance_sizes, binance_venue
from liqmap.formats.raw import RawFile
from liqmap.formats.registry import Format, Hints, register
from liqmap.formats.text.csv_columns import NUMBER, PRICE, SKIP, TEXT, WHOLE, WORD, Column, Lines, Read
from liqmap.formats.text.csv_header import first_cells, wrong_columns
from liqmap.formats.text.csv_reader import CsvReader, Exact
from liqmap.formats.text.csv_scan import NINE, ZERO
from liqmap.formats.text.decimals import number
from liqmap.formats.text.times import are_times, is_micro, to_ns
from liqmap.schema import AGGRESSORS, FLAGS, TIMESTAMP, TRADES, Batch, Meta, Rejected, words

_NAMES = {
    "id": ("id", "tradeid", "aggtradeid", "aggregatetradeid"),
    "price": ("price",),
    "size": ("qty", "quantity"),
    "time": ("time", "timestamp", "transacttime"),
    "maker": ("isbuyermaker", "wasthebuyerthemaker"),
    "best": ("isbestmatch", "wasthetradethebestpricematch"),
}
_WANTED = ("id", "price", "size", "time", "maker")
_TRADE = ("id", "price", "size", "quote", "time", "maker", "best")
_AGGREGATE = ("id", "price", "size", "first", "last", "time", "maker", "best")
_MAKER = dict.fromkeys(("true", "True", "TRUE", "1"), True) | dict.fromkeys(
    ("false", "False", "FALSE", "0"), False
)
_KINDS = {
    "id": Column(TEXT),
    "price": Column(PRICE),
    "size": Column(NUMBER),
    "time": Column(WHOLE),
    "maker": Column(WORD, tuple(_MAKER)),
}

_ID = r"^\d{1,18}$"

_CELL, _WORD = r"\d+(\.\d+)?", r"([Tt]rue|TRUE|[Ff]alse|FALSE|[01])"
_BARE = {
    _TRADE: re.compile(rf"\d+,{_CELL},{_CELL},{_CELL},\d{{9,19}},{_WORD}(,{_WORD})?"),
    _AGGREGATE: re.compile(rf"\d+,{_CELL},{_CELL},-?\d+,-?\d+,\d{{9,19}},{_WORD}(,{_WORD})?"),
}


class BinanceTradesCsv(CsvReader[pa.RecordBatch]):
    """Reader of one archive."""

    price = 3

    def __init__(self, raw: RawFile, hints: Hints) -> None:
        head = raw.head()
        known = _columns(head)
        if known is None:
            raise wrong_columns(raw.path, "binance-trades", first_cells(head))
        super().__init__(raw, hints.tick_size, header=known[1])
        self._columns = list(known[0])
        aggregate = {"first", "firsttradeid", "last", "lasttradeid"} & set(self._columns)
        aggregate |= {c for c in first_cells(head) if _plain(c).startswith("agg")}
        self._trade_ids = "aggregate" if aggregate else "trade"
        self.lines = Lines([_KINDS.get(name, Column(SKIP)) for name in self._columns])
        self._symbol = file_symbol(raw, hints)
        self.named = "" if hints.symbol else self._symbol
        spot = True if "best" in self._columns else None
        self.venue, note = binance_venue(raw.path, hints.venue, self._symbol, spot)
        self.notes = [note] if note else []

    def take(self, rows: pa.RecordBatch | None, rejected: list[Rejected], position: int) -> Batch:
        if rows is not None:
            sizes: dict[str, Any] = binance_sizes(self.venue, self._symbol)
            self.meta["trades"] = Meta(
                venue=self.venue,
                symbol=self._symbol,
                tick_size=self.tick.size,
                trade_ids=self._trade_ids,
                **sizes,
            )
        return Batch(trades=rows, rejected=tuple(rejected), position=position)

    def at_once(self, read: Read, line: int) -> pa.RecordBatch | None:
        name, price, size, time, maker = (read.column(self._columns.index(n)) for n in _WANTED)
        if not _are_ids(name) or size.min() <= 0 or not are_times(time):
            return None
        sold = np.array(list(_MAKER.values()))[maker]
        return self._record(time, name, sold, price, size)

    def gather(self, columns: list[tuple[Any, ...]]) -> pa.RecordBatch:
        time, name, sold, price, size = columns[:5]
        return self._record(
            np.array(time, np.int64), pa.array(name), np.array(sold), np.array(price), np.array(size)
        )

    def exact(self, cells: list[str], line: int) -> Exact:
        if len(cells) != len(self._columns):
            return f"expected {len(self._columns)} columns, got {len(cells)}"
        cell = dict(zip(self._columns, cells))
        price, size = number(cell["price"]), number(cell["size"])
        if wrong := wrong_time(cell["time"]):
            return wrong
        if not re.fullmatch(_ID, cell["id"], re.ASCII):
            return f"expected a whole number as id, got {cell['id']!r:.40}"
        if not price:
            return f"expected a positive price, got {cell['price']!r:.40}"
        if not size:
            return f"expected a positive size, got {cell['size']!r:.40}"
        if cell["maker"] not in _MAKER:
            return f"expected is_buyer_maker to be true or false, got {cell['maker']!r:.40}"
        self.tick.add([price])
        return int(cell["time"]), cell["id"], _MAKER[cell["maker"]], float(price), float(size)

    def _record(
        self, time: np.ndarray, name: pa.Array, sold: np.ndarray, price: np.ndarray, size: np.ndarray
    ) -> pa.RecordBatch:
        micro = is_micro(time)
        self.units.see(us=micro, ms=~micro)
        return pa.RecordBatch.from_arrays(
            [
                pa.array(to_ns(time)).view(TIMESTAMP),
                name,
                words(sold, AGGRESSORS),
                pa.array(price),
                pa.array(size),
                words(np.zeros(len(time), np.int8), FLAGS, null=np.ones(len(time), np.bool_)),
            ],
            schema=TRADES,
        )


def _are_ids(names: pa.StringArray) -> bool:
    """Whether all of these are digits, 1 to 18 of them."""
    ends, letters = (np.frombuffer(b, kind) for b, kind in zip(names.buffers()[1:], (np.int32, np.uint8)))
    sizes = np.diff(ends)
    return bool(sizes.min() > 0 and sizes.max() <= 18 and letters.min() >= ZERO and letters.max() <= NINE)


def _plain(name: str) -> str:
    """A column name without case, blanks and underscores."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _columns(head: bytes) -> tuple[tuple[str, ...], int] | None:
    """The columns, and the lines of header; None if this is no such file."""
    cells = first_cells(head)
    names = {n: name for name, known in _NAMES.items() for n in known}
    found = tuple(names.get(_plain(c), _plain(c)) for c in cells)
    if set(_WANTED) <= set(found) and len(set(found)) == len(found):
        return found, 1
    for columns, pattern in _BARE.items():
        if pattern.fullmatch(",".join(cells)):
            return columns[: len(cells)], 0
    return None


register(
    Format(
        "binance-trades",
        "Binance trades or aggTrades archive, csv or zip",
        detect=lambda head: _columns(head) is not None,
        open=BinanceTradesCsv,
    )
)

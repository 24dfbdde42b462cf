"""Binance's ``trades`` and ``aggTrades`` archives (CSV) of spot, USD-M and COIN-M.

``id,price,qty,quote_qty,time,is_buyer_maker[,is_best_match]`` and ``agg_trade_id,price,quantity,
first_trade_id,last_trade_id,transact_time,is_buyer_maker[,is_best_match]``, with a header or without.
Only spot has the best match. Times are ms; spot has us since 2025-01-01. Source: https://github.com/binance/binance-public-data

A chunk of lines is read at once; if anything in it is strange, line by line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from liqmap.formats._binance_csv import (
    TIME,
    file_symbol,
    first_cells,
    plain,
)
from liqmap.formats._binance_exact import to_ns
from liqmap.formats._binance_scan import EARLIEST
from liqmap.formats.columns import NUMBER, PRICE, SKIP, WHOLE, WORD, Column, Lines, count_lines
from liqmap.formats.decimals import Tick, number
from liqmap.formats.market import binance_sizes, binance_venue
from liqmap.formats.raw import RawFile, ahead
from liqmap.formats.registry import Format, Hints, register
from liqmap.schema import AGGRESSORS, FLAGS, OPEN, TIMESTAMP, TRADES, Batch, Meta, Rejected, words

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
_FIRST, _LAST = 10**11, min(10**17, OPEN // 1_000)
"""ms have 12 to 14 digits, us 15 to 17."""
_MAKER = dict.fromkeys(("true", "True", "TRUE", "1"), True) | dict.fromkeys(
    ("false", "False", "FALSE", "0"), False
)
_KINDS = {
    "id": Column(WHOLE),
    "price": Column(PRICE),
    "size": Column(NUMBER),
    "time": Column(WHOLE),
    "maker": Column(WORD, tuple(_MAKER)),
}

_CELL, _WORD = r"\d+(\.\d+)?", r"([Tt]rue|TRUE|[Ff]alse|FALSE|[01])"
_BARE = {
    _TRADE: re.compile(rf"\d+,{_CELL},{_CELL},{_CELL},\d{{9,19}},{_WORD}(,{_WORD})?"),
    _AGGREGATE: re.compile(rf"\d+,{_CELL},{_CELL},-?\d+,-?\d+,\d{{9,19}},{_WORD}(,{_WORD})?"),
}


class BinanceTradesCsv:
    """Reader of one archive."""

    def __init__(self, raw: RawFile, hints: Hints) -> None:
        head = raw.head()
        self.meta: dict[str, Meta] = {}
        self._raw = raw
        columns, self._skip = _columns(head) or (_TRADE[: len(first_cells(head))], 0)
        self._columns = list(columns)
        self._lines = Lines([_KINDS.get(name, Column(SKIP)) for name in columns])
        self._symbol = file_symbol(raw, hints)
        spot = True if "best" in self._columns else None
        self.venue, note = binance_venue(raw.path, hints.venue, self._symbol, spot)
        self.notes = [note] if note else []
        self._tick = Tick(hints.tick_size)
        self._units: set[str] = set()

    def batches(self) -> Iterator[Batch]:
        """A batch for each chunk of the file; decompression runs ahead in a thread."""
        line = 0
        for chunk, position in ahead(self._raw.chunks()):
            text = chunk.split(b"\n", self._skip)[-1] if line == 0 else chunk
            line += self._skip if line == 0 else 0
            rejected: list[Rejected] = []
            trades = self._fast(text)
            if trades is None:
                trades = self._slow(text, line, rejected)
            line += count_lines(text)
            if trades is not None:
                sizes: dict[str, Any] = binance_sizes(self.venue, self._symbol)
                self.meta["trades"] = Meta(
                    venue=self.venue, symbol=self._symbol, tick_size=self._tick.size, **sizes
                )
            yield Batch(trades=trades, rejected=tuple(rejected), position=position)
        if self._units:
            self.notes.append(f"{self._raw.path.name}: times are in {' and '.join(sorted(self._units))}")
        if self._raw.damage:
            yield Batch(rejected=(Rejected(line + 1, self._raw.damage),), position=self._raw.position)

    def _fast(self, text: bytes) -> pa.RecordBatch | None:
        """All lines at once; None if any of them needs a closer look."""
        before = self._tick.state.copy()
        read = self._lines.read(text, self._tick, count_lines(text))
        if read is None:
            return None
        name, price, size, time, maker = (read.column(self._columns.index(n)) for n in _WANTED)
        if name.min() < 0 or size.min() <= 0 or time.min() < _FIRST or time.max() >= _LAST:
            self._tick.state[:] = before
            return None
        sold = np.array(list(_MAKER.values()))[maker]
        return self._record(time, pa.array(name).cast(pa.string()), sold, price, size)

    def _slow(self, text: bytes, line: int, rejected: list[Rejected]) -> pa.RecordBatch | None:
        """Line by line, exactly; ``line`` lines came before."""
        rows = []
        for raw in text.split(b"\n")[:-1]:
            line += 1
            if not raw.strip():
                continue
            found = self._exact(raw.rstrip(b"\r").decode("utf-8", "replace").split(","))
            if isinstance(found, str):
                rejected.append(Rejected(line, found))
            else:
                rows.append(found)
        if not rows:
            return None
        time, name, sold, price, size = zip(*rows)
        return self._record(
            np.array(time, np.int64), pa.array(name), np.array(sold), np.array(price), np.array(size)
        )

    def _exact(self, cells: list[str]) -> tuple[int, str, bool, float, float] | str:
        """One line, or what is wrong with it."""
        if len(cells) != len(self._columns):
            return f"expected {len(self._columns)} columns, got {len(cells)}"
        cell = dict(zip(self._columns, cells))
        price, size = number(cell["price"]), number(cell["size"])
        if not re.fullmatch(TIME, cell["time"], re.ASCII):
            return f"expected a time in ms or us (12 to 17 digits), got {cell['time']!r:.40}"
        if not re.fullmatch(r"\d{1,18}", cell["id"], re.ASCII):
            return f"expected a whole number as id, got {cell['id']!r:.40}"
        if not price:
            return f"expected a positive price, got {cell['price']!r:.40}"
        if not size:
            return f"expected a positive size, got {cell['size']!r:.40}"
        if cell["maker"] not in _MAKER:
            return f"expected is_buyer_maker to be true or false, got {cell['maker']!r:.40}"
        if int(cell["time"]) >= OPEN // 1_000:
            return f"expected a time before 2262, got {cell['time']!r}"
        self._tick.add([price])
        return int(cell["time"]), cell["id"], _MAKER[cell["maker"]], float(price), float(size)

    def _record(
        self, time: np.ndarray, name: pa.Array, sold: np.ndarray, price: np.ndarray, size: np.ndarray
    ) -> pa.RecordBatch:
        micro = time >= 1000 * EARLIEST
        self._units |= {unit for unit, found in (("us", micro.any()), ("ms", not micro.all())) if found}
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


def _columns(head: bytes) -> tuple[tuple[str, ...], int] | None:
    """The columns, and the lines of header; None if this is no such file."""
    cells = first_cells(head)
    names = {n: name for name, known in _NAMES.items() for n in known}
    found = tuple(names.get(plain(c), plain(c)) for c in cells)
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

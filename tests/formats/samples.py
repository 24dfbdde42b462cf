"""A small good file of every registered format, and how to read its lines without liqmap.

Tests spoil these files in every way that files come spoilt.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from tests.formats.binance import test_bands as bands
from tests.formats.binance import test_stream as binance
from tests.formats.binance import test_t_depth as t_depth
from tests.formats.binance import test_trades as binance_trades
from tests.formats.bybit import test_trades as bybit_trades
from tests.formats.bybit.lines import feed
from tests.formats.lobster import test_lobster as lobster
from tests.formats.tardis import test_tardis as tardis

Pairs = set[tuple[float, float]]


@dataclass(frozen=True)
class Sample:
    """A text format's good file.

    path : below any folder; it names market and symbol where the format does not.
    header : lines of it before the first row.
    bad : which line tests spoil; the tokens ``price``, ``size``, ``time`` and ``symbol`` stand in it (None:
        lines have no symbol).
    column : a name of the header that no reader can do without.
    pairs : the (price, size) that a plain reader finds in any line; for bands (depth, notional).
    beside : name and lines of a file that has to lie beside it.
    """

    format: str
    path: str
    lines: list[str]
    bad: int
    price: str
    size: str
    time: str
    symbol: str | None
    pairs: Callable[[str], Pairs]
    header: int = 0
    column: str | None = None
    hints: dict[str, Any] = field(default_factory=dict)
    beside: tuple[str, list[str]] | None = None

    def write(self, folder: Path, lines: list[str] | None = None, end: str = "\n") -> Path:
        """The file with these lines, and what has to lie beside it."""
        path = folder / self.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes("\n".join(self.lines if lines is None else lines).encode() + end.encode())
        if self.beside:
            path.with_name(self.beside[0]).write_text("\n".join(self.beside[1]) + "\n")
        return path

    def without(self, *gone: int) -> Sample:
        """The sample without some of its lines."""
        keep = [i for i in range(len(self.lines)) if i not in gone]
        beside = self.beside and (self.beside[0], [self.beside[1][i] for i in keep])
        return Sample(**{**vars(self), "lines": [self.lines[i] for i in keep], "beside": beside})


def _numbers(line: str, *at: int) -> Pairs:
    """One pair from the cells at two places of a line; none where there is no number."""
    cells = line.rstrip("\r").split(",")
    try:
        return {(float(cells[at[0]]), float(cells[at[1]]))}
    except (ValueError, IndexError):
        return set()


def _levels(line: str) -> Pairs:
    """Every [price, size] of the JSON in a line, and every ``p`` with its ``q`` or ``v``, as trades have."""
    found: list[Any] = []
    for start in "{[":
        try:
            found += _lists(json.JSONDecoder().raw_decode(line, line.index(start))[0])
        except (ValueError, RecursionError):
            continue
    pairs: Pairs = set()
    for item in found:
        try:
            price, size = item if isinstance(item, list) else (item["p"], item.get("q", item.get("v")))
            pairs.add((float(price), float(size)))
        except (TypeError, ValueError, KeyError):
            continue
    return pairs


def _lists(value: Any) -> Iterator[Any]:
    yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _lists(inner)


def _book(line: str, scale: float) -> Pairs:
    """Price, size, price, size, ... of every level."""
    pairs: Pairs = set()
    cells = line.rstrip("\r").split(",")
    for price, size in zip(cells[::2], cells[1::2]):
        try:
            pairs.add((float(price) / scale, float(size)))
        except ValueError:
            continue
    return pairs


def _stream_trade(number: int, price: str = "100.5") -> str:
    trade = {"T": 1_700_000_000_000 + number, "s": "BTCUSDT", "S": "Buy", "v": "0.25", "p": price}
    message = {"topic": "publicTrade.BTCUSDT", "type": "snapshot", "ts": 1_700_000_000_001 + number}
    return json.dumps(message | {"data": [trade | {"i": f"id-{number}", "BT": False}]})


def _lobster_messages() -> list[str]:
    rows = [f"3420{i}.5,{1 + 3 * (i % 2)},{100 + i},{10 + i},585{i}00,{1 - 2 * (i % 2)}" for i in range(9)]
    return [*rows, "34209.5,7,0,0,-1,-1"]


_CSV = ["id-1", "id-2", "id-3", "id-4", "id-5", "id-6"]
_BYBIT = [
    bybit_trades.ROW.replace("id-1", name).replace("800.30", f"80{i}.30").replace("0.003", f"0.00{i + 3}", 1)
    for i, name in enumerate(_CSV)
]
_BINANCE = [
    binance_trades.TRADE.replace("583935", f"58393{i}")
    .replace("800.30", f"80{i}.30")
    .replace("0.006", f"0.00{i + 3}")
    for i in range(6)
]
_T_DEPTH = [
    t_depth.HEADER,
    *t_depth.LINES[1:6],
    *(t_depth.row(110 + 10 * i, 100 + 10 * i, "b", f"99.{i}0", f"{i}.5") for i in range(1, 6)),
]
_L2 = [
    tardis.l2(1, True, "bid", "100.5", "3"),
    tardis.l2(1, True, "ask", "101", "4"),
    *(tardis.l2(2 + i, False, "bid", f"100.{i}", f"{i}.25") for i in range(1, 6)),
]
_T = tardis.T
_TARDIS_TRADES = [f"deribit,BTC-PERPETUAL,{_T + i},{_T + 9 + i},a{i},buy,100.{i},{i}.25" for i in range(1, 7)]
_BOOKS = [f"deribit,BTC-PERPETUAL,{_T + i},{_T + 9 + i},101.{i},{i}.25,100,2,102,3,," for i in range(1, 7)]
_LOBSTER = [f"58594{i}0,{200 + i},5853300,18,5859500,5,-9999999999,0" for i in range(10)]
_BANDS = [bands.row(m, p, 5 + m) for m in range(4) for p in (-1, 1)]
_SPOT = [f"{i},170406720012{i},4200{i}.5,0.{i},sell" for i in range(1, 7)]
_LONG = [f"{1_700_000_000_000 + i // 2},{('bid', 'ask')[i % 2]},{99 + i}.5,{i}.25" for i in range(8)]
_WIDE = [f"{1_700_000_000_000 + i},99.{i},{i}.25,100.5,2" for i in range(1, 7)]
_STREAM = [
    binance.diff(96, 100, 95, [("97.5", "6")], [("102", "1")]),
    binance.snapshot(98),
    binance.trade(7),
    binance.diff(101, 110, 100, [("99", "3")]),
    binance.diff(111, 120, 110, [("98.5", "4.25")], [("100.5", "4")]),
    binance.diff(121, 130, 120, [("98.25", "5")]),
    binance.trade(8),
    binance.diff(131, 140, 130, [("98", "7")]),
]
_MARKET = {"venue": "kraken", "symbol": "XBTUSD"}

SAMPLES = {
    "bybit-depth": Sample(
        "bybit-depth", "linear/depth.ndjson", feed(8), 4, "99.9", "1004.25", "1700000100400", "BTCUSDT",
        _levels,
    ),
    "bybit-trades": Sample(
        "bybit-trades", "linear/BTCUSDT2024-08-08.csv", [bybit_trades.HEADER, *_BYBIT], 4, "61803.30",
        "0.006", "1723161256.6240", "BTCUSDT", lambda line: _numbers(line, 4, 3), 1, "price",
    ),
    "bybit-spot-trades": Sample(
        "bybit-trades", "BTCUSDT_2024-01-01.csv", ["id,timestamp,price,volume,side", *_SPOT], 4, "42004.5",
        "0.4", "1704067200124", None, lambda line: _numbers(line, 2, 3), 1, "price",
    ),
    "bybit-stream-trades": Sample(
        "bybit-trades", "linear/trades.ndjson", [_stream_trade(i, f"100.{i}") for i in range(6)], 4, "100.4",
        "0.25", "1700000000004", "BTCUSDT", _levels,
    ),
    "binance-stream": Sample(
        "binance-stream", "um/capture.ndjson", _STREAM, 4, "98.5", "4.25", "1700000000120", "BTCUSDT", _levels
    ),
    "binance-trades": Sample(
        "binance-trades", "um/BTCUSDT-trades-2024-08-08.csv", [binance_trades.HEADERS["trade"], *_BINANCE], 4,
        "61803.30", "0.006", "1723161256322", None, lambda line: _numbers(line, 1, 2), 1, "price",
    ),
    "binance-trades-bare": Sample(
        "binance-trades", "um/BTCUSDT-trades-2024-08-08.csv", _BINANCE, 3, "61803.30", "0.006",
        "1723161256322", None, lambda line: _numbers(line, 1, 2) | _numbers(line, 1, 3),  # told by the header
    ),
    "binance-t-depth": Sample(
        "binance-t-depth", "um/btcusdt-depth.csv", _T_DEPTH, 7, "99.20", "2.5", "1700000000130", "BTCUSDT",
        lambda line: _numbers(line, 6, 7), 1, "price",
    ),
    "binance-bands": Sample(
        "binance-bands", "um/BTCUSDT-bookDepth-2023-01-01.csv", [bands.HEADER, *_BANDS], 4, "6", "600",
        "2023-01-01 00:01:07", None, lambda line: _numbers(line, 2, 3), 1, "depth",
    ),
    "lobster-messages": Sample(
        "lobster-messages", lobster.NAME.format("message"), _lobster_messages(), 3, "585300", "13", "34203.5",
        None, lambda line: {(p / 10_000, s) for p, s in _numbers(line, 4, 3)},
    ),
    "lobster-book": Sample(
        "lobster-book", lobster.NAME.format("orderbook"), _LOBSTER, 4, "5859440", "204", "", None,
        lambda line: _book(line, 10_000), beside=(lobster.NAME.format("message"), _lobster_messages()),
    ),
    "tabular-trades": Sample(
        "tabular", "trades.csv", ["id,timestamp,price,qty,side", *_SPOT], 4, "42004.5", "0.4",
        "1704067200124", None, lambda line: _numbers(line, 2, 3), 1, "price", _MARKET,
    ),
    "tabular-updates": Sample(
        "tabular", "updates.csv", ["ts,side,price,size", *_LONG], 4, "102.5", "3.25", "1700000000001", None,
        lambda line: _numbers(line, 2, 3), 1, "price", {**_MARKET, "mapping": {"layout": "updates"}},
    ),
    "tabular-wide": Sample(
        "tabular", "wide.csv", ["ts,bid1_price,bid1_size,ask1_price,ask1_size", *_WIDE], 4, "99.4", "4.25",
        "1700000000004", None, lambda line: _book(line.partition(",")[2], 1), 1, "ask1_price", _MARKET,
    ),
    "tardis-incremental": Sample(
        "tardis-incremental", "l2.csv", [tardis.L2, *_L2], 4, "100.2", "2.25", "1585699200003950",
        "BTC-PERPETUAL", lambda line: _numbers(line, 6, 7), 1, "price",
    ),
    "tardis-snapshots": Sample(
        "tardis-snapshots", "book.csv", [tardis.BOOK, *_BOOKS], 4, "101.4", "4.25", f"{_T + 4}",
        "BTC-PERPETUAL", lambda line: _book(line.split(",", 4)[-1], 1), 1, "asks[0].price",
    ),
    "tardis-trades": Sample(
        "tardis-trades", "trades.csv", [tardis.TRADES, *_TARDIS_TRADES], 4, "100.4", "4.25", f"{_T + 4}",
        "BTC-PERPETUAL", lambda line: _numbers(line, 6, 7), 1, "price",
    ),
}  # fmt: skip
"""By name: the text formats, some of them in several forms."""


def replaced(line: str, token: str, new: str, count: int = 1) -> str:
    """A line with another number, or word, where this one stands whole."""
    found, times = re.subn(rf"(?<![\w.]){re.escape(token)}(?![\w.])", lambda _: new, line, count=count)
    assert times, f"{token} does not stand in {line}"
    return found


def stored(store: Path) -> dict[str, list[tuple]]:
    """Rows of each table of a store: time in ns and what stands at it. Gap and heard rows are left out, and
    so are the ids of LOBSTER's trades, which count lines."""
    found: dict[str, list[tuple]] = {}
    for path in sorted(store.rglob("*.parquet")):
        kind = path.relative_to(store).parts[0]
        for row in pq.ParquetFile(path).read().to_pylist():
            if row.get("event") not in ("gap", "heard"):
                skip = {"ts", "ts_recv", "seq", "event", "flags"} | (
                    {"id"} if "venue=lobster" in str(path) else set()
                )
                what = tuple(v for k, v in row.items() if k not in skip)
                found.setdefault(kind, []).append((row["ts"].value, *what))
    return {kind: sorted(rows, key=repr) for kind, rows in found.items()}

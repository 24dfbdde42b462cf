"""Databento CSV files of ``mbo``, ``mbp-1``, ``mbp-10``, ``tbbo`` and ``trades``, plain or packed.

The columns are found by their names, for their order and number differ between versions of the vendor's
encoders. Prices are whole numbers of 1e-9 or decimals, times ns since the epoch or ISO 8601 with a zone; they
are empty where undefined, and the first lines tell which they are. Without a column ``symbol`` the id of the
instrument is the symbol. The header of ``tbbo`` is that of ``mbp-1``: where the first lines have only trades,
it is taken for that. What the records become stands in `databento_rows`. Needs no extra.
Source: https://databento.com/docs/examples/basics-historical/encodings

Lines are put into the vendor's records by one pass over their bytes, which stops where one is none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import numpy as np

from liqmap.compiling import say_if_compiling
from liqmap.formats.databento.csv_scan import DATE, DECIMAL, LETTER, TIME, UNITS, WHOLE, scan
from liqmap.formats.databento.records import LEVEL, SCHEMAS, chosen
from liqmap.formats.databento.rows import DatabentoRows
from liqmap.formats.raw.file import RawFile, ahead
from liqmap.formats.registry import Format, Hints, register
from liqmap.formats.text.csv_columns import count_lines
from liqmap.schema import Batch, FormatError, Rejected

_NEEDED = ("ts_event", "publisher_id", "instrument_id", "action", "side", "price", "size")
_WHOLE = ("publisher_id", "instrument_id", "size", "rtype", "flags", "sequence", "order_id")
_LETTERS = ("action", "side")
_TIMES = ("ts_event", "ts_recv")
_LEVEL = re.compile(r"(bid|ask)_(px|sz)_(\d\d)")
_CALLED = {
    LETTER: "a single letter",
    WHOLE: "a whole number",
    TIME: "a whole number",
    DATE: "a time with a zone (2024-01-02T03:04:05.123456789Z), as on the first lines",
    UNITS: "a whole number",
    DECIMAL: "a decimal of at most 9 places, as on the first lines",
}


class DatabentoCsv:
    """Reader of one CSV file.

    Raises
    ------
    FormatError : no line after the header, several symbols of which one must be named, or another one.
    """

    def __init__(self, raw: RawFile, hints: Hints) -> None:
        lines = [line.rstrip(b"\r").decode("utf-8", "replace").split(",") for line in raw.head().split(b"\n")]
        self._raw, self._names = raw, lines[0]
        rows = [dict(zip(lines[0], r)) for r in lines[1:-1] or lines[1:] if len(r) == len(lines[0])]
        if not rows:
            raise FormatError(
                f"{raw.path}: expected lines of {len(lines[0])} columns after the header, got none. "
                "Fetch it again"
            )
        schema = _schema(lines[0])
        if schema == "mbp-1" and all(r["action"] == "T" for r in rows):
            schema = "tbbo"
        self._rtype, self._layout = SCHEMAS[schema]
        self._fields = _fields(lines[0], rows, self._layout)
        self._by = "symbol" if rows[0].get("symbol") else "instrument_id"
        self._own, symbol = self._market(rows, hints)
        self._told = hints.symbol is not None
        self._rows = DatabentoRows(raw.path, schema, symbol, hints)
        self.venue, self.meta = self._rows.venue, self._rows.meta
        self.symbol = symbol
        self.notes: list[str] = []
        self._left_out: Counter[str] = Counter()

    def _market(self, rows: list[dict[str, str]], hints: Hints) -> tuple[str, str]:
        """What the column of the market holds on our lines, and the symbol."""
        names = list(dict.fromkeys(r[self._by] for r in rows))
        symbol = hints.symbol
        if symbol is None and len(names) == 1:
            return names[0], names[0]
        if symbol is None:
            several = ", ".join(names)[:200]
            raise FormatError(
                f"{self._raw.path}: expected one symbol of {several}, got none. Pass symbol=..."
            )
        if self._by == "instrument_id" and len(names) == 1 and not symbol.isdecimal():
            return names[0], symbol
        return symbol, symbol

    def batches(self) -> Iterator[Batch]:
        """A batch for each chunk of the file; another thread parses ahead."""
        line = 1
        for records, lines, rejected, position, end in ahead(self._chunks()):
            line = end
            yield self._rows.take(records, lines, rejected, position, last=False)
        damage = [Rejected(line + 1, self._raw.damage)] if self._raw.damage else []
        nothing = np.empty(0, self._layout), np.empty(0, np.int64)
        yield self._rows.take(*nothing, damage, self._raw.position, last=True)
        name = self._raw.path.name
        self.notes += self._rows.notes()
        self.notes += [f"{name}: {n:,} lines of {other} were left out" for other, n in self._left_out.items()]

    def _chunks(self) -> Iterator[tuple[np.ndarray, np.ndarray, list[Rejected], int, int]]:
        """Of each chunk the records, their lines, what is none, the bytes and the lines so far."""
        line = 0
        for chunk, position in self._raw.chunks():
            text = chunk if line else chunk.split(b"\n", 1)[1]
            line = line or 1
            rejected: list[Rejected] = []
            records, lines = self._records(text, line, rejected)
            line += count_lines(text)
            yield records, lines, rejected, position, line

    def _records(self, text: bytes, line: int, rejected: list[Rejected]) -> tuple[np.ndarray, np.ndarray]:
        """Our records with their lines; ``line`` lines came before."""
        rows, at = 0, 0
        count = count_lines(text)
        records = np.zeros(count, self._layout)
        lines, mine = np.arange(line + 1, line + 1 + count), np.empty(count, np.bool_)
        others = np.empty((count, 2), np.int64)
        letters, into = (
            np.frombuffer(text, np.uint8),
            records.view(np.uint8).reshape(count, self._layout.itemsize),
        )
        market = self._names.index(self._by), np.frombuffer(self._own.encode(), np.uint8)
        say_if_compiling(scan)
        while at < len(text):
            begun = rows
            rows, at = scan(letters, at, self._fields, *market, begun, into, mine, others)
            lines[begun:rows] = np.arange(line + 1, line + 1 + rows - begun)
            line += rows - begun
            if at < len(text):
                line, end = line + 1, text.index(b"\n", at) + 1
                if text[at:end].strip():
                    rejected.append(Rejected(line, self._wrong(text[at:end])))
                at = end
        found = records[:rows], lines[:rows]
        own = self._is_own(*found, mine[:rows], [text[a:b] for a, b in others[:rows][~mine[:rows]]], rejected)
        return found if own.all() else (chosen(found[0], own), found[1][own])

    def _is_own(
        self,
        records: np.ndarray,
        lines: np.ndarray,
        mine: np.ndarray,
        others: list[bytes],
        rejected: list[Rejected],
    ) -> np.ndarray:
        """Which lines are of our market; others are left out if it was named, else they are rejected."""
        names = [other.decode("utf-8", "replace") for other in others]
        if self._told:
            self._left_out.update(names)
        else:
            why = f"expected {self._own}, got {{:.40}}. Pass symbol= to take one of several markets"
            rejected += [Rejected(int(at), why.format(name)) for at, name in zip(lines[~mine], names)]
        if "rtype" not in self._names:
            return mine
        kind = records["rtype"]
        strange = np.flatnonzero(mine & (kind != self._rtype)).tolist()
        rejected += [Rejected(int(lines[i]), f"expected rtype {self._rtype}, got {kind[i]}") for i in strange]
        return np.asarray(mine & (kind == self._rtype))

    def _wrong(self, text: bytes) -> str:
        """What is wrong with a line that is none."""
        cells = text.rstrip(b"\r\n").split(b",")
        if len(cells) != len(self._names):
            return f"expected {len(self._names)} columns, got {len(cells)}"
        into, nothing = np.empty((1, self._layout.itemsize), np.uint8), np.empty(0, np.uint8)
        for name, cell, field in zip(self._names, cells, self._fields):
            letters = np.frombuffer(cell + b"\n", np.uint8)
            marks = np.empty(1, np.bool_), np.empty((1, 2), np.int64)
            if not scan(letters, 0, field[None], -1, nothing, 0, into, *marks)[0]:
                shown = cell.decode("utf-8", "replace")
                return f"expected {name} as {_CALLED[int(field[0])]}, got {shown!r:.40}"
        raise AssertionError(f"{self._raw.path}: a line of sound cells was not taken: {text!r:.200}")


def _schema(names: list[str]) -> str:
    """The schema that has these columns; empty if none."""
    if not set(_NEEDED) <= set(names) or len(set(names)) < len(names):
        return ""
    levels = [n for n in names if _LEVEL.fullmatch(n)]
    if not levels:
        return "mbo" if "order_id" in names else "trades"
    schema = {4: "mbp-1", 40: "mbp-10"}.get(len(levels), "")
    consolidated = any(n.startswith("bid_pb") for n in names)
    return "" if consolidated else schema


def _fields(names: list[str], rows: list[dict[str, str]], layout: np.dtype) -> np.ndarray:
    """Kind, place in the record and width of each column, from the first lines."""
    iso = _most(rows, [n for n in names if n in _TIMES], r"\d{4}-\d\d-\d\d[T ].*")
    decimal = _most(rows, [n for n in names if n == "price" or "_px_" in n], r"-?\d+\.\d+")
    price, time = DECIMAL if decimal else UNITS, DATE if iso else TIME
    places, shown = dict(layout.fields or {}), dict(LEVEL.fields or {})
    fields = np.zeros((len(names), 3), np.int64)
    for at, name in enumerate(names):
        level = _LEVEL.fullmatch(name)
        if level:
            width, place = shown[f"{level[1]}_{level[2]}"][:2]
            place += places["levels"][1] + int(level[3]) * LEVEL.itemsize
            fields[at] = price if level[2] == "px" else WHOLE, place, width.itemsize
        elif name in (*_LETTERS, *_TIMES, *_WHOLE, "price") and name in places:
            special = dict.fromkeys(_LETTERS, LETTER) | dict.fromkeys(_TIMES, time) | {"price": price}
            width, place = places[name][:2]
            fields[at] = special.get(name, WHOLE), place, width.itemsize
    return fields


def _most(rows: list[dict[str, str]], names: list[str], pattern: str) -> bool:
    """Whether most cells that hold something are of a pattern."""
    cells = [row[n] for row in rows[:1000] for n in names if row[n]]
    return 2 * sum(re.fullmatch(pattern, cell) is not None for cell in cells) > len(cells)


def _is_csv(head: bytes) -> bool:
    return bool(_schema(head.split(b"\n", 1)[0].decode("latin-1").strip().split(",")))


register(
    Format(
        "databento-csv",
        "Databento mbo, mbp-1, mbp-10 or trades, csv or csv.zst",
        detect=_is_csv,
        open=DatabentoCsv,
    )
)

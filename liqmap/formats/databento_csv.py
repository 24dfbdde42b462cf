"""Databento CSV files of ``mbo``, ``mbp-1``, ``mbp-10``, ``tbbo`` and ``trades``, plain or packed.

The columns are found by their names, for their order and number differ between versions of the vendor's
encoders. Prices are whole numbers of 1e-9 or decimals, times ns since the epoch or ISO 8601 with a zone; they
are empty where undefined, and the first lines tell which they are. Without a column ``symbol`` the id of the
instrument is the symbol. The header of ``tbbo`` is that of ``mbp-1``: where the first lines have only trades,
it is taken for that. What the records become stands in `databento_rows`. Needs no extra.
Source: https://databento.com/docs/examples/basics-historical/encodings

A chunk of lines is parsed by Arrow at once; if anything in it is strange, in halves, down to the line.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liqmap.formats import columns
from liqmap.formats._databento_records import NO_PRICE, SCHEMAS, chosen, joined
from liqmap.formats.databento_rows import DatabentoRows
from liqmap.formats.raw import RawFile, ahead
from liqmap.formats.registry import Format, Hints, register
from liqmap.schema import Batch, FormatError, Rejected

_NEEDED = ("ts_event", "publisher_id", "instrument_id", "action", "side", "price", "size")
_WHOLE = {
    "publisher_id": pa.uint16(), "instrument_id": pa.uint32(), "size": pa.uint32(), "rtype": pa.uint8(),
    "flags": pa.uint8(), "sequence": pa.uint32(), "order_id": pa.uint64(),
}  # fmt: skip
_LETTERS = ("action", "side")
_TIMES = ("ts_event", "ts_recv")
_ISO = pa.timestamp("ns", tz="UTC")
_LEVEL = re.compile(r"(bid|ask)_(px|sz)_(\d\d)")
_UNDEFINED = (1 << 64) - 1


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
        self._types = _types(lines[0], rows)
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
            parts = [(np.empty(0, self._layout), np.empty(0, np.int64)), *self._parts(text, line, rejected)]
            line += text.count(b"\n")
            records, lines = zip(*parts)
            yield joined(list(records)), np.concatenate(lines), rejected, position, line

    def _parts(
        self, text: bytes, line: int, rejected: list[Rejected]
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Records with their lines; ``line`` lines came before."""
        count = text.count(b"\n")
        table = columns.csv_table(text, self._names, self._types, only=True) if text.strip() else None
        if table is not None and table.num_rows == count and _complete(table):
            lines = np.arange(line + 1, line + 1 + count)
            own = self._is_own(table, lines, rejected)
            yield chosen(self._records(table), own), lines[own]
        elif count > 1:
            half = _middle(text)
            yield from self._parts(text[:half], line, rejected)
            yield from self._parts(text[half:], line + text.count(b"\n", 0, half), rejected)
        elif text.strip():
            rejected.append(Rejected(line + 1, self._wrong(text)))

    def _is_own(self, table: pa.Table, lines: np.ndarray, rejected: list[Rejected]) -> np.ndarray:
        """Which lines are of our market; others are left out if it was named, else they are rejected."""
        market = columns.array(table, self._by).cast(pa.string())
        own = np.array(pc.equal(market, self._own))
        others = [(int(lines[i]), market[i].as_py()) for i in np.flatnonzero(~own).tolist()]
        if self._told:
            self._left_out.update(other for _, other in others)
        else:
            why = f"expected {self._own}, got {{:.40}}. Pass symbol= to take one of several markets"
            rejected += [Rejected(at, why.format(other)) for at, other in others]
        if "rtype" in self._types:
            kind = table["rtype"].to_numpy()
            strange = np.flatnonzero(own & (kind != self._rtype)).tolist()
            rejected += [
                Rejected(int(lines[i]), f"expected rtype {self._rtype}, got {kind[i]}") for i in strange
            ]
            own &= kind == self._rtype
        return own

    def _records(self, table: pa.Table) -> np.ndarray:
        """A sound table as records."""
        out = np.zeros(table.num_rows, self._layout)
        for name in self._types:
            level = _LEVEL.fullmatch(name)
            column = columns.array(table, name)
            if level:
                out["levels"][f"{level[1]}_{level[2]}"][:, int(level[3])] = _numbers(column, name)
            elif name != "symbol":
                out[name] = _letters(column) if name in _LETTERS else _numbers(column, name)
        return out

    def _wrong(self, text: bytes) -> str:
        """What is wrong with a line that Arrow does not take."""
        cells = text.rstrip(b"\r\n").decode("utf-8", "replace").split(",")
        if len(cells) != len(self._names):
            return f"expected {len(self._names)} columns, got {len(cells)}"
        for name, cell in zip(self._names, cells):
            if name in self._types:
                table = columns.csv_table(cell.encode() + b"\n", [name], {name: self._types[name]})
                if table is None or not _complete(table):
                    return f"expected {name} as {_called(name, self._types[name])}, got {cell!r:.40}"
        return f"expected no quotes or odd characters, got {text[:40]!r}"


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


def _types(names: list[str], rows: list[dict[str, str]]) -> dict[str, pa.DataType]:
    """The Arrow types of the columns that are read, from the first lines."""
    iso = _most(rows, [n for n in names if n in _TIMES], r"\d{4}-\d\d-\d\d[T ].*")
    decimal = _most(rows, [n for n in names if n == "price" or "_px_" in n], r"-?\d+\.\d+")
    price = columns.PRICE if decimal else pa.int64()
    types: dict[str, pa.DataType] = {}
    for name in names:
        level = _LEVEL.fullmatch(name)
        if name == "price" or (level and level[2] == "px"):
            types[name] = price
        elif level:
            types[name] = pa.uint32()
        elif name in _TIMES:
            types[name] = _ISO if iso else pa.uint64()
        elif name in (*_LETTERS, "symbol"):
            types[name] = columns.WORD
        elif name in _WHOLE:
            types[name] = _WHOLE[name]
    return types


def _most(rows: list[dict[str, str]], names: list[str], pattern: str) -> bool:
    """Whether most cells that hold something are of a pattern."""
    cells = [row[n] for row in rows[:1000] for n in names if row[n]]
    return 2 * sum(re.fullmatch(pattern, cell) is not None for cell in cells) > len(cells)


def _complete(table: pa.Table) -> bool:
    """Whether nothing is missing but prices and times, and letters are letters."""
    for name in table.column_names:
        column = table[name]
        if column.null_count and not ("px" in name or name in ("price", *_TIMES)):
            return False
        if name in _LETTERS and any(
            len(w) != 1 or not w.isascii() for w in columns.array(table, name).dictionary.to_pylist()
        ):
            return False
        if column.type == _ISO and pc.any(pc.less(column.cast(pa.int64()), 0)).as_py():
            return False
    return True


def _numbers(column: pa.Array, name: str) -> np.ndarray:
    """A column as the whole numbers of a record, with the vendor's marks where it is empty."""
    missing = NO_PRICE if "px" in name or name == "price" else _UNDEFINED
    if column.type == columns.PRICE:
        found = columns.digits(column)
    else:
        plain = column.cast(pa.int64()) if column.type == _ISO else column
        found = plain.fill_null(0).to_numpy()
    if not column.null_count:
        return found
    kind = np.int64 if missing == NO_PRICE else np.uint64
    return np.where(column.is_null().to_numpy(zero_copy_only=False), kind(missing), found.astype(kind))


def _letters(column: pa.DictionaryArray) -> np.ndarray:
    codes = np.array([ord(w) for w in column.dictionary.to_pylist()], np.uint8)
    return codes[column.indices.to_numpy()]


def _middle(text: bytes) -> int:
    """Where a line begins, about half way, with lines on both sides."""
    at = text.find(b"\n", len(text) // 2) + 1
    return at if 0 < at < len(text) else text.rfind(b"\n", 0, len(text) - 1) + 1


def _called(name: str, kind: pa.DataType) -> str:
    if kind == _ISO:
        return "a time with a zone (2024-01-02T03:04:05.123456789Z), as on the first lines"
    if kind == columns.PRICE:
        return "a decimal of at most 9 places, as on the first lines"
    return "a single letter" if name in _LETTERS else "a whole number"


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

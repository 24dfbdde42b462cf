"""Databento CSV files of ``mbo``, ``mbp-1``, ``mbp-10``, ``tbbo`` and ``trades``, plain or packed.

The columns are found by their names, for their order and number differ between versions of the vendor's
encoders. Prices are whole numbers of 1e-9 or decimals, times ns since the epoch or ISO 8601 with a zone; they
are empty where undefined, and the first lines tell which they are. No file of the vendor has prices of both
kinds: 100 may then be 100 or 1e-7. Where they are decimals, a whole one is one that lost its point if it is
near the last that has one and below a million; else it costs its line. Where they are whole, the first
decimal makes all of them uncertain, and the file is refused; so it is where all are below a million, for no
market stands there. Without a column ``symbol`` the id of
the instrument is the symbol. The header of ``tbbo`` is that of ``mbp-1``: where the first lines have only
trades, it is taken for that. What the records become stands in `rows`. Needs no extra.
Source: https://databento.com/docs/examples/basics-historical/encodings

Lines are put into the vendor's records by one pass over their bytes, which stops where one is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import product

import numpy as np

from liqmap.compiling import say_if_compiling
from liqmap.formats.databento.csv_scan import (
    DATE,
    DECIMAL,
    LETTER,
    LOST,
    TIME,
    UNITS,
    WHOLE,
    Fields,
    Market,
    Output,
    scan,
)
from liqmap.formats.databento.records import LEVEL, SCHEMAS, chosen
from liqmap.formats.databento.rows import DatabentoRows
from liqmap.formats.raw import RawFile, ahead
from liqmap.formats.registry import Format, Hints, register
from liqmap.formats.text.csv_reader import Part, parts
from liqmap.formats.text.line_runs import blank_lines, same_lines
from liqmap.formats.text.reader import TextReader
from liqmap.formats.text.rejected_lines import RejectedList
from liqmap.schema import Batch, FormatError, Rejected
from liqmap.schema.wording import Keyword, Sentence

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
    DECIMAL: "a decimal of 1 to 9 places, as on the first lines",
}

_WHOLE_PRICE, _POINTED = re.compile(r"-?\d+"), re.compile(r"-?\d+\.\d+")


class DatabentoCsv(TextReader):
    """Reader of one CSV file.

    Raises
    ------
    FormatError : no line after the header, several symbols of which one must be named, or another one; whole
    prices that became floats, or among which there are decimals.
    """

    def __init__(self, raw: RawFile, hints: Hints) -> None:
        super().__init__(raw)
        lines = [line.rstrip(b"\r").decode("utf-8", "replace").split(",") for line in raw.head().split(b"\n")]
        self._names = lines[0]
        rows = [dict(zip(lines[0], r)) for r in lines[1:-1] or lines[1:] if len(r) == len(lines[0])]
        if not rows:
            raise FormatError(
                where=raw.path,
                expected=f"lines of {len(lines[0])} columns after the header",
                got="none",
                remedy="Fetch it again",
            )
        schema = _schema(lines[0])
        if schema == "mbp-1" and all(r["action"] == "T" for r in rows):
            schema = "tbbo"
        self._rtype, self._layout = SCHEMAS[schema]
        _check_floats(lines[0], rows, raw.path)
        _check_units(_cells(rows, lines[0]), raw.path)
        self._fields = _fields(lines[0], rows, self._layout)
        self._by = "symbol" if rows[0].get("symbol") else "instrument_id"
        self._own, symbol = self._market(rows, hints)
        self._chosen = hints.symbol is not None
        self._rows = DatabentoRows(raw.path, schema, symbol, hints)
        self.venue, self.meta = self._rows.venue, self._rows.meta
        self.symbol = symbol

    def _market(self, rows: list[dict[str, str]], hints: Hints) -> tuple[str, str]:
        """What the column of the market holds on our lines, and the symbol."""
        names = list(dict.fromkeys(r[self._by] for r in rows))
        symbol = hints.symbol
        if symbol is None and len(names) == 1:
            return names[0], names[0]
        if symbol is None:
            raise FormatError(
                where=self.raw.path,
                expected=f"one symbol of {', '.join(names)[:200]}",
                got="none",
                remedy=Sentence("Pass ", Keyword("symbol")),
            )
        if self._by == "instrument_id" and len(names) == 1 and not symbol.isdecimal():
            return names[0], symbol
        return symbol, symbol

    def batches(self) -> Iterator[Batch]:
        """A batch for each chunk of the file; another thread parses ahead."""
        line = 1
        for part, records, lines, rejected in ahead(self._parsed()):
            line = part.line + part.rows
            yield self._rows.take(records, lines, rejected, part.position, last=False)
        nothing = np.empty(0, self._layout), np.empty(0, np.int64)
        yield self._rows.take(*nothing, self.damage(line), self.raw.position, last=True)
        self.notes += self._rows.notes() + self.last_notes()

    def _parsed(self) -> Iterator[tuple[Part, np.ndarray, np.ndarray, list[Rejected]]]:
        """Each chunk, its records, their lines, and the lines that are none."""
        for part in parts(self.raw.chunks(), 1):
            rejected = RejectedList()
            yield part, *self._records(part, rejected), rejected

    def _records(self, part: Part, rejected: RejectedList) -> tuple[np.ndarray, np.ndarray]:
        """Our records with their lines."""
        text, line, count = part.text, part.line, part.rows
        rows, at = 0, 0
        out = Output.room(count, self._layout.itemsize)
        lines = np.arange(line + 1, line + 1 + count)
        letters = np.frombuffer(text, np.uint8)
        market = Market(self._names.index(self._by), np.frombuffer(self._own.encode(), np.uint8))
        say_if_compiling(scan)
        while at < len(text):
            begun = rows
            rows, at = scan(letters, at, self._fields, market, begun, out)
            lines[begun:rows] = np.arange(line + 1, line + 1 + rows - begun)
            line += rows - begun
            if at < len(text):
                if blank := blank_lines(text, at):
                    rejected.passed(line + 1, line + blank[1])
                    at, line = at + blank[0], line + blank[1]
                    continue
                end = text.index(b"\n", at) + 1
                same = same_lines(text, at, end)
                rejected.lose(line + 1, self._wrong(text[at:end], line + 1), same)
                at, line = at + same * (end - at), line + same
        records, lines, mine = out.records.view(self._layout)[:rows, 0], lines[:rows], out.mine[:rows]
        others = [text[a:b] for a, b in zip(out.begin[:rows][~mine], out.end[:rows][~mine])]
        own = self._is_own(records, lines, mine, others, rejected)
        return (records, lines) if own.all() else (chosen(records, own), lines[own])

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
        if self._chosen:
            self.skipped.update(names)
        else:
            remedy = Sentence("Pass ", Keyword("symbol"), " to take one of several markets")
            for at, name in zip(lines[~mine], names):
                why = Sentence(f"expected {self._own}, got {name:.40}. ", remedy)
                rejected.append(Rejected(int(at), why))
        if "rtype" not in self._names:
            return mine
        kind = records["rtype"]
        strange = np.flatnonzero(mine & (kind != self._rtype)).tolist()
        rejected += [Rejected(int(lines[i]), f"expected rtype {self._rtype}, got {kind[i]}") for i in strange]
        return np.asarray(mine & (kind == self._rtype))

    def _wrong(self, text: bytes, line: int) -> str:
        """What is wrong with a line that is none.

        Raises
        ------
        FormatError : a price with a point where those before had none: they may be no units of 1e-9.
        """
        cells = text.rstrip(b"\r\n").split(b",")
        if len(cells) != len(self._names):
            return f"expected {len(self._names)} columns, got {len(cells)}"
        out, market = Output.room(1, self._layout.itemsize), Market(-1, np.empty(0, np.uint8))
        for at, (name, cell) in enumerate(zip(self._names, cells)):
            letters, field = np.frombuffer(cell + b"\n", np.uint8), self._fields.one(at)
            if not scan(letters, 0, field, market, 0, out)[0]:
                shown = cell.decode("utf-8", "replace")
                if field.kind[0] == UNITS and b"." in cell:
                    field.kind[0] = DECIMAL
                    if scan(letters, 0, field, market, 0, out)[0]:
                        raise _mixed(f"{self.raw.path}:{line}", name, shown)
                    field.kind[0] = UNITS
                return f"expected {name} as {_CALLED[int(field.kind[0])]}, got {shown!r:.40}"
        raise AssertionError(f"{self.raw.path}: a line of sound cells was not taken: {text!r:.200}")


def _schema(names: list[str]) -> str:
    """The schema that has these columns; empty if none."""
    if not set(_NEEDED) <= set(names) or len(set(names)) < len(names):
        return ""
    levels = {n for n in names if _LEVEL.fullmatch(n)}
    if not levels:
        return "mbo" if "order_id" in names else "trades"
    schema = {4: "mbp-1", 40: "mbp-10"}.get(len(levels), "")
    best = range(len(levels) // 4)  # a level beyond those of the schema has no room in its record
    if levels != {f"{side}_{what}_{n:02}" for side, what, n in product(("bid", "ask"), ("px", "sz"), best)}:
        return ""
    consolidated = any(n.startswith("bid_pb") for n in names)
    return "" if consolidated else schema


def _fields(names: list[str], rows: list[dict[str, str]], layout: np.dtype) -> Fields:
    """Kind, place in the record and width of each column, from the first lines."""
    iso = _most(rows, [n for n in names if n in _TIMES], r"\d{4}-\d\d-\d\d[T ].*")
    decimal = _are_decimals(rows, names)
    price, time = DECIMAL if decimal else UNITS, DATE if iso else TIME
    places, shown = dict(layout.fields or {}), dict(LEVEL.fields or {})
    fields = Fields.room(len(names))
    if price == DECIMAL:
        pointed = (abs(Decimal(cell)) for cell in _cells(rows, names) if _POINTED.fullmatch(cell))
        fields.near[0] = next((int(found * 10**9) for found in pointed if 0 < found < 9 * 10**9), 0)
    for at, name in enumerate(names):
        level = _LEVEL.fullmatch(name)
        if level:
            width, place = shown[f"{level[1]}_{level[2]}"][:2]
            place += places["levels"][1] + int(level[3]) * LEVEL.itemsize
            fields.kind[at] = price if level[2] == "px" else WHOLE
            fields.place[at], fields.width[at] = place, width.itemsize
        elif name in (*_LETTERS, *_TIMES, *_WHOLE, "price") and name in places:
            special = dict.fromkeys(_LETTERS, LETTER) | dict.fromkeys(_TIMES, time) | {"price": price}
            width, place = places[name][:2]
            fields.kind[at] = special.get(name, WHOLE)
            fields.place[at], fields.width[at] = place, width.itemsize
    return fields


def _check_floats(names: list[str], rows: list[dict[str, str]], where: object) -> None:
    """Refuse whole numbers of 1e-9 that another program wrote as floats: no market has such prices.

    Raises
    ------
    FormatError : all prices that there are of the first lines are such.
    """
    cells = [row[n] for row in rows for n in _prices(names) if re.fullmatch(r"-?\d+(\.\d*)?", row[n])]
    whole = [cell for cell in cells if re.fullmatch(r"-?\d+\.0*", cell) and abs(float(cell)) >= LOST]
    if whole and len(whole) == sum(float(cell) != 0 for cell in cells):
        raise FormatError(
            where=where,
            expected="prices as decimals, or as whole numbers of 1e-9 without a point",
            got=f"{whole[0]!r:.40}, and no price of the first lines below {LOST:,}",
            remedy="Fetch it again, or save the prices as integers",
        )


def _are_decimals(rows: list[dict[str, str]], names: list[str]) -> bool:
    """Whether prices are decimals: most of the first are, or some, and no other may be units of 1e-9."""
    if _most(rows, _prices(names), _POINTED.pattern):
        return True
    cells = _cells(rows, names)
    whole = [cell for cell in cells if _WHOLE_PRICE.fullmatch(cell)]
    return any(map(_POINTED.fullmatch, cells)) and all(abs(int(cell)) < LOST for cell in whole)


def _check_units(cells: list[str], where: object) -> None:
    """Refuse whole prices that cannot be units of 1e-9: no market stands below a thousandth of 1.

    Raises
    ------
    FormatError : all prices that there are of the first lines are such.
    """
    found = [cell for cell in cells if cell and not re.fullmatch(r"-?0+", cell)]
    if found and all(_WHOLE_PRICE.fullmatch(cell) and abs(int(cell)) < LOST for cell in found):
        raise FormatError(
            where=where,
            expected="prices as decimals, or as whole numbers of 1e-9",
            got=f"{found[0]!r:.40}, and no price of the first lines of {LOST:,} or more, as where decimals "
            "lost their point or the units are others",
            remedy="Fetch it again, or write all prices with a point (38000.0)",
        )


def _mixed(where: str, name: str, shown: str) -> FormatError:
    return FormatError(
        where=where,
        expected=f"{name} as a whole number of 1e-9, as on the first lines",
        got=f"{shown!r:.40}, so that it is not known what the whole ones count",
        remedy="Fetch it again, or write all prices with their decimals",
    )


def _prices(names: list[str]) -> list[str]:
    """The columns that hold prices."""
    return [name for name in names if name == "price" or "_px_" in name]


def _cells(rows: list[dict[str, str]], names: list[str]) -> list[str]:
    """What the first lines hold as prices."""
    return [row[name] for row in rows for name in _prices(names)]


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

"""Databento DBN files, plain or zstd: ``mbo``, ``mbp-1``, ``mbp-10``, ``tbbo`` and ``trades``.

Needs the extra ``formats``. The vendor's library reads the header; the records are taken from the bytes. What
they become stands in `databento_rows`. Records of other kinds among them (a live session writes system
messages) are left out and counted.
Source: https://databento.com/docs/standards-and-conventions/databento-binary-encoding
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from liqmap.formats.databento.records import SCHEMAS, chosen, joined
from liqmap.formats.databento.rows import DatabentoRows
from liqmap.formats.raw import RawFile, ahead
from liqmap.formats.raw.file import CHUNK
from liqmap.formats.registry import Format, Hints, register
from liqmap.schema import Batch, FormatError, Rejected
from liqmap.schema.wording import Keyword, Sentence

_LONGEST_HEADER = 1 << 28
_OTHERS = {*range(0x12, 0x19), *range(0x20, 0x25), 0xB1, *range(0xC0, 0xC5)} | {
    r for r, _ in SCHEMAS.values()
}
"""Record types that may stand among ours: status, definitions, errors, symbols, system, statistics, bars."""


class DatabentoDbn:
    """Reader of one DBN file.

    Raises
    ------
    FormatError : `databento-dbn` is not installed, the schema is another, or one of several symbols must be
    named.
    """

    def __init__(self, raw: RawFile, hints: Hints) -> None:
        self._raw = raw
        header, self._skip = _metadata(raw)
        schema = _schema(raw, header, self._skip)
        self._rtype, layout = SCHEMAS[schema]
        self._plain = self._layout = layout
        if header.ts_out:  # when the vendor's gateway sent it
            self._layout = np.dtype([*layout.descr, ("ts_out", "<u8")])
        self.symbol, self._ids = _market(raw, header, hints)
        self._rows = DatabentoRows(raw.path, schema, self.symbol, hints)
        self.venue, self.meta = self._rows.venue, self._rows.meta
        self.notes: list[str] = []
        self._number = 0
        self._others: Counter[str] = Counter()

    def batches(self) -> Iterator[Batch]:
        """A batch for each few MB of records; decompression runs ahead in a thread."""
        rest, damage = b"", None
        for block, position in ahead(self._blocks()):
            records, number, rest, damage = self._split(rest + block)
            yield self._batch(records, number, [], position, last=False)
            if damage:
                break
        else:
            damage = self._raw.damage or ("the file ends inside a record" if rest else None)
        lost = [Rejected(self._number + 1, damage)] if damage else []
        nothing = np.empty(0, self._plain), np.empty(0, np.int64)
        yield self._batch(*nothing, lost, self._raw.position, last=True)
        name = self._raw.path.name
        self.notes += self._rows.notes()
        self.notes += [f"{name}: {n:,} records of {what} were left out" for what, n in self._others.items()]

    def _blocks(self) -> Iterator[tuple[bytes, int]]:
        """The bytes after the header, some MB at a time."""
        parts: list[bytes] = []
        size, skip = 0, self._skip
        for block in self._raw.blocks():
            skip, block = max(0, skip - len(block)), block[skip:]
            parts.append(block)
            size += len(block)
            if size >= CHUNK:
                yield b"".join(parts), self._raw.position
                parts, size = [], 0
        yield b"".join(parts), self._raw.position

    def _split(self, data: bytes) -> tuple[np.ndarray, np.ndarray, bytes, str | None]:
        """The records of our kind, their numbers from 1, the bytes of one that is not whole, and a damage."""
        width, at = self._layout.itemsize, 0
        found, numbers = [np.empty(0, self._layout)], [np.empty(0, np.int64)]
        while True:
            records = np.frombuffer(data, self._layout, (len(data) - at) // width, at)
            other = (records["rtype"] != self._rtype) | (records["length"] != width // 4)
            count = int(np.argmax(other)) if other.any() else len(records)
            found.append(records[:count])
            numbers.append(self._number + 1 + np.arange(count))
            self._number += count
            at += count * width
            length = 4 * data[at] if at < len(data) else 0
            if at + 2 > len(data) or (length == width and data[at + 1] == self._rtype):
                break
            if length < 16 or data[at + 1] not in _OTHERS or data[at + 1] == self._rtype:
                return *_together(found, numbers, self._plain), b"", "a record that is none"
            if at + length > len(data):
                break
            self._others[f"type {data[at + 1]}"] += 1
            self._number += 1
            at += length
        return *_together(found, numbers, self._plain), data[at:], None

    def _batch(
        self, records: np.ndarray, number: np.ndarray, rejected: list[Rejected], position: int, last: bool
    ) -> Batch:
        """Of the records that are of our symbol."""
        if self._ids is None and len(records):
            self._ids = [int(records["instrument_id"][0])]
        own = np.isin(records["instrument_id"], self._ids or [])
        if not own.all():
            self._others["other symbols"] += int(len(own) - own.sum())
            records, number = chosen(records, own), number[own]
        return self._rows.take(records, number, rejected, position, last)


def _together(
    found: list[np.ndarray], numbers: list[np.ndarray], layout: np.dtype
) -> tuple[np.ndarray, np.ndarray]:
    """One array of each, of the fields of a layout."""
    records = joined(found)[list(layout.names or ())]
    return records.astype(layout, copy=False), np.concatenate(numbers)


def _metadata(raw: RawFile) -> tuple[Any, int]:
    """The header, and how many bytes it takes."""
    try:
        import databento_dbn as dbn
    except ImportError:
        raise FormatError(
            where=raw.path,
            expected="databento-dbn to read it",
            got="no such package",
            remedy="pip install 'liqmap[formats]'",
        ) from None
    skip = 8 + int.from_bytes(raw.head(8)[4:8], "little")
    try:
        return dbn.Metadata.decode(raw.head(min(skip, _LONGEST_HEADER))), skip
    except Exception as error:
        raise FormatError(
            where=raw.path, expected="DBN metadata", got=str(error), remedy="Fetch it again"
        ) from None


def _schema(raw: RawFile, header: Any, skip: int) -> str:
    """What the records are: a file of a live session says it by its first one that is read."""
    schema = str(header.schema)
    if header.schema is None:
        data, at = raw.head(skip + (1 << 16)), skip
        kinds = {rtype: name for name, (rtype, _) in reversed(SCHEMAS.items()) if name != "tbbo"}
        while at + 1 < len(data) and data[at] and data[at + 1] not in kinds:
            at += 4 * data[at]
        schema = kinds.get(data[at + 1], "none") if at + 1 < len(data) else "none"
    if schema not in SCHEMAS:
        raise FormatError(
            where=raw.path,
            expected=f"schema {', '.join(SCHEMAS)}",
            got=schema,
            remedy="Ask the vendor for one of these",
        )
    return schema


def _market(raw: RawFile, header: Any, hints: Hints) -> tuple[str, list[int] | None]:
    """The symbol, and its instrument ids; None: that of the first record."""
    spans: dict[str, list[tuple[Any, Any, int]]] = {}
    for name, intervals in header.mappings.items():
        for i in intervals:
            symbol, number = (name, i["symbol"]) if i["symbol"].isdecimal() else (i["symbol"], name)
            if number.isdecimal():
                spans.setdefault(symbol, []).append((i["start_date"], i["end_date"], int(number)))
    names = sorted(spans)
    if not names:
        return hints.symbol or (header.symbols[0] if len(header.symbols) == 1 else "unnamed"), None
    symbol = hints.symbol or (names[0] if len(names) == 1 else "")
    if symbol.isdecimal() and symbol not in names:
        return symbol, [int(symbol)]
    if symbol not in names:
        raise FormatError(
            where=raw.path,
            expected=f"one symbol of {', '.join(names)[:200]}",
            got=symbol or "none",
            remedy=Sentence("Pass ", Keyword("symbol")),
        )
    order = sorted(spans[symbol], key=lambda s: (s[0], s[1]))
    if any(a[1] > b[0] and a[2] != b[2] for a, b in zip(order, order[1:])):
        several = ", ".join(str(s[2]) for s in order)
        raise FormatError(
            where=raw.path,
            expected=f"one instrument of {symbol} at a time",
            got=several[:100],
            remedy=Sentence("Pass ", Keyword("symbol", str(order[0][2])), ", or another id"),
        )
    return symbol, sorted({s[2] for s in order})


def _is_dbn(head: bytes) -> bool:
    return head[:3] == b"DBN" and 1 <= int.from_bytes(head[3:4], "little") <= 3


register(
    Format(
        "databento-dbn",
        "Databento mbo, mbp-1, mbp-10 or trades, dbn or dbn.zst",
        detect=_is_dbn,
        open=DatabentoDbn,
    )
)

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
from liqmap.formats.databento.symbols import MAPPING, Mapping, Owned, mapping_of, of_metadata, of_session
from liqmap.formats.raw import RawFile, ahead
from liqmap.formats.raw.file import CHUNK
from liqmap.formats.registry import Format, Hints, register
from liqmap.schema import Batch, FormatError, Rejected

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
        self._number = 0
        self._others: Counter[str] = Counter()
        self._said: list[Mapping] = []
        self._owned: Owned | None = None
        owned = of_metadata(raw.path, header, hints.symbol)
        if owned is None:
            seen = self._instruments()
            owned = of_session(raw.path, self._said, seen, hints.symbol, list(header.symbols))
        self._owned, self.symbol = owned, owned.symbol
        self._rows = DatabentoRows(raw.path, schema, self.symbol, hints)
        self.venue, self.meta = self._rows.venue, self._rows.meta
        self.notes: list[str] = []

    def _instruments(self) -> set[int]:
        """The ids of all our records, and what the file's messages say of them: a pass before the first."""
        seen: set[int] = set()
        rest, damage = b"", None
        for block, _ in self._blocks():
            records, _, rest, damage = self._split(rest + block)
            seen |= set(np.unique(records["instrument_id"]).tolist())
            if damage:
                break
        self._number, self._raw.damage, self._raw.position = 0, None, 0
        self._others.clear()
        return seen

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
        if self._owned is not None and self._owned.changes:
            self.notes.append(
                f"{name}: which instrument {self.symbol} is changed {self._owned.changes:,} times in it"
            )
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

        def take(records: np.ndarray) -> None:
            number = self._number + 1 + np.arange(len(records))
            self._number += len(records)
            if self._owned is not None:
                own = np.isin(records["instrument_id"], list(self._owned.instruments))
                if not own.all():
                    self._others["other symbols"] += int(len(own) - own.sum())
                    records, number = chosen(records, own), number[own]
            found.append(records)
            numbers.append(number)

        while True:
            records = np.frombuffer(data, self._layout, (len(data) - at) // width, at)
            other = (records["rtype"] != self._rtype) | (records["length"] != width // 4)
            count = int(np.argmax(other)) if other.any() else len(records)
            take(records[:count])
            at += count * width
            length = 4 * data[at] if at < len(data) else 0
            if at + 2 > len(data) or (length == width and data[at + 1] == self._rtype):
                break
            if length < 16 or data[at + 1] not in _OTHERS or data[at + 1] == self._rtype:
                return *_together(found, numbers, self._plain), b"", "a record that is none"
            if at + length > len(data):
                break
            if data[at + 1] == MAPPING and (said := mapping_of(data[at : at + length])):
                self._hear(said)
            self._others[f"type {data[at + 1]}"] += 1
            self._number += 1
            at += length
        return *_together(found, numbers, self._plain), data[at:], None

    def _hear(self, said: Mapping) -> None:
        """One message of which instrument is whose."""
        if self._owned is None:
            self._said.append(said)
        else:
            self._owned.hear(said)

    def _batch(
        self, records: np.ndarray, number: np.ndarray, rejected: list[Rejected], position: int, last: bool
    ) -> Batch:
        """Of records of our symbol."""
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

"""The rows of a table in pieces, whatever its container: delimited text, Parquet, or Arrow (Feather)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.ipc as ipc
import pyarrow.parquet as pq

from liqmap.formats.raw import RawFile, ahead
from liqmap.formats.text.csv_columns import count_lines
from liqmap.formats.text.ids import null_words
from liqmap.formats.text.rejected_lines import RejectedList
from liqmap.schema import FormatError, Rejected
from liqmap.schema.wording import Keyword, Sentence

ROWS = 200_000
PARQUET, ARROW, FEATHER1 = b"PAR1", b"ARROW1", b"FEA1"
STREAM = b"\xff\xff\xff\xff"
"""Begins an Arrow stream, which has no name of its own: the length of its schema follows.
https://arrow.apache.org/docs/format/Columnar.html#encapsulated-message-format"""

LONGEST_SCHEMA = 1 << 26
SEPARATORS = (",", ";", "\t")


@dataclass(frozen=True)
class Piece:
    """Rows with their lines (from 1, the header of a text included), and lines that are no rows."""

    table: pa.RecordBatch
    line: np.ndarray
    rejected: tuple[Rejected, ...] = ()
    position: int = 0


@dataclass(frozen=True)
class Text:
    """Whole lines of a text, as they are: ``rows`` of them, after ``line`` others."""

    text: bytes
    line: int
    rows: int
    position: int


def is_binary(head: bytes) -> bool:
    """Whether it is a container that names its columns itself."""
    return head.startswith((PARQUET, ARROW, FEATHER1)) or _is_stream(head)


def _is_stream(head: bytes) -> bool:
    return head.startswith(STREAM) and 0 < int.from_bytes(head[4:8], "little") < LONGEST_SCHEMA


def header(head: bytes) -> tuple[str, list[str]]:
    """Separator and column names of a text."""
    line = head.split(b"\n", 1)[0].rstrip(b"\r").decode("utf-8", "replace")
    separator = max(SEPARATORS, key=line.count)
    return separator, [n.strip() for n in _cells(line, separator) or []]


def _cells(line: str, separator: str) -> list[str] | None:
    """The cells of a line; None if it is no line of cells."""
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return None


class Rows:
    """The columns of a table and its pieces; ``separator`` of a text, empty for a container.

    Parameters
    ----------
    named : whether the first line of a text names its columns; else their names are numbers, from 1.

    Raises
    ------
    FormatError : a text that begins with an empty line; a container inside an archive, damaged, or of a kind
    that Arrow no longer reads, or one that is said to name no columns.
    """

    def __init__(self, raw: RawFile, named: bool = True) -> None:
        head = raw.head()
        self._lines = int(named)
        self._raw = raw
        self._head = head
        self._binary = is_binary(head)
        self.separator = ""
        if not self._binary:
            self.separator, self.names = header(head)
            if not self.names:
                raise FormatError(
                    where=raw.path, expected="names of columns in the first line", got="none", remedy="Add it"
                )
            if not named:
                self.names = [str(number) for number in range(1, len(self.names) + 1)]
            return
        if not named:
            raise FormatError(
                where=raw.path,
                expected="a text where there is no header",
                got="a container, which names its columns",
                remedy=Sentence("Leave out ", Keyword("mapping", {"header": "none"})),
            )
        if raw.packing != "plain":
            raise FormatError(
                where=raw.path, expected="a table that is not packed again", remedy="Unpack it first"
            )
        if head.startswith(FEATHER1):
            raise FormatError(
                where=raw.path, expected="Feather version 2", got="version 1", remedy="Write it again"
            )
        with self._guard():
            if head.startswith(PARQUET):
                self.names = list(pq.read_schema(raw.path).names)
            else:
                with raw.opened() as source:
                    self.names = list(self._arrow(source).schema.names)

    def first(self, columns: list[str]) -> pa.RecordBatch:
        """The first rows: enough to see what they hold."""
        if self._binary:
            with self._guard():
                return next(self._binaries(columns, 2_000)).table
        text = self._head[: self._head.rfind(b"\n") + 1] or self._head
        piece = self._parse(self._body(text), self._lines, 0)
        return piece.table.select(columns)

    def pieces(self, columns: list[str]) -> Iterator[Piece | Text]:
        """All rows of these columns, in their order; those of a text as it is, for `parse`."""
        if self._binary:
            with self._guard():
                yield from self._binaries(columns, ROWS)
            return
        line = self._lines
        for number, (chunk, position) in enumerate(ahead(self._raw.chunks())):
            text = chunk if number else self._body(chunk)
            rows = count_lines(text)
            if rows:
                yield Text(text, line, rows, position)
            line += rows
        if self._raw.damage:
            none = pa.RecordBatch.from_pylist([], pa.schema([(c, pa.string()) for c in columns]))
            lost = (Rejected(line + 1, self._raw.damage),)
            yield Piece(none, np.empty(0, np.int64), lost, self._raw.position)

    def _body(self, text: bytes) -> bytes:
        """What follows the names."""
        return text.partition(b"\n")[2] if self._lines else text

    def parse(self, text: Text, columns: list[str]) -> Piece:
        """Columns of strings."""
        piece = self._parse(text.text, text.line, text.position)
        return replace(piece, table=piece.table.select(columns))

    def _binaries(self, columns: list[str], rows: int) -> Iterator[Piece]:
        done = 0
        for batch in self._batches(columns, rows):
            line = np.arange(done + 1, done + 1 + batch.num_rows)
            done += batch.num_rows
            yield Piece(_told(batch), line, position=self._raw.size)

    def _batches(self, columns: list[str], rows: int) -> Iterator[pa.RecordBatch]:
        if self._head.startswith(PARQUET):
            with pq.ParquetFile(self._raw.path) as file:
                yield from file.iter_batches(rows, columns=columns)
            return
        with self._raw.opened() as source:
            file = self._arrow(source)
            stream = isinstance(file, ipc.RecordBatchStreamReader)
            for batch in file if stream else map(file.get_batch, range(file.num_record_batches)):
                for begin in range(0, batch.num_rows, rows):
                    yield batch.select(columns).slice(begin, rows)

    def _arrow(self, source: pa.NativeFile) -> Any:
        return ipc.open_stream(source) if _is_stream(self._head) else ipc.open_file(source)

    def _parse(self, text: bytes, line: int, position: int) -> Piece:
        """Whole lines at once; ``line`` lines came before. Line by line if one has other columns, or none."""
        if text.startswith((b"\n", b"\r\n")) or b"\n\n" in text or b"\n\r\n" in text:
            return self._slowly(text, line, position)
        types = dict.fromkeys(self.names, pa.string())
        try:
            table = pacsv.read_csv(
                io.BytesIO(text),
                read_options=pacsv.ReadOptions(
                    column_names=self.names, use_threads=False, block_size=1 << 30
                ),
                parse_options=pacsv.ParseOptions(
                    delimiter=self.separator,
                    ignore_empty_lines=False,
                ),
                convert_options=pacsv.ConvertOptions(
                    column_types=types, strings_can_be_null=True, null_values=[""]
                ),
            ).combine_chunks()
        except ValueError:  # Arrow's own, or bytes of the line that its message cannot quote
            return self._slowly(text, line, position)
        if table.num_rows != count_lines(text) + (not text.endswith(b"\n") and bool(text)):
            return self._slowly(text, line, position)
        arrays = [c.chunk(0) if c.num_chunks else pa.array([], pa.string()) for c in table.columns]
        rows = pa.RecordBatch.from_arrays(arrays, names=self.names)
        return Piece(_told(rows), np.arange(line + 1, line + 1 + rows.num_rows), (), position)

    def _slowly(self, text: bytes, line: int, position: int) -> Piece:
        rows, lines, rejected = [], [], RejectedList()
        for number, content in enumerate(text.decode("utf-8", "replace").split("\n"), line + 1):
            cells = _cells(content.rstrip("\r"), self.separator)
            if cells is None:
                rejected.append(Rejected(number, f"expected cells of text, got {content!r:.40}"))
            elif len(cells) == len(self.names):
                rows.append([c or None for c in cells])
                lines.append(number)
            elif not cells:
                rejected.passed(number, number)
            else:
                rejected.append(Rejected(number, f"expected {len(self.names)} columns, got {len(cells)}"))
        columns = list(zip(*rows)) or [()] * len(self.names)
        arrays = [pa.array(c, pa.string()) for c in columns]
        table = pa.RecordBatch.from_arrays(arrays, names=self.names)
        return Piece(_told(table), np.array(lines, np.int64), tuple(rejected), position)

    def _guard(self) -> _Guard:
        return _Guard(self._raw)


def _told(rows: pa.RecordBatch) -> pa.RecordBatch:
    """Rows whose cells are null where they say in words that they hold nothing."""
    columns = [null_words(_decoded(column)) for column in rows.columns]
    return pa.RecordBatch.from_arrays(columns, names=rows.schema.names)


def _decoded(column: pa.Array) -> pa.Array:
    """A column without runs, which few functions of Arrow take."""
    return pc.run_end_decode(column) if pa.types.is_run_end_encoded(column.type) else column


class _Guard:
    """What Arrow finds wrong with a file, in one line."""

    def __init__(self, raw: RawFile) -> None:
        self._raw = raw

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, StopIteration):
            raise FormatError(
                where=self._raw.path, expected="rows", got="none", remedy="Check the file"
            ) from error
        if isinstance(error, pa.ArrowException | OSError | ValueError):
            said = " ".join(str(error).split())[:120]
            raise FormatError(
                where=self._raw.path, expected="a whole table", got=f"a damaged one ({said})"
            ) from error

"""The skeleton of readers of CSV: a chunk of lines is read at once; if anything in it is strange, line by
line."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress
from typing import Any, Generic, TypeVar

import numpy as np

from liqmap.formats.raw import RawFile, ahead
from liqmap.formats.text.csv_columns import NUMBER, PRICE, Lines, Read, count_lines
from liqmap.formats.text.decimals import REMEMBERED, Tick, number
from liqmap.formats.text.far_prices import far_prices
from liqmap.formats.text.line_runs import blank_lines, same_lines
from liqmap.formats.text.reader import TextReader
from liqmap.formats.text.rejected_lines import RejectedList
from liqmap.formats.text.singles import are_singles, lost_note, no_single, notes_of, shortest, were_singles
from liqmap.schema import Batch, Rejected

MOST_CELLS = 20_000
"""Of a line; what comes after them is left together."""

FIRST = 2_000
"""Lines that tell whether prices were float32."""

Rows = TypeVar("Rows")
Row = tuple[Any, ...]
Exact = Row | list[Row] | Rejected | str | None
"""What a line means: a row, several, what is wrong with it, or None where it is passed over."""


@dataclass(frozen=True)
class Part:
    """Whole lines of a file without its header: ``rows`` of them, after ``line`` others; ``position`` counts
    raw bytes so far."""

    text: bytes
    line: int
    rows: int
    position: int


def parts(chunks: Iterator[tuple[bytes, int]], header: int = 0) -> Iterator[Part]:
    """Chunks of a file (see `RawFile.chunks`) without its first ``header`` lines, and where they stand."""
    line = 0
    for chunk, position in chunks:
        text = chunk.split(b"\n", header)[-1] if line == 0 and header else chunk
        line = line or header
        rows = count_lines(text)
        yield Part(text, line, rows, position)
        line += rows


def by_line(
    part: Part, exact: Callable[[list[str], int], Exact], rejected: RejectedList
) -> list[tuple[Any, ...]] | None:
    """The rows that ``exact`` makes of the cells of each line and its number, as columns, the last of them
    the numbers; None if there are none. What it says is wrong with a line goes to ``rejected``."""
    rows: list[Row] = []
    text, at, line = part.text, 0, part.line
    while at < len(text):
        if blank := blank_lines(text, at):
            rejected.passed(line + 1, line + blank[1])
            at, line = at + blank[0], line + blank[1]
            continue
        if (end := text.find(b"\n", at)) < 0:
            break
        line += 1
        cells = text[at:end].rstrip(b"\r").decode("utf-8", "replace").split(",", MOST_CELLS)
        found = exact(cells, line)
        if isinstance(found, str | Rejected):
            same = same_lines(text, at, end + 1)
            rejected.lose(line, found, same)
            line += same - 1
            end += (same - 1) * (end + 1 - at)
        elif found is not None:
            rows += [(*row, line) for row in (found if isinstance(found, list) else [found])]
        else:
            rejected.passed(line, line)
        at = end + 1
    return list(zip(*rows)) or None


class CsvReader(TextReader, Generic[Rows]):
    """A reader says what all lines of a chunk mean (`at_once`), what a single one does (`exact`, and
    `gather` for those of a chunk), and gives out what was found (`take`).

    Attributes
    ----------
    lines : what the columns are; where the first prices were float32, all are read one by one, each as its
        shortest text. tick : the tick size of their prices. header : lines before the first row.
    price : the place of the price in a row of `exact`; None where they have none.
    """

    lines: Lines
    price: int | None = None

    def __init__(
        self, raw: RawFile, tick_size: float | None, usual_unit: str | None = None, header: int = 1
    ) -> None:
        super().__init__(raw, usual_unit)
        self.tick = Tick(tick_size)
        self.header = header

    def batches(self) -> Iterator[Batch]:
        """A batch for each chunk of the file; decompression runs ahead in a thread."""
        line = 0
        singles = self._are_singles()
        for part in parts(ahead(self.raw.chunks()), self.header):
            rejected = RejectedList()
            rows = None if singles else self._fast(part)
            if rows is None:
                exact = self._exact_single if singles else self.exact
                columns = self.near(by_line(part, exact, rejected), rejected)
                rows = self.gather(columns) if columns else None
            line = part.line + part.rows
            self.broken |= bool(rejected)
            yield self.take(rows, rejected, part.position)
        yield from self.finish(self.damage(line))

    @abstractmethod
    def at_once(self, read: Read, line: int) -> Rows | None:
        """All lines of a chunk, after ``line`` others; None if any of them needs a closer look."""

    @abstractmethod
    def exact(self, cells: list[str], line: int) -> Exact:
        """One line: a row or several, or what is wrong with it. The tick size takes its price."""

    @abstractmethod
    def gather(self, columns: list[tuple[Any, ...]]) -> Rows:
        """The rows of `exact` as those of `at_once`; the last column has their lines."""

    @abstractmethod
    def take(self, rows: Rows | None, rejected: list[Rejected], position: int) -> Batch:
        """The batch of a chunk's rows; None where it has none."""

    def near(
        self, columns: list[tuple[Any, ...]] | None, rejected: list[Rejected]
    ) -> list[tuple[Any, ...]] | None:
        """Rows without those whose prices leave no tick size for the others."""
        if columns is None or self.price is None:
            return columns
        wrong = far_prices(self.tick, np.array(columns[self.price]), np.array(columns[-1]), rejected)
        if wrong is None:
            return columns
        return [tuple(compress(column, ~wrong)) for column in columns] if not wrong.all() else None

    def _are_singles(self) -> bool:
        """Whether prices were float32 before they became text, by those of the first lines."""
        prices, sizes = (self._places(kind) for kind in (PRICE, NUMBER))
        if not prices:
            return False
        text = self.raw.head().rpartition(b"\n")[0].decode("latin-1")
        rows = [line.split(",") for line in text.split("\n", self.header + FIRST)[self.header :][:FIRST]]
        rows = [cells for cells in rows if len(cells) == len(self.lines.columns)]
        values = [_floats(row[at] for row in rows for at in of) for of in (prices, sizes)]
        found = [were_singles(of) for of in values]
        self.notes += notes_of(self.raw.path.name, *found)
        if found[0] is not False:
            self.notes += lost_note(self.raw.path.name, values[0])
        return bool(found[0])

    def _places(self, kind: int) -> list[int]:
        """The columns of a kind."""
        return [at for at, column in enumerate(self.lines.columns) if column.kind == kind]

    def _exact_single(self, cells: list[str], line: int) -> Exact:
        """A line as `exact` reads it, its prices as the shortest texts of the float32 that they were.

        Raises
        ------
        FormatError : a price was none.
        """
        for at in self._places(PRICE):
            if at < len(cells) and cells[at]:
                short = _shortest(cells[at])
                if short is None:
                    raise no_single(f"{self.raw.path}:{line}", cells[at])
                cells[at] = short
        return self.exact(cells, line)

    def _fast(self, part: Part) -> Rows | None:
        """All lines at once; None, and the tick size as it was, if any of them needs a closer look."""
        before = self.tick.state.copy()
        read = self.lines.read(part.text, self.tick, part.rows)
        rows = None if read is None else self.at_once(read, part.line)
        if rows is None:
            self.tick.state[:] = before
        else:
            self.tick.settle(np.empty(0))
        return rows


@lru_cache(REMEMBERED)
def _shortest(cell: str) -> str | None:
    """The shortest text of a number that is a float32; None of one that is none, other cells as they are."""
    value = _floats([cell])
    if not len(value):
        return cell
    return repr(float(shortest(value)[0])) if are_singles(value)[0] else None


def _floats(cells: Iterable[str]) -> np.ndarray:
    """The cells that are numbers."""
    return np.array([float(found) for cell in cells if (found := number(cell)) is not None])

"""Columns of CSV text, many lines at once; None wherever a line needs a closer look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liqmap.compiling import say_if_compiling
from liqmap.formats.text.csv_scan import (  # fmt: skip
    END,
    NEWLINE,
    NUMBER,
    ODD,
    PLAIN,
    PRICE,
    RETURN,
    SKIP,
    TEXT,
    WHOLE,
    WORD,
    Hard,
    Layout,
    Output,
    gather,
    scan,
)
from liqmap.formats.text.decimals import Tick

__all__ = [
    "NUMBER", "PLAIN", "PRICE", "SKIP", "TEXT", "WHOLE", "WORD", "Column", "Lines", "Read", "count_lines",
    "or_null",
]  # fmt: skip

MOST_DECIMALS = 12
"""Decimals of a price; with more, its line is read exactly."""


def count_lines(text: bytes) -> int:
    """Newlines; five times faster than ``bytes.count``, which looks for the next one again and again."""
    return int(np.count_nonzero(np.frombuffer(text, np.uint8) == NEWLINE))


@dataclass(frozen=True)
class Column:
    """What the cells of a column are.

    kind : SKIP, TEXT (ASCII), WORD (one of ``words``), WHOLE (int64 of at most 18 digits), NUMBER (float64,
        finite, 0 or more), PLAIN (one without an exponent) or PRICE (one above 0 that the tick size takes).
    empty : NUMBER and PRICE may be missing; a PRICE then may be 0 too, which is no price.
    """

    kind: int
    words: tuple[str, ...] = ()
    empty: bool = False


class Lines:
    """Lines without a header whose columns are known.

    Parameters
    ----------
    columns : of each line, from the left; no line has more or fewer.
    """

    def __init__(self, columns: Sequence[Column], separator: str = ",") -> None:
        self.columns = tuple(columns)
        marks = np.where(np.arange(256) < 128, 0, ODD).astype(np.uint8)
        marks[RETURN], marks[[ord(separator), NEWLINE]] = ODD, END
        self._shared = np.array([NUMBER if c.kind in (PLAIN, PRICE) else c.kind for c in columns], np.int64)
        self._slots = np.zeros(len(columns), np.int64)
        for kind in (TEXT, WORD, WHOLE, NUMBER):
            own = self._shared == kind
            self._slots[own] = np.arange(own.sum())
        words = [w.encode() for c in columns for w in c.words]
        counts = np.cumsum([0, *(len(c.words) for c in columns)])
        self._layout = Layout(
            separator=ord(separator),
            decimals=MOST_DECIMALS,
            marks=marks,
            kinds=np.array([c.kind for c in columns], np.int64),
            slots=self._slots,
            empty=np.array([c.empty for c in columns]),
            words=np.frombuffer(b"".join(words) or b"\0", np.uint8),
            bounds=np.cumsum([0, *map(len, words)]),
            first=counts[:-1],
            last=counts[1:],
        )

    def read(self, text: bytes, tick: Tick, rows: int) -> Read | None:
        """All lines, ``rows`` of them; None if any is not as the columns say. ``tick`` takes their prices,
        all or none."""
        if not text.endswith(b"\n"):  # where the kernel would not stop
            return None
        count = {kind: int((self._shared == kind).sum()) for kind in (TEXT, WORD, WHOLE, NUMBER)}
        out = Output(
            whole=np.empty((count[WHOLE], rows), np.int64),
            number=np.empty((count[NUMBER], rows)),
            code=np.empty((count[WORD], rows), np.int8),
            letters=np.empty((count[TEXT], len(text) if count[TEXT] else 0), np.uint8),
            ends=np.zeros((count[TEXT], rows + 1), np.int32),
            word=self._layout.first.copy(),
            hard=Hard.room(count[NUMBER] * rows),
        )
        state = tick.state.copy()
        say_if_compiling(scan)
        letters = np.frombuffer(text, np.uint8)
        taken = scan(letters, self._layout, state, out)
        if taken != rows or not rows or not _complete(letters, out):
            return None
        tick.state[:] = state
        return Read(self, rows, out.whole, out.number, out.code, out.letters, out.ends)


def _complete(text: np.ndarray, out: Output) -> bool:
    """Read the numbers of many digits; False if one is too large or too small for a float64."""
    hard, count = out.hard, int(out.hard.count[0])
    if not count:
        return True
    letters = np.empty(int((hard.end[:count] - hard.begin[:count]).sum()), np.uint8)
    ends = np.zeros(count + 1, np.int32)
    gather(text, hard, letters, ends)
    values = strings(letters, ends).cast(pa.float64()).to_numpy()
    out.number[hard.slot[:count], hard.line[:count]] = values
    return bool(((values > 1e-300) & (values < 1e300)).all())


def strings(letters: np.ndarray, ends: np.ndarray) -> pa.StringArray:
    """Strings one after the other, each beginning where the one before ends."""
    return pa.StringArray.from_buffers(len(ends) - 1, pa.py_buffer(ends), pa.py_buffer(letters))


def or_null(names: pa.StringArray) -> pa.StringArray:
    """Ids, null where they are empty: an empty one is none."""
    empty = pc.equal(names, "")
    return pc.if_else(empty, None, names) if pc.any(empty).as_py() else names


@dataclass(frozen=True)
class Read:
    """Lines that were read: arrays by kind, a row for each column of that kind, in order."""

    lines: Lines
    rows: int
    whole: np.ndarray
    number: np.ndarray
    code: np.ndarray
    letters: np.ndarray
    ends: np.ndarray

    def column(self, place: int) -> Any:
        """Of a WORD the codes, of TEXT a string array, else the numbers."""
        kind, slot = self.lines._shared[place], self.lines._slots[place]
        if kind == TEXT:
            ends = self.ends[slot]
            return strings(self.letters[slot, : ends[-1]].copy(), ends)
        found: np.ndarray = {WORD: self.code, WHOLE: self.whole, NUMBER: self.number}[kind][slot]
        return found

    def slots(self, places: Sequence[int]) -> np.ndarray:
        """Rows of ``number`` that hold these columns."""
        return self.lines._slots[list(places)]

# mypy: disable-error-code="no-untyped-def"
"""LOBSTER orderbook files: the book after each message (policy ``snapshots``). See `lobster`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from numba import njit

from liqmap.compiling import say_if_compiling
from liqmap.formats.lobster.messages import PER_UNIT, Name, sibling, stretches
from liqmap.formats.raw import RawFile, ahead
from liqmap.formats.registry import Format, Hints, register
from liqmap.formats.text.csv_columns import WHOLE, Column, Lines
from liqmap.formats.text.csv_reader import Part, parts
from liqmap.formats.text.decimals import Tick
from liqmap.formats.text.far_prices import near_levels
from liqmap.formats.text.json_scan import Levels
from liqmap.formats.text.reader import TextReader
from liqmap.formats.text.rejected_lines import RejectedList
from liqmap.formats.text.wide_books import Books
from liqmap.schema import MISSING, SNAPSHOT, Batch, FormatError, Messages, Meta, Rejected
from liqmap.schema.wording import Keyword, Sentence

_ROW = re.compile(rb"-?\d{1,15},\d{1,15}(,-?\d{1,15},\d{1,15})*\r?")


class LobsterBook(TextReader):
    """Reader of an orderbook file, with the clock of its message file.

    Raises
    ------
    FormatError : no message file of its name lies beside it.
    """

    def __init__(self, raw: RawFile, hints: Hints) -> None:
        super().__init__(raw)
        self._name = Name.of(raw.path, hints.symbol)
        self.named = f"{self._name.symbol} {self._name.midnight}"
        other = sibling(raw.path, "message")
        if other is None:
            wanted = raw.path.name.replace("_orderbook_", "_message_")
            near = sorted(p.name for p in raw.path.parent.glob(f"{self._name.symbol}_*_message_*"))
            got = f"only {near[0]}, which is not its pair" if near else "none"
            raise FormatError(
                where=raw.path,
                expected=f"its message file {wanted} beside it, which has the times",
                got=got,
                remedy="Put the two files of one LOBSTER request into one folder",
            )
        self.venue = hints.venue or "lobster"
        self.notes = [f"{raw.path.name}: its times are those of {other.name}; the trades are in that file"]
        self._clock = RawFile(other)
        self._tick = Tick(hints.tick_size)
        self._columns = raw.head().split(b"\n", 1)[0].count(b",") + 1
        self._lines = Lines([Column(WHOLE)] * self._columns)
        self._levels = self._columns // 4
        if self._columns % 4:
            raise FormatError(
                where=raw.path,
                expected="ask, size, bid, size of each level",
                got=f"{self._columns} columns",
                remedy=Sentence("Leave out ", Keyword("format"), " to have it detected"),
            )
        self._feed = hints.feed or f"orderbook_{self._levels}"
        self._last = -1

    def batches(self) -> Iterator[Batch]:
        """A batch for each chunk of the file, with as many messages of the other."""
        clock = stretches(self._clock, self._name)
        times = np.empty(0, np.int64)
        line = 0
        for part in parts(ahead(self.raw.chunks())):
            line = part.line + part.rows
            rejected: list[Rejected] = []
            found = self._fast(part)
            if found is None:
                found = self._slow(part, rejected)
            while len(times) < part.rows and (more := next(clock, None)) is not None:
                times = np.append(times, more.columns.time)
            if len(times) < part.rows:
                raise self._unlike(f"only {part.line + len(times):,} messages")
            depth = self._messages(found, times[: part.rows], part.line, rejected)
            times = times[part.rows :]
            yield Batch(depth=depth, rejected=tuple(RejectedList(rejected)), position=part.position)
        damage = self.damage(line)
        if not damage and (left := len(times) + sum(len(more.columns.time) for more in clock)):
            raise self._unlike(f"{line + left:,} messages for {line:,} rows")
        yield from self.finish(damage)

    def _unlike(self, got: str) -> FormatError:
        return FormatError(
            where=self.raw.path,
            expected=f"{self._clock.path.name} to have a message for each of its rows",
            got=got,
            remedy="The two are not of one request; fetch both again",
        )

    def _fast(self, part: Part) -> np.ndarray | None:
        """(columns, rows) of whole numbers; None if any line needs a closer look."""
        read = self._lines.read(part.text, Tick(), part.rows)
        return None if read is None or _wrong(read.whole).any() else read.whole

    def _slow(self, part: Part, rejected: list[Rejected]) -> np.ndarray:
        """Line by line; a row of zeros where a line is none."""
        rows = np.zeros((self._columns, part.rows), np.int64)
        for i, raw in enumerate(part.text.split(b"\n")[:-1]):
            cells = raw.rstrip(b"\r").split(b",")
            if _ROW.fullmatch(raw) is None or len(cells) != self._columns:
                why = f"expected {self._columns} whole numbers, got {raw[:60]!r}"
            else:
                rows[:, i] = [int(c) for c in cells]
                if not _wrong(rows[:, i : i + 1]).any():
                    continue
                why, rows[:, i] = "expected prices x 10^4 above 0 and sizes of 0 or more", 0
            rejected.append(Rejected(part.line + i + 1, why))
        return rows

    def _messages(
        self, rows: np.ndarray, times: np.ndarray, line: int, rejected: list[Rejected]
    ) -> Messages | None:
        """The books of sound rows with a time; ``seq`` is the line."""
        lost = {r.line for r in rejected}
        why = f"no time: that line of {self._clock.path.name} is bad"
        dark = [int(line + i + 1) for i in np.flatnonzero(times < 0)]
        rejected += [Rejected(n, why) for n in dark if n not in lost]
        rejected.sort(key=lambda r: r.line)
        good = np.flatnonzero(
            (times >= 0) & ~np.isin(np.arange(line + 1, line + 1 + rows.shape[1]), list(lost))
        )
        if not len(good):
            return None
        books = self._unfold(rows, good)
        seq = good + line + 1
        prev = seq - 1
        if self._last < 0:
            prev[0] = -1
        depth = Messages(
            ts=times[good] + self._name.midnight,
            ts_recv=np.full(len(good), MISSING),
            seq=seq,
            prev=prev,
            event=np.full(len(good), SNAPSHOT, np.int8),
            rows=books.rows,
            line=seq,
            **books.levels._asdict(),
        )
        near = near_levels(self._tick, depth, rejected)
        if near is None:
            return None
        self._last = int(seq[-1])
        self.meta["depth"] = Meta(
            venue=self.venue,
            symbol=self._name.symbol,
            feed=self._feed,
            tick_size=self._tick.size,
            size_unit="contracts",
            depth_limit=self._levels,
            window_policy="snapshots",
        )
        return near

    def _unfold(self, rows: np.ndarray, good: np.ndarray) -> Books:
        """The levels of the ``good`` rows."""
        books = Books(np.zeros(len(good) + 1, np.int64), Levels.room(len(good) * self._columns // 2))
        say_if_compiling(_levels)
        divisor, largest = _levels(rows, good, books)
        if divisor:
            self._tick.add([Fraction(divisor, PER_UNIT), Fraction(largest, PER_UNIT)])
        return Books(books.rows, books.levels.first(int(books.rows[-1])))


def _wrong(rows: np.ndarray) -> np.ndarray:
    """Per row: a price that is none where there is a size, or a negative size. Columns go price, size."""
    wrong = np.zeros(rows.shape[1], np.bool_)
    say_if_compiling(_mark_wrong)
    _mark_wrong(rows, wrong)
    return wrong


@njit(cache=True, nogil=True)
def _mark_wrong(rows, wrong):
    for k in range(0, rows.shape[0], 2):
        for r in range(rows.shape[1]):
            price, size = rows[k, r], rows[k + 1, r]
            wrong[r] |= size < 0 or (size > 0 and price <= 0)


@njit(cache=True, nogil=True)
def _levels(rows, good, out):
    """The levels of the ``good`` rows, asks first; returns the divisor of their prices and the largest."""
    n, divisor, largest = 0, 0, 0
    side, price, size = out.levels
    for i in range(len(good)):
        for k in range(0, rows.shape[0], 2):
            units, amount = rows[k, good[i]], rows[k + 1, good[i]]
            if amount <= 0:
                continue
            side[n], price[n], size[n] = k % 4 == 0, units / PER_UNIT, amount
            n += 1
            largest = max(largest, units)
            rest = units % divisor if divisor else units
            while rest:
                divisor, rest = rest, divisor % rest
        out.rows[i + 1] = n
    return divisor, largest


def _is_book(head: bytes) -> bool:
    """Whole numbers, four to a level, asks above bids and both in order."""
    lines = [line for line in head.split(b"\n")[:100] if line]
    if len(lines) > 1 and len(lines) < 100 and not head.endswith(b"\n"):
        lines = lines[:-1]
    width = lines[0].count(b",") + 1 if lines else 0
    sound = [r for r in lines if _ROW.fullmatch(r) and r.count(b",") + 1 == width]
    if width == 0 or width % 4 or 2 * len(sound) <= len(lines):
        return False
    rows = np.array([[int(c) for c in line.split(b",")] for line in sound])
    asks, bids = rows[:, 0::4], rows[:, 2::4]
    ordered = (
        (asks[:, 0] > bids[:, 0])
        & (np.diff(asks, axis=1) >= 0).all(axis=1)
        & (np.diff(bids, axis=1) <= 0).all(axis=1)
    )
    return 2 * int(ordered.sum()) > len(lines)


register(Format("lobster-book", "LOBSTER orderbook file, csv, zip or gz", detect=_is_book, open=LobsterBook))

"""Tardis books: ``incremental_book_L2`` (a level a line) and ``book_snapshot_N`` (a book a line).

The book of ``incremental_book_L2`` is consistent only where ``local_timestamp`` changes: lines that share it
are one message, and so it is with snapshots, each of which replaces the book; a level that is told again
within one begins the next. A snapshot that comes after other lines means that the connection was lost: a gap.
Its depth is not in the file, so its window is that of the last snapshot (policy ``full``): right for feeds of
the whole book; where an exchange pushes levels out of a window of N, those removals cannot be told from
cancels and end the level. A level of amount 0 is removed.
``book_snapshot_N`` has ``asks[i].price,asks[i].amount,bids[i].price,bids[i].amount`` from the best on, empty
where the book has fewer levels (policy ``snapshots``).
Source: https://docs.tardis.dev/downloadable-csv-files
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from liqmap.formats.raw import RawFile
from liqmap.formats.registry import Format, Hints, register
from liqmap.formats.tardis.file import COMMON, TardisFile
from liqmap.formats.text.csv_columns import NUMBER, PRICE, WORD, Column, Read
from liqmap.formats.text.csv_header import wrong_columns
from liqmap.formats.text.csv_reader import Exact
from liqmap.formats.text.wide_books import unfold
from liqmap.schema import GAP, MISSING, SIDES, SNAPSHOT, UPDATE, Messages, Meta
from liqmap.schema.messages import told_again

_NAMES = (*COMMON, "is_snapshot", "side", "price", "amount")
_TRUE = {"false": 0, "true": 1, "False": 0, "True": 1}
"""As Tardis writes it, and as pandas does."""

_CODES = np.array(list(_TRUE.values()), np.int8)
_SIDES = {name: code for code, name in enumerate(SIDES)}


class BookRows(NamedTuple):
    """Per row: time and local time (us), is_snapshot, side, price, size, line from 1."""

    ts: np.ndarray
    local: np.ndarray
    snapshot: np.ndarray
    side: np.ndarray
    price: np.ndarray
    size: np.ndarray
    line: np.ndarray


_TYPES = (np.int64, np.int64, np.int8, np.int8, np.float64, np.float64, np.int64)


class _Book(TardisFile[BookRows]):
    """Rows that are cut into messages, numbered by their arrival."""

    price = 4

    def __init__(self, raw: RawFile, hints: Hints) -> None:
        super().__init__(raw, hints)
        self._seq = -1

    def gather(self, columns: list[tuple[Any, ...]]) -> BookRows:
        return BookRows(*(np.array(c, t) for c, t in zip(columns, _TYPES)))

    def _number(self, local: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """``seq``, rising, and ``prev`` of messages that arrived at ``local``."""
        steps = np.arange(len(local))
        seq = np.maximum.accumulate(np.maximum(local, self._seq + 1) - steps) + steps
        prev = np.concatenate([[self._seq], seq[:-1]])
        self._seq = int(seq[-1])
        return seq, prev


class TardisIncremental(_Book):
    """Reader of one ``incremental_book_L2`` file."""

    types = {  # noqa: RUF012
        "is_snapshot": Column(WORD, tuple(_TRUE)),
        "side": Column(WORD, SIDES),
        "price": Column(PRICE),
        "amount": Column(NUMBER),
    }

    def __init__(self, raw: RawFile, hints: Hints) -> None:
        super().__init__(raw, hints)
        self._feed = hints.feed or "incremental_book_L2"
        self._updated = False
        self._since = 0
        self._waiting: BookRows | None = None

    @property
    def waiting_since(self) -> int | None:
        return None if self._waiting is None else int(self._waiting.line[0])

    def chunk(self, read: Read, ts: np.ndarray, local: np.ndarray, line: int) -> BookRows:
        snapshot, side, price, size = (read.column(self.names.index(n)) for n in _NAMES[4:])
        lines = np.arange(line + 1, line + 1 + len(ts))
        return BookRows(ts, local, _CODES[snapshot], side, price, size, lines)

    def one(self, cell: dict[str, str], ts: int, local: int) -> Exact:
        if cell["is_snapshot"] not in _TRUE:
            return f"expected is_snapshot true or false, got {cell['is_snapshot']!r:.40}"
        if cell["side"] not in _SIDES:
            return f"expected side bid or ask, got {cell['side']!r:.40}"
        found = self.level(cell["price"], cell["amount"])
        if isinstance(found, str):
            return found
        return ts, local, _TRUE[cell["is_snapshot"]], _SIDES[cell["side"]], *found

    def found(self, rows: BookRows | None, last: bool) -> dict[str, Any]:
        """The messages that are complete: the last one is once another begins."""
        parts = [part for part in (self._waiting, rows) if part is not None]
        self._waiting = None
        if not parts:
            return {}
        rows = BookRows(*map(np.concatenate, zip(*parts)))
        local, snapshot = rows.local, rows.snapshot
        switches = snapshot[1:] != snapshot[:-1]
        moves = local[1:] != local[:-1]
        starts = np.flatnonzero(np.concatenate([[True], switches | moves]))
        starts = _told_twice(rows, starts)
        if not last:
            self._waiting = BookRows(*(c[starts[-1] :] for c in rows))
            rows, starts = BookRows(*(c[: starts[-1]] for c in rows)), starts[:-1]
            if not len(starts):
                return {}
        self.meta["depth"] = Meta(
            venue=self.venue,
            symbol=self.symbol,
            feed=self._feed,
            tick_size=self.tick.size,
            **self.sizes,
            window_policy="full",
        )
        return {"depth": self._messages(rows, starts)}

    def _messages(self, rows: BookRows, starts: np.ndarray) -> Messages:
        """With a gap before each snapshot that comes after updates."""
        ts, local, snapshot, side, price, size, line = rows
        ends = np.append(starts[1:], len(ts))
        event = np.where(snapshot[starts] == 1, SNAPSHOT, UPDATE).astype(np.int8)
        before = np.concatenate([[self._updated], event[:-1] == UPDATE])
        self._updated = bool(event[-1] == UPDATE)
        seq, prev = self._number(local[ends - 1])
        since = np.append(self._since, line[ends[:-1] - 1] + 1)
        self._since = int(line[-1]) + 1
        lost = np.flatnonzero((event == SNAPSHOT) & before)

        def with_gaps(column: np.ndarray, gap: Any) -> np.ndarray:
            return np.insert(column, lost, gap).astype(column.dtype)

        return Messages(
            ts=with_gaps(ts[ends - 1] * 1000, ts[starts[lost]] * 1000),
            ts_recv=with_gaps(local[ends - 1] * 1000, MISSING),
            seq=with_gaps(seq, prev[lost]),
            prev=with_gaps(prev, -1),
            event=with_gaps(event, GAP),
            rows=np.append(with_gaps(starts, starts[lost]), len(ts)),
            line=with_gaps(line[starts], line[starts[lost]]),
            side=side,
            price=price,
            size=size,
            since=with_gaps(since, since[lost]),
            gap_reason="reconnect",
        )


class TardisSnapshots(_Book):
    """Reader of one ``book_snapshot_N`` file."""

    def __init__(self, raw: RawFile, hints: Hints) -> None:
        super().__init__(raw, hints)
        if not _is_snapshots(raw.head()):
            raise wrong_columns(raw.path, "tardis-snapshots", self.names)
        self._levels = (len(self.names) - len(COMMON)) // 4
        self._feed = hints.feed or f"book_snapshot_{self._levels}"
        at = [(s, i) for s in ("bids", "asks") for i in range(self._levels)]
        self._price = [f"{s}[{i}].price" for s, i in at]
        self._size = [f"{s}[{i}].amount" for s, i in at]
        self.types = dict.fromkeys(self._price, Column(PRICE, empty=True)) | dict.fromkeys(
            self._size, Column(NUMBER, empty=True)
        )
        self._at = [[self.names.index(n) for n in names] for names in (self._price, self._size)]

    def chunk(self, read: Read, ts: np.ndarray, local: np.ndarray, line: int) -> BookRows | None:
        books = unfold(read, self._at[0], self._at[1], self._levels)
        if books is None:
            return None
        row = np.repeat(np.arange(len(ts)), np.diff(books.rows))
        return BookRows(ts[row], local[row], np.ones(len(row), np.int8), *books.levels, line + 1 + row)

    def one(self, cell: dict[str, str], ts: int, local: int) -> Exact:
        levels: list[tuple[Any, ...]] = []
        ended = False
        for i, (p, s) in enumerate(zip(self._price, self._size)):
            ended &= i != self._levels
            if cell[p] == cell[s] == "":
                ended = True
                continue
            if ended:
                return f"{p.split('.')[0]}: expected no level after one that is empty"
            found = self.level(cell[p], cell[s])
            if isinstance(found, str):
                return f"{p.split('.')[0]}: {found}"
            if not found[1]:
                return f"{p.split('.')[0]}: expected a positive amount, got {cell[s]!r:.40}"
            levels.append((ts, local, 1, int(i >= self._levels), *found))
        return levels or "expected a book, got no level"

    def found(self, rows: BookRows | None, last: bool) -> dict[str, Any]:
        if rows is None:
            return {}
        ts, local, _, side, price, size, line = rows
        starts = np.flatnonzero(np.concatenate([[True], line[1:] != line[:-1]]))
        seq, prev = self._number(local[starts])
        self.meta["depth"] = Meta(
            venue=self.venue,
            symbol=self.symbol,
            feed=self._feed,
            tick_size=self.tick.size,
            **self.sizes,
            depth_limit=self._levels,
            window_policy="snapshots",
        )
        depth = Messages(
            ts=ts[starts] * 1000,
            ts_recv=local[starts] * 1000,
            seq=seq,
            prev=prev,
            event=np.full(len(starts), SNAPSHOT, np.int8),
            rows=np.append(starts, len(ts)),
            line=line[starts],
            side=side,
            price=price,
            size=size,
        )
        return {"depth": depth}


def _told_twice(rows: BookRows, starts: np.ndarray) -> np.ndarray:
    """Where messages start, and also where within a snapshot a level is told again: that is another one."""
    if not rows.snapshot.any():
        return starts
    _, again = told_again(starts, rows.side, rows.price)
    again = again[rows.snapshot[again] == 1]
    ends = np.append(starts[1:], len(rows.ts))
    more: list[int] = []
    for m in np.unique(np.searchsorted(starts, again, side="right") - 1).tolist():
        seen: set[tuple[int, float]] = set()
        for at in range(int(starts[m]), int(ends[m])):
            level = int(rows.side[at]), float(rows.price[at])
            if level in seen:
                more.append(at)
                seen.clear()
            seen.add(level)
    return np.sort(np.append(starts, np.array(more, np.int64)))


def _header(head: bytes) -> tuple[str, ...]:
    return tuple(head.split(b"\n", 1)[0].decode("latin-1").strip().split(","))


def _is_snapshots(head: bytes) -> bool:
    names = _header(head)
    levels, odd = divmod(len(names) - len(COMMON), 4)
    return (
        levels > 0
        and not odd
        and names[:4] == COMMON
        and set(names[4:])
        == {
            f"{side}[{i}].{what}"
            for side in ("asks", "bids")
            for i in range(levels)
            for what in ("price", "amount")
        }
    )


register(
    Format(
        "tardis-incremental",
        "Tardis incremental_book_L2, csv or csv.gz",
        detect=lambda head: _header(head) == _NAMES,
        open=TardisIncremental,
    )
)
register(
    Format(
        "tardis-snapshots",
        "Tardis book_snapshot_N, csv or csv.gz",
        detect=_is_snapshots,
        open=TardisSnapshots,
    )
)

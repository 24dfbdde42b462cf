"""Binance's historical futures books (T_DEPTH, CSV): a file of snapshots (``snap``) or of diffs (``set``).

``symbol,timestamp,first_update_id,last_update_id,side,update_type,price,qty,pu``, a row per level. The rows
of one message are adjacent and share ``last_update_id``. ``pu`` is what a diff follows, -1 for a snapshot.
Source: https://developers.binance.com/docs/derivatives/historical-data (historical future order book)

A chunk of lines is read at once; if anything in it is strange, line by line.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from liqmap.formats.binance.archive.symbol_and_time import wrong_time
from liqmap.formats.market import binance_sizes, binance_venue
from liqmap.formats.raw import RawFile
from liqmap.formats.registry import Format, Hints, register
from liqmap.formats.text.csv_columns import NUMBER, PRICE, WHOLE, WORD, Column, Lines, Read
from liqmap.formats.text.csv_header import check_header, first_cells
from liqmap.formats.text.csv_reader import CsvReader, Exact
from liqmap.formats.text.decimals import number
from liqmap.formats.text.rejected_lines import RejectedLines
from liqmap.formats.text.times import are_times, is_micro, to_ns
from liqmap.schema import MISSING, SNAPSHOT, UPDATE, Batch, FormatError, Messages, Meta, Rejected
from liqmap.schema.messages import BY_MESSAGE, join, part
from liqmap.schema.trust import Proof

_COLUMNS = (
    "symbol", "timestamp", "first_update_id", "last_update_id", "side", "update_type", "price", "qty", "pu",
)  # fmt: skip
_ID, _PREV = r"^[1-9]\d{0,17}$", r"^(-1|\d{1,18})$"
_SIDES, _TYPES = {"b": 0, "a": 1}, {"set": UPDATE, "snap": SNAPSHOT}
_KINDS = [
    *[Column(WHOLE)] * 3, Column(WORD, tuple(_SIDES)), Column(WORD, tuple(_TYPES)), Column(PRICE),
    Column(NUMBER), Column(WHOLE),
]  # fmt: skip


class Rows(NamedTuple):
    """Per row: time (ms or us), last id, what it follows, event, side, price, size, line from 1."""

    time: np.ndarray
    seq: np.ndarray
    prev: np.ndarray
    event: np.ndarray
    side: np.ndarray
    price: np.ndarray
    size: np.ndarray
    line: np.ndarray


_TYPES_OF_ROWS = (np.int64, np.int64, np.int64, np.int8, np.int8, np.float64, np.float64, np.int64)


class BinanceTDepth(CsvReader[Rows]):
    """Reader of one file; its batches hold whole messages."""

    price = 5
    proof = Proof(chained=True)

    def __init__(self, raw: RawFile, hints: Hints) -> None:
        check_header(raw.path, "binance-t-depth", _COLUMNS, first_cells(raw.head()))
        super().__init__(raw, hints.tick_size, "ms")
        self._feed = hints.feed or "full"
        self._symbol = hints.symbol or _commonest(raw)
        self.venue, note = binance_venue(raw.path, hints.venue, self._symbol, False)
        self.notes = [note] if note else []
        self.lines = Lines([Column(WORD, (self._symbol,)), *_KINDS])
        self._last: Messages | None = None
        self._since = 0
        self._rejected = RejectedLines()
        self._emptied: dict[int, int] = {}

    def near(
        self, columns: list[tuple[Any, ...]] | None, rejected: list[Rejected]
    ) -> list[tuple[Any, ...]] | None:
        """A message all of whose levels were left out is not missing: the next follows the one before it."""
        kept = super().near(columns, rejected)
        if kept is not columns and columns is not None:
            here = set(kept[1]) if kept else set()
            self._emptied |= {seq: prev for seq, prev in zip(*columns[1:3]) if seq not in here}
        return kept

    def _follows(self, prev: int) -> int:
        """The message before, of those that have levels."""
        while prev in self._emptied:
            prev = self._emptied.pop(prev)
        return prev

    def take(self, rows: Rows | None, rejected: list[Rejected], position: int) -> Batch:
        """All messages but the last, which may go on in the next chunk, and the lines lost before it."""
        if rows is not None and self._emptied:
            follows = {prev: self._follows(prev) for prev in np.unique(rows.prev).tolist()}
            rows = rows._replace(prev=np.array([follows[prev] for prev in rows.prev.tolist()], np.int64))
        self._rejected.add(rejected)
        depth, lost = self._complete(rows) if rows is not None else (None, ())
        self._describe(depth)
        return Batch(depth=depth, rejected=lost, position=position)

    def finish(self, damage: list[Rejected]) -> Iterator[Batch]:
        """The last message."""
        self._rejected.add(damage)
        self._describe(self._last)
        self.notes += self.last_notes()
        yield Batch(depth=self._last, rejected=self._rejected.before(None), position=self.raw.position)

    def _complete(self, rows: Rows) -> tuple[Messages | None, tuple[Rejected, ...]]:
        micro = is_micro(rows.time)
        self.units.see(us=micro, ms=~micro)
        found = join([*([self._last] if self._last is not None else []), _messages(rows, self._since)])
        self._since = int(rows.line[-1]) + 1
        assert found is not None
        if self._last is not None and _same(found, 0, 1):
            inner = np.delete(np.arange(len(found.seq)), 1)
            found = replace(
                found,
                rows=np.delete(found.rows, 1),
                **{n: getattr(found, n)[inner] for n in (*BY_MESSAGE, "since")},
            )
        last = len(found.seq) - 1
        self._last = part(found, last, last + 1)
        return (part(found, 0, last) if last else None), self._rejected.before(int(self._last.line[0]))

    def at_once(self, read: Read, line: int) -> Rows | None:
        _, time, first, seq, side, kind, price, size, prev = (read.column(i) for i in range(len(_COLUMNS)))
        event = np.array(list(_TYPES.values()), np.int8)[kind]
        sound = (
            are_times(time)
            and min(first.min(), seq.min()) > 0
            and prev.min() >= -1
            and ((prev < 0) == (event == SNAPSHOT)).all()
        )
        if not sound:
            return None
        return Rows(time, seq, prev, event, side, price, size, line + 1 + np.arange(len(time)))

    def gather(self, columns: list[tuple[Any, ...]]) -> Rows:
        return Rows(*(np.array(column, kind) for column, kind in zip(columns, _TYPES_OF_ROWS)))

    def exact(self, cells: list[str], line: int) -> Exact:
        if len(cells) != len(_COLUMNS):
            return f"expected {len(_COLUMNS)} columns, got {len(cells)}"
        cell = dict(zip(_COLUMNS, cells))
        price, size = number(cell["price"]), number(cell["qty"])
        if cell["symbol"] != self._symbol:
            return f"expected symbol {self._symbol}, got {cell['symbol']!r:.40}"
        if wrong := wrong_time(cell["timestamp"]):
            return wrong
        for name in ("first_update_id", "last_update_id"):
            if not re.fullmatch(_ID, cell[name], re.ASCII):
                return f"expected `{name}` to be a positive integer, got {cell[name]!r:.40}"
        if cell["side"] not in _SIDES:
            return f"expected side b or a, got {cell['side']!r:.40}"
        if cell["update_type"] not in _TYPES:
            return f"expected update_type set or snap, got {cell['update_type']!r:.40}"
        event = _TYPES[cell["update_type"]]
        if not re.fullmatch(_PREV, cell["pu"], re.ASCII) or (cell["pu"] == "-1") != (event == SNAPSHOT):
            return f"expected `pu` to be an id, or -1 for a snapshot, got {cell['pu']!r:.40}"
        if not price:
            return f"expected a positive price, got {cell['price']!r:.40}"
        if size is None:
            return f"expected a size of 0 or more, got {cell['qty']!r:.40}"
        self.tick.add([price])
        time, seq, prev = (int(cell[n]) for n in ("timestamp", "last_update_id", "pu"))
        return time, seq, prev, event, _SIDES[cell["side"]], float(price), float(size)

    def _describe(self, depth: Messages | None) -> None:
        if "depth" in self.meta or depth is not None:
            sizes: dict[str, Any] = binance_sizes(self.venue, self._symbol)
            self.meta["depth"] = Meta(
                venue=self.venue,
                symbol=self._symbol,
                feed=self._feed,
                tick_size=self.tick.size,
                window_policy="full",
                **sizes,
            )


def _messages(rows: Rows, since: int) -> Messages:
    """Adjacent rows of one id, time and event are a message; lines before ``since`` are none of theirs."""
    time, seq, prev, event, side, price, size, line = rows
    new = np.ones(len(seq), np.bool_)
    new[1:] = (seq[1:] != seq[:-1]) | (event[1:] != event[:-1]) | (time[1:] != time[:-1])
    first = np.flatnonzero(new)
    return Messages(
        ts=to_ns(time[first]),
        ts_recv=np.full(len(first), MISSING),
        seq=seq[first],
        prev=prev[first],
        event=event[first],
        rows=np.append(first, len(seq)),
        line=line[first],
        side=side,
        price=price,
        size=size,
        since=np.append(since, line[first[1:] - 1] + 1),
    )


def _same(messages: Messages, i: int, j: int) -> bool:
    """Whether two messages are parts of one."""
    return all(getattr(messages, n)[i] == getattr(messages, n)[j] for n in ("ts", "seq", "event"))


def _commonest(raw: RawFile) -> str:
    cells = [line.split(b",") for line in raw.head().split(b"\n")[1:]]
    found = Counter(c[0] for c in cells if len(c) == len(_COLUMNS)).most_common(1)
    if not found:
        raise FormatError(
            where=raw.path, expected="rows below the header", got="none", remedy="Fetch it again"
        )
    return found[0][0].decode("utf-8", "replace")


register(
    Format(
        "binance-t-depth",
        "Binance T_DEPTH history (snap or update), csv, gz or zip",
        detect=lambda head: tuple(first_cells(head)) == _COLUMNS,
        open=BinanceTDepth,
    )
)

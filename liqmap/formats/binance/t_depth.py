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
from typing import Any

import numpy as np

from liqmap.formats.binance.csv_names import wrong_time
from liqmap.formats.market import binance_sizes, binance_venue
from liqmap.formats.raw.file import RawFile, ahead
from liqmap.formats.registry import Format, Hints, register
from liqmap.formats.text.columns import NUMBER, PRICE, WHOLE, WORD, Column, Lines, count_lines
from liqmap.formats.text.csv_lines import by_line, check_header, first_cells
from liqmap.formats.text.decimals import MOST_TICKS, Tick, number
from liqmap.formats.text.times import Units, are_times, is_micro, to_ns
from liqmap.schema import MISSING, SNAPSHOT, UPDATE, Batch, FormatError, Messages, Meta, Rejected
from liqmap.schema.messages import BY_MESSAGE, join, part

_COLUMNS = (
    "symbol", "timestamp", "first_update_id", "last_update_id", "side", "update_type", "price", "qty", "pu",
)  # fmt: skip
_ID, _PREV = r"^[1-9]\d{0,17}$", r"^(-1|\d{1,18})$"
_SIDES, _TYPES = {"b": 0, "a": 1}, {"set": UPDATE, "snap": SNAPSHOT}
_KINDS = [
    *[Column(WHOLE)] * 3, Column(WORD, tuple(_SIDES)), Column(WORD, tuple(_TYPES)), Column(PRICE),
    Column(NUMBER), Column(WHOLE),
]  # fmt: skip
_Rows = tuple[np.ndarray, ...]
"""Per row: time, last id, what it follows, event, side, price, size, line."""


class BinanceTDepth:
    """Reader of one file."""

    def __init__(self, raw: RawFile, hints: Hints) -> None:
        check_header(raw.path, "binance-t-depth", _COLUMNS, first_cells(raw.head()))
        self.meta: dict[str, Meta] = {}
        self._raw = raw
        self._feed = hints.feed or "full"
        self._symbol = hints.symbol or _commonest(raw)
        self.venue, note = binance_venue(raw.path, hints.venue, self._symbol, False)
        self.notes = [note] if note else []
        self._tick = Tick(hints.tick_size)
        self._lines = Lines([Column(WORD, (self._symbol,)), *_KINDS])
        self._units = Units("ms")
        self._held: Messages | None = None
        self._since = 0
        self._rejected: list[Rejected] = []

    def batches(self) -> Iterator[Batch]:
        """A batch for each chunk of the file, whole messages; decompression runs ahead in a thread."""
        line = 0
        for chunk, position in ahead(self._raw.chunks()):
            text = chunk.split(b"\n", 1)[1] if line == 0 else chunk
            line += line == 0
            rows = self._fast(text, line)
            if rows is None:
                rows = self._slow(text, line)
            line += count_lines(text)
            depth, lost = self._settled(rows)
            self._describe(depth)
            yield Batch(depth=depth, rejected=tuple(lost), position=position)
        if self._raw.damage:
            self._rejected.append(Rejected(line + 1, self._raw.damage))
        self._describe(self._held)
        self.notes += self._units.notes(self._raw.path.name)
        yield Batch(depth=self._held, rejected=tuple(self._rejected), position=self._raw.position)

    def _settled(self, rows: _Rows | None) -> tuple[Messages | None, list[Rejected]]:
        """All messages but the last, which may go on in the next chunk, and the lines lost before it."""
        if rows is None:
            return None, []
        micro = is_micro(rows[0])
        self._units.see(us=micro, ms=~micro)
        found = join([*([self._held] if self._held is not None else []), _messages(rows, self._since)])
        self._since = int(rows[-1][-1]) + 1
        assert found is not None
        if self._held is not None and _same(found, 0, 1):
            inner = np.delete(np.arange(len(found.seq)), 1)
            found = replace(
                found,
                rows=np.delete(found.rows, 1),
                **{n: getattr(found, n)[inner] for n in (*BY_MESSAGE, "since")},
            )
        last = len(found.seq) - 1
        self._held = part(found, last, last + 1)
        lost = [r for r in self._rejected if r.line < self._held.line[0]]
        self._rejected = [r for r in self._rejected if r.line >= self._held.line[0]]
        return (part(found, 0, last) if last else None), lost

    def _fast(self, text: bytes, line: int) -> _Rows | None:
        """All lines at once; None if any of them needs a closer look."""
        before = self._tick.state.copy()
        read = self._lines.read(text, self._tick, count_lines(text))
        if read is None:
            return None
        _, time, first, seq, side, kind, price, size, prev = (read.column(i) for i in range(len(_COLUMNS)))
        code = np.array(list(_TYPES.values()), np.int8)[kind]
        sound = (
            are_times(time)
            and min(first.min(), seq.min()) > 0
            and prev.min() >= -1
            and ((prev < 0) == (code == SNAPSHOT)).all()
        )
        if not sound:
            self._tick.state[:] = before
            return None
        return time, seq, prev, code, side, price, size, line + 1 + np.arange(len(time))

    def _slow(self, text: bytes, line: int) -> _Rows | None:
        """Line by line, exactly; ``line`` lines came before."""
        rows = by_line(text, line, self._exact, self._rejected)
        kinds = (np.int64, np.int64, np.int64, np.int8, np.int8, np.float64, np.float64, np.int64)
        return None if rows is None else tuple(np.array(column, kind) for column, kind in zip(rows, kinds))

    def _exact(self, cells: list[str]) -> tuple[Any, ...] | str:
        """One line, or what is wrong with it."""
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
        if wrong := self._tick.add([price], below=MOST_TICKS):
            return wrong
        time, seq, prev = (int(cell[n]) for n in ("timestamp", "last_update_id", "pu"))
        return time, seq, prev, event, _SIDES[cell["side"]], float(price), float(size)

    def _describe(self, depth: Messages | None) -> None:
        if "depth" in self.meta or depth is not None:
            sizes: dict[str, Any] = binance_sizes(self.venue, self._symbol)
            self.meta["depth"] = Meta(
                venue=self.venue,
                symbol=self._symbol,
                feed=self._feed,
                tick_size=self._tick.size,
                window_policy="full",
                **sizes,
            )


def _messages(rows: _Rows, since: int) -> Messages:
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
        raise FormatError(f"{raw.path}: expected rows below the header, got none. Fetch it again")
    return found[0][0].decode("utf-8", "replace")


register(
    Format(
        "binance-t-depth",
        "Binance T_DEPTH history (snap or update), csv, gz or zip",
        detect=lambda head: tuple(first_cells(head)) == _COLUMNS,
        open=BinanceTDepth,
    )
)

"""Lines of a table of text at once where all of them are sound; None where one needs a closer look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from liqmap.formats.tabular.meaning.columns import SAID, Columns
from liqmap.formats.tabular.meaning.layout import TRADE_ACTIONS
from liqmap.formats.tabular.rows.book_checks import BookChecks
from liqmap.formats.tabular.sides import FALSE, SAYING, SIDES
from liqmap.formats.tabular.values import in_range, scaled
from liqmap.formats.text.csv_columns import (
    NUMBER,
    PLAIN,
    PRICE,
    SKIP,
    TEXT,
    WHOLE,
    WORD,
    Column,
    Lines,
    Read,
    or_null,
)
from liqmap.formats.text.decimals import Tick
from liqmap.formats.text.ids import are_digits, ids, lost_ids, null_words
from liqmap.formats.text.wide_books import unfold
from liqmap.schema import MISSING

Array = np.ndarray


class Depth(NamedTuple):
    """Per row: times in ns, id, event (0 update, 1 snapshot, 2 gap), line from 1, side, price, size, and
    whether it is lost: of such a row only time, id and event are known."""

    ts: Array
    recv: Array
    seq: Array
    event: Array
    line: Array
    side: Array
    price: Array
    size: Array
    lost: Array


class TradeColumns(NamedTuple):
    """Per trade: time in ns, id (None: the table has none), aggressor, price, size."""

    ts: Array
    id: pa.Array | None
    aggressor: Array
    price: Array
    size: Array


class FastLines:
    """What the columns of one table are.

    Parameters
    ----------
    names : of all columns, in order. units : of ``ts`` and ``ts_recv``, where they are numbers.
    fractions : those of them that have decimals. market : what every row of these roles must say. checks :
        counts books that do not tell a side.
    """

    def __init__(
        self,
        columns: Columns,
        names: list[str],
        separator: str,
        units: Mapping[str, str],
        fractions: set[str],
        market: Mapping[str, str],
        checks: BookChecks,
    ) -> None:
        self._columns, self._names, self._units, self._checks = columns, names, units, checks
        trades = columns.layout == "trades"
        words = {"event": columns.events, "action": dict.fromkeys(TRADE_ACTIONS, 0)}
        words |= SAYING if trades else {"side": SIDES, "is_bid": FALSE}
        self._words = {role: _spelled(of) for role, of in words.items()}
        self._side = "side" if "side" in columns.at else "is_bid"
        kinds = {
            **{role: Column(PLAIN if role in fractions else WHOLE) for role in ("ts", "ts_recv")},
            **{role: Column(WORD, (word,)) for role, word in market.items()},
            **{role: Column(WORD, tuple(words)) for role, words in self._words.items()},
            "seq": Column(WHOLE), "id": Column(TEXT), "price": Column(PRICE), "size": Column(NUMBER),
        }  # fmt: skip
        wanted = {
            "trades": ("ts", "venue", "symbol", "action", "id", *SAID, "price", "size"),
            "wide": ("ts", "ts_recv", "venue", "symbol", "seq"),
        }.get(
            str(columns.layout),
            ("ts", "ts_recv", "venue", "symbol", "seq", "event", self._side, "price", "size"),
        )
        by_name = {columns.at[role]: kinds[role] for role in wanted if role in columns.at and role in kinds}
        if columns.layout == "wide":
            for pair in (pair for side in columns.levels for pair in side):
                by_name[pair[0]], by_name[pair[1]] = Column(PRICE, empty=True), Column(NUMBER, empty=True)
        self._lines = Lines([by_name.get(name, Column(SKIP)) for name in names], separator)

    def depth(self, text: bytes, line: int, rows: int, tick: Tick) -> Depth | None:
        """Rows of depth; ``line`` lines came before. ``tick`` takes their prices, all or none."""
        before = tick.state.copy()
        found = self._read(text, rows, tick)
        if found is None:
            return None
        taken = (self._wide if self._columns.layout == "wide" else self._long)(found, line)
        if taken is None:
            tick.state[:] = before
        else:
            tick.settle(np.empty(0))
        return taken

    def trades(self, text: bytes, rows: int, tick: Tick) -> TradeColumns | None:
        """Trades; ``tick`` takes their prices, all or none."""
        before = tick.state.copy()
        found = self._read(text, rows, tick)
        if found is None:
            return None
        ts, size = self._times(found, "ts"), found.column(self._place("size"))
        name = found.column(self._place("id")) if "id" in self._columns.at else None
        side, *others = [self._codes(found, role) for role in SAID if role in self._columns.at]
        plain = name is None or are_digits(name)
        lost = not plain and lost_ids(name).any()
        if ts is None or lost or size.min() <= 0 or any((side != other).any() for other in others):
            tick.state[:] = before
            return None
        tick.settle(np.empty(0))
        if name is not None:
            name = or_null(name) if plain else null_words(ids(name))
        return TradeColumns(ts, name, side, found.column(self._place("price")), size)

    def _read(self, text: bytes, rows: int, tick: Tick) -> Read | None:
        """Quoted cells are read one by one."""
        return None if b'"' in text else self._lines.read(text, tick, rows)

    def _long(self, found: Read, line: int) -> Depth | None:
        ts, recv, seq = self._clock(found)
        if ts is None or recv is None or seq is None:
            return None
        event = np.zeros(len(ts), np.int8)
        if self._columns.layout == "snapshots":
            event[:] = 1
        elif "event" in self._columns.at:
            event = self._codes(found, "event")
        price, size = (found.column(self._place(role)) for role in ("price", "size"))
        lines = np.arange(line + 1, line + 1 + len(ts))
        lost = np.broadcast_to(np.False_, len(ts))
        return Depth(ts, recv, seq, event, lines, self._codes(found, self._side), price, size, lost)

    def _wide(self, found: Read, line: int) -> Depth | None:
        ts, recv, seq = self._clock(found)
        pairs = [pair for side in self._columns.levels for pair in side]
        prices, sizes = ([self._names.index(pair[n]) for pair in pairs] for n in (0, 1))
        books = unfold(found, prices, sizes, len(self._columns.levels[0]), zeros=True)
        if ts is None or recv is None or seq is None or books is None:
            return None
        best = [[found.column(self._names.index(c)) for c in side[0]] for side in self._columns.levels]
        self._checks.take_blank(np.stack([np.isnan(price) & np.isnan(size) for price, size in best]))
        row = np.repeat(np.arange(len(ts)), np.diff(books.rows))
        event = np.ones(len(row), np.int8)
        lost = np.broadcast_to(np.False_, len(row))
        return Depth(ts[row], recv[row], seq[row], event, line + 1 + row, *books.levels, lost)

    def _clock(self, found: Read) -> tuple[Array | None, Array | None, Array | None]:
        """Times and ids; None where one of them is none."""
        ts = self._times(found, "ts")
        recv: Array | None = np.broadcast_to(MISSING, found.rows)
        seq = np.broadcast_to(np.int64(-1), found.rows)
        if "seq" in self._columns.at:
            seq = found.column(self._place("seq"))
        if "ts_recv" in self._columns.at:
            recv = self._times(found, "ts_recv")
        return ts, recv, seq if "seq" not in self._columns.at or seq.min() >= 0 else None

    def _times(self, found: Read, role: str) -> Array | None:
        times = scaled(found.column(self._place(role)), self._units[role])
        return times if in_range(times).all() else None

    def _codes(self, found: Read, role: str) -> Array:
        codes = np.array(list(self._words[role].values()), np.int8)
        return codes[found.column(self._place(role))]

    def _place(self, role: str) -> int:
        return self._names.index(self._columns.at[role])


def _spelled(words: Mapping[str, int]) -> dict[str, int]:
    """Words as they are commonly written, and what they mean."""
    forms = {form: code for word, code in words.items() for form in (word, word.upper(), word.capitalize())}
    return dict(sorted(forms.items(), key=lambda form: len(form[0])))

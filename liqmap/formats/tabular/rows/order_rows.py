"""Rows of single orders of a table: the events as they are told, and the levels that they sum to.

Every row is a message, or all rows of one ``seq`` where the table has one. Nothing says what rested before
the first row, so the book has no window: levels that were heard of are observed, no other is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from liqmap.formats.orders import Action, GatheredOrders, OrderBook, OrderRow, recorded
from liqmap.formats.streams.gathered import GatheredDepth, Level, Message
from liqmap.formats.tabular.rows.depth_messages import SHAKE
from liqmap.schema import HEARD, UPDATE, FormatError, Messages
from liqmap.schema.wording import Keyword, Sentence

_WORDS = {
    Action.ADD: "add added create created insert new open opened order_created place placed",
    Action.MODIFY: "amend amended change changed modify modified order_changed update updated",
    Action.CANCEL: "cancel canceled cancelled reduce reduced",
    Action.DELETE: "delete deleted done expire expired order_deleted remove removed",
}
ACTIONS = {word: int(action) for action, words in _WORDS.items() for word in words.split()}
"""Words of what befalls an order: a cancel says how much of it, a delete takes what is left."""

MOST_PLACES = 12


class OrderColumns(NamedTuple):
    """Rows of orders (n,): times in ns, ``seq`` -1 where there is none, codes of `Action` and SIDES (-1: not
    told), prices NaN where none is told, sizes NaN likewise."""

    ts: np.ndarray
    recv: np.ndarray
    seq: np.ndarray
    line: np.ndarray
    order_id: np.ndarray
    action: np.ndarray
    side: np.ndarray
    price: np.ndarray
    size: np.ndarray


class _Open(NamedTuple):
    """A message that may go on."""

    ts: int
    recv: int
    seq: int
    line: int
    levels: dict[tuple[int, float], float]


class OrderRows:
    """Rows in pieces; where they are numbered the last message waits, for the next may go on with it.

    Parameters
    ----------
    path : of the table, for what is wrong with it. numbered : whether ``seq`` comes from the table; else the
        time is the id, or the next number where time stands still.

    Raises
    ------
    FormatError : rows out of order, by their ids, or by their times where they have none.
    """

    def __init__(self, path: Path, numbered: bool) -> None:
        self.book = OrderBook(0)
        self._path, self._numbered = path, numbered
        self._depth, self._orders = GatheredDepth(), GatheredOrders()
        self._open: _Open | None = None
        self._seq, self._given, self._latest = -1, -1, -1
        self._counted: Mapping[str, int] = {}

    def take(self, rows: OrderColumns) -> Messages | None:
        """The messages that are complete with these rows."""
        self.book.places = max(self.book.places, places_of(rows.size))
        self._check_order(rows)
        for row in zip(*(column.tolist() for column in rows)):
            self._take(*row)
        return self._depth.take()

    def _take(
        self,
        ts: int,
        recv: int,
        seq: int,
        line: int,
        key: int,
        action: int,
        side: int,
        price: float,
        size: float,
    ) -> None:
        if self._open is not None and not (self._numbered and seq == self._open.seq):
            self._close()
        if self._open is None:
            self._open = _Open(ts, recv, seq if self._numbered else max(ts, self._seq + 1), line, {})
        self._open = self._open._replace(ts=max(ts, self._open.ts), line=line)
        told = 0.0 if size != size else size
        for which, at, now in self.book.take(action, key, side, price, told):
            self._open.levels[which, at] = now
        what, taken = recorded(action, size, self.book.rested)
        self._orders.append(OrderRow(ts, recv, self._open.seq, key, what, side, price, taken))
        if not self._numbered:
            self._close()

    def _close(self) -> None:
        assert self._open is not None
        ts, recv, seq, line, found = self._open
        levels: list[Level] = [(side, price, size) for (side, price), size in found.items()]
        self._depth.append(Message(ts, recv, seq, self._seq, UPDATE if levels else HEARD, line, levels))
        self._seq, self._open = seq, None

    def finish(self) -> Messages | None:
        """The last message."""
        if self._open is not None:
            self._close()
        return self._depth.take()

    def orders(self, tick_size: float | None) -> pa.RecordBatch | None:
        """The events since the last call."""
        return self._orders.take(tick_size, False)

    def counts(self) -> dict[str, int]:
        """What did not fit the book since the last call."""
        before, self._counted = self._counted, dict(self.book.counts)
        return {name: n - before.get(name, 0) for name, n in self._counted.items() if n > before.get(name, 0)}

    @property
    def waiting_since(self) -> int | None:
        """The line of the message that waits."""
        return None if self._open is None else self._open.line

    def _check_order(self, rows: OrderColumns) -> None:
        """That ids rise, or times where there are none; a clock that shakes is left to ingest."""
        key, last, slack, name = (
            (rows.seq, self._given, 0, "seq") if self._numbered else (rows.ts, self._latest, SHAKE, "ts")
        )
        if not len(key):
            return
        highest = np.maximum(np.maximum.accumulate(key), last)
        late = highest - key > slack
        if late.any():
            raise FormatError(
                where=self._path,
                expected=f"rows in order of {name}",
                got=f"line {rows.line[int(np.argmax(late))]} earlier than one before it",
                remedy=f"Sort it by {name}",
            )
        self._given = self._latest = int(highest[-1])


def places_of(sizes: np.ndarray) -> int:
    """Decimals that sizes are written with, at most `MOST_PLACES`; NaN has none."""
    sizes = sizes[np.isfinite(sizes)]
    for places in range(MOST_PLACES):
        scaled = sizes * 10.0**places
        if (np.abs(scaled - np.rint(scaled)) <= 1e-9 * np.maximum(scaled, 1e-3)).all():
            return places
    return MOST_PLACES


def check_words(said: Iterable[str], column: str, where: object) -> None:
    """Refuse a table whose first rows tell what no book of orders can be made of.

    Raises
    ------
    FormatError : executions, which some take from the order and others tell beside it; any other word.
    """
    strange = sorted(set(said) - ACTIONS.keys())
    if strange:
        raise FormatError(
            where=where,
            expected=f"{column} to say add, modify, cancel or delete",
            got=repr(strange[0])[:40],
            remedy="Write what is left of an order as its modify, and leave out rows that are of no order",
        )


def scaled(sizes: np.ndarray, scale: str | None) -> np.ndarray:
    """Sizes in base units of those in a table's own units, of ``scale`` (``1e-8``) each."""
    if not scale:
        return sizes
    whole = round(1 / float(scale))
    exact = whole > 1 and float(scale) == 1 / whole
    return sizes / whole if exact else sizes * float(scale)  # 1e-8 is no float, and 1e8 is


def check_scale(scale: str | None) -> None:
    """Refuse what is no scale.

    Raises
    ------
    FormatError : it is no number above 0.
    """
    try:
        sound = scale is None or 0 < float(scale) < 1e12
    except ValueError:
        sound = False
    if not sound:
        got = Sentence(Keyword("mapping", {"size_scale": str(scale)}))
        raise FormatError(argument="mapping", expected="size_scale as a number, such as 1e-8", got=got)

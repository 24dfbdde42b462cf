"""The first rows taken as updates of a book: where it is none, they are trades, or its sides are swapped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liqmap.formats.tabular.meaning.columns import Columns
from liqmap.formats.tabular.sides import FALSE, SIDES
from liqmap.formats.tabular.values import codes, numbers
from liqmap.formats.text.ids import ids

BUY_SELL = {word: code for word, code in SIDES.items() if word not in ("bid", "bids", "ask", "asks", "offer")}
"""Words of trades, where bid and ask are those of a book."""

FEWEST = 6
"""Of fewer rows nothing is said."""


def are_prints(at: Mapping[str, str], names: Sequence[str], first: pa.RecordBatch) -> bool:
    """Whether the first rows are trades: each has an ``id`` above the one before, so they are no levels;
    most times tell one side alone, so they are no snapshots; and as updates the book would be crossed.

    Parameters
    ----------
    at : columns by their roles.
    names : of all columns; one of no role, such as ``status``, may say that a row is no trade.
    """
    if not {"ts", "id", "side", "price", "size"} <= at.keys() or set(names) - set(at.values()):
        return False
    rows = _rows(at, first, "ts", codes(first.column(at["side"]), BUY_SELL))
    if (rows.side >= 0).sum() < FEWEST or not _rise(first.column(at["id"])):
        return False
    found = _play(rows)
    return 2 * found.one_sided > found.messages and 2 * found.touching > found.messages


def crossed_updates(columns: Columns, first: pa.RecordBatch) -> tuple[int, int]:
    """How many of the first books that updates leave, and that have two sides, have bids above asks; and how
    many there are. None of a table of several markets."""
    at = columns.at
    if any(len(first.column(at[role]).unique()) > 1 for role in ("venue", "symbol") if role in at):
        return 0, 0
    role = "side" if "side" in at else "is_bid"
    side = codes(first.column(at[role]), SIDES if role == "side" else FALSE)
    snapshot = codes(first.column(at["event"]), columns.events) == 1 if "event" in at else None
    found = _play(_rows(at, first, "seq" if "seq" in at else "ts", side), snapshot)
    return found.crossed, found.two_sided


class _Rows(NamedTuple):
    """Rows: side (-1: of a row that is none), price, size; whether a message ends with it."""

    side: np.ndarray
    price: np.ndarray
    size: np.ndarray
    ends: np.ndarray


class _Moments(NamedTuple):
    """How many messages there are; that tell one side alone; after which the book has two sides; in which
    these touch, or are crossed."""

    messages: int
    one_sided: int
    two_sided: int
    touching: int
    crossed: int


def _rows(at: Mapping[str, str], first: pa.RecordBatch, key: str, side: np.ndarray) -> _Rows:
    """The first rows; those of one ``key`` are a message."""
    price, size = (numbers(first.column(at[role])) for role in ("price", "size"))
    keys = first.column(at[key]).cast(pa.string()).to_numpy(zero_copy_only=False)
    sound = np.isfinite(price) & np.isfinite(size)
    return _Rows(np.where(sound, side, -1), price, size, np.append(keys[1:] != keys[:-1], True)[: len(side)])


def _play(rows: _Rows, snapshot: np.ndarray | None = None) -> _Moments:
    """Take the rows as updates; a message of rows that are of a ``snapshot`` replaces the book."""
    book: tuple[dict[float, float], dict[float, float]] = {}, {}
    count = one_sided = two_sided = touching = over = 0
    heard: set[int] = set()
    begins = True
    for row, side in enumerate(rows.side.tolist()):
        if begins and snapshot is not None and snapshot[row]:
            book = {}, {}
        if side >= 0:
            heard.add(side)
            book[side].pop(rows.price[row], None)
            if rows.size[row] > 0:
                book[side][rows.price[row]] = rows.size[row]
        begins = bool(rows.ends[row])
        if begins:
            count, one_sided = count + 1, one_sided + (len(heard) < 2)
            heard = set()
            if book[0] and book[1]:
                bid, ask = max(book[0]), min(book[1])
                two_sided, touching, over = two_sided + 1, touching + (bid >= ask), over + (bid > ask)
    return _Moments(count, one_sided, two_sided, touching, over)


def _rise(column: pa.Array) -> bool:
    """Whether ids are integers that rise, where there are any; most rows have one."""
    said = ids(column).drop_null()
    if 2 * len(said) <= len(column) or not pc.all(pc.match_substring_regex(said, r"^\d{1,18}$")).as_py():
        return False
    return bool((np.diff(said.cast(pa.int64()).to_numpy()) > 0).all())

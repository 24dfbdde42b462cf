"""Rows that can only be trades, though no column says so: as a book they would be none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from liqmap.formats.tabular.sides import SIDES
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
    price, size = (numbers(first.column(at[role])) for role in ("price", "size"))
    side = codes(first.column(at["side"]), BUY_SELL)
    sound = (side >= 0) & np.isfinite(price) & np.isfinite(size)
    if sound.sum() < FEWEST or not _rise(first.column(at["id"])):
        return False
    times = first.column(at["ts"]).cast(pa.string()).to_numpy(zero_copy_only=False)
    ends = np.append(times[1:] != times[:-1], True)
    book: tuple[dict[float, float], dict[float, float]] = {}, {}
    moments = one_sided = crossed = 0
    heard: set[int] = set()
    for row in range(len(times)):
        if sound[row]:
            heard.add(int(side[row]))
            book[side[row]].pop(price[row], None)
            if size[row] > 0:
                book[side[row]][price[row]] = size[row]
        if ends[row]:
            moments, one_sided = moments + 1, one_sided + (len(heard) < 2)
            crossed += bool(book[0] and book[1] and max(book[0]) >= min(book[1]))
            heard = set()
    return 2 * one_sided > moments and 2 * crossed > moments


def _rise(column: pa.Array) -> bool:
    """Whether ids are integers that rise, where there are any; most rows have one."""
    said = ids(column).drop_null()
    if 2 * len(said) <= len(column) or not pc.all(pc.match_substring_regex(said, r"^\d{1,18}$")).as_py():
        return False
    return bool((np.diff(said.cast(pa.int64()).to_numpy()) > 0).all())

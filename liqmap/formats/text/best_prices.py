"""Best bid and offer as text has them, in columns: sides that are empty, prices that leave no tick size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from liqmap.formats.text.decimals import Tick, number
from liqmap.formats.text.far_prices import far_prices
from liqmap.schema import Quotes, Rejected


def exact_sides(bid: tuple[Any, Any], ask: tuple[Any, Any], tick: Tick) -> list[float] | str:
    """Price and size of the bid and of the ask, NaN where a side is empty (both 0), or what is wrong;
    ``tick`` takes the prices."""
    sides: list[float] = []
    prices = []
    for name, (price, size) in (("bid", bid), ("ask", ask)):
        found, amount = number(price), number(size)
        if found is None or amount is None or (found == 0) != (amount == 0):
            got = f"{price!r:.40} and {size!r:.40}"
            return f"expected a price and a size of the {name}, both above 0 or both 0, got {got}"
        sides += [float(found) or np.nan, float(amount) or np.nan]
        prices += [found] if found else []
    tick.add(prices)
    return sides


def far_quotes(
    tick: Tick, bid: np.ndarray, ask: np.ndarray, lines: np.ndarray, rejected: list[Rejected]
) -> np.ndarray | None:
    """Which quotes since the last call are to be left out, for their prices leave no tick size for the
    others; None: none are. They go to ``rejected``."""
    both = np.concatenate([bid, ask])
    there = ~np.isnan(both)
    wrong = far_prices(tick, both[there], np.concatenate([lines, lines])[there], rejected)
    if wrong is None:
        return None
    of = np.zeros(len(both), np.bool_)
    of[there] = wrong
    return np.asarray(of.reshape(2, -1).any(axis=0))


def near_rows(
    tick: Tick, columns: list[tuple[Any, ...]] | None, rejected: list[Rejected]
) -> list[tuple[Any, ...]] | None:
    """Columns of `Quotes` and the lines, of rows read one by one, without those whose prices leave no tick
    size for the others."""
    if columns is None:
        return None
    bid, ask, lines = (np.array(columns[place]) for place in (3, 5, 7))
    wrong = far_quotes(tick, bid, ask, lines, rejected)
    if wrong is None:
        return columns
    kept = [tuple(np.array(column)[~wrong].tolist()) for column in columns]
    return kept if kept[0] else None


def gathered(columns: list[tuple[Any, ...]]) -> Quotes:
    """The same as quotes."""
    whole = (np.array(column, np.int64) for column in columns[:3])
    return Quotes(*whole, *(np.array(column, np.float64) for column in columns[3:7]))


def at_once(heads: Sequence[np.ndarray], sides: Sequence[np.ndarray], blank: bool) -> Quotes | None:
    """Quotes of whole columns; None where a side has a price without a size or a size without a price.

    Parameters
    ----------
    heads : time, arrival and id. sides : bid, its size, ask, its size; 0 or (where they may be ``blank``) NaN
        in both of an empty side.
    """
    clean = []
    for price, size in (sides[:2], sides[2:]):
        if not blank and (np.isnan(price).any() or np.isnan(size).any()):
            return None
        there = [column > 0 for column in (price, size)]
        if (there[0] != there[1]).any():
            return None
        clean += [np.where(there[0], column, np.nan) for column in (price, size)]
    return Quotes(*heads, *clean)

"""Events of single orders as rows of ORDERS, gathered until a batch is taken."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from liqmap.formats.orders.book import Action
from liqmap.formats.text.decimals import MOST_TICKS
from liqmap.schema import ACTIONS, MISSING, ORDERS, SIDES, TIMESTAMP, words


class OrderRow(NamedTuple):
    """One event: times in ns, ``recv`` MISSING where it is not known; ``action`` and ``side`` as codes of
    ACTIONS and SIDES, -1 for no side; a price of NaN where none is told."""

    ts: int
    recv: int
    seq: int
    order_id: int
    action: int
    side: int
    price: float
    size: float


class GatheredOrders:
    """Events since the last call of `take`."""

    def __init__(self) -> None:
        self._rows: list[OrderRow] = []

    def append(self, row: OrderRow) -> None:
        """Add an event after those before it."""
        self._rows.append(row)

    def take(self, tick_size: float | None, far: bool) -> pa.RecordBatch | None:
        """All that were added, or None. Where prices are ``far``, some were left out of the depth: those that
        are no multiple of the tick size, or too many of it, are null here."""
        found, self._rows = self._rows, []
        if not found:
            return None
        ts, recv, seq, ids, action, side, price, size = zip(*found)
        prices, sides = np.array(price, np.float64), np.array(side, np.int8)
        received = np.array(recv, np.int64)
        null = np.isnan(prices)
        if far and tick_size:
            ticks = np.where(null, 0.0, prices) / tick_size
            between = np.abs(ticks - np.rint(ticks)) > 1e-6 * np.maximum(1, ticks)
            null |= between | (ticks < 0.5) | (ticks >= MOST_TICKS)
        return pa.RecordBatch.from_arrays(
            [
                pa.array(np.array(ts, np.int64)).view(TIMESTAMP),
                pa.array(received, mask=received == MISSING).view(TIMESTAMP),
                pa.array(np.array(seq, np.int64)),
                pa.array(np.array(ids, np.uint64)),
                words(np.array(action, np.int8), ACTIONS),
                words(np.maximum(sides, 0), SIDES, null=sides < 0),
                pa.array(prices, mask=null),
                pa.array(np.array(size, np.float64)),
            ],
            schema=ORDERS,
        )


def recorded(action: int, size: float, rested: float) -> tuple[int, float]:
    """The action and size of a row: of a delete what it took away.

    Parameters
    ----------
    action : of `Action`. size : as it was told, NaN where it was not. rested : what the order rested at
    before, 0 where that is not known. A delete that says 0 took nothing away: all had been filled.
    """
    if action != Action.DELETE:
        return action, size
    if size != size:
        return Action.CANCEL, rested
    return Action.CANCEL, rested if size and rested else size

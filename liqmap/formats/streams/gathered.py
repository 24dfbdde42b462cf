"""What lines tell, gathered in columns until a batch is taken."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, compress
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from liqmap.formats.text.decimals import Tick
from liqmap.formats.text.far_prices import far_prices
from liqmap.schema import (
    AGGRESSORS,
    FLAGS,
    MISSING,
    NO_CHECKSUM,
    TIMESTAMP,
    TRADES,
    Messages,
    Rejected,
    words,
)

Level = tuple[int, float, float]
"""Side code, price, size."""


class Message(NamedTuple):
    """One depth message, as `Messages` has them: times in ns, ``recv`` MISSING where it is not known."""

    ts: int
    recv: int
    seq: int
    prev: int
    event: int
    line: int
    levels: Sequence[Level]
    checked: int = NO_CHECKSUM


class Trade(NamedTuple):
    """One trade: time in ns, its id at the venue or None, codes of AGGRESSORS and FLAGS (-1 for none)."""

    ts: int
    id: str | None
    aggressor: int
    price: float
    size: float
    flag: int
    line: int


class GatheredDepth:
    """Depth messages of the lines since the last call of `take`."""

    def __init__(self, gap_reason: str = "source says") -> None:
        self._messages: list[Message] = []
        self._gap_reason = gap_reason

    def append(self, message: Message) -> None:
        """Add a message after those before it."""
        self._messages.append(message)

    def take(self) -> Messages | None:
        """All that were added; None if there are none."""
        found, self._messages = self._messages, []
        if not found:
            return None
        heads = np.array([message[:6] for message in found], np.int64).T.copy()
        counts = np.array([len(message.levels) for message in found], np.int64)
        flat = chain.from_iterable(chain.from_iterable(message.levels for message in found))
        levels = np.fromiter(flat, np.float64, 3 * int(counts.sum())).reshape(-1, 3)
        checked = np.array([message.checked for message in found], np.int8)
        return Messages(
            ts=heads[0],
            ts_recv=heads[1],
            seq=heads[2],
            prev=heads[3],
            event=heads[4].astype(np.int8),
            rows=np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)]),
            line=heads[5],
            side=levels[:, 0].astype(np.int8),
            price=levels[:, 1].copy(),
            size=levels[:, 2].copy(),
            checked=checked if (checked != NO_CHECKSUM).any() else None,
            gap_reason=self._gap_reason,
        )


class GatheredTrades:
    """Trades of the lines since the last call of `take`; ``tick`` is the tick size of their prices."""

    def __init__(self, tick_size: float | None = None) -> None:
        self.tick = Tick(tick_size)
        self._trades: list[Trade] = []

    def extend(self, trades: Sequence[Trade]) -> None:
        """Add the trades of a line, whose prices ``tick`` has taken."""
        self._trades += trades

    def take(self, rejected: list[Rejected]) -> pa.RecordBatch | None:
        """All that were added, or None; trades whose prices leave no tick size are ``rejected``."""
        found, self._trades = self._trades, []
        prices = np.array([trade.price for trade in found])
        wrong = far_prices(self.tick, prices, np.array([trade.line for trade in found]), rejected)
        if wrong is not None:
            found = list(compress(found, ~wrong))
        if not found:
            return None
        ts, name, aggressor, price, size, flag, _ = zip(*found)
        sides, flags = np.array(aggressor, np.int8), np.array(flag, np.int8)
        return pa.RecordBatch.from_arrays(
            [
                pa.array(ts, pa.int64()).view(TIMESTAMP),
                pa.array(name, pa.string()),
                words(np.maximum(sides, 0), AGGRESSORS, null=sides < 0),
                pa.array(price, pa.float64()),
                pa.array(size, pa.float64()),
                words(np.maximum(flags, 0), FLAGS, null=flags < 0),
            ],
            schema=TRADES,
        )


def local_or_missing(local: int) -> int:
    """A local time of which 0 says that there is none."""
    return local or MISSING


def last_of_each(levels: list[Level]) -> list[Level]:
    """Levels of a message, of those of one price the last."""
    if len(levels) < 2:
        return levels
    last = {level[:2]: level for level in levels}
    return levels if len(last) == len(levels) else list(last.values())

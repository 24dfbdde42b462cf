"""Whose a REST snapshot is, in a Binance capture of several symbols: it does not say.

Its ``lastUpdateId`` must lie in the chain of our diffs: pu <= lastUpdateId < u of one of them, or the u of
the last. Ids of futures are counted over all symbols, so it often lies among those of others too: then the
price tells, where it tells clearly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from liqmap.formats.text.decimals import number
from liqmap.schema import Messages

NEAR = 20
"""Our diffs beside a snapshot that say where our price is."""

CLEARLY = 2.0
"""So many times nearer to our price than to that of any other symbol."""

ALIKE = 0.002
"""A snapshot so near to our price is ours, whatever else trades there."""


@dataclass
class _Other:
    first: int | None = None
    last: int = 0
    event: dict[str, Any] | None = None


class Others:
    """What the other symbols of a capture said: the span of their ids, and their last event with a price."""

    def __init__(self) -> None:
        self._of: dict[str, _Other] = {}

    def __bool__(self) -> bool:
        return bool(self._of)

    def expect(self, symbol: str) -> None:
        """That there is such a symbol, of which nothing was heard yet."""
        self._of.setdefault(symbol, _Other())

    def hear(self, symbol: str, event: dict[str, Any]) -> None:
        """One event of another symbol, as it was written."""
        other = self._of.setdefault(symbol, _Other())
        if event.get("p") or event.get("b") or event.get("a"):
            other.event = event
        first, last = event.get("pu", event.get("U")), event.get("u")
        if type(first) is int and type(last) is int:
            other.first = first if other.first is None else min(other.first, first)
            other.last = max(other.last, last)

    def is_ours(self, snapshot: Messages, before: Messages, after: Messages, spoken: int) -> bool:
        """Whether this snapshot, with our diffs around it, is ours; ``spoken``: the last id before it."""
        last = int(snapshot.seq[0])
        if not (spoken == last or (len(after.seq) and after.prev[0] <= last)):
            return False
        rivals = [
            price
            for other in self._of.values()
            if other.event is not None
            and (other.first is None or other.first - 1 <= last <= other.last)
            and (price := _written_price(other.event))
        ]
        if not rivals:
            return True
        at = touch_of(snapshot)
        ours = _price_near(before, after)
        if at is None or ours is None:
            return False
        if abs(at / ours - 1) <= ALIKE:  # perhaps the same asset in other money: nothing parts the two
            return True
        return CLEARLY * abs(math.log(at / ours)) < min(abs(math.log(at / price)) for price in rivals)


def _written_price(event: dict[str, Any]) -> float | None:
    """About where a symbol trades, from one of its events; None where it does not say."""
    try:
        if "p" in event:
            return float(number(event["p"]) or 0) or None
        bids, asks = ([float(p) for p, s in event.get(k) or [] if float(s) > 0] for k in "ba")
    except (TypeError, ValueError):
        return None
    found = max(bids, default=0.0) or min(asks, default=0.0)
    return found if 0 < found < math.inf else None


def _price_near(before: Messages, after: Messages) -> float | None:
    """About where our symbol trades, from the diffs that stand beside a snapshot."""
    k = max(len(before.seq) - NEAR, 0)
    parts = [
        (before, before.rows[k], before.rows[-1]),
        (after, after.rows[0], after.rows[min(NEAR, len(after.seq))]),
    ]
    side, price, size = (
        np.concatenate([getattr(m, name)[a:b] for m, a, b in parts]) for name in ("side", "price", "size")
    )
    return _touch(side[size > 0], price[size > 0])


def touch_of(snapshot: Messages) -> float | None:
    """About where the market of a snapshot trades."""
    return _touch(snapshot.side, snapshot.price)


def _touch(side: np.ndarray, price: np.ndarray) -> float | None:
    """The highest bid, or the lowest ask where there is none."""
    bids, asks = price[side == 0], price[side == 1]
    return float(bids.max()) if len(bids) else float(asks.min()) if len(asks) else None

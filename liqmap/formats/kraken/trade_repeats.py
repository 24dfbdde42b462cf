"""Trades of version 1 that are told again: after each subscription come the last 50, and they have no ids."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence

from liqmap.formats.streams.gathered import Trade

REMEMBERED = 1_000
"""Trades that new ones are compared with; a subscription tells the last 50."""


class TradeRepeats:
    """``count``: trades that were ignored, as they came before."""

    def __init__(self) -> None:
        self.count = 0
        self._last: deque[tuple[object, ...]] = deque(maxlen=REMEMBERED)
        self._expected = False

    def expect(self) -> None:
        """Something was subscribed, or may have been."""
        self._expected = True

    def new(self, trades: Sequence[Trade]) -> list[Trade]:
        """Those that were not told before. Two may be alike in all that is said of them, so only a message
        after a subscription, or one that begins before the last trade, can tell trades again."""
        keys = [(t.ts, t.aggressor, t.price, t.size) for t in trades]
        kept = list(trades)
        if self._last and (self._expected or trades[0].ts < self._last[-1][0]):  # type: ignore[operator]
            told = Counter(self._last)
            kept = []
            for trade, key in zip(trades, keys):
                if told[key]:
                    told[key] -= 1
                    self.count += 1
                else:
                    kept.append(trade)
        self._expected = False
        self._last.extend((t.ts, t.aggressor, t.price, t.size) for t in kept)
        return kept

"""The best levels of a book with their texts, as venues make checksums of them."""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import TypeVar

Text = TypeVar("Text")


class CheckedSide(dict[float, Text]):
    """One side: what was written of each price. Bids have the keys -price, so that the best are the least."""

    def __init__(self) -> None:
        self._order: list[float] = []

    def put(self, key: float, text: Text | None) -> int:
        """Set a level, or remove it (None); its rank among the others, 0 for the best."""
        order = self._order
        if text is not None:
            if key not in self:
                insort(order, key)
            self[key] = text
            return bisect_left(order, key)
        rank = bisect_left(order, key)
        if self.pop(key, None) is not None:
            del order[rank]
        return rank

    def cut(self, levels: int) -> None:
        """Forget what lies beyond so many levels."""
        for key in self._order[levels:]:
            del self[key]
        del self._order[levels:]

    def best(self, levels: int) -> list[Text]:
        """The texts of the best levels, the best first."""
        return [self[key] for key in self._order[:levels]]

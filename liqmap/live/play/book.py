"""The book of an exchange, and what of it a subscription shows."""

from __future__ import annotations

from collections.abc import Sequence

from liqmap.formats.streams.checked_book import CheckedSide
from liqmap.live.play.tape import Level
from liqmap.schema import BID

_Side = CheckedSide[tuple[float, float]]


class Book:
    """Levels a side, the best first; ``levels``: how many a side it keeps at most, None for all.

    Attributes
    ----------
    known : whether it is the market's: it is not before the first snapshot, nor from a gap to the next one.
    """

    def __init__(self, levels: int | None = None) -> None:
        self.known = False
        self._most = levels
        self._sides: tuple[_Side, _Side] = (CheckedSide(), CheckedSide())

    def replace(self, levels: Sequence[Level]) -> None:
        """These are all."""
        self._sides = (CheckedSide(), CheckedSide())
        self.apply(levels)
        self.known = True

    def apply(self, levels: Sequence[Level]) -> None:
        """Set levels, or remove them where the size is 0."""
        for side, price, size in levels:
            self._sides[side].put(-price if side == BID else price, (price, size) if size else None)
        if self._most is not None:
            for one in self._sides:
                one.cut(self._most)

    def best(self, side: int, levels: int | None = None) -> list[tuple[float, float]]:
        """Price and size of so many levels of a side, the best first; of all for None."""
        one = self._sides[side]
        return one.best(len(one) if levels is None else levels)

    def has(self, side: int, price: float) -> bool:
        """Whether an order rests there."""
        return (-price if side == BID else price) in self._sides[side]

    def top(self, levels: int | None = None) -> list[Level]:
        """The best levels of both sides, bids first."""
        return [(side, price, size) for side in (0, 1) for price, size in self.best(side, levels)]


class Cut:
    """The best so many levels a side of a book, as a feed that shows no more of it tells of their changes.

    truncates : whether the client cuts to so many levels itself, so that nothing is said of one that others
        pushed out (Kraken); else it is sent as size 0, exactly like one that was cancelled (Bybit).
    """

    def __init__(self, levels: int, truncates: bool) -> None:
        self.levels = levels
        self._truncates = truncates
        self._shown: tuple[dict[float, float], dict[float, float]] = ({}, {})

    def see(self, book: Book) -> list[Level]:
        """What changed since the last look: bids first, new and changed levels before those that left."""
        changes: list[Level] = []
        shown = []
        for side in (0, 1):
            before, now = self._shown[side], dict(book.best(side, self.levels))
            changes += [(side, price, size) for price, size in now.items() if before.get(price) != size]
            left = [price for price in before if price not in now]
            if self._truncates:
                left = [price for price in left if not book.has(side, price)]
            changes += [(side, price, 0.0) for price in left]
            shown.append(now)
        self._shown = (shown[0], shown[1])
        return changes

"""How far the book that orders sum to is the venue's, emptiness included: as far as a book of it agreed.

Orders that rested before a log began are in no level until they change or go. Where the venue tells its best
levels too, these prove how far the sum is whole: from the touch outward to the first level that differs.
There no older order is left, and what comes later is told. So a range that was once proven stays so, and
grows with every book that agrees further out.
"""

from __future__ import annotations

from collections.abc import Sequence

from liqmap.formats.orders.book import LevelSide

_OUTWARD = (-1, 1)
Levels = list[tuple[float, float]]
"""(price, size), best first."""


class KnownRange:
    """The prices at which a sum of orders is known to be the whole book; at first none.

    Attributes
    ----------
    books, agreed : how many books the venue told, and how many were in all their levels what the orders sum
    to. less, more : how many of the others only lacked what the venue tells, or had more.
    """

    def __init__(self) -> None:
        self.books = self.agreed = self.less = self.more = 0
        self._worst: list[float | None] = [None, None]

    def __contains__(self, level: tuple[int, float]) -> bool:
        """Whether a side and price lie in it."""
        side, price = level
        worst = self._worst[side]
        return worst is not None and (price - worst) * _OUTWARD[side] <= 0

    def forget(self) -> None:
        """Lines were lost: nothing is known to be whole any more."""
        self._worst = [None, None]

    def compare(self, told: Sequence[Levels], sides: Sequence[LevelSide]) -> bool:
        """Hold the sum against the best levels of the venue, of bids and asks, best first.

        Returns
        -------
        Whether the range grew, and the touch of each side lies in it.
        """
        grew = lacks = exceeds = False
        for side, (levels, mine) in enumerate(zip(told, sides)):
            best = mine.best(side, len(levels))
            proven = len(levels)
            if best != levels:
                proven = next((k for k, (a, b) in enumerate(zip(best, levels)) if a != b), len(best))
                lacks |= any(mine.size(price) < size for price, size in levels)
                exceeds |= any(mine.size(price) > size for price, size in levels)
                exceeds |= _has_between(best, levels, side)
            if proven and (side, levels[proven - 1][0]) not in self:
                self._worst[side], grew = levels[proven - 1][0], True
        self.books += 1
        self.agreed += not lacks and not exceeds
        self.less += lacks and not exceeds
        self.more += exceeds
        touches = [(side, price) for side, mine in enumerate(sides) for price, _ in mine.best(side, 1)]
        return grew and len(touches) == len(sides) and all(touch in self for touch in touches)


def _has_between(mine: Levels, told: Levels, side: int) -> bool:
    """Whether levels rest where the venue, which tells all between its best and its worst, has none."""
    if not told:
        return False
    listed, worst = {price for price, _ in told}, told[-1][0]
    return any(price not in listed and (price - worst) * _OUTWARD[side] < 0 for price, _ in mine)

"""Orders to levels: the book that single orders sum to, whatever the order in which their events come.

A level is the sum of the orders that rest at its price, exactly: sizes are decimals of so many places, and a
sum is rounded to them. An order that rested before the source began is known from the first word on it: a
change says where it rests now, a cancel that it is gone. What it was before is not known, and is in no level.
So a level is never told too large; where older orders stand it is told too small.

Events of one order may cross: a create after its cancel, a second cancel, a change after the cancel. Ids of
orders that went are therefore remembered, the last `REMEMBERED` of them, and what is told of such an order
changes nothing. A create of an order of which only changes were told came after them: the change holds.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter
from enum import IntEnum
from typing import NamedTuple

from liqmap.formats.streams.gathered import Level
from liqmap.schema import BID

REMEMBERED = 1 << 16
"""Orders that went whose ids are kept."""


class Action(IntEnum):
    """What befalls an order. The first three are those of `liqmap.schema.vocabulary.ACTIONS`; a cancel takes
    the size that it says, a delete all that is left."""

    ADD = 0
    CANCEL = 1
    MODIFY = 2
    DELETE = 3


NOTED = {
    "late_adds": "creates came after the change or the cancel of their order, and changed nothing",
    "late_modifies": "changes came after the cancel of their order, and changed nothing",
    "second_cancels": "orders were cancelled a second time",
    "repeated_adds": "orders were created again while they rested, and were replaced",
    "empty_adds": "orders were created with a size of 0, and left out of the book",
    "unknown_modifies": "changes told of orders that were not known: they rest there from then on, and what "
    "they were before is not known",
    "unknown_cancels": "cancels told of orders that were not known: what they were before is not known",
    "unplaced_modifies": "changes of orders that were not known told no price or no side, and were left out",
    "oversized_cancels": "cancels of more than an order's size removed it",
    "other_deletes": "deletes told another size than their order rested at, and removed it",
}  # fmt: skip
"""What a book counts of events that do not fit it, and what that means."""


class _Order(NamedTuple):
    side: int
    price: float
    size: float
    added: bool  # its create was told


class LevelSide:
    """The levels of one side: sums of orders by price, ``prices`` ascending."""

    def __init__(self) -> None:
        self.prices: list[float] = []
        self._levels: dict[float, tuple[float, int]] = {}

    def size(self, price: float) -> float:
        """What rests at a price; 0 where nothing that is known does."""
        return self._levels.get(price, (0.0, 0))[0]

    def best(self, side: int, count: int) -> list[tuple[float, float]]:
        """Price and size of the best levels, best first, as a ``side`` (code) has them."""
        prices = self.prices[: -count - 1 : -1] if side == BID else self.prices[:count]
        return [(price, self._levels[price][0]) for price in prices]

    def change(self, price: float, by: float, orders: int, places: int) -> float:
        """Add so much to a level, and so many orders; what rests there then."""
        size, count = self._levels.get(price, (0.0, 0))
        if count + orders == 0:
            del self._levels[price]
            self.prices.pop(bisect_left(self.prices, price))
            return 0.0
        if count == 0:
            insort(self.prices, price)
        size = round(size + by, places)
        self._levels[price] = size, count + orders
        return size


class OrderBook:
    """The orders and levels of one book, event by event.

    Parameters
    ----------
    places : decimals of the sizes; may be raised while it is used.

    Attributes
    ----------
    sides : bids and asks. counts : by the names of `NOTED`. rested : what the order of the last event rested
    at before it; 0 where that is not known.
    """

    def __init__(self, places: int = 8) -> None:
        self.places = places
        self.sides = (LevelSide(), LevelSide())
        self.counts: Counter[str] = Counter()
        self.rested = 0.0
        self._orders: dict[int, _Order] = {}
        self._gone: dict[int, None] = {}

    def knows(self, key: int) -> bool:
        """Whether anything was told of an order."""
        return key in self._orders or key in self._gone

    def take(self, action: int, key: int, side: int, price: float, size: float) -> list[Level]:
        """One event of an order.

        Parameters
        ----------
        action : of `Action`. key : the order's id. side : its code, -1 where it is not told; price : above 0,
        NaN where it is not told; a change keeps what it does not tell. size : of an add and a modify what the
        order rests at now (0: nothing), of a cancel what is taken from it (0: all of it), of a delete what
        was left, which is not needed.

        Returns
        -------
        The levels that it changed, with what rests there now.
        """
        order = self._orders.get(key)
        self.rested = 0.0 if order is None else order.size
        if key in self._gone:
            self.counts[("late_adds", "second_cancels", "late_modifies", "second_cancels")[action]] += 1
            return []
        if action == Action.ADD:
            return self._add(key, order, _Order(side, price, size, True))
        if action == Action.MODIFY:
            return self._modify(key, order, side, price, size)
        if order is None:
            self.counts["unknown_cancels"] += 1
            self._forget(key)
            return []
        if action == Action.CANCEL and 0 < size < order.size:
            left = round(order.size - size, self.places)
            return self._replace(key, order, order._replace(size=left))
        self.counts["oversized_cancels"] += action == Action.CANCEL and size > order.size
        self.counts["other_deletes"] += action == Action.DELETE and 0 < size != order.size
        return self._replace(key, order, None)

    def _add(self, key: int, order: _Order | None, new: _Order) -> list[Level]:
        if order is not None and not order.added:
            self.counts["late_adds"] += 1
            self._orders[key] = order._replace(added=True)
            return []
        self.counts["repeated_adds"] += order is not None
        if new.size == 0 and order is None:
            self.counts["empty_adds"] += 1
            return []
        return self._replace(key, order, new if new.size else None)

    def _modify(self, key: int, order: _Order | None, side: int, price: float, size: float) -> list[Level]:
        told = price == price  # not NaN
        if order is not None:
            side, price = side if side >= 0 else order.side, price if told else order.price
            return self._replace(key, order, _Order(side, price, size, order.added) if size else None)
        if side < 0 or not told:
            self.counts["unplaced_modifies"] += 1
            return []
        self.counts["unknown_modifies"] += 1
        return self._replace(key, None, _Order(side, price, size, False) if size else None)

    def _replace(self, key: int, old: _Order | None, new: _Order | None) -> list[Level]:
        """Put an order into another's place; without a new one it is gone."""
        levels: list[Level] = []
        if old is not None and new is not None and (old.side, old.price) == (new.side, new.price):
            self._orders[key] = new
            if old.size == new.size:
                return levels
            now = self.sides[new.side].change(new.price, new.size - old.size, 0, self.places)
            return [(new.side, new.price, now)]
        if old is not None:
            now = self.sides[old.side].change(old.price, -old.size, -1, self.places)
            levels.append((old.side, old.price, now))
        if new is None:
            self._forget(key)
            return levels
        self._orders[key] = new
        now = self.sides[new.side].change(new.price, new.size, 1, self.places)
        return [*levels, (new.side, new.price, now)]

    def _forget(self, key: int) -> None:
        """An order is gone; its id is remembered."""
        self._orders.pop(key, None)
        self._gone[key] = None
        if len(self._gone) > REMEMBERED:
            del self._gone[next(iter(self._gone))]

    def notes(self, name: str) -> list[str]:
        """What did not fit, in sentences about a file of this name."""
        counted = {what: self.counts[what] for what in NOTED}
        return [f"{name}: {count:,} {NOTED[what]}" for what, count in counted.items() if count]

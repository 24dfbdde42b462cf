"""Bitstamp's messages, exactly: an order's event, a trade, the best levels."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

from liqmap.formats.orders import Action
from liqmap.formats.streams.gathered import Level, Trade, last_of_each
from liqmap.formats.text.decimals import REMEMBERED, Tick, amount, number

PLACES = 8
"""Decimals of all amounts. Those of trades are JSON numbers, which a program made longer
(``1.7885566900000001``); as texts they have no more."""

KINDS = {"order_created": Action.ADD, "order_changed": Action.MODIFY, "order_deleted": Action.DELETE}
_IDS = 1 << 64


class Event(NamedTuple):
    """What befell an order: ``price``, also exactly; ``size``, what is left of it."""

    order_id: int
    side: int
    price: float
    exactly: Fraction
    size: float


class Book(NamedTuple):
    """(price, size) of the best levels of each side, best first, and all prices exactly."""

    bids: list[tuple[float, float]]
    asks: list[tuple[float, float]]
    prices: list[Fraction]

    @property
    def levels(self) -> list[Level]:
        """Those of both sides; of several of one price the last."""
        sides = enumerate((self.bids, self.asks))
        return last_of_each([(side, *level) for side, levels in sides for level in levels])


def exact_order(data: dict[str, Any]) -> Event | str:
    """An event of an order, or what is wrong with it."""
    order_id, side = data.get("id"), data.get("order_type")
    if type(order_id) is not int or not 0 <= order_id < _IDS:
        return f"expected `id` to be an order's, got {order_id!r:.40}"
    if type(side) is not int or side not in (0, 1):
        return f"expected `order_type` 0 (bid) or 1 (ask), got {side!r:.40}"
    price, size = _price(data.get("price")), amount(data.get("amount"))
    if price is None:
        return f"expected a positive price, got {data.get('price')!r:.40}"
    if size is None:
        return f"expected an amount of 0 or more, got {data.get('amount')!r:.40}"
    return Event(order_id, side, *price, round(size, PLACES))


def exact_trade(data: dict[str, Any], ts: int, line: int, tick: Tick) -> Trade | str:
    """A trade at a time in ns, or what is wrong with it. Its price goes into ``tick``. Since 2016 a ``type``
    says who was the aggressor; before, nothing does."""
    name, price, size = data.get("id"), number(data.get("price")), amount(data.get("amount"))
    aggressor = data.get("type", -1)
    if type(name) is not int or name < 0:
        return f"expected `id` to be a trade's, got {name!r:.40}"
    if not price:
        return f"expected a positive price, got {data.get('price')!r:.40}"
    if not size or not round(size, PLACES):
        return f"expected a positive amount, got {data.get('amount')!r:.40}"
    if type(aggressor) is not int or aggressor not in (-1, 0, 1):
        return f"expected `type` 0 (buy) or 1 (sell), got {aggressor!r:.40}"
    tick.add([price])
    return Trade(ts, str(name), aggressor, float(price), round(size, PLACES), -1, line)


def exact_book(data: dict[str, Any], most: int | None) -> Book | str:
    """The best levels of both sides, or what is wrong with them: more than ``most`` a side, too."""
    sides: list[list[tuple[float, float]]] = []
    prices: list[Fraction] = []
    for key in ("bids", "asks"):
        pairs, levels = data.get(key), []
        if not isinstance(pairs, list):
            return f"expected `{key}` to be a list of levels, got {type(pairs).__name__}"
        for pair in pairs:
            if type(pair) is not list or len(pair) != 2:
                return f"expected [price, size], got {pair!r:.60}"
            price, size = _price(pair[0]), amount(pair[1])
            if price is None:
                return f"expected a positive price, got {pair[0]!r:.40}"
            if not size:
                return f"expected a size above 0, got {pair[1]!r:.40}"
            prices.append(price[1])
            levels.append((price[0], round(size, PLACES)))
        if most is not None and len(levels) > most:
            return f"expected at most {most} {key}, got {len(levels)}"
        sides.append(levels)
    if not prices:
        return "expected levels, got none"
    return Book(sides[0], sides[1], prices)


def _price(value: Any) -> tuple[float, Fraction] | None:
    """A price above 0, and exactly; None if it is none."""
    return _of_text(value if type(value) is str else repr(value) if type(value) in (int, float) else "")


@lru_cache(REMEMBERED)
def _of_text(text: str) -> tuple[float, Fraction] | None:
    found = number(text)
    return (float(found), found) if found else None

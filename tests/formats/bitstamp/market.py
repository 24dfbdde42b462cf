"""A market of orders with a log of its streams, and the true book at each line: older orders too."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from typing import NamedTuple

from hypothesis import strategies as st

from tests.formats.orders.plain import Told

BEGIN = 1_700_000_000_000
SIDES = ("bid", "ask")
Book = dict[tuple[str, float], float]


class Line(NamedTuple):
    """A line of a log, the event that it tells of an order, and the true book after it."""

    text: str
    event: Told | None
    book: Book


def order(n: int, kind: str, key: int, side: int, price: str, amount: str) -> str:
    """Line ``n`` of a log, of an order."""
    told = {"price": price, "amount": amount, "datetime": str(BEGIN // 1000), "id": key, "order_type": side}
    return f"{BEGIN + 100 * n} order_{kind} {json.dumps(told)}"


def trade(n: int, price: float, amount: float, key: int) -> str:
    """Line ``n`` of a log, of a trade."""
    return f"{BEGIN + 100 * n} trade {json.dumps({'price': price, 'amount': amount, 'id': key})}"


def books(n: int, bids: list[tuple[str, str]], asks: list[tuple[str, str]]) -> str:
    """Line ``n`` of a log, of the venue's best levels."""
    return f"{BEGIN + 100 * n} order_book {json.dumps({'bids': bids, 'asks': asks})}"


class Market:
    """Orders by id: [side, price, size], of which a log tells what befalls them."""

    def __init__(self, older: list[tuple[int, int, int]]) -> None:
        self.orders = {100 + n: [side, price, size] for n, (side, price, size) in enumerate(older)}
        self.lines: list[Line] = []
        self._next = 1000

    def true(self) -> Book:
        levels: Counter[tuple[str, float]] = Counter()
        for side, price, size in self.orders.values():
            levels[SIDES[side], price / 100] += size
        return {key: float(Decimal(size) / 10) for key, size in levels.items()}

    def create(self, side: int, price: int, size: int) -> None:
        self.orders[self._next] = [side, price, size]
        self._tell("created", self._next)
        self._next += 1

    def change(self, number: int, size: int) -> None:
        """A part of an order is filled."""
        if self.orders:
            key = sorted(self.orders)[number % len(self.orders)]
            self.orders[key][2] = max(1, min(self.orders[key][2] - 1, size))
            self._tell("changed", key)

    def delete(self, number: int, filled: bool) -> None:
        if self.orders:
            key = sorted(self.orders)[number % len(self.orders)]
            side, price, size = self.orders.pop(key)
            self._tell("deleted", key, (side, price, 0 if filled else size))

    def show(self, levels: int) -> None:
        """The venue's own best levels."""
        true = self.true()
        best = [sorted((p, s) for (which, p), s in true.items() if which == side) for side in SIDES]
        bids, asks = ([(f"{p:.2f}", f"{s:.8f}") for p, s in some] for some in best)
        if bids or asks:
            self._line(books(len(self.lines), bids[::-1][:levels], asks[:levels]), None)

    def _tell(self, kind: str, key: int, was: tuple[int, int, int] | None = None) -> None:
        side, price, size = was or self.orders[key]
        cells = f"{price / 100:.2f}", f"{Decimal(size) / 10:.8f}"
        action = {"created": "add", "changed": "modify", "deleted": "delete"}[kind]
        event = Told(action, key, SIDES[side], Decimal(cells[0]), Decimal(cells[1]))
        self._line(order(len(self.lines), kind, key, side, *cells), event)

    def _line(self, text: str, event: Told | None) -> None:
        self.lines.append(Line(text, event, self.true()))


_LEVELS = st.one_of(
    st.tuples(st.just(0), st.integers(9_990, 9_997)), st.tuples(st.just(1), st.integers(10_003, 10_010))
)
_PLACED = st.builds(lambda level, size: (*level, size), _LEVELS, st.integers(1, 9))
_STEPS = st.one_of(
    st.tuples(st.just("create"), _PLACED),
    st.tuples(st.just("create"), _PLACED),
    st.tuples(st.just("change"), st.tuples(st.integers(0, 30), st.integers(1, 5))),
    st.tuples(st.just("delete"), st.tuples(st.integers(0, 30), st.booleans())),
    st.tuples(st.just("show"), st.just((3,))),
)


@st.composite
def markets(draw: st.DrawFn) -> Market:
    """A market of some older orders, and what befalls it; its books show three levels a side."""
    market = Market(draw(st.lists(_PLACED, max_size=4)))
    market.create(0, 9_998, 1)
    market.create(1, 10_002, 1)
    market.show(3)
    for step, arguments in draw(st.lists(_STEPS, min_size=3, max_size=40)):
        getattr(market, step)(*arguments)
    return market

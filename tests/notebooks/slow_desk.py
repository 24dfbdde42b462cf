"""What the notebook "a day at the desk" measures, once more: message by message and trade by trade, in plain
loops over the rows that the store holds. Shares no code with the notebook, or with what it calls.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

import pyarrow as pa

SECOND = 1_000_000_000
LAGS = (1, 2, 5, 10, 30, 60)
Levels = dict[float, float]


def whole_second(ns: int) -> int:
    """This second, or the next."""
    return -(-ns // SECOND) * SECOND


@dataclass
class Eaten:
    """A level that trades took away whole; ``place``: whether theirs was the best price."""

    side: str
    price: float
    ts: int
    place: str


@dataclass
class Away:
    """A level that came into sight again, or its price did: ``then`` is the size that stood there."""

    size: float
    age: float
    then: float


@dataclass
class Desk:
    """The day, replayed: the book after each message, and what happened on the way.

    Parameters
    ----------
    depth, trades : tables of the store.
    shown : levels a side of the feed.
    """

    depth: pa.Table
    trades: pa.Table
    shown: int
    times: list[int] = field(default_factory=list)
    eaten: list[Eaten] = field(default_factory=list)
    away: list[Away] = field(default_factory=list)

    def books(self, instants: list[int]) -> Iterator[tuple[int, dict[str, Levels]]]:
        """Each instant (rising) with the levels that the feed showed before it."""
        left = iter(instants)
        at = next(left, None)
        for ts, book in self._messages():
            while at is not None and at <= ts:
                yield at, book
                at = next(left, None)
            self._apply(ts, book)
        while at is not None:
            yield at, self.book
            at = next(left, None)

    def _messages(self) -> Iterator[tuple[int, dict[str, Levels]]]:
        """Times of the messages; what comes with each is the book as the one before it left it."""
        columns = [self.depth[n] for n in ("seq", "side", "price", "size", "event")]
        stamps = self.depth["ts"].cast(pa.int64()).to_pylist()
        rows = zip(stamps, *(c.to_pylist() for c in columns))
        self.book: dict[str, Levels] = {"bid": {}, "ask": {}}
        self.carried: dict[str, dict[float, tuple[float, int]]] = {"bid": {}, "ask": {}}
        self.changed = 0
        self._prints = self._trade_rows()
        self._next_print = 0
        self._hits: dict[tuple[str, float], list[tuple[int, float]]] = defaultdict(list)
        self._quote_of: dict[float, tuple[float | None, float | None]] = {}
        for (ts, _), message in groupby(rows, key=lambda row: row[:2]):
            self._rows = list(message)
            self.times.append(ts)
            yield ts, self.book

    def _trade_rows(self) -> list[tuple[int, str, float, float]]:
        stamps = self.trades["ts"].cast(pa.int64()).to_pylist()
        columns = (self.trades[n].to_pylist() for n in ("aggressor", "price", "size"))
        return list(zip(stamps, *columns))

    def _apply(self, ts: int, book: dict[str, Levels]) -> None:
        """One message: trades up to it met the book before it, and then it says what is left."""
        bid, ask = max(book["bid"], default=None), min(book["ask"], default=None)
        while self._next_print < len(self._prints) and self._prints[self._next_print][0] <= ts:
            at, aggressor, price, size = self._prints[self._next_print]
            self._hits["ask" if aggressor == "buy" else "bid", price].append((at, size))
            self._quote_of[price] = (bid, ask)
            self._next_print += 1
        before = {side: dict(levels) for side, levels in book.items()} if self._rows else {}
        if self._rows[0][5] == "snapshot":
            book["bid"].clear()
            book["ask"].clear()
        for _, _, side, price, size, _ in self._rows:
            if side is not None and size > 0:
                book[side][price] = size
            elif side is not None:
                book[side].pop(price, None)
        for side, levels in book.items():
            for price in before[side].keys() - levels.keys():
                self._gone(side, price, before[side][price], ts)
            self._seen_again(side, ts)
        if before != book:
            self.changed = ts

    def in_sight(self, side: str, price: float) -> bool:
        """Whether the feed shows what rests at a price."""
        levels = self.book[side]
        if len(levels) < self.shown:
            return True
        return price >= min(levels) if side == "bid" else price <= max(levels)

    def _gone(self, side: str, price: float, size: float, ts: int) -> None:
        """A level is no longer shown: pushed out, eaten, or cancelled."""
        if not self.in_sight(side, price):
            self.carried[side][price] = (size, ts)
            return
        met = sum(lots for at, lots in self._hits[side, price] if self.changed < at <= ts)
        if met >= size * (1 - 1e-9):
            best = self._quote_of[price][0 if side == "bid" else 1]
            self.eaten.append(Eaten(side, price, ts, "best" if price == best else "behind"))

    def _seen_again(self, side: str, ts: int) -> None:
        """Prices of levels that were pushed out, and are in sight now."""
        levels, carried = self.book[side], self.carried[side]
        if not carried:
            return
        if len(levels) < self.shown:
            back = list(carried)
        elif side == "bid":
            worst = min(levels)
            back = [price for price in carried if price >= worst]
        else:
            worst = max(levels)
            back = [price for price in carried if price <= worst]
        for price in back:
            size, since = carried[price]
            if since < ts:
                del carried[price]
                self.away.append(Away(size, (ts - since) / SECOND, levels.get(price, 0.0)))


# ------------------------------------------------------------------ measures of one book


def mid_of(book: dict[str, Levels]) -> float:
    return (max(book["bid"]) + min(book["ask"])) / 2


def within_one_bp(book: dict[str, Levels], side: str) -> float:
    """Size of a side up to a ten-thousandth of the mid away."""
    mid = mid_of(book)
    return sum(size for price, size in book[side].items() if abs(price - mid) <= mid / 10_000 + 1e-6)


def imbalance_of_five(book: dict[str, Levels]) -> float:
    bids = sum(book["bid"][price] for price in sorted(book["bid"], reverse=True)[:5])
    asks = sum(book["ask"][price] for price in sorted(book["ask"])[:5])
    return (bids - asks) / (bids + asks)


# ------------------------------------------------------------------ statistics


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def pearson(x: list[float], y: list[float]) -> float:
    a, b = mean(x), mean(y)
    up = sum((p - a) * (q - b) for p, q in zip(x, y))
    return float(up / (sum((p - a) ** 2 for p in x) * sum((q - b) ** 2 for q in y)) ** 0.5)


def ranks(values: list[float]) -> list[float]:
    """From 1; equal values share the mean of theirs."""
    rising = sorted(values)
    return [bisect_left(rising, v) + (rising.count(v) + 1) / 2 for v in values]


def deviation(values: list[float]) -> float:
    a = mean(values)
    return float((sum((v - a) ** 2 for v in values) / (len(values) - 1)) ** 0.5)


def lowest(low: float, high: float, cost: object) -> float:
    """Where a function of one number is least, to a ten-thousandth: by ever finer ladders between two."""
    assert callable(cost)
    for _ in range(12):
        ladder = [low * (high / low) ** (k / 40) for k in range(41)]
        k = min(range(41), key=lambda k: cost(ladder[k]))
        low, high = ladder[max(k - 1, 0)], ladder[min(k + 1, 40)]
    return (low * high) ** 0.5

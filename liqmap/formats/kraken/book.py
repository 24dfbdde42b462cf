"""The best levels of a Kraken book, held against the checksums that its messages carry.

A checksum is the CRC32 of the digits of the best 10 asks, then of the best 10 bids: of each level price and
size, without the point and without the zeros before the first digit. The digits are those of the market's
decimals, ``0.00100000`` for a size of 8. Version 1 writes them as text; version 2 as JSON numbers, whose last
zeros a program that writes them anew (or Kraken's own documentation) leaves out: then so many are added as
the market has decimals, where that makes the checksum agree.
Source: https://docs.kraken.com/api/docs/guides/spot-ws-book-v1 and .../spot-ws-book-v2
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple
from zlib import crc32

from liqmap.formats.streams.checked_book import CheckedSide
from liqmap.formats.streams.gathered import Level
from liqmap.schema import BID

COMPARED = 10
"""Levels a side that a checksum covers, whatever depth was subscribed."""

SIZE_DECIMALS = 8
"""Of nearly every market."""

UNSEEN = 5
"""Decimals of prices that may be 0 in all: a tick is often a power of ten larger than the last decimal."""


class Decimals(NamedTuple):
    """Decimals that prices and sizes of a market are written with."""

    price: int
    size: int


_AS_WRITTEN = Decimals(0, 0)


class _Level(NamedTuple):
    """The digits that a checksum is made of, and the texts of price and size that they are of."""

    digits: str
    price: str
    size: str


class KrakenBook:
    """A book of so many ``levels`` a side, as texts. ``decimals``: of the market, where they are known."""

    def __init__(self, levels: int, decimals: Decimals | None = None) -> None:
        self._sides: tuple[CheckedSide[_Level], ...] = (CheckedSide(), CheckedSide())
        self._levels = levels
        self._known = decimals
        self._padded: Decimals | None = None
        self._most = Decimals(0, 0)
        self._last: int | None = None  # checksum of the best levels; None where they changed since

    def apply(self, levels: Iterable[Level], texts: Iterable[tuple[str, str]]) -> None:
        """Set levels, the texts of whose prices and sizes are given, or remove them where the size is zero;
        then forget what lies beyond the depth."""
        for (side, price, size), (price_text, size_text) in zip(levels, texts):
            level = _Level(self._digits(price_text, size_text), price_text, size_text) if size else None
            if self._sides[side].put(-price if side == BID else price, level) < COMPARED:
                self._last = None
        for one in self._sides:
            one.cut(self._levels)

    def has_only(self, levels: Sequence[Level]) -> bool:
        """Whether these are all levels of the book."""
        wanted = {(side, -price if side == BID else price): size for side, price, size in levels if size}
        if len(wanted) != sum(map(len, self._sides)):
            return False
        found = ((self._sides[side].get(key), size) for (side, key), size in wanted.items())
        return all(level is not None and float(level.size) == size for level, size in found)

    def agrees(self, checksum: int) -> bool:
        """Whether a checksum is that of the book."""
        if self._last is None:
            self._last = crc32("".join([level.digits for level in self._best()]).encode())
        return self._last == checksum or self._agrees_padded(checksum)

    def _best(self) -> list[_Level]:
        bids, asks = self._sides
        return asks.best(COMPARED) + bids.best(COMPARED)

    def _digits(self, price: str, size: str) -> str:
        padded = self._padded or _AS_WRITTEN
        return _digits(price, padded.price) + _digits(size, padded.size)

    def _agrees_padded(self, checksum: int) -> bool:
        """Whether it is that of the book once the zeros that texts lack are added. Then they always are."""
        before = self._padded
        for other in self._other_decimals():
            self._padded = other
            text = "".join(self._digits(level.price, level.size) for level in self._best())
            if crc32(text.encode()) == checksum:
                for side in self._sides:
                    for key, level in side.items():
                        side[key] = level._replace(digits=self._digits(level.price, level.size))
                self._last = checksum
                return True
        self._padded = before
        return False

    def _other_decimals(self) -> list[Decimals]:
        """Other decimals that texts without their last zeros may have had."""
        best = self._best()
        if not best:
            return []
        most = Decimals(*(max(map(_decimals, texts)) for texts in list(zip(*best))[1:]))
        self._most = Decimals(*map(max, most, self._most))
        sizes = dict.fromkeys([max(self._most.size, SIZE_DECIMALS), self._most.size])
        near = [Decimals(self._most.price + k, size) for size in sizes for k in range(UNSEEN + 1)]
        others = [d for d in dict.fromkeys([self._known, *near]) if d not in (None, self._padded)]
        return [d for d in others if d and d.price >= most.price and d.size >= most.size]


def _digits(text: str, decimals: int = 0) -> str:
    """The digits of a number without the zeros before the first, and with so many ``decimals`` at least."""
    if "e" in text or "E" in text:
        text = format(Decimal(text), "f")
    whole, _, part = text.partition(".")
    return (whole + part.ljust(decimals, "0")).lstrip("0")


def _decimals(text: str) -> int:
    """How many decimals a number is written with."""
    if "e" in text or "E" in text:
        text = format(Decimal(text), "f")
    return len(text.partition(".")[2])

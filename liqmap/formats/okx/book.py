"""The best levels of an OKX book, held against the checksums that its messages carry.

A checksum is the CRC32, as a signed number of 32 bits, of price and size as written, colons between, of the
best 25 levels: ``bid:size:ask:size:bid:...``; where one side has fewer, those of the other follow each other.
Since June 2026 OKX sends 0 instead.
Source: https://www.okx.com/docs-v5/en/#order-book-trading-market-data-ws-order-book-channel
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest
from zlib import crc32

from liqmap.formats.streams.checked_book import CheckedSide
from liqmap.formats.streams.gathered import Level
from liqmap.schema import BID

COMPARED = 25
"""Levels a side that a checksum covers."""


class OkxBook:
    """A book as texts, ``price:size``."""

    def __init__(self) -> None:
        self._sides: tuple[CheckedSide[str], ...] = (CheckedSide(), CheckedSide())
        self._last: int | None = None  # checksum of the best levels; None where they changed since

    def apply(self, levels: Iterable[Level], texts: Iterable[str]) -> None:
        """Set levels, whose texts are given, or remove them where the size is zero."""
        for (side, price, size), text in zip(levels, texts):
            if self._sides[side].put(-price if side == BID else price, text if size else None) < COMPARED:
                self._last = None

    def agrees(self, checksum: int) -> bool:
        """Whether a checksum, signed or not, is that of the book."""
        if self._last is None:
            bids, asks = (side.best(COMPARED) for side in self._sides)
            texts = [text for pair in zip_longest(bids, asks) for text in pair if text is not None]
            self._last = crc32(":".join(texts).encode())
        return self._last == checksum & 0xFFFFFFFF

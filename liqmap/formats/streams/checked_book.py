"""The best levels of a book with their texts, as venues make checksums of them; a book held against those."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from typing import Any, Generic, Protocol, TypeVar

from liqmap.formats.streams.gathered import Level
from liqmap.schema import AGREED, CONTRADICTED, NO_CHECKSUM, NOT_COMPARED

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


class Summed(Protocol):
    """A book as texts, of whose best levels a venue makes checksums."""

    def apply(self, levels: Iterable[Level], texts: Iterable[Any]) -> None:
        """Set levels, whose texts are given, or remove them where the size is zero."""

    def agrees(self, checksum: int) -> bool:
        """Whether a checksum is that of the book."""


Book = TypeVar("Book", bound=Summed)


class HeldAgainstChecksums(Generic[Book]):
    """The book of a feed as far as it is known; one that a checksum contradicts is known no more.

    book : None where it is not known. compared : whether a checksum was compared with it.
    """

    def __init__(self) -> None:
        self.book: Book | None = None
        self.compared = False

    def check(self, levels: Iterable[Level], texts: Iterable[Any], checksum: int | None) -> int:
        """What a checksum says of the book, position in CHECKS, once a message's levels are applied to it."""
        if self.book is None:
            return NO_CHECKSUM if checksum is None else NOT_COMPARED
        self.book.apply(levels, texts)
        if checksum is None:
            return NO_CHECKSUM
        self.compared = True
        if self.book.agrees(checksum):
            return AGREED
        self.book = None
        return CONTRADICTED

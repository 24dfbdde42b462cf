"""Books at instants: what measures are functions of."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np

from liqmap.analytics.book.depths import Band as Band
from liqmap.analytics.book.depths import Tops, Within, edge_of
from liqmap.schema import BID


class BookSide(NamedTuple):
    """One side of K books, N levels in all, the best of each book first.

    at : (N,) int64, the book of a level; place : (N,) int64, its place in it, from 0; tick : (N,) int64;
    size : (N,) float64.
    worst : (K,) float64, the tick to which the side is known: -inf or inf where all of it is, NaN where none.
    """

    at: np.ndarray
    place: np.ndarray
    tick: np.ndarray
    size: np.ndarray
    worst: np.ndarray

    def first(self, values: np.ndarray) -> np.ndarray:
        """(K,) of the best level of each book, NaN where there is none."""
        books = np.arange(len(self.worst))
        begins = np.searchsorted(self.at, books)  # a mask of all levels would take most of the time
        out = np.full(len(books), np.nan)
        there = begins < np.searchsorted(self.at, books, side="right")
        out[there] = values[begins[there]]
        return out

    def total(self, inside: np.ndarray) -> np.ndarray:
        """(K,) size of the levels that are ``inside``, NaN where nothing of the side is known."""
        found = np.bincount(self.at, np.where(inside, self.size, 0.0), len(self.worst))
        return np.where(np.isnan(self.worst), np.nan, found)


class Observed(Protocol):
    """What is observed at instants, of which K make the books; bids are number 0, asks 1."""

    tick_size: float

    def tops(self, number: int) -> Tops:
        """The best levels of a side."""

    def within(self, number: int, band: Band) -> Within:
        """What of a side lies in a band."""

    def worst(self, number: int) -> np.ndarray:
        """As `BookSide` has it."""

    def sides(self, part: slice) -> tuple[BookSide, BookSide]:
        """Bids and asks, level by level, of a part of the instants."""


class Books:
    """What is observed at K instants.

    Sums over a band and the best levels are found for all instants at once; level by level a side is written
    out when it is first asked for.

    Parameters
    ----------
    whole : of instants of which these are a ``part``.
    """

    def __init__(self, whole: Observed, part: slice) -> None:
        self._whole, self._part = whole, part
        self.tick_size = whole.tick_size
        """Quote currency."""

    def __len__(self) -> int:
        return self._part.stop - self._part.start

    @cached_property
    def sides(self) -> tuple[BookSide, BookSide]:
        """Bids and asks, level by level: as many as a band among those asked for may hold."""
        return self._whole.sides(self._part)

    @property
    def bid(self) -> BookSide:
        """Bids, level by level."""
        return self.sides[0]

    @property
    def ask(self) -> BookSide:
        """Asks, level by level."""
        return self.sides[1]

    def top(self, number: int) -> Tops:
        """(K,) best level of a side, 0 bids and 1 asks."""
        return Tops(*(values[self._part] for values in self._whole.tops(number)))

    @cached_property
    def best(self) -> tuple[np.ndarray, np.ndarray]:
        """(K,) best bid and ask, quote currency; NaN where a side is not observed."""
        bid, ask = (self.top(n).tick * self.tick_size for n in (0, 1))
        return bid, ask

    @property
    def best_sizes(self) -> tuple[np.ndarray, np.ndarray]:
        """(K,) size at the best bid and ask, size units; NaN where a side is not observed."""
        return self.top(0).size, self.top(1).size

    @property
    def mid(self) -> np.ndarray:
        """(K,) quote currency."""
        bid, ask = self.best
        return (bid + ask) / 2

    def worst(self, number: int) -> np.ndarray:
        """(K,) tick to which a side is known, as `BookSide` has it."""
        return self._whole.worst(number)[self._part]

    def within(self, number: int, band: Band) -> Within:
        """What of a side lies in a band: (K,) each; 0 where nothing does, be it known or not."""
        return Within(*(values[self._part] for values in self._whole.within(number, band)))


def known_share(books: Books, band: Band) -> np.ndarray:
    """(K,) share of a band that is known, 0 to 1, of its less known side: of the ticks from the mid to its
    end, or of its levels. Without a band, whether both sides are observed."""
    shares = []
    for number in (0, 1):
        worst = books.worst(number)
        all_known = np.isinf(worst)
        if band.bps is not None:
            outward = -1 if number == BID else 1
            middle = books.mid / books.tick_size
            inner = np.floor(middle + 1e-6) if number == BID else np.ceil(middle - 1e-6)
            whole = (edge_of(books.mid, books.tick_size, number, band.bps) - inner) * outward + 1
            seen = (np.where(all_known, np.nan, worst) - inner) * outward + 1
            share = np.where(all_known | (whole <= 0), 1.0, np.clip(seen / np.maximum(whole, 1), 0, 1))
        else:
            share = np.minimum(books.top(number).levels / (band.levels or 1), 1.0)
            share = np.where(all_known & (band.levels is not None), 1.0, share)
        shares.append(np.where(np.isnan(worst), 0.0, share))
    return np.nan_to_num(np.minimum(*shares))

"""Books at instants, and the band of prices that a measure of them looks at."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

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


class Books(NamedTuple):
    """What is observed at K instants. tick_size : quote currency."""

    bid: BookSide
    ask: BookSide
    tick_size: float

    @property
    def sides(self) -> tuple[BookSide, BookSide]:
        """Bids and asks."""
        return self.bid, self.ask

    @property
    def best(self) -> tuple[np.ndarray, np.ndarray]:
        """(K,) best bid and ask, quote currency; NaN where a side is not observed."""
        bid, ask = (side.first(side.tick) * self.tick_size for side in self.sides)
        return bid, ask

    @property
    def mid(self) -> np.ndarray:
        """(K,) quote currency."""
        bid, ask = self.best
        return (bid + ask) / 2


class Band(NamedTuple):
    """How far a measure looks: so many best ``levels`` a side, or so many ``bps`` from the mid."""

    levels: int | None = None
    bps: float | None = None


def inside(books: Books, number: int, band: Band) -> np.ndarray:
    """(N,) which levels of a side lie in a band."""
    side = books.sides[number]
    if band.levels is not None:
        return side.place < band.levels
    edge = edge_of(books, number, band)[side.at]
    return side.tick >= edge if number == BID else side.tick <= edge


def edge_of(books: Books, number: int, band: Band) -> np.ndarray:
    """(K,) the last tick of a side within so many bps of the mid; NaN without a mid."""
    share = (band.bps or 0.0) * 1e-4
    if number == BID:
        return np.ceil(books.mid * (1 - share) / books.tick_size - 1e-6)
    return np.floor(books.mid * (1 + share) / books.tick_size + 1e-6)


def known_share(books: Books, band: Band) -> np.ndarray:
    """(K,) share of a band that is known, 0 to 1, of its less known side: of the ticks from the mid to its
    end, or of its levels. Without a band, whether both sides are observed."""
    shares = []
    for number, side in enumerate(books.sides):
        all_known = np.isinf(side.worst)
        if band.bps is not None:
            outward = -1 if number == BID else 1
            middle = books.mid / books.tick_size
            inner = np.floor(middle + 1e-6) if number == BID else np.ceil(middle - 1e-6)
            whole = (edge_of(books, number, band) - inner) * outward + 1
            seen = (np.where(all_known, np.nan, side.worst) - inner) * outward + 1
            share = np.where(all_known | (whole <= 0), 1.0, np.clip(seen / np.maximum(whole, 1), 0, 1))
        else:
            wanted = band.levels or 1
            count = np.bincount(side.at, minlength=len(side.worst))
            share = np.where(all_known & (band.levels is not None), 1.0, np.minimum(count / wanted, 1.0))
        shares.append(np.where(np.isnan(side.worst), 0.0, share))
    return np.nan_to_num(np.minimum(*shares))

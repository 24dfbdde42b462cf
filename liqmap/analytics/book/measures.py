"""Numbers of a book at an instant, by name: ``mid``, ``micro``, ``imbalance@5``, ``depth@10bps``.

A measure is one function of `Books`, added by `measure`; whatever samples a market finds it by its name. What
is after ``@`` is the band that it looks at: so many best levels a side, or so many bps from the mid.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from liqmap.schema import BID, SessionError


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
        out, best = np.full(len(self.worst), np.nan), self.place == 0
        out[self.at[best]] = values[best]
        return out

    def total(self, inside: np.ndarray) -> np.ndarray:
        """(K,) size of the levels that are ``inside``, NaN where nothing of the side is known."""
        found = np.bincount(self.at[inside], self.size[inside], len(self.worst))
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


Compute = Callable[[Books, Band], np.ndarray]


class Measure(NamedTuple):
    """One of the registry. unit : of its values, in words. bands : what may be after ``@``: "levels", "bps";
    none: nothing may. compute : (K,) values, NaN where they are not known."""

    name: str
    unit: str
    bands: tuple[str, ...]
    compute: Compute


MEASURES: dict[str, Measure] = {}


def measure(name: str, unit: str, *bands: str) -> Callable[[Compute], Compute]:
    """Add a measure to those that are known by name."""

    def add(compute: Compute) -> Compute:
        MEASURES[name] = Measure(name, unit, bands, compute)
        return compute

    return add


_WRITTEN = re.compile(r"(\w+)(?:@(\d+(?:\.\d+)?)(bps)?)?")


def parsed(text: str) -> tuple[Measure, Band]:
    """A measure as people write it.

    Raises
    ------
    SessionError : no such measure, or none with such a band.
    """
    found = _WRITTEN.fullmatch(text) if isinstance(text, str) else None
    known = MEASURES.get(found[1]) if found else None
    if found is None or known is None:
        raise SessionError(argument="measures", expected=f"some of {', '.join(written())}", got=repr(text))
    kind = "" if found[2] is None else "bps" if found[3] else "levels"
    band = Band() if not kind else Band(bps=float(found[2])) if found[3] else Band(levels=_whole(found[2]))
    if (kind not in known.bands) if known.bands else kind:
        raise SessionError(argument="measures", expected=" or ".join(_forms(known)), got=repr(text))
    if kind and not (band.levels or band.bps):
        raise SessionError(argument="measures", expected="a band above zero", got=repr(text))
    return known, band


def _whole(text: str) -> int | None:
    return int(text) if text.isdecimal() else None


def written() -> list[str]:
    """Every measure as it may be written."""
    return [form for one in MEASURES.values() for form in _forms(one)]


def _forms(one: Measure) -> list[str]:
    return [f"{one.name}@{'10bps' if band == 'bps' else '5'}" for band in one.bands] or [one.name]


# ------------------------------------------------------------------ bands


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


# ------------------------------------------------------------------ the measures


@measure("bid", "quote currency")
def bid(books: Books, band: Band) -> np.ndarray:
    """Best bid."""
    return books.best[0]


@measure("ask", "quote currency")
def ask(books: Books, band: Band) -> np.ndarray:
    """Best ask."""
    return books.best[1]


@measure("mid", "quote currency")
def mid(books: Books, band: Band) -> np.ndarray:
    """(bid + ask) / 2."""
    return books.mid


@measure("spread", "quote currency")
def spread(books: Books, band: Band) -> np.ndarray:
    """ask - bid."""
    best = books.best
    return best[1] - best[0]


@measure("spread_bps", "bps")
def spread_bps(books: Books, band: Band) -> np.ndarray:
    """(ask - bid) / mid, in hundredths of a percent."""
    best = books.best
    return (best[1] - best[0]) / books.mid * 1e4


@measure("micro", "quote currency")
def micro(books: Books, band: Band) -> np.ndarray:
    """(bid x ask_size + ask x bid_size) / (bid_size + ask_size): the mid, drawn to the thinner side.

    Source: Gatheral and Oomen (2010), Zero-intelligence realized variance estimation.
    """
    best = books.best
    size = [side.first(side.size) for side in books.sides]
    return (best[0] * size[1] + best[1] * size[0]) / (size[0] + size[1])


@measure("bid_depth", "size units", "levels", "bps")
def bid_depth(books: Books, band: Band) -> np.ndarray:
    """Size of the bids in the band."""
    return _known(books, books.bid.total(inside(books, 0, band)), band)


@measure("ask_depth", "size units", "levels", "bps")
def ask_depth(books: Books, band: Band) -> np.ndarray:
    """Size of the asks in the band."""
    return _known(books, books.ask.total(inside(books, 1, band)), band)


@measure("depth", "size units", "levels", "bps")
def depth(books: Books, band: Band) -> np.ndarray:
    """Size of bids and asks in the band."""
    return bid_depth(books, band) + ask_depth(books, band)


@measure("imbalance", "1", "levels", "bps")
def imbalance(books: Books, band: Band) -> np.ndarray:
    """(bids - asks) / (bids + asks) of the sizes in the band, -1 to 1; NaN where nothing rests."""
    bids, asks = bid_depth(books, band), ask_depth(books, band)
    total = bids + asks
    return np.divide(bids - asks, total, out=np.full(len(total), np.nan), where=total > 0)


def _known(books: Books, values: np.ndarray, band: Band) -> np.ndarray:
    """NaN where a band from the mid has no mid."""
    return values if band.bps is None else np.where(np.isnan(books.mid), np.nan, values)

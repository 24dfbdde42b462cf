"""Numbers of a book at an instant, by name: ``mid``, ``weighted_mid``, ``imbalance@5``, ``depth@10bps``.

A measure is one function of `Books`, added by `measure`; whatever samples a market finds it by its name. What
is after ``@`` is the band that it looks at: so many best levels a side, or so many bps from the mid. Those of
the interval between two instants are in `measures_over`.
"""

from __future__ import annotations

import numpy as np

from liqmap.analytics.book.books import Band as Band
from liqmap.analytics.book.books import Books as Books
from liqmap.analytics.book.books import BookSide as BookSide
from liqmap.analytics.book.registry import MEASURES as MEASURES
from liqmap.analytics.book.registry import measure as measure
from liqmap.analytics.book.registry import parsed as parsed


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


@measure("micro", "quote currency", offered=False)
@measure("weighted_mid", "quote currency")
def weighted_mid(books: Books, band: Band) -> np.ndarray:
    """(bid x ask_size + ask x bid_size) / (bid_size + ask_size): the mid, drawn to the thinner side.

    Also known as ``micro``, its old name; the micro-price of Stoikov (2018) is another thing, estimated from
    a market: see `microprice`.

    Source: Gatheral and Oomen (2010), Zero-intelligence realized variance estimation.
    """
    best = books.best
    size = books.best_sizes
    return (best[0] * size[1] + best[1] * size[0]) / (size[0] + size[1])


@measure("bid_depth", "size units", "levels", "bps")
def bid_depth(books: Books, band: Band) -> np.ndarray:
    """Size of the bids in the band."""
    return _known(books, 0, books.within(0, band).size, band)


@measure("ask_depth", "size units", "levels", "bps")
def ask_depth(books: Books, band: Band) -> np.ndarray:
    """Size of the asks in the band."""
    return _known(books, 1, books.within(1, band).size, band)


@measure("depth", "size units", "levels", "bps")
def depth(books: Books, band: Band) -> np.ndarray:
    """Size of bids and asks in the band."""
    return bid_depth(books, band) + ask_depth(books, band)


@measure("imbalance", "1", "levels", "bps")
def imbalance(books: Books, band: Band) -> np.ndarray:
    """(bids - asks) / (bids + asks) of the sizes in the band, -1 to 1; NaN where nothing rests."""
    return _balance(bid_depth(books, band), ask_depth(books, band))


@measure("bid_pressure", "size units", "levels", "bps")
def bid_pressure(books: Books, band: Band) -> np.ndarray:
    """Size of the bids in the band, weighed by distance: see `pressure`."""
    return _known(books, 0, books.within(0, band).weighed, band)


@measure("ask_pressure", "size units", "levels", "bps")
def ask_pressure(books: Books, band: Band) -> np.ndarray:
    """Size of the asks in the band, weighed by distance: see `pressure`."""
    return _known(books, 1, books.within(1, band).weighed, band)


@measure("pressure", "1", "levels", "bps")
def pressure(books: Books, band: Band) -> np.ndarray:
    """(bids - asks) / (bids + asks) of the sizes in the band, each weighed by its distance, -1 to 1.

    The weight falls evenly from 1 to 0 over the band: ``1 - d / x`` of a level d bps from the mid within x
    bps, ``1 - place / k`` of the best (place 0) to the last of k levels; so a level that crosses the end of
    the band changes nothing at once. NaN where nothing weighs.
    """
    return _balance(bid_pressure(books, band), ask_pressure(books, band))


def _balance(bids: np.ndarray, asks: np.ndarray) -> np.ndarray:
    total = bids + asks
    return np.divide(bids - asks, total, out=np.full(len(total), np.nan), where=total > 0)


def _known(books: Books, number: int, values: np.ndarray, band: Band) -> np.ndarray:
    """NaN where nothing of the side is known, or a band from the mid has no mid."""
    unknown = np.isnan(books.worst(number))
    return np.where(unknown if band.bps is None else unknown | np.isnan(books.mid), np.nan, values)

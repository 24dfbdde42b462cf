"""Which levels of a side are listed, best first, and where its k-th best is, kept up change by change.

A level is a place, 0 for the best price that the side ever had, among all those that it ever had; a bit a
place says whether it is listed, so that the next one is found 64 places at a time.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liqmap.compiling import borrowing

_MAGIC = 0x03F79D71B4CB0A89
"""A de Bruijn sequence: its products with the 64 powers of two differ in their highest 6 bits, and so do
those with the 64 numbers of ones alone (Leiserson, Prokop, Randall 1998, Using de Bruijn sequences to index a
1 in a computer word)."""

_LOWEST, _HIGHEST = np.zeros(64, np.int64), np.zeros(64, np.int64)
for _bit in range(64):
    _LOWEST[((_MAGIC << _bit) & (2**64 - 1)) >> 58] = _bit
    _HIGHEST[((_MAGIC * (2 ** (_bit + 1) - 1)) & (2**64 - 1)) >> 58] = _bit
_FACTOR, _ALL = np.uint64(_MAGIC), np.uint64(2**64 - 1)
_ONE, _SIX = np.uint64(1), np.uint64(58)


class Ranks(NamedTuple):
    """The listed levels among P places, and the k-th best of them.

    words : (P // 64 + 1,) uint64, a bit a place.
    at : (2,) int64, how many are listed, and the place of the k-th best; P where there are fewer.
    places, k : P and k.
    """

    words: np.ndarray
    at: np.ndarray
    places: int
    k: int

    @classmethod
    def of(cls, places: int, k: int) -> Ranks:
        """With none listed."""
        return cls(np.zeros(places // 64 + 1, np.uint64), np.array([0, places]), places, k)


@borrowing
def _lowest(word):
    """Position of the lowest bit of a word that is not 0."""
    return _LOWEST[((word & (~word + _ONE)) * _FACTOR) >> _SIX]


@borrowing
def _highest(word):
    """Position of the highest bit of a word that is not 0."""
    for shift in (1, 2, 4, 8, 16, 32):
        word |= word >> np.uint64(shift)
    return _HIGHEST[(word * _FACTOR) >> _SIX]


@borrowing
def next_listed(ranks, place):
    """The first listed level at a place or behind it; P where there is none."""
    w = place >> 6
    word = ranks.words[w] & (_ALL << np.uint64(place & 63))
    while word == 0:
        w += 1
        if w == ranks.words.shape[0]:
            return np.int64(ranks.places)
        word = ranks.words[w]
    return np.int64((w << 6) + _lowest(word))


@borrowing
def last_listed(ranks, place):
    """The last listed level at a place or before it; -1 where there is none."""
    w = place >> 6
    word = ranks.words[w] & (_ALL >> np.uint64(63 - (place & 63)))
    while word == 0:
        w -= 1
        if w < 0:
            return np.int64(-1)
        word = ranks.words[w]
    return np.int64((w << 6) + _highest(word))


@borrowing
def list_level(ranks, place):
    """A level that was not listed is."""
    at = ranks.at
    ranks.words[place >> 6] |= _ONE << np.uint64(place & 63)
    at[0] += 1
    if at[0] == ranks.k:
        at[1] = last_listed(ranks, ranks.places - 1)
    elif at[0] > ranks.k and place < at[1]:
        at[1] = last_listed(ranks, at[1] - 1)


@borrowing
def drop_level(ranks, place):
    """A level that was listed no longer is."""
    at = ranks.at
    ranks.words[place >> 6] &= ~(_ONE << np.uint64(place & 63))
    at[0] -= 1
    if at[0] < ranks.k:
        at[1] = ranks.places
    elif place <= at[1]:
        at[1] = next_listed(ranks, at[1] + 1)

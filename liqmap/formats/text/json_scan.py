# mypy: disable-error-code="no-untyped-def, assignment"
"""What the scanners of exchange JSON share: strings, integers, decimals and levels, read byte by byte.

Every function gets the position to read at and returns the one after, or -1. A line always ends with a
newline, which none accepts inside, so none reads past the end.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liqmap.compiling import borrowing
from liqmap.formats.text.decimals import MOST_TICKS
from liqmap.formats.text.times import EARLIEST_NS, LATEST_NS

POWERS = 10.0 ** np.arange(23)
"""Exact in float64; so mantissa / power is the nearest double when the mantissa is below 2**53."""

EXACT = 1 << 53
QUOTE, COMMA, COLON, NEWLINE = 34, 44, 58, 10
OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE = 91, 93, 123, 125


UNITS = np.array([1_000_000, 1_000, 1], np.int64)
"""ns of a ms, us, ns."""


class Levels(NamedTuple):
    """Room for R levels, one after the other: (R,) side code (int8), price and size (float64)."""

    side: np.ndarray
    price: np.ndarray
    size: np.ndarray

    @classmethod
    def room(cls, count: int) -> Levels:
        """For so many."""
        return cls(np.empty(count, np.int8), np.empty(count), np.empty(count))

    def first(self, count: int) -> Levels:
        """So many of them, from the first on."""
        return Levels(self.side[:count], self.price[:count], self.size[:count])


def word(text: str) -> int:
    """A word of at most 8 characters as `short` packs it."""
    return int.from_bytes(text.encode(), "big")


@borrowing
def space(text, i):
    """Skip blanks (not newlines)."""
    while text[i] == 32 or text[i] == 9 or text[i] == 13:
        i += 1
    return i


@borrowing
def local(text, i):
    """``1723161255030314667 ``: a local time in ms, us or ns as ns, or 0 where the line has none."""
    start, value = i, 0
    while 48 <= text[i] <= 57:
        if i - start >= 19 or value > 922_337_203_685_477_579:
            return -1, 0
        value = value * 10 + np.int64(text[i] - 48)
        i += 1
    if i == start:
        return i, 0
    if text[i] != 32 and text[i] != 9:
        return -1, 0
    digits = i - start
    unit = 0 if 12 <= digits <= 13 else 1 if 15 <= digits <= 16 else 2 if digits >= 18 else -1
    if unit < 0 or value * UNITS[unit] < EARLIEST_NS or value * UNITS[unit] >= LATEST_NS:
        return -1, 0
    return space(text, i), value * UNITS[unit]


@borrowing
def short(text, i):
    """A string of at most 8 plain characters, packed big-endian; longer or strange ones: 0."""
    if text[i] != QUOTE:
        return -1, 0
    i += 1
    start = i
    packed = 0
    while text[i] != QUOTE:
        c = text[i]
        if c < 32 or c > 126 or c == 92:
            return -1, 0
        packed = (packed << 8) | np.int64(c)
        i += 1
    return i + 1, packed if i - start <= 8 else 0


@borrowing
def same(text, i, wanted):
    """Exactly this string."""
    if text[i] != QUOTE:
        return -1
    i += 1
    for k in range(len(wanted)):
        if text[i + k] != wanted[k]:
            return -1
    i += len(wanted)
    return i + 1 if text[i] == QUOTE else -1


@borrowing
def integer(text, i):
    """An unsigned JSON integer of at most 18 digits."""
    start = i
    value = 0
    while 48 <= text[i] <= 57:
        if i - start >= 18:
            return -1, 0
        value = value * 10 + np.int64(text[i] - 48)
        i += 1
    if i == start or (text[start] == 48 and i > start + 1):
        return -1, 0
    return i, value


@borrowing
def decimal(text, i):
    """A quoted plain decimal: position, mantissa, decimals; at most 18 digits, mantissa below 2**53."""
    if text[i] != QUOTE:
        return -1, 0, 0
    i += 1
    start = i
    value = 0
    while 48 <= text[i] <= 57:
        value = value * 10 + np.int64(text[i] - 48)
        i += 1
        if i - start > 18:
            return -1, 0, 0
    whole = i - start
    if whole == 0:
        return -1, 0, 0
    decimals = 0
    if text[i] == 46:
        i += 1
        point = i
        while 48 <= text[i] <= 57:
            value = value * 10 + np.int64(text[i] - 48)
            i += 1
            if whole + i - point > 18:
                return -1, 0, 0
        decimals = i - point
        if decimals == 0:
            return -1, 0, 0
    if text[i] != QUOTE or value >= EXACT:
        return -1, 0, 0
    return i + 1, value, decimals


@borrowing
def divide(tick, mantissa, decimals):
    """Take a price into the state of a `Tick`; False where int64 is too small or the ticks are too many."""
    divisor, places, largest = tick[0], tick[1], tick[2]
    if decimals == places and mantissa <= largest and mantissa % divisor == 0:
        return True
    if places < 0:
        return False
    if decimals != places:
        if decimals < places:
            for _ in range(places - decimals):
                if mantissa >= 1 << 58:
                    return False
                mantissa *= 10
        else:
            for _ in range(decimals - places):
                if divisor >= 1 << 58 or largest >= 1 << 58:
                    return False
                divisor *= 10
                largest *= 10
            places = decimals
    rest = mantissa % divisor if divisor else mantissa
    while rest:
        divisor, rest = rest, divisor % rest
    largest = max(largest, mantissa)
    if largest // divisor >= MOST_TICKS:
        return False
    tick[0], tick[1], tick[2] = divisor, places, largest
    return True


@borrowing
def levels(text, i, code, out, row, tick):
    """``[["price","size"],...]`` of side ``code`` into `Levels` from ``row`` on."""
    if text[i] != OPEN_BRACKET:
        return -1, row
    i = space(text, i + 1)
    if text[i] == CLOSE_BRACKET:
        return i + 1, row
    while True:
        if text[i] != OPEN_BRACKET:
            return -1, row
        i, mantissa, decimals = decimal(text, space(text, i + 1))
        if i < 0 or mantissa == 0 or decimals > 12 or not divide(tick, mantissa, decimals):
            return -1, row
        out.price[row] = mantissa / POWERS[decimals]
        i = space(text, i)
        if text[i] != COMMA:
            return -1, row
        i, mantissa, decimals = decimal(text, space(text, i + 1))
        if i < 0:
            return -1, row
        out.size[row] = mantissa / POWERS[decimals]
        out.side[row] = code
        row += 1
        i = space(text, i)
        if text[i] != CLOSE_BRACKET:
            return -1, row
        i = space(text, i + 1)
        if text[i] == CLOSE_BRACKET:
            return i + 1, row
        if text[i] != COMMA:
            return -1, row
        i = space(text, i + 1)


@borrowing
def skip(text, i):
    """The value of a key that depth does not use: a plain string, an integer or a literal."""
    if text[i] == QUOTE:
        i += 1
        while text[i] != QUOTE:
            if text[i] < 32 or text[i] > 126 or text[i] == 92:
                return -1
            i += 1
        return i + 1
    if 48 <= text[i] <= 57:
        return integer(text, i)[0]
    if text[i] == 116 and text[i + 1] == 114 and text[i + 2] == 117 and text[i + 3] == 101:
        return i + 4
    if (
        text[i] == 102
        and text[i + 1] == 97
        and text[i + 2] == 108
        and text[i + 3] == 115
        and text[i + 4] == 101
    ):
        return i + 5
    return -1

# mypy: disable-error-code="no-untyped-def, assignment"
"""Databento's CSV lines as its records: bytes to bytes, one pass, no objects.

`scan` stops at the first line that is none; the reader says what is wrong with it. As in `csv_scan`
every helper gets the position to read at and returns the one after, or -1, and none reads past a newline.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liqmap.compiling import borrowing
from liqmap.formats.text.csv_scan import MINUS, NINE, PLUS, POINT, RETURN, ZERO
from liqmap.formats.text.json_scan import COLON, COMMA, NEWLINE

SKIP, LETTER, WHOLE, TIME, DATE, UNITS, DECIMAL = range(7)
"""Passed over; one of ASCII; unsigned; ns since 1970; ISO 8601 with a zone; a price in whole units of 1e-9,
or with a point, without which only 0 is one and what is `near`. Times and prices may be empty."""

NO_PRICE, NO_TIME = np.uint64((1 << 63) - 1), np.uint64((1 << 64) - 1)
"""The vendor's marks of a price and a time that are undefined."""

LOST = 1_000_000
"""A whole price below it, beside decimals, is none of 1e-9: no market stands at a thousandth of 1."""

_LOST = np.uint64(LOST)
_ONE, _TWO, _TEN, _NANO = np.uint64(1), np.uint64(2), np.uint64(10), np.uint64(10**9)
_FULL, _LAST = np.divmod(NO_TIME, _TEN)
_DASH, _T, _Z, _BLANK = MINUS, ord("T"), ord("Z"), ord(" ")
_FIRST_YEAR, _LAST_YEAR = 1970, 2261


class Fields(NamedTuple):
    """Of each column (C,) the kind, and its place and width in the record (bytes; 0: not kept); and (1,) the
    last price with a point in 1e-9, without its sign: a whole one within a factor of 2 lost its point."""

    kind: np.ndarray
    place: np.ndarray
    width: np.ndarray
    near: np.ndarray

    @classmethod
    def room(cls, count: int) -> Fields:
        """Of so many columns, of which none is kept."""
        kind, place, width = np.zeros((3, count), np.int64)
        return cls(kind, place, width, np.zeros(1, np.uint64))

    def one(self, column: int) -> Fields:
        """Of one column."""
        kind, place, width = (values[column : column + 1] for values in self[:3])
        return Fields(kind, place, width, self.near)


class Market(NamedTuple):
    """The column that names the market (-1: none), and the bytes (uint8) that ours has there."""

    column: int
    own: np.ndarray


class Output(NamedTuple):
    """Room for R records as bytes, (R, width) uint8; (R,) whether the market is ours, and where the cell that
    names it begins and ends."""

    records: np.ndarray
    mine: np.ndarray
    begin: np.ndarray
    end: np.ndarray

    @classmethod
    def room(cls, count: int, width: int) -> Output:
        """For so many records of so many bytes."""
        begin, end = np.empty(count, np.int64), np.empty(count, np.int64)
        return cls(np.zeros((count, width), np.uint8), np.empty(count, np.bool_), begin, end)


@borrowing
def _ends(text, i):
    """Whether a cell ends here."""
    c = text[i]
    return c == COMMA or c == NEWLINE or (c == RETURN and text[i + 1] == NEWLINE)


@borrowing
def _digits(text, i):
    """Digits from here as a uint64 that holds them."""
    start, value = i, np.uint64(0)
    while ZERO <= text[i] <= NINE:
        digit = np.uint64(text[i] - ZERO)
        if i - start >= 19 and (i - start > 19 or value > _FULL or (value == _FULL and digit > _LAST)):
            return -1, value
        value = value * _TEN + digit
        i += 1
    return (i if i > start else -1), value


@borrowing
def _fraction(text, i):
    """Digits from here, 1 to 9 of them, as billionths."""
    start, value = i, np.uint64(0)
    while ZERO <= text[i] <= NINE and i - start < 9:
        value = value * _TEN + np.uint64(text[i] - ZERO)
        i += 1
    for _ in range(9 - (i - start)):
        value = value * _TEN
    return (i if i > start else -1), value


@borrowing
def _price(text, i, point, near):
    """A price as the bits of a whole number of 1e-9; ``point``: it has one, or is 0 or near one that had."""
    negative = text[i] == MINUS
    i, value = _digits(text, i + 1 if negative else i)
    if i >= 0 and point:
        if value >= _NANO * np.uint64(9):
            return -1, value
        small = value < _LOST
        value = value * _NANO
        if text[i] == POINT:
            i, rest = _fraction(text, i + 1)
            value = value + rest
            if i >= 0 and value > 0:
                near[0] = value
        elif value > 0 and not (small and value // _TWO <= near[0] and near[0] // _TWO <= value):
            return -1, value
    if i < 0 or value > NO_PRICE:
        return -1, value
    return i, ~value + _ONE if negative and value > 0 else value


@borrowing
def _two(text, i, mark):
    """Two digits and then, if there is a ``mark``, that one; the number is -1 if they are not there."""
    for k in range(2):
        if not ZERO <= text[i + k] <= NINE:
            return -1
    if mark and text[i + 2] != mark:
        return -1
    return np.int64(text[i] - ZERO) * 10 + np.int64(text[i + 1] - ZERO)


@borrowing
def _days(year, month, day):
    """Days since 1970 of a date from then on; -1 if the month has none such."""
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    longest = 28 + leap if month == 2 else 30 + (month + month // 8) % 2
    if not (_FIRST_YEAR <= year <= _LAST_YEAR and 1 <= month <= 12 and 1 <= day <= longest):
        return -1
    if month <= 2:  # years that begin in March have their odd day last
        year, month = year - 1, month + 12
    return 365 * year + year // 4 - year // 100 + year // 400 + (153 * month - 457) // 5 + day - 719_469


@borrowing
def _date(text, i):
    """``2024-01-02T03:04:05.123456789Z``, the T or a blank, the fraction or none, any zone; as ns."""
    none = np.uint64(0)
    century = _two(text, i, 0)
    if century < 0:
        return -1, none
    year, month = _two(text, i + 2, _DASH), -1
    if year >= 0:
        month = _two(text, i + 5, _DASH)
    day = _two(text, i + 8, 0) if month >= 0 else -1
    if day < 0 or (text[i + 10] != _T and text[i + 10] != _BLANK):
        return -1, none
    days = _days(century * 100 + year, month, day)
    hour, minute, second = _two(text, i + 11, COLON), -1, -1
    if hour >= 0:
        minute = _two(text, i + 14, COLON)
    if minute >= 0:
        second = _two(text, i + 17, 0)
    if days < 0 or second < 0 or hour > 23 or minute > 59 or second > 59:
        return -1, none
    i, rest = i + 19, none
    if text[i] == POINT:
        i, rest = _fraction(text, i + 1)
        if i < 0:
            return -1, none
    i, ahead = _zone(text, i)
    seconds = ((days * 24 + hour) * 60 + minute - ahead) * 60 + second
    if i < 0 or seconds < 0:
        return -1, none
    return i, np.uint64(seconds) * _NANO + rest


@borrowing
def _zone(text, i):
    """``Z``, ``+01:00``, ``+0100`` or ``+01``; as minutes ahead."""
    if text[i] == _Z:
        return i + 1, 0
    if text[i] != PLUS and text[i] != MINUS:
        return -1, 0
    sign = 1 if text[i] == PLUS else -1
    hour, minute = _two(text, i + 1, 0), 0
    if hour < 0:
        return -1, 0
    i += 3
    if not _ends(text, i):
        i += text[i] == COLON
        minute = _two(text, i, 0)
        i += 2
    if minute < 0 or minute > 59 or hour > 23:
        return -1, 0
    return i, sign * (hour * 60 + minute)


@borrowing
def _cell(text, i, kind, width, near):
    """What a cell holds, as the bits of its field."""
    if kind == LETTER:
        value = np.uint64(text[i])
        return (-1 if text[i] > 127 or _ends(text, i) else i + 1), value
    if kind == WHOLE:
        i, value = _digits(text, i)
        if width < 8 and value >> np.uint64(8 * width) != 0:
            i = -1
        return i, value
    if _ends(text, i):
        return i, NO_PRICE if kind >= UNITS else NO_TIME
    if kind == TIME:
        return _digits(text, i)
    if kind == DATE:
        return _date(text, i)
    return _price(text, i, kind == DECIMAL, near)


@borrowing
def _same(text, begin, end, wanted):
    """Whether these bytes are the ``wanted`` ones."""
    same = end - begin == len(wanted)
    for k in range(len(wanted)):
        if not same:
            break
        same = text[begin + k] == wanted[k]
    return same


@borrowing
def scan(text, i, fields, market, row, out):
    """Take lines from byte ``i`` until the end or one that is none, into ``out`` from ``row`` on; the row
    after them, and where that is."""
    columns = len(fields.kind)
    while i < len(text):
        begin = i
        for c in range(columns):
            kind, place, width = fields.kind[c], fields.place[c], fields.width[c]
            start = i
            if kind == SKIP:
                while text[i] != COMMA and text[i] != NEWLINE and not _ends(text, i):
                    i += 1
            else:
                i, value = _cell(text, i, kind, width, fields.near)
                if i < 0 or not _ends(text, i):
                    return row, begin
                for k in range(width):
                    out.records[row, place + k] = value & np.uint64(255)
                    value = value >> np.uint64(8)
            if c == market.column:
                out.mine[row] = _same(text, start, i, market.own)
                out.begin[row], out.end[row] = start, i
            if c + 1 < columns:
                if text[i] != COMMA:
                    return row, begin
                i += 1
        i += text[i] == RETURN
        if text[i] != NEWLINE:
            return row, begin
        i += 1
        row += 1
    return row, i

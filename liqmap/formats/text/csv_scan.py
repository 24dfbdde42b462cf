# mypy: disable-error-code="no-untyped-def, assignment"
"""The fast path of CSV text: bytes to columns, one pass, no objects.

`scan` takes lines whose cells are of given kinds and stops at the first one that it does not fully
understand. It never judges such a line: the exact path of its format does. Every helper gets the position to
read at and returns the one after, or -1. A line ends with a newline, which no helper accepts inside, so none
reads past the end.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liqmap.compiling import borrowing
from liqmap.formats.text.json_scan import EXACT, NEWLINE, POWERS, divide

SKIP, TEXT, WORD, WHOLE, NUMBER, PLAIN, PRICE = range(7)
"""Passed over; ASCII as it is; one of some words; int64; float64 of 0 or more; the same without an exponent;
the same, for the tick."""

POINT, MINUS, PLUS, ZERO, NINE, RETURN = 46, 45, 43, 48, 57, 13
END, ODD = 1, 2


class Layout(NamedTuple):
    """What the C cells of a line are.

    separator : the byte between them. decimals : the most that a price may have.
    marks : (256,) END for the bytes that end a cell, ODD for those that no text has, a carriage return among
        them.
    kinds, slots, empty : (C,) a column has ``kinds[c]`` and goes to row ``slots[c]`` of the arrays of that
        kind; where ``empty[c]``, a cell may be empty (NaN), a price also 0, which then is no price.
    words, bounds : the bytes of all words (uint8), and (W + 1,) where each begins and ends.
    first, last : (C,) the words of a column are those from ``first[c]`` to before ``last[c]``.
    """

    separator: int
    decimals: int
    marks: np.ndarray
    kinds: np.ndarray
    slots: np.ndarray
    empty: np.ndarray
    words: np.ndarray
    bounds: np.ndarray
    first: np.ndarray
    last: np.ndarray


class Hard(NamedTuple):
    """Cells of too many digits, left to do: (H,) slot and line of the number, where its text begins and ends;
    (1,) how many there are."""

    slot: np.ndarray
    line: np.ndarray
    begin: np.ndarray
    end: np.ndarray
    count: np.ndarray

    @classmethod
    def room(cls, count: int) -> Hard:
        """For so many."""
        slot, line, begin, end = (np.empty(count, np.int64) for _ in range(4))
        return cls(slot, line, begin, end, np.zeros(1, np.int64))


class Output(NamedTuple):
    """Room for R lines, a row for each column of a kind: (n, R) int64 of WHOLE, float64 of numbers, int8
    codes of WORD; of TEXT the bytes, and (n, R + 1) where they end; (C,) the word that a column had last."""

    whole: np.ndarray
    number: np.ndarray
    code: np.ndarray
    letters: np.ndarray
    ends: np.ndarray
    word: np.ndarray
    hard: Hard


@borrowing
def _ends(text, i, separator):
    """Whether a cell ends here: a separator, a newline, or a carriage return before one."""
    c = text[i]
    return c == separator or c == NEWLINE or (c == RETURN and text[i + 1] == NEWLINE)


@borrowing
def _digits(text, i, value):
    """The digits from here, after those of ``value``: position, and the number they make (of up to 18)."""
    while ZERO <= text[i] <= NINE:
        value = value * 10 + np.int64(text[i] - ZERO)
        i += 1
    return i, value


@borrowing
def _whole(text, i):
    """A plain integer of at most 18 digits, without a leading zero."""
    negative = text[i] == MINUS
    if negative:
        i += 1
    start = i
    i, value = _digits(text, i, 0)
    if i == start or i - start > 18 or (text[start] == ZERO and (i - start > 1 or negative)):
        return -1, 0
    return i, -value if negative else value


@borrowing
def _number(text, i):
    """An unsigned decimal, with an exponent or not: position, mantissa, decimals (below 0: zeros to add).

    The mantissa is -1 if it has too many digits to be exact.
    """
    start, decimals = i, 0
    i, value = _digits(text, i, 0)
    digits = i - start
    if digits == 0:
        return -1, 0, 0
    if text[i] == POINT:
        point = i + 1
        i, value = _digits(text, point, value)
        decimals = i - point
        if decimals == 0:
            return -1, 0, 0
    if text[i] | 32 == 101:
        i += 1
        negative = text[i] == MINUS
        if negative or text[i] == PLUS:
            i += 1
        begin, exponent = i, 0
        while ZERO <= text[i] <= NINE and i - begin < 3:
            exponent = exponent * 10 + np.int64(text[i] - ZERO)
            i += 1
        if i == begin:
            return -1, 0, 0
        return (
            i,
            value if digits + decimals <= 18 and value < EXACT else -1,
            (decimals + exponent if negative else decimals - exponent),
        )
    return i, value if digits + decimals <= 18 and value < EXACT else -1, decimals


@borrowing
def _has_exponent(text, begin, end):
    """Whether a number is written with one."""
    found = False
    for i in range(begin, end):
        found |= text[i] | 32 == 101
    return found


@borrowing
def _grow(mantissa, decimals):
    """Mantissa and decimals without zeros to add; a mantissa of -1 where that is not exact."""
    while decimals < 0 and mantissa >= 0:
        mantissa = mantissa * 10 if mantissa * 10 < EXACT else -1
        decimals += 1
    return mantissa, decimals


@borrowing
def _word(text, i, layout, column, guess):
    """Which word of a column stands here; ``guess`` is tried before the others."""
    first = layout.first[column]
    for k in range(first - 1, layout.last[column]):
        w = guess if k < first else k
        begin = layout.bounds[w]
        size = layout.bounds[w + 1] - begin
        same = True
        for j in range(size):
            if text[i + j] != layout.words[begin + j]:
                same = False
                break
        if same and _ends(text, i + size, layout.separator):
            return i + size, w
    return -1, 0


@borrowing
def _text(text, i, marks, letters, slot, at):
    """A cell of ASCII, copied to ``letters[slot]`` from ``at``; returns where it ends there."""
    while marks[text[i]] == 0:
        letters[slot, at] = text[i]
        at += 1
        i += 1
    if marks[text[i]] == END or (text[i] == RETURN and text[i + 1] == NEWLINE):
        return i, at
    return -1, at


@borrowing
def scan(text, layout, tick, out):
    """Take lines until the end or until one that is not fully understood; returns the number taken.

    ``tick`` takes their prices (see `divide`).
    """
    i, end, n = 0, len(text), 0
    separator, kinds, slots, empty = layout.separator, layout.kinds, layout.slots, layout.empty
    number, ends, hard = out.number, out.ends, out.hard
    columns = len(kinds)
    while i < end:
        for c in range(columns):
            kind, slot = kinds[c], slots[c]
            if kind == SKIP:
                while text[i] != separator and text[i] != NEWLINE:
                    i += 1
            elif kind == WORD:
                i, w = _word(text, i, layout, c, out.word[c])
                out.word[c] = w
                out.code[slot, n] = w - layout.first[c]
            elif kind == WHOLE:
                i, value = _whole(text, i)
                out.whole[slot, n] = value
            elif kind == TEXT:
                i, ends[slot, n + 1] = _text(text, i, layout.marks, out.letters, slot, ends[slot, n])
            elif empty[c] and _ends(text, i, separator):
                number[slot, n] = np.nan
            else:
                begin = i
                i, mantissa, decimals = _number(text, i)
                if decimals < 0:
                    mantissa, decimals = _grow(mantissa, decimals)
                if i < 0:
                    return n
                exact = mantissa >= 0 and decimals <= 22
                if exact:
                    number[slot, n] = mantissa / POWERS[decimals]
                if kind == PRICE:
                    if not exact or decimals > layout.decimals:
                        return n
                    if mantissa == 0:
                        if not empty[c]:
                            return n
                    elif not divide(tick, mantissa, decimals):
                        return n
                elif kind == PLAIN and _has_exponent(text, begin, i):
                    return n
                elif not exact:
                    h = hard.count[0]
                    hard.slot[h], hard.line[h], hard.begin[h], hard.end[h] = slot, n, begin, i
                    hard.count[0] = h + 1
            if i < 0:
                return n
            if c + 1 < columns:
                if text[i] != separator:
                    return n
                i += 1
        if text[i] == RETURN:
            i += 1
        if text[i] != NEWLINE:
            return n
        i += 1
        n += 1
    return n


@borrowing
def gather(text, hard, letters, ends):
    """The cells of `Hard` one after the other, and where each ends."""
    at = 0
    for h in range(hard.count[0]):
        for i in range(hard.begin[h], hard.end[h]):
            letters[at] = text[i]
            at += 1
        ends[h + 1] = at

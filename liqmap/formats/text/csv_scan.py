# mypy: disable-error-code="no-untyped-def, assignment"
"""The fast path of CSV text: bytes to columns, one pass, no objects.

`scan` takes lines whose cells are of the kinds told and stops at the first one that it does not fully
understand. It never judges such a line: the exact path of its format does. Every helper gets the position to
read at and returns the one after, or -1. A line ends with a newline, which no helper accepts inside, so none
reads past the end.
"""

from __future__ import annotations

import numpy as np

from liqmap.compiling import borrowing
from liqmap.formats.text.json_scan import EXACT, NEWLINE, POWERS, divide

SKIP, TEXT, WORD, WHOLE, NUMBER, PLAIN, PRICE = range(7)
"""Passed over; ASCII as it is; one of some words; int64; float64 of 0 or more; the same without an exponent;
the same, for the tick."""

POINT, MINUS, PLUS, ZERO, NINE, RETURN = 46, 45, 43, 48, 57, 13
END, ODD = 1, 2


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
def _word(text, i, separator, words, bounds, first, last, guess):
    """Which of the words from ``first`` stands here; ``guess`` is tried before the others."""
    for k in range(first - 1, last):
        w = guess if k < first else k
        size = bounds[w + 1] - bounds[w]
        same = True
        for j in range(size):
            if text[i + j] != words[bounds[w] + j]:
                same = False
                break
        if same and _ends(text, i + size, separator):
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
def scan(
    text, separator, marks, kinds, slots, empty, most, words, bounds, spans, guesses, tick,
    whole, number, code, letters, ends, hard, count,
):  # fmt: skip
    """Take lines until the end or until one that is not fully understood; returns the number taken.

    ``marks`` has END for the bytes that end a cell, ODD for those that no text has, a carriage return among
    them. Column c has ``kinds[c]`` and goes to row ``slots[c]`` of the arrays of that kind; ``empty[c]``: it
    may be empty (NaN), a price also 0, which then is no price for the tick. ``most``: decimals of a price.
    Cells of too many digits are left to do in ``hard`` (slot, line, begin, end), their number in ``count``.
    """
    i, end, n = 0, len(text), 0
    columns = len(kinds)
    while i < end:
        for c in range(columns):
            kind, slot = kinds[c], slots[c]
            if kind == SKIP:
                while text[i] != separator and text[i] != NEWLINE:
                    i += 1
            elif kind == WORD:
                i, w = _word(text, i, separator, words, bounds, spans[c, 0], spans[c, 1], guesses[c])
                guesses[c] = w
                code[slot, n] = w - spans[c, 0]
            elif kind == WHOLE:
                i, value = _whole(text, i)
                whole[slot, n] = value
            elif kind == TEXT:
                i, ends[slot, n + 1] = _text(text, i, marks, letters, slot, ends[slot, n])
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
                    if not exact or decimals > most:
                        return n
                    if mantissa == 0:
                        if not empty[c]:
                            return n
                    elif not divide(tick, mantissa, decimals):
                        return n
                elif kind == PLAIN and _has_exponent(text, begin, i):
                    return n
                elif not exact:
                    h = count[0]
                    hard[h, 0], hard[h, 1], hard[h, 2], hard[h, 3] = slot, n, begin, i
                    count[0] = h + 1
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
    """The cells of ``hard`` one after the other, and where each ends."""
    at = 0
    for h in range(len(hard)):
        for i in range(hard[h, 2], hard[h, 3]):
            letters[at] = text[i]
            at += 1
        ends[h + 1] = at

# mypy: disable-error-code="no-untyped-def, assignment"
"""The fast path of Bybit's depth files: bytes to arrays, one pass, no objects.

`scan` takes whole lines of the well-known message, keys in any order, and stops at the first line that
it does not fully understand. It never judges such a line: the exact path in ``bybit`` does. What it takes
must therefore mean the same there, which the tests check.

Every helper gets the position to read at and returns the one after, or -1. A line always ends with a
newline, which no helper accepts inside, so none reads past the end.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from liqmap.formats.decimals import MOST_TICKS

POWERS = 10.0 ** np.arange(23)
"""Exact in float64; so mantissa / power is the nearest double when the mantissa is below 2**53."""

EXACT = 1 << 53
QUOTE, COMMA, COLON, NEWLINE = 34, 44, 58, 10
OPEN_BRACKET, CLOSE_BRACKET, OPEN_BRACE, CLOSE_BRACE = 91, 93, 123, 125
TS, CTS, U, TOPIC, TYPE, DATA, S, B, A = (1 << k for k in range(9))
NEEDED = U | TOPIC | TYPE | DATA | S | B | A


def _word(text: str) -> int:
    return int.from_bytes(text.encode(), "big")


K_TOPIC, K_TYPE, K_TS, K_CTS, K_DATA = (_word(w) for w in ("topic", "type", "ts", "cts", "data"))
K_S, K_B, K_A, K_U, K_SNAPSHOT, K_DELTA = (_word(w) for w in ("s", "b", "a", "u", "snapshot", "delta"))


@njit(cache=True, nogil=True)
def _space(text, i):
    """Skip blanks (not newlines)."""
    while text[i] == 32 or text[i] == 9 or text[i] == 13:
        i += 1
    return i


@njit(cache=True, nogil=True)
def _short(text, i):
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


@njit(cache=True, nogil=True)
def _same(text, i, wanted):
    """Exactly this string."""
    if text[i] != QUOTE:
        return -1
    i += 1
    for k in range(len(wanted)):
        if text[i + k] != wanted[k]:
            return -1
    i += len(wanted)
    return i + 1 if text[i] == QUOTE else -1


@njit(cache=True, nogil=True)
def _integer(text, i):
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


@njit(cache=True, nogil=True)
def _decimal(text, i):
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


@njit(cache=True, nogil=True)
def _divide(tick, mantissa, decimals):
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


@njit(cache=True, nogil=True)
def _levels(text, i, code, side, price, size, row, tick):
    """``[["price","size"],...]`` into the rows from ``row``."""
    if text[i] != OPEN_BRACKET:
        return -1, row
    i = _space(text, i + 1)
    if text[i] == CLOSE_BRACKET:
        return i + 1, row
    while True:
        if text[i] != OPEN_BRACKET:
            return -1, row
        i, mantissa, decimals = _decimal(text, _space(text, i + 1))
        if i < 0 or mantissa == 0 or decimals > 12 or not _divide(tick, mantissa, decimals):
            return -1, row
        price[row] = mantissa / POWERS[decimals]
        i = _space(text, i)
        if text[i] != COMMA:
            return -1, row
        i, mantissa, decimals = _decimal(text, _space(text, i + 1))
        if i < 0:
            return -1, row
        size[row] = mantissa / POWERS[decimals]
        side[row] = code
        row += 1
        i = _space(text, i)
        if text[i] != CLOSE_BRACKET:
            return -1, row
        i = _space(text, i + 1)
        if text[i] == CLOSE_BRACKET:
            return i + 1, row
        if text[i] != COMMA:
            return -1, row
        i = _space(text, i + 1)


@njit(cache=True, nogil=True)
def _skip(text, i):
    """The value of a key that depth does not use: a plain string, an integer or a literal."""
    if text[i] == QUOTE:
        i += 1
        while text[i] != QUOTE:
            if text[i] < 32 or text[i] > 126 or text[i] == 92:
                return -1
            i += 1
        return i + 1
    if 48 <= text[i] <= 57:
        return _integer(text, i)[0]
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


@njit(cache=True, nogil=True)
def _data(text, i, symbol, side, price, size, row, tick):
    """``{"s":...,"b":[...],"a":[...],"u":...}``: position, row, keys found, u."""
    found = 0
    u = 0
    if text[i] != OPEN_BRACE:
        return -1, row, found, u
    while True:
        i, key = _short(text, _space(text, i + 1))
        if i < 0:
            break
        i = _space(text, i)
        if text[i] != COLON:
            return -1, row, found, u
        i = _space(text, i + 1)
        flag = S if key == K_S else B if key == K_B else A if key == K_A else U if key == K_U else 0
        if found & flag:
            return -1, row, found, u
        found |= flag
        if flag == S:
            i = _same(text, i, symbol)
        elif flag == B:
            i, row = _levels(text, i, 0, side, price, size, row, tick)
        elif flag == A:
            i, row = _levels(text, i, 1, side, price, size, row, tick)
        elif flag == U:
            i, u = _integer(text, i)
        else:
            i = _skip(text, i)
        if i < 0:
            break
        i = _space(text, i)
        if text[i] == CLOSE_BRACE:
            return i + 1, row, found, u
        if text[i] != COMMA:
            break
    return -1, row, found, u


@njit(cache=True, nogil=True)
def _message(text, i, topic, symbol, side, price, size, row, tick, head):
    """One line; fills ``head`` with ts (ms), u and 1 for a snapshot. Position after the newline, and rows."""
    found = 0
    ts = 0
    cts = 0
    i = _space(text, i)
    if text[i] != OPEN_BRACE:
        return -1, row
    while True:
        i, key = _short(text, _space(text, i + 1))
        if i < 0:
            return -1, row
        i = _space(text, i)
        if text[i] != COLON:
            return -1, row
        i = _space(text, i + 1)
        flag = (
            TS if key == K_TS else CTS if key == K_CTS else TOPIC if key == K_TOPIC
            else TYPE if key == K_TYPE else DATA if key == K_DATA else 0
        )  # fmt: skip
        if found & flag:
            return -1, row
        found |= flag
        if flag == DATA:
            i, row, inner, head[1] = _data(text, i, symbol, side, price, size, row, tick)
            found |= inner
        elif flag == TS:
            i, ts = _integer(text, i)
        elif flag == CTS:
            i, cts = _integer(text, i)
        elif flag == TOPIC:
            i = _same(text, i, topic)
        elif flag == TYPE:
            i, kind = _short(text, i)
            if kind != K_SNAPSHOT and kind != K_DELTA:
                return -1, row
            head[2] = kind == K_SNAPSHOT
        else:
            i = _skip(text, i)
        if i < 0:
            return -1, row
        i = _space(text, i)
        if text[i] == CLOSE_BRACE:
            break
        if text[i] != COMMA:
            return -1, row
    i = _space(text, i + 1)
    if text[i] != NEWLINE or found & NEEDED != NEEDED or not found & (TS | CTS):
        return -1, row
    head[0] = cts if found & CTS else ts
    return i + 1, row


@njit(cache=True, nogil=True)
def scan(text, i, end, topic, symbol, latest, ts, seq, snapshot, rows, line, side, price, size, tick, count):
    """Take lines from ``i`` until ``end`` or until one that is not fully understood; returns its position.

    ``count`` holds messages, rows and lines so far and is updated, as is ``tick`` (see `_divide`);
    times are ms and at most ``latest``.
    """
    head = np.zeros(3, np.int64)
    m, r, n = count[0], count[1], count[2]
    while i < end:
        divisor, places, largest = tick[0], tick[1], tick[2]
        after, row = _message(text, i, topic, symbol, side, price, size, r, tick, head)
        if after < 0 or head[0] < 1 or head[0] > latest or head[1] < 1:
            tick[0], tick[1], tick[2] = divisor, places, largest
            break
        n += 1
        ts[m], seq[m], snapshot[m], line[m] = head[0], head[1], head[2], n
        i, r = after, row
        m += 1
        rows[m] = r
    count[0], count[1], count[2] = m, r, n
    return i

# mypy: disable-error-code="no-untyped-def, assignment"
"""The fast path of Bybit's depth files: bytes to arrays, one pass, no objects.

`scan` takes whole lines of the well-known message, keys in any order, and stops at the first line that
it does not fully understand. It never judges such a line: the exact path in ``bybit`` does. What it takes
must therefore mean the same there, which the tests check.

Every function gets the position to read at and returns the one after, or -1, as those of `_json_scan`.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from liqmap.compiling import borrowing
from liqmap.formats.text.json_scan import (  # fmt: skip
    CLOSE_BRACE,
    COLON,
    COMMA,
    NEWLINE,
    OPEN_BRACE,
    integer,
    levels,
    local,
    same,
    short,
    skip,
    space,
    word,
)
from liqmap.formats.text.times import EARLIEST_MS, LATEST_MS

TS, CTS, U, TOPIC, TYPE, DATA, S, B, A = (1 << k for k in range(9))
NEEDED = U | TOPIC | TYPE | DATA | S | B | A

K_TOPIC, K_TYPE, K_TS, K_CTS, K_DATA = (word(w) for w in ("topic", "type", "ts", "cts", "data"))
K_S, K_B, K_A, K_U, K_SNAPSHOT, K_DELTA = (word(w) for w in ("s", "b", "a", "u", "snapshot", "delta"))


@borrowing
def _data(text, i, symbol, side, price, size, row, tick):
    """``{"s":...,"b":[...],"a":[...],"u":...}``: position, row, keys found, u."""
    found = 0
    u = 0
    if text[i] != OPEN_BRACE:
        return -1, row, found, u
    while True:
        i, key = short(text, space(text, i + 1))
        if i < 0:
            break
        i = space(text, i)
        if text[i] != COLON:
            return -1, row, found, u
        i = space(text, i + 1)
        flag = S if key == K_S else B if key == K_B else A if key == K_A else U if key == K_U else 0
        if found & flag:
            return -1, row, found, u
        found |= flag
        if flag == S:
            i = same(text, i, symbol)
        elif flag == B:
            i, row = levels(text, i, 0, side, price, size, row, tick)
        elif flag == A:
            i, row = levels(text, i, 1, side, price, size, row, tick)
        elif flag == U:
            i, u = integer(text, i)
        else:
            i = skip(text, i)
        if i < 0:
            break
        i = space(text, i)
        if text[i] == CLOSE_BRACE:
            return i + 1, row, found, u
        if text[i] != COMMA:
            break
    return -1, row, found, u


@borrowing
def _message(text, i, topic, symbol, side, price, size, row, tick, head):
    """One line; fills ``head`` with ts (ms), u, 1 for a snapshot and the local time (ns, 0 for none).
    Position after the newline, and rows."""
    found = 0
    ts = 0
    cts = 0
    i, head[3] = local(text, space(text, i))
    if i < 0 or text[i] != OPEN_BRACE:
        return -1, row
    while True:
        i, key = short(text, space(text, i + 1))
        if i < 0:
            return -1, row
        i = space(text, i)
        if text[i] != COLON:
            return -1, row
        i = space(text, i + 1)
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
            i, ts = integer(text, i)
        elif flag == CTS:
            i, cts = integer(text, i)
        elif flag == TOPIC:
            i = same(text, i, topic)
        elif flag == TYPE:
            i, kind = short(text, i)
            if kind != K_SNAPSHOT and kind != K_DELTA:
                return -1, row
            head[2] = kind == K_SNAPSHOT
        else:
            i = skip(text, i)
        if i < 0:
            return -1, row
        i = space(text, i)
        if text[i] == CLOSE_BRACE:
            break
        if text[i] != COMMA:
            return -1, row
    i = space(text, i + 1)
    if text[i] != NEWLINE or found & NEEDED != NEEDED or not found & (TS | CTS):
        return -1, row
    head[0] = cts if found & CTS else ts
    return i + 1, row


@njit(cache=True, nogil=True)
def scan(text, i, end, topic, symbol, ts, recv, seq, snapshot, rows, line, side, price, size, tick, count):
    """Take lines from ``i`` until ``end`` or until one that is not fully understood; returns its position.

    ``count`` holds messages, rows and lines so far and is updated, as is ``tick`` (see `divide`);
    times are ms, local ones (``recv``) ns, 0 where a line has none.
    """
    head = np.zeros(4, np.int64)
    m, r, n = count[0], count[1], count[2]
    while i < end:
        divisor, places, largest = tick[0], tick[1], tick[2]
        after, row = _message(text, i, topic, symbol, side, price, size, r, tick, head)
        if after < 0 or head[0] < EARLIEST_MS or head[0] > LATEST_MS or head[1] < 1:
            tick[0], tick[1], tick[2] = divisor, places, largest
            break
        n += 1
        ts[m], seq[m], snapshot[m], line[m] = head[0], head[1], head[2], n
        recv[m] = head[3]
        i, r = after, row
        m += 1
        rows[m] = r
    count[0], count[1], count[2] = m, r, n
    return i

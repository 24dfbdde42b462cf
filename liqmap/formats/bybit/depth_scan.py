# mypy: disable-error-code="no-untyped-def, assignment"
"""The fast path of Bybit's depth files: bytes to arrays, one pass, no objects.

`scan` takes whole lines of the well-known message, keys in any order, and stops at the first line that
it does not fully understand. It never judges such a line: `exact` does. What it takes
must therefore mean the same there, which the tests check.

Every function gets the position to read at and returns the one after, or -1, as those of `json_scan`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liqmap.compiling import borrowing
from liqmap.formats.text.json_scan import (  # fmt: skip
    CLOSE_BRACE,
    COLON,
    COMMA,
    NEWLINE,
    OPEN_BRACE,
    Levels,
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

MESSAGES, ROWS, LINES = range(3)
"""What `Output.used` counts."""


class Wanted(NamedTuple):
    """The stream that is taken: its topic and the symbol in it, as bytes (uint8)."""

    topic: np.ndarray
    symbol: np.ndarray


class Output(NamedTuple):
    """Room for M messages and their levels, and how much of it is used.

    ts : (M,) ms. recv : (M,) local time, ns, 0 where a line has none. seq : (M,). snapshot : (M,) bool.
    line : (M,) from 1. rows : (M + 1,) where the levels of each begin and end.
    used : (3,) messages, rows and lines so far.
    """

    ts: np.ndarray
    recv: np.ndarray
    seq: np.ndarray
    snapshot: np.ndarray
    line: np.ndarray
    rows: np.ndarray
    levels: Levels
    used: np.ndarray

    @classmethod
    def room(cls, size: int) -> Output:
        """For what a text of ``size`` bytes can hold."""
        messages = size // 32 + 16
        ts, recv, seq, line = (np.empty(messages, np.int64) for _ in range(4))
        snapshot, rows = np.empty(messages, np.bool_), np.zeros(messages + 1, np.int64)
        levels, count = Levels.room(size // 6 + 16), np.zeros(3, np.int64)
        return cls(ts, recv, seq, snapshot, line, rows, levels, count)


@borrowing
def _data(text, i, symbol, out, row, tick):
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
            i, row = levels(text, i, 0, out, row, tick)
        elif flag == A:
            i, row = levels(text, i, 1, out, row, tick)
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
def _message(text, i, wanted, tick, out):
    """One line, as the next message of ``out``: position after the newline, and the row after its levels."""
    m, row = out.used[MESSAGES], out.used[ROWS]
    found = 0
    ts = 0
    cts = 0
    i, out.recv[m] = local(text, space(text, i))
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
            i, row, inner, out.seq[m] = _data(text, i, wanted.symbol, out.levels, row, tick)
            found |= inner
        elif flag == TS:
            i, ts = integer(text, i)
        elif flag == CTS:
            i, cts = integer(text, i)
        elif flag == TOPIC:
            i = same(text, i, wanted.topic)
        elif flag == TYPE:
            i, kind = short(text, i)
            if kind != K_SNAPSHOT and kind != K_DELTA:
                return -1, row
            out.snapshot[m] = kind == K_SNAPSHOT
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
    out.ts[m] = cts if found & CTS else ts
    return i + 1, row


@borrowing
def scan(text, i, wanted, tick, out):
    """Take lines from ``i`` until the end or until one that is not fully understood; returns its position.

    ``out`` is filled from where it is used up to, which is updated, as is ``tick`` (see `divide`).
    """
    m, n = out.used[MESSAGES], out.used[LINES]
    while i < len(text):
        divisor, places, largest = tick[0], tick[1], tick[2]
        after, row = _message(text, i, wanted, tick, out)
        if after < 0 or out.ts[m] < EARLIEST_MS or out.ts[m] > LATEST_MS or out.seq[m] < 1:
            tick[0], tick[1], tick[2] = divisor, places, largest
            break
        n += 1
        i = after
        out.line[m] = n
        m += 1
        out.rows[m] = row
        out.used[MESSAGES], out.used[ROWS], out.used[LINES] = m, row, n
    return i

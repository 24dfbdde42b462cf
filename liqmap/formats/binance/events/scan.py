# mypy: disable-error-code="no-untyped-def, assignment"
"""The fast path of Binance's stream captures: bytes to arrays, one pass, no objects.

`scan` takes the lines of one symbol's diffs and trades, passes over ``bookTicker``, and stops at the first
line that it does not fully understand. It never judges such a line: `exact` does.
Every function gets the position to read at and returns the one after, or -1, as those of `json_scan`.
"""

from __future__ import annotations

import numpy as np

from liqmap.compiling import borrowing
from liqmap.formats.binance.events.columns import DIFFS, LINES, ROWS, TRADES
from liqmap.formats.text.json_scan import (  # fmt: skip
    CLOSE_BRACE,
    COLON,
    COMMA,
    NEWLINE,
    OPEN_BRACE,
    POWERS,
    QUOTE,
    decimal,
    divide,
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

NOTHING, DIFF, TRADE, TICKER = range(4)
E, T, S, FIRST, LAST, PREV, B, A, ID, P, Q, M, X = (1 << k for k in range(13))
OF_DIFF = E | S | FIRST | LAST | B | A
OF_TRADE = T | S | ID | P | Q | M

K_STREAM, K_DATA, K_PU, K_TRADE, K_AGG, K_MARKET = (
    word(w) for w in ("stream", "data", "pu", "trade", "aggTrade", "MARKET")
)
K_e, K_E, K_T, K_s, K_U, K_u, K_b, K_a, K_t, K_p, K_q, K_m, K_X = (ord(c) for c in "eETsUubatpqmX")
W_DIFF = np.frombuffer(b"depthUpdate", np.uint8)
W_DEPTH = np.frombuffer(b"@depth", np.uint8)
W_RPI = np.frombuffer(b"@rpiDepth", np.uint8)
W_TICKER = np.frombuffer(b'@bookTicker"', np.uint8)


@borrowing
def _begins(text, i, wanted):
    """Whether these bytes stand here."""
    same = True
    for k in range(len(wanted)):
        same &= text[i + k] == wanted[k]
        if not same:
            break
    return same


@borrowing
def _stream(text, i, wanted):
    """``"btcusdt@depth@0ms"``: position after, and TICKER, NOTHING, or -1 for a depth that is not wanted."""
    if text[i] != QUOTE:
        return -1, NOTHING
    after = same(text, i, wanted)
    if after >= 0 and len(wanted) > 0:
        return after, NOTHING
    i += 1
    kind = NOTHING
    while text[i] != QUOTE:
        if text[i] < 32 or text[i] > 126 or text[i] == 92:
            return -1, NOTHING
        if text[i] == 64 and kind == NOTHING:
            if _begins(text, i, W_TICKER):
                kind = TICKER
            elif _begins(text, i, W_DEPTH) or _begins(text, i, W_RPI):
                return -1, NOTHING
        i += 1
    return i + 1, kind


@borrowing
def _key(text, i):
    """``"name":``: position of the value, and the name packed."""
    i, key = short(text, space(text, i))
    if i < 0:
        return -1, 0
    i = space(text, i)
    return (space(text, i + 1), key) if text[i] == COLON else (-1, 0)


@borrowing
def _flag(key, diff, trade):
    """Which value a key holds, by the kind of event."""
    if key == K_E:
        return E
    if key == K_T:
        return T
    if key == K_s:
        return S
    if diff:
        return (
            FIRST if key == K_U else LAST if key == K_u else PREV if key == K_PU
            else B if key == K_b else A if key == K_a else 0
        )  # fmt: skip
    if key == (K_t if trade else K_a):
        return ID
    return P if key == K_p else Q if key == K_q else M if key == K_m else X if key == K_X else 0


@borrowing
def _event(text, i, key, wanted, ticks, out):
    """An event from the value of its first key, ``"e"``, to its closing brace, as the next diff or trade of
    ``out``: position after, the row after its levels, kind."""
    diffs, m, row = out.diffs, out.used[DIFFS], out.used[ROWS]
    trades, k = out.trades, out.used[TRADES]
    if key != K_e:
        return -1, row, NOTHING
    after = same(text, i, W_DIFF)
    diff, trade = after >= 0, False
    if not diff:
        after, name = short(text, i)
        trade = name == K_TRADE
        if after < 0 or name != wanted.trades or not (trade or name == K_AGG):
            return -1, row, NOTHING
    found, published, engine, first, prev, number = 0, 0, 0, 0, 0, 0
    i = space(text, after)
    while text[i] == COMMA:
        i, key = _key(text, i + 1)
        if i < 0:
            return -1, row, NOTHING
        flag = _flag(key, diff, trade)
        if found & flag:
            return -1, row, NOTHING
        found |= flag
        if flag == E:
            i, published = integer(text, i)
        elif flag == T:
            i, engine = integer(text, i)
        elif flag == S:
            i = same(text, i, wanted.symbol)
        elif flag == FIRST:
            i, first = integer(text, i)
        elif flag == LAST or flag == ID:
            i, number = integer(text, i)
        elif flag == PREV:
            i, prev = integer(text, i)
        elif flag == B or flag == A:
            i, row = levels(text, i, 0 if flag == B else 1, diffs.levels, row, ticks.book)
        elif flag == P or flag == Q:
            i, mantissa, decimals = decimal(text, i)
            if i < 0 or mantissa == 0 or decimals > 12:
                return -1, row, NOTHING
            if flag == P and not divide(ticks.trades, mantissa, decimals):
                return -1, row, NOTHING
            if flag == P:
                trades.price[k] = mantissa / POWERS[decimals]
            else:
                trades.size[k] = mantissa / POWERS[decimals]
        elif flag == M:
            trades.maker[k] = text[i] == 116
            i = skip(text, i) if text[i] == 116 or text[i] == 102 else -1
        elif flag == X:
            i, kind = short(text, i)
            if kind != K_MARKET:
                return -1, row, NOTHING
        else:
            i = skip(text, i)
        if i < 0:
            return -1, row, NOTHING
        i = space(text, i)
    needed = OF_DIFF if diff else OF_TRADE
    if text[i] != CLOSE_BRACE or found & needed != needed or (diff and first < 1):
        return -1, row, NOTHING
    ts = engine if found & T else published
    if diff:
        diffs.ts[m], diffs.seq[m], diffs.prev[m] = ts, number, prev if found & PREV else first - 1
        return i + 1, row, DIFF
    trades.ts[k], trades.id[k] = ts, number
    return i + 1, row, TRADE


@borrowing
def _line(text, i, wanted, ticks, out):
    """One line, as the next diff or trade of ``out``: position after its newline, the row after its levels,
    kind."""
    row = out.used[ROWS]
    i, out.diffs.recv[out.used[DIFFS]] = local(text, space(text, i))
    if i < 0 or text[i] != OPEN_BRACE:
        return -1, row, NOTHING
    i, key = _key(text, i + 1)
    wrapped = key == K_STREAM
    if i >= 0 and wrapped:
        i, kind = _stream(text, i, wanted.stream)
        if i >= 0 and kind == TICKER:
            while text[i] != NEWLINE:
                i += 1
            whole_line = text[i - 1] == CLOSE_BRACE and text[i - 2] == CLOSE_BRACE
            return (i + 1 if whole_line else -1), row, TICKER
        if i >= 0:
            i = space(text, i)
            if text[i] != COMMA:
                return -1, row, NOTHING
            i, key = _key(text, i + 1)
        if i < 0 or key != K_DATA or text[i] != OPEN_BRACE:
            return -1, row, NOTHING
        i, key = _key(text, i + 1)
    if i < 0:
        return -1, row, NOTHING
    i, row, kind = _event(text, i, key, wanted, ticks, out)
    if i >= 0 and wrapped:
        i = space(text, i)
        i = i + 1 if text[i] == CLOSE_BRACE else -1
    if i < 0:
        return -1, row, NOTHING
    i = space(text, i)
    return (i + 1 if text[i] == NEWLINE else -1), row, kind


@borrowing
def _copy(state, into):
    """The state of a `Tick`."""
    into[0], into[1], into[2] = state[0], state[1], state[2]


@borrowing
def scan(text, i, wanted, ticks, before, out):
    """Take lines from ``i`` until the end or until one that is not fully understood; returns its position.

    ``out`` is filled from where it is used up to, which is updated, as are the ``ticks`` (see `divide`);
    ``before`` is room for what they were before a line.
    """
    m, n, k = out.used[DIFFS], out.used[LINES], out.used[TRADES]
    while i < len(text):
        _copy(ticks.book, before.book)
        _copy(ticks.trades, before.trades)
        after, row, kind = _line(text, i, wanted, ticks, out)
        if after >= 0 and kind != TICKER:
            ts, number = (
                (out.diffs.ts[m], out.diffs.seq[m]) if kind == DIFF else (out.trades.ts[k], out.trades.id[k])
            )
            ms = ts if ts < 1000 * EARLIEST_MS else ts // 1000
            if ms < EARLIEST_MS or ms > LATEST_MS or number < 1:
                after = -1
        if after < 0:
            _copy(before.book, ticks.book)
            _copy(before.trades, ticks.trades)
            break
        n += 1
        i = after
        if kind == DIFF:
            out.diffs.line[m] = n
            m += 1
            out.diffs.rows[m] = row
            out.used[DIFFS], out.used[ROWS] = m, row
        elif kind == TRADE:
            out.trades.line[k] = n
            k += 1
            out.used[TRADES] = k
        out.used[LINES] = n
    return i

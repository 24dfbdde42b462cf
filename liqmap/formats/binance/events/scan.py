# mypy: disable-error-code="no-untyped-def, assignment"
"""The fast path of Binance's stream captures: bytes to arrays, one pass, no objects.

`scan` takes the lines of one symbol's diffs, trades and book tickers, and stops at the first line that it
does not fully understand. It never judges such a line: `exact` does.
Every function gets the position to read at and returns the one after, or -1, as those of `json_scan`.
"""

from __future__ import annotations

import numpy as np

from liqmap.compiling import borrowing
from liqmap.formats.binance.events.columns import DIFFS, FOREIGN_TICKERS, LINES, ROWS, TICKERS, TRADES
from liqmap.formats.binance.events.scan_ticker import OURS, begins_ticker, key_of, ticker
from liqmap.formats.text.json_scan import (  # fmt: skip
    CLOSE_BRACE,
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

NOTHING, DIFF, TRADE, TICKER, FOREIGN_TICKER = range(5)
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
    """``"btcusdt@depth@0ms"``: position after, or -1 for a depth that is not wanted."""
    if text[i] != QUOTE:
        return -1
    after = same(text, i, wanted)
    if after >= 0 and len(wanted) > 0:
        return after
    i += 1
    while text[i] != QUOTE:
        if text[i] < 32 or text[i] > 126 or text[i] == 92:
            return -1
        if text[i] == 64 and (_begins(text, i, W_DEPTH) or _begins(text, i, W_RPI)):
            return -1
        i += 1
    return i + 1


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
        i, key = key_of(text, i + 1)
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
    """One line, as the next diff, trade or book ticker of ``out``: position after its newline, the row after
    its levels, kind."""
    row = out.used[ROWS]
    i, out.diffs.recv[out.used[DIFFS]] = local(text, space(text, i))
    if i < 0 or text[i] != OPEN_BRACE:
        return -1, row, NOTHING
    i, key = key_of(text, i + 1)
    wrapped = key == K_STREAM
    if i >= 0 and wrapped:
        i = _stream(text, i, wanted.stream)
        if i >= 0:
            i = space(text, i)
            if text[i] != COMMA:
                return -1, row, NOTHING
            i, key = key_of(text, i + 1)
        if i < 0 or key != K_DATA or text[i] != OPEN_BRACE:
            return -1, row, NOTHING
        i, key = key_of(text, i + 1)
    if i < 0:
        return -1, row, NOTHING
    if begins_ticker(text, i, key):
        i, whose = ticker(text, i, key, wanted, ticks.tickers, out)
        kind = TICKER if whose == OURS else FOREIGN_TICKER
        out.tickers.recv[out.used[TICKERS]] = out.diffs.recv[out.used[DIFFS]]
    else:
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
    m, n, k, q = out.used[DIFFS], out.used[LINES], out.used[TRADES], out.used[TICKERS]
    while i < len(text):
        _copy(ticks.book, before.book)
        _copy(ticks.trades, before.trades)
        _copy(ticks.tickers, before.tickers)
        after, row, kind = _line(text, i, wanted, ticks, out)
        if after >= 0 and kind != FOREIGN_TICKER:
            if kind == DIFF:
                ts, number = out.diffs.ts[m], out.diffs.seq[m]
            elif kind == TRADE:
                ts, number = out.trades.ts[k], out.trades.id[k]
            else:
                ts, number = out.tickers.ts[q], out.tickers.seq[q]
            ms = ts if ts < 1000 * EARLIEST_MS else ts // 1000
            timeless = kind == TICKER and ts == 0
            if ((ms < EARLIEST_MS or ms > LATEST_MS) and not timeless) or number < 1:
                after = -1
        if after < 0:
            _copy(before.book, ticks.book)
            _copy(before.trades, ticks.trades)
            _copy(before.tickers, ticks.tickers)
            break
        if kind == FOREIGN_TICKER:
            _copy(before.tickers, ticks.tickers)
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
        elif kind == TICKER:
            out.tickers.line[q] = n
            q += 1
            out.used[TICKERS] = q
        else:
            out.used[FOREIGN_TICKERS] += 1
        out.used[LINES] = n
    return i

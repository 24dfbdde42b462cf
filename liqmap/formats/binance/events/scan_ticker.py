# mypy: disable-error-code="no-untyped-def, assignment"
"""The fast path of Binance's book tickers: see `scan`."""

from __future__ import annotations

import numpy as np

from liqmap.compiling import borrowing
from liqmap.formats.binance.events.columns import TICKERS
from liqmap.formats.text.json_scan import (  # fmt: skip
    CLOSE_BRACE,
    COLON,
    COMMA,
    POWERS,
    QUOTE,
    decimal,
    divide,
    integer,
    same,
    short,
    skip,
    space,
)

KIND, E, T, S, ID, BID, BID_SIZE, ASK, ASK_SIZE = (1 << k for k in range(9))
NEEDED = S | ID | BID | BID_SIZE | ASK | ASK_SIZE
OURS, OTHERS = range(2)
FUTURES, SPOT = range(2)
K_e, K_E, K_T, K_s, K_u, K_b, K_B, K_a, K_A = (ord(c) for c in "eETsubBaA")
W_TICKER = np.frombuffer(b"bookTicker", np.uint8)


@borrowing
def key_of(text, i):
    """``"name":``: position of the value, and the name packed."""
    i, key = short(text, space(text, i))
    if i < 0:
        return -1, 0
    i = space(text, i)
    return (space(text, i + 1), key) if text[i] == COLON else (-1, 0)


@borrowing
def begins_ticker(text, i, key):
    """Whether the first key of an event, whose value stands here, is that of a book ticker."""
    return key == K_u or (key == K_e and same(text, i, W_TICKER) >= 0)


@borrowing
def _flag(key):
    """Which value a key holds."""
    return (
        KIND if key == K_e else E if key == K_E else T if key == K_T else S if key == K_s
        else ID if key == K_u else BID if key == K_b else BID_SIZE if key == K_B else ASK if key == K_a
        else ASK_SIZE if key == K_A else 0
    )  # fmt: skip


@borrowing
def ticker(text, i, key, wanted, tick, out):
    """A book ticker from the value of its first key to its closing brace, as the next of ``out``: position
    after, and whose it is."""
    tickers, k, whose = out.tickers, out.used[TICKERS], OURS
    found, engine, published = 0, 0, 0
    while True:
        flag = _flag(key)
        if found & flag:
            return -1, OURS
        found |= flag
        if flag == BID or flag == ASK or flag == BID_SIZE or flag == ASK_SIZE:
            i, mantissa, decimals = decimal(text, i)
            if i < 0 or mantissa == 0 or decimals > 12:
                return -1, OURS
            value = mantissa / POWERS[decimals]
            if (flag == BID or flag == ASK) and not divide(tick, mantissa, decimals):
                return -1, OURS
            if flag == BID:
                tickers.bid[k] = value
            elif flag == BID_SIZE:
                tickers.bid_size[k] = value
            elif flag == ASK:
                tickers.ask[k] = value
            else:
                tickers.ask_size[k] = value
        elif flag == T:
            i, engine = integer(text, i)
        elif flag == E:
            i, published = integer(text, i)
        elif flag == ID:
            i, tickers.seq[k] = integer(text, i)
        elif flag == S:
            after = same(text, i, wanted.symbol)
            if after < 0 and wanted.passes_tickers:
                after, whose = skip(text, i), OTHERS
                if text[i] != QUOTE:
                    return -1, OURS
            i = after
        else:
            i = skip(text, i)
        if i < 0:
            return -1, OURS
        i = space(text, i)
        if text[i] != COMMA:
            break
        i, key = key_of(text, i + 1)
        if i < 0:
            return -1, OURS
    market = FUTURES if found & KIND else SPOT
    timed = found & (T | E) > 0
    if text[i] != CLOSE_BRACE or found & NEEDED != NEEDED or market != wanted.market:
        return -1, OURS
    ts = engine if found & T else published
    if timed != (market == FUTURES) or (timed and ts == 0):
        return -1, OURS
    tickers.ts[k] = ts
    return i + 1, whose

"""Who was the aggressor of a trade, and where it traded, by the quote that stood before it."""

from __future__ import annotations

import numpy as np

from liqmap.analytics.flow.trades import BUY, SELL, UNSIGNED
from liqmap.compiling import borrowing

NO_RULE, VENUE, QUOTE, TICK = range(4)
"""By what a sign is known: by nothing, by the venue's word, by the quote rule, by the tick rule."""

NOT_KNOWN, INSIDE, AT, THROUGH = range(4)
"""Where a trade was: no quote to say it by; between bid and ask; at one of them; beyond."""

EPSILON = 4 * float(np.finfo(float).eps)


@borrowing
def compare(one, other):
    """-1, 0 or 1: below, the same but for rounding, above."""
    if abs(one - other) <= EPSILON * max(abs(one), abs(other)):
        return 0
    return 1 if one > other else -1


@borrowing
def sign_trades(trades, bid, ask, sign, rule):
    """Fill ``sign`` and ``rule`` of N trades, whose quotes are (N,), NaN where a side is not known.

    Where the venue tells no aggressor: above the middle of the quote it bought, below it sold; in the middle
    it bought if the last other price was lower, sold if it was higher. Without a quote of two sides, or of
    one that is crossed, and in the middle before any other price, it is not known.
    """
    moved = UNSIGNED
    for k in range(trades.price.shape[0]):
        price = trades.price[k]
        if k > 0:
            step = compare(price, trades.price[k - 1])
            if step != 0:
                moved = BUY if step > 0 else SELL
        sign[k], rule[k] = trades.sign[k], VENUE
        if trades.sign[k] != UNSIGNED:
            continue
        rule[k] = NO_RULE
        if not bid[k] <= ask[k]:  # also where one is NaN
            continue
        side = compare(2 * price, bid[k] + ask[k])
        if side != 0:
            sign[k], rule[k] = BUY if side > 0 else SELL, QUOTE
        elif moved != UNSIGNED:
            sign[k], rule[k] = moved, TICK


@borrowing
def place_trades(price, bid, ask, place, beyond):
    """Fill where each trade was, and how far beyond the quote: quote currency, 0 within it, NaN unknown."""
    for k in range(price.shape[0]):
        place[k], beyond[k] = NOT_KNOWN, np.nan
        if not bid[k] <= ask[k]:
            continue
        over, under = compare(price[k], ask[k]), compare(bid[k], price[k])
        beyond[k] = 0.0
        if over > 0:
            place[k], beyond[k] = THROUGH, price[k] - ask[k]
        elif under > 0:
            place[k], beyond[k] = THROUGH, bid[k] - price[k]
        else:
            place[k] = AT if over == 0 or under == 0 else INSIDE

"""Trades that are joined to one: those of an aggressor who walks through prices."""

from __future__ import annotations

from liqmap.analytics.flow.trades import BUY, UNSIGNED
from liqmap.compiling import borrowing


@borrowing
def join_trades(trades, within, start):
    """Fill ``start`` with where each joined trade begins; returns how many there are.

    A trade joins the one before it where both have the same known aggressor, its price has not come back
    (a buy's is not lower, a sell's not higher), and it came at most ``within`` ns after the first of them.
    """
    n, first = 0, 0
    for k in range(trades.time.shape[0]):
        sign = trades.sign[k]
        joins = n > 0 and sign != UNSIGNED and sign == trades.sign[k - 1]
        if joins:
            away = trades.price[k] - trades.price[k - 1]
            joins = (away >= 0.0 if sign == BUY else away <= 0.0) and trades.time[k] - first <= within
        if not joins:
            start[n], first = k, trades.time[k]
            n += 1
    return n


@borrowing
def count_prices(start, price, prices):
    """Distinct prices of each joined trade, whose prices never come back."""
    for b in range(start.shape[0] - 1):
        prices[b] = 1
        for k in range(start[b] + 1, start[b + 1]):
            if price[k] != price[k - 1]:
                prices[b] += 1

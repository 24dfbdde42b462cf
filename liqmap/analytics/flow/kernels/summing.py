"""What the trades of each bar come to."""

from __future__ import annotations

from liqmap.analytics.flow.trades import BUY, SELL
from liqmap.compiling import borrowing


@borrowing
def sum_bars(start, trades, sums):
    """Fill `BarSums` of the bars that begin at trades ``start`` (B + 1,); the last number ends the last bar.

    Running delta begins at 0 with each bar, so min_delta <= 0 <= max_delta. Who was the aggressor follows no
    pattern that a processor could guess, so it is chosen from and never branched on.
    """
    for b in range(start.shape[0] - 1):
        begin, end = start[b], start[b + 1]
        high = low = trades.price[begin]
        buys = sells = unsigned = notional = smallest = largest = 0.0
        for k in range(begin, end):
            price, amount, sign = trades.price[k], trades.amount[k], trades.sign[k]
            high, low = max(high, price), min(low, price)
            notional += price * trades.size[k]
            bought, sold = amount * (sign == BUY), amount * (sign == SELL)
            buys += bought
            sells += sold
            unsigned += amount - bought - sold
            smallest, largest = min(smallest, buys - sells), max(largest, buys - sells)
        sums.open[b], sums.close[b] = trades.price[begin], trades.price[end - 1]
        sums.high[b], sums.low[b] = high, low
        sums.buys[b], sums.sells[b], sums.unsigned[b] = buys, sells, unsigned
        sums.min_delta[b], sums.max_delta[b] = smallest, largest
        sums.notional[b] = notional

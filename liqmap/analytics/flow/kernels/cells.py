"""The cells of a footprint: what traded in each row of prices of each bar."""

from __future__ import annotations

from liqmap.analytics.flow.kernels.growing import busiest_row, grow_area
from liqmap.analytics.flow.trades import BUY, SELL
from liqmap.compiling import borrowing
from liqmap.schema import MISSING

ROUNDING = 1.0 - 1e-12
"""Of a product that is compared with a sum: 0.7 and 1.1 are not the numbers that people mean."""


@borrowing
def count_cells(start, row, trades, judged, shelf, cells, areas):
    """Fill `CellColumns` and `Areas` of B bars; returns how many cells there are."""
    n = 0
    for b in range(start.shape[0] - 1):
        low = high = row[start[b]]
        for k in range(start[b] + 1, start[b + 1]):
            low, high = min(low, row[k]), max(high, row[k])
        count = high - low + 1
        put_on(start[b], start[b + 1], row, low, count, trades, shelf)
        mark_runs(count, judged, shelf)
        find_area(b, low, count, judged, shelf, areas)
        n = take_off(b, low, count, shelf, cells, n)
    return n


@borrowing
def put_on(begin, end, row, low, count, trades, shelf):
    """The trades of a bar, each in its row."""
    for i in range(count):
        shelf.buys[i] = shelf.sells[i] = shelf.unsigned[i] = 0.0
        shelf.trades[i] = 0
    for k in range(begin, end):
        i, amount, sign = row[k] - low, trades.amount[k], trades.sign[k]
        if sign == BUY:
            shelf.buys[i] += amount
        elif sign == SELL:
            shelf.sells[i] += amount
        else:
            shelf.unsigned[i] += amount
        shelf.trades[i] += 1
    for i in range(count):
        shelf.volume[i] = shelf.buys[i] + shelf.sells[i] + shelf.unsigned[i]


@borrowing
def is_imbalance(one, other, judged):
    """Whether an amount stands out against that of the other side."""
    return one > 0.0 and one >= judged.least and one >= judged.ratio * other * ROUNDING


@borrowing
def mark_runs(count, judged, shelf):
    """How long the run of imbalances is that each row is in: buys against the sells one row below, sells
    against the buys one row above. The lowest row has nothing below it, the highest nothing above."""
    buy = sell = 0
    for i in range(count):
        bought = i > 0 and is_imbalance(shelf.buys[i], shelf.sells[i - 1], judged)
        sold = i + 1 < count and is_imbalance(shelf.sells[i], shelf.buys[i + 1], judged)
        buy = buy + 1 if bought else 0
        sell = sell + 1 if sold else 0
        shelf.buy_run[i], shelf.sell_run[i] = buy, sell
    for i in range(count - 2, -1, -1):
        if shelf.buy_run[i] > 0 and shelf.buy_run[i + 1] > 0:
            shelf.buy_run[i] = shelf.buy_run[i + 1]
        if shelf.sell_run[i] > 0 and shelf.sell_run[i + 1] > 0:
            shelf.sell_run[i] = shelf.sell_run[i + 1]


@borrowing
def find_area(b, low, count, judged, shelf, areas):
    """Point of control and value area of a bar."""
    poc = busiest_row(shelf.volume, count)
    if poc < 0:
        areas.poc[b] = areas.low[b] = areas.high[b] = MISSING
        return
    total = 0.0
    for i in range(count):
        total += shelf.volume[i]
    bottom, top = grow_area(shelf.volume, 0, count - 1, poc, judged.share * total * ROUNDING)
    areas.poc[b], areas.low[b], areas.high[b] = low + poc, low + bottom, low + top


@borrowing
def take_off(b, low, count, shelf, cells, n):
    """The rows in which something traded, behind the n cells that there are."""
    for i in range(count):
        if shelf.trades[i] > 0:
            cells.bar[n], cells.row[n] = b, low + i
            cells.buys[n], cells.sells[n], cells.unsigned[n] = (
                shelf.buys[i],
                shelf.sells[i],
                shelf.unsigned[i],
            )
            cells.trades[n] = shelf.trades[i]
            cells.buy_stack[n], cells.sell_stack[n] = shelf.buy_run[i], shelf.sell_run[i]
            n += 1
    return n

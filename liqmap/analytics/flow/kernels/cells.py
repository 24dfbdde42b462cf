"""The cells of a footprint: what traded in each row of prices of each bar."""

from __future__ import annotations

from liqmap.analytics.flow.kernels.growing import busiest_row, grow_area
from liqmap.analytics.flow.kernels.numbering import row_at
from liqmap.compiling import borrowing
from liqmap.schema import MISSING

ROUNDING = 1.0 - 1e-12
"""Of a product that is compared with a sum: 0.7 and 1.1 are not the numbers that people mean."""

BOUGHT, SOLD, UNKNOWN = 0, 1, 3
"""Places on a `Shelf`: codes of aggressors, modulo 4."""


@borrowing
def count_cells(start, rows, trades, lattice, judged, shelf, cells, areas):
    """Fill `CellColumns` and `Areas` of B bars, whose `BarRows` are known; returns how many cells."""
    n = 0
    for b in range(start.shape[0] - 1):
        low, count = rows.low[b], rows.high[b] - rows.low[b] + 1
        put_on(start[b], start[b + 1], low, count, trades, lattice, shelf)
        mark_runs(count, judged, shelf)
        find_area(b, low, count, judged, shelf, areas)
        n = take_off(b, low, count, shelf, cells, n)
    return n


@borrowing
def put_on(begin, end, low, count, trades, lattice, shelf):
    """The trades of a bar, each in its row; no branch on the aggressor, which nobody could guess."""
    side, number = shelf.side, shelf.trades
    for i in range(count):
        side[i, BOUGHT] = side[i, SOLD] = side[i, UNKNOWN] = 0.0
        number[i] = 0
    for k in range(begin, end):
        i = row_at(trades.price[k], lattice) - low
        side[i, trades.sign[k] & 3] += trades.amount[k]
        number[i] += 1
    for i in range(count):
        shelf.volume[i] = side[i, BOUGHT] + side[i, SOLD] + side[i, UNKNOWN]


@borrowing
def is_imbalance(one, other, judged):
    """Whether an amount stands out against that of the other side."""
    return one > 0.0 and one >= judged.least and one >= judged.ratio * other * ROUNDING


@borrowing
def mark_runs(count, judged, shelf):
    """How long the run of imbalances is that each row is in: buys against the sells one row below, sells
    against the buys one row above. The lowest row has nothing below it, the highest nothing above."""
    side, buy_run, sell_run = shelf.side, shelf.buy_run, shelf.sell_run
    buy = sell = 0
    for i in range(count):
        bought = i > 0 and is_imbalance(side[i, BOUGHT], side[i - 1, SOLD], judged)
        sold = i + 1 < count and is_imbalance(side[i, SOLD], side[i + 1, BOUGHT], judged)
        buy = buy + 1 if bought else 0
        sell = sell + 1 if sold else 0
        buy_run[i], sell_run[i] = buy, sell
    for i in range(count - 2, -1, -1):
        if buy_run[i] > 0 and buy_run[i + 1] > 0:
            buy_run[i] = buy_run[i + 1]
        if sell_run[i] > 0 and sell_run[i + 1] > 0:
            sell_run[i] = sell_run[i + 1]


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
    side = shelf.side
    for i in range(count):
        if shelf.trades[i] > 0:
            cells.bar[n], cells.row[n] = b, low + i
            cells.buys[n], cells.sells[n] = side[i, BOUGHT], side[i, SOLD]
            cells.unsigned[n], cells.trades[n] = side[i, UNKNOWN], shelf.trades[i]
            cells.buy_stack[n], cells.sell_stack[n] = shelf.buy_run[i], shelf.sell_run[i]
            n += 1
    return n

"""Small good files of Tardis' formats."""

from __future__ import annotations

from tests.formats.sample import Sample, book, numbers
from tests.formats.tardis import test_tardis as tardis

_L2 = [
    tardis.l2(1, True, "bid", "100.5", "3"),
    tardis.l2(1, True, "ask", "101", "4"),
    *(tardis.l2(2 + i, False, "bid", f"100.{i}", f"{i}.25") for i in range(1, 6)),
]
_T = tardis.T
_TARDIS_TRADES = [f"deribit,BTC-PERPETUAL,{_T + i},{_T + 9 + i},a{i},buy,100.{i},{i}.25" for i in range(1, 7)]
_BOOKS = [f"deribit,BTC-PERPETUAL,{_T + i},{_T + 9 + i},101.{i},{i}.25,100,2,102,3,," for i in range(1, 7)]

SAMPLES = {
    "tardis-incremental": Sample(
        "tardis-incremental", "l2.csv", [tardis.L2, *_L2], 4, "100.2", "2.25", "1585699200003950",
        "BTC-PERPETUAL", lambda line: numbers(line, 6, 7), 1, "price",
    ),
    "tardis-snapshots": Sample(
        "tardis-snapshots", "book.csv", [tardis.BOOK, *_BOOKS], 4, "101.4", "4.25", f"{_T + 4}",
        "BTC-PERPETUAL", lambda line: book(line.split(",", 4)[-1], 1), 1, "asks[0].price",
    ),
    "tardis-trades": Sample(
        "tardis-trades", "trades.csv", [tardis.TRADES, *_TARDIS_TRADES], 4, "100.4", "4.25", f"{_T + 4}",
        "BTC-PERPETUAL", lambda line: numbers(line, 6, 7), 1, "price",
    ),
}  # fmt: skip

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
_QUOTES = [f"deribit,BTC-PERPETUAL,{_T + i},{_T + 9 + i},2,102,100.{i},{i}.25" for i in range(1, 7)]
_BOOKS = [f"deribit,BTC-PERPETUAL,{_T + i},{_T + 9 + i},101.{i},{i}.25,100,2,102,3,," for i in range(1, 7)]

SAMPLES = {
    "tardis-incremental": Sample(
        format="tardis-incremental",
        path="l2.csv",
        lines=[tardis.L2, *_L2],
        header=1,
        column="price",
        bad=4,
        price="100.2",
        size="2.25",
        time="1585699200003950",
        symbol="BTC-PERPETUAL",
        pairs=lambda line: numbers(line, 6, 7),
    ),
    "tardis-snapshots": Sample(
        format="tardis-snapshots",
        path="book.csv",
        lines=[tardis.BOOK, *_BOOKS],
        header=1,
        column="asks[0].price",
        bad=4,
        price="101.4",
        size="4.25",
        time=f"{_T + 4}",
        symbol="BTC-PERPETUAL",
        pairs=lambda line: book(line.split(",", 4)[-1], 1),
    ),
    "tardis-quotes": Sample(
        format="tardis-quotes",
        path="quotes.csv",
        lines=[tardis.QUOTES, *_QUOTES],
        header=1,
        column="bid_price",
        bad=4,
        price="100.4",
        size="4.25",
        time=f"{_T + 4}",
        symbol="BTC-PERPETUAL",
        fine={"price": ("0",), "size": ("0",)},
        pairs=lambda line: numbers(line, 6, 7) | numbers(line, 5, 4),
        kinds=("quotes",),
    ),
    "tardis-trades": Sample(
        format="tardis-trades",
        path="trades.csv",
        lines=[tardis.TRADES, *_TARDIS_TRADES],
        header=1,
        column="price",
        bad=4,
        price="100.4",
        size="4.25",
        time=f"{_T + 4}",
        symbol="BTC-PERPETUAL",
        pairs=lambda line: numbers(line, 6, 7),
        kinds=("trades",),
    ),
}

"""Small good tables, a layout each."""

from __future__ import annotations

from tests.formats.sample import Sample, book, numbers

_SPOT = [f"{i},170406720012{i},4200{i}.5,0.{i},sell" for i in range(1, 7)]
_LONG = [
    f"{1_700_000_000_000 + i // 2},{('bid', 'ask')[i % 2]},{99 + (i if i % 2 else -i)}.5,{i}.25"
    for i in range(8)
]
_WIDE = [f"{1_700_000_000_000 + i},99.{i},{i}.25,100.5,2" for i in range(1, 7)]
_MARKET = {"venue": "kraken", "symbol": "XBTUSD"}

SAMPLES = {
    "tabular-trades": Sample(
        format="tabular",
        path="trades.csv",
        lines=["trade_id,timestamp,price,qty,side", *_SPOT],
        header=1,
        column="price",
        bad=4,
        price="42004.5",
        size="0.4",
        time="1704067200124",
        symbol=None,
        pairs=lambda line: numbers(line, 2, 3),
        hints=_MARKET,
        kinds=("trades",),
    ),
    "tabular-updates": Sample(
        format="tabular",
        path="updates.csv",
        lines=["ts,side,price,size", *_LONG],
        header=1,
        column="price",
        bad=4,
        price="102.5",
        size="3.25",
        time="1700000000001",
        symbol=None,
        pairs=lambda line: numbers(line, 2, 3),
        hints={**_MARKET, "mapping": {"layout": "updates"}},
        first="update",
    ),
    "tabular-wide": Sample(
        format="tabular",
        path="wide.csv",
        lines=["ts,bid1_price,bid1_size,ask1_price,ask1_size", *_WIDE],
        header=1,
        column="ask1_price",
        bad=4,
        price="99.4",
        size="4.25",
        time="1700000000004",
        symbol=None,
        fine={"size": ("", "nan", "NaN")},  # a price without a size is of no level
        pairs=lambda line: book(line.partition(",")[2], 1),
        hints=_MARKET,
    ),
}

"""Small good tables, a layout each."""

from __future__ import annotations

from tests.formats.sample import Sample, book, numbers

_SPOT = [f"{i},170406720012{i},4200{i}.5,0.{i},sell" for i in range(1, 7)]
_LONG = [f"{1_700_000_000_000 + i // 2},{('bid', 'ask')[i % 2]},{99 + i}.5,{i}.25" for i in range(8)]
_WIDE = [f"{1_700_000_000_000 + i},99.{i},{i}.25,100.5,2" for i in range(1, 7)]
_MARKET = {"venue": "kraken", "symbol": "XBTUSD"}

SAMPLES = {
    "tabular-trades": Sample(
        "tabular", "trades.csv", ["id,timestamp,price,qty,side", *_SPOT], 4, "42004.5", "0.4",
        "1704067200124", None, lambda line: numbers(line, 2, 3), 1, "price", _MARKET,
    ),
    "tabular-updates": Sample(
        "tabular", "updates.csv", ["ts,side,price,size", *_LONG], 4, "102.5", "3.25", "1700000000001", None,
        lambda line: numbers(line, 2, 3), 1, "price", {**_MARKET, "mapping": {"layout": "updates"}},
    ),
    "tabular-wide": Sample(
        "tabular", "wide.csv", ["ts,bid1_price,bid1_size,ask1_price,ask1_size", *_WIDE], 4, "99.4", "4.25",
        "1700000000004", None, lambda line: book(line.partition(",")[2], 1), 1, "ask1_price", _MARKET,
    ),
}  # fmt: skip

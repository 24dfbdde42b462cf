"""Small good files of Bybit's formats."""

from __future__ import annotations

import json

from tests.formats.bybit import test_trades as bybit_trades
from tests.formats.bybit.lines import depth_line, feed
from tests.formats.sample import Pairs, Sample, levels, named, numbers


def _stream_trade(number: int, price: str = "100.5") -> str:
    trade = {"T": 1_700_000_000_000 + number, "s": "BTCUSDT", "S": "Buy", "v": "0.25", "p": price}
    message = {"topic": "publicTrade.BTCUSDT", "type": "snapshot", "ts": 1_700_000_000_001 + number}
    return json.dumps(message | {"data": [trade | {"i": f"id-{number}", "BT": False}]})


_CSV = ["id-1", "id-2", "id-3", "id-4", "id-5", "id-6"]
_BYBIT = [
    bybit_trades.ROW.replace("id-1", name).replace("800.30", f"80{i}.30").replace("0.003", f"0.00{i + 3}", 1)
    for i, name in enumerate(_CSV)
]
_SPOT = [f"{i},170406720012{i},4200{i}.5,0.{i},sell" for i in range(1, 7)]


def ticker(number: int, kind: str = "delta", symbol: str = "BTCUSDT", **fields: str) -> str:
    """One line of best prices."""
    message = {"topic": f"tickers.{symbol}", "type": kind, "data": {"symbol": symbol, **fields}}
    return json.dumps(message | {"cs": 5_000 + number, "ts": 1_700_000_000_000 + number})


def _ticker(number: int) -> str:
    bid = {"bid1Price": f"98.{number}", "bid1Size": f"{number}.25"}
    return ticker(number, "snapshot", **bid, ask1Price="101.5", ask1Size="3")


def _best_prices(line: str) -> Pairs:
    """Both sides of a ticker that tells both."""
    return named(line, ("bid1Price", "bid1Size"), ("ask1Price", "ask1Size"))


SAMPLES = {
    "bybit-tickers": Sample(
        format="bybit-tickers",
        path="linear/tickers.ndjson",
        lines=[_ticker(number) for number in range(1, 7)],
        bad=3,
        price="98.4",
        size="4.25",
        time="1700000000004",
        symbol="BTCUSDT",
        pairs=_best_prices,
        kinds=("quotes",),
    ),
    "bybit-depth": Sample(
        format="bybit-depth",
        path="linear/depth.ndjson",
        lines=[*feed(8), depth_line(1008, [("99.8", "4")], [("100.2", "5")])],
        bad=4,
        price="99.9",
        size="1004.25",
        time="1700000100400",
        symbol="BTCUSDT",
        pairs=levels,
    ),
    "bybit-trades": Sample(
        format="bybit-trades",
        path="linear/BTCUSDT2024-08-08.csv",
        lines=[bybit_trades.HEADER, *_BYBIT],
        header=1,
        column="price",
        bad=4,
        price="61803.30",
        size="0.006",
        time="1723161256.6240",
        symbol="BTCUSDT",
        pairs=lambda line: numbers(line, 4, 3),
        kinds=("trades",),
    ),
    "bybit-spot-trades": Sample(
        format="bybit-trades",
        path="BTCUSDT_2024-01-01.csv",
        lines=["id,timestamp,price,volume,side", *_SPOT],
        header=1,
        column="price",
        bad=4,
        price="42004.5",
        size="0.4",
        time="1704067200124",
        symbol=None,
        pairs=lambda line: numbers(line, 2, 3),
        kinds=("trades",),
    ),
    "bybit-stream-trades": Sample(
        format="bybit-trades",
        path="linear/trades.ndjson",
        lines=[_stream_trade(i, f"100.{i}") for i in range(6)],
        bad=4,
        price="100.4",
        size="0.25",
        time="1700000000004",
        symbol="BTCUSDT",
        pairs=levels,
        kinds=("trades",),
    ),
}

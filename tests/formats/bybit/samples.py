"""Small good files of Bybit's formats."""

from __future__ import annotations

import json

from tests.formats.bybit import test_trades as bybit_trades
from tests.formats.bybit.lines import feed
from tests.formats.sample import Sample, levels, numbers


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

SAMPLES = {
    "bybit-depth": Sample(
        "bybit-depth", "linear/depth.ndjson", feed(8), 4, "99.9", "1004.25", "1700000100400", "BTCUSDT",
        levels,
    ),
    "bybit-trades": Sample(
        "bybit-trades", "linear/BTCUSDT2024-08-08.csv", [bybit_trades.HEADER, *_BYBIT], 4, "61803.30",
        "0.006", "1723161256.6240", "BTCUSDT", lambda line: numbers(line, 4, 3), 1, "price",
    ),
    "bybit-spot-trades": Sample(
        "bybit-trades", "BTCUSDT_2024-01-01.csv", ["id,timestamp,price,volume,side", *_SPOT], 4, "42004.5",
        "0.4", "1704067200124", None, lambda line: numbers(line, 2, 3), 1, "price",
    ),
    "bybit-stream-trades": Sample(
        "bybit-trades", "linear/trades.ndjson", [_stream_trade(i, f"100.{i}") for i in range(6)], 4, "100.4",
        "0.25", "1700000000004", "BTCUSDT", levels,
    ),
}  # fmt: skip

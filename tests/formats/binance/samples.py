"""Small good files of Binance's formats."""

from __future__ import annotations

from tests.formats.binance import test_bands as bands
from tests.formats.binance import test_stream as binance
from tests.formats.binance import test_t_depth as t_depth
from tests.formats.binance import test_trades as binance_trades
from tests.formats.sample import Sample, levels, numbers

_BINANCE = [
    binance_trades.TRADE.replace("583935", f"58393{i}")
    .replace("800.30", f"80{i}.30")
    .replace("0.006", f"0.00{i + 3}")
    for i in range(6)
]
_T_DEPTH = [
    t_depth.HEADER,
    *t_depth.LINES[1:6],
    *(t_depth.row(110 + 10 * i, 100 + 10 * i, "b", f"99.{i}0", f"{i}.5") for i in range(1, 6)),
]
_BANDS = [bands.row(m, p, 5 + m) for m in range(4) for p in (-1, 1)]
_STREAM = [
    binance.diff(96, 100, 95, [("97.5", "6")], [("102", "1")]),
    binance.snapshot(98),
    binance.trade(7),
    binance.diff(101, 110, 100, [("99", "3")]),
    binance.diff(111, 120, 110, [("98.5", "4.25")], [("100.5", "4")]),
    binance.diff(121, 130, 120, [("98.25", "5")]),
    binance.trade(8),
    binance.diff(131, 140, 130, [("98", "7")]),
]

SAMPLES = {
    "binance-stream": Sample(
        "binance-stream", "um/capture.ndjson", _STREAM, 4, "98.5", "4.25", "1700000000120", "BTCUSDT", levels
    ),
    "binance-trades": Sample(
        "binance-trades", "um/BTCUSDT-trades-2024-08-08.csv", [binance_trades.HEADERS["trade"], *_BINANCE], 4,
        "61803.30", "0.006", "1723161256322", None, lambda line: numbers(line, 1, 2), 1, "price",
    ),
    "binance-trades-bare": Sample(
        "binance-trades", "um/BTCUSDT-trades-2024-08-08.csv", _BINANCE, 3, "61803.30", "0.006",
        "1723161256322", None, lambda line: numbers(line, 1, 2) | numbers(line, 1, 3),  # told by the header
    ),
    "binance-t-depth": Sample(
        "binance-t-depth", "um/btcusdt-depth.csv", _T_DEPTH, 7, "99.20", "2.5", "1700000000130", "BTCUSDT",
        lambda line: numbers(line, 6, 7), 1, "price",
    ),
    "binance-bands": Sample(
        "binance-bands", "um/BTCUSDT-bookDepth-2023-01-01.csv", [bands.HEADER, *_BANDS], 4, "6", "600",
        "2023-01-01 00:01:07", None, lambda line: numbers(line, 2, 3), 1, "depth",
    ),
}  # fmt: skip

"""Small good files of Binance's formats."""

from __future__ import annotations

from tests.formats.binance import test_stream as binance
from tests.formats.binance.archive import test_bands as bands
from tests.formats.binance.archive import test_book_ticker as archived
from tests.formats.binance.archive import test_t_depth as t_depth
from tests.formats.binance.archive import test_trades as binance_trades
from tests.formats.sample import Pairs, Sample, levels, named, numbers

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


def best_prices(line: str) -> Pairs:
    """Both sides of a book ticker in a line."""
    return named(line, ("b", "B"), ("a", "A"))


SAMPLES = {
    "binance-stream": Sample(
        format="binance-stream",
        path="um/capture.ndjson",
        lines=_STREAM,
        bad=4,
        price="98.5",
        size="4.25",
        time="1700000000120",
        symbol="BTCUSDT",
        pairs=levels,
        kinds=("depth", "trades"),
    ),
    "binance-trades": Sample(
        format="binance-trades",
        path="um/BTCUSDT-trades-2024-08-08.csv",
        lines=[binance_trades.HEADERS["trade"], *_BINANCE],
        header=1,
        column="price",
        bad=4,
        price="61803.30",
        size="0.006",
        time="1723161256322",
        symbol=None,
        pairs=lambda line: numbers(line, 1, 2),
        kinds=("trades",),
    ),
    "binance-tickers": Sample(
        format="binance-stream",
        path="um/tickers.ndjson",
        lines=[binance.ticker(200 + i, f"98.{i}", B=f"{i}.25") for i in range(1, 7)],
        bad=3,
        price="98.4",
        size="4.25",
        time="1700000000204",
        symbol="BTCUSDT",
        pairs=best_prices,
        kinds=("quotes",),
    ),
    "binance-tickers-spot": Sample(
        format="binance-stream",
        path="capture.ndjson",
        lines=[binance.ticker(200 + i, f"98.{i}", B=f"{i}.25", spot=True) for i in range(1, 7)],
        bad=3,
        price="98.4",
        size="4.25",
        time="",  # that of arrival is not in the line itself, and of any unit
        symbol="BTCUSDT",
        pairs=best_prices,
        kinds=("quotes",),
    ),
    "binance-book-ticker": Sample(
        format="binance-book-ticker",
        path="um/BTCUSDT-bookTicker-2023-06-01.csv",
        lines=[archived.HEADER, *archived.LINES],
        header=1,
        column="best_bid_price",
        bad=4,
        price="98.4",
        size="4.25",
        time="1685577600004",
        symbol=None,
        pairs=lambda line: numbers(line, 1, 2) | numbers(line, 3, 4),
        kinds=("quotes",),
    ),
    "binance-book-ticker-bare": Sample(
        format="binance-book-ticker",
        path="um/BTCUSDT-bookTicker-2023-06-01.csv",
        lines=archived.LINES,
        bad=3,
        price="98.4",
        size="4.25",
        time="1685577600004",
        symbol=None,
        pairs=lambda line: numbers(line, 1, 2) | numbers(line, 3, 4),
        kinds=("quotes",),
    ),
    "binance-trades-bare": Sample(
        format="binance-trades",
        path="um/BTCUSDT-trades-2024-08-08.csv",
        lines=_BINANCE,
        bad=3,
        price="61803.30",
        size="0.006",
        time="1723161256322",
        symbol=None,
        pairs=lambda line: numbers(line, 1, 2) | numbers(line, 1, 3),  # told by the header
        kinds=("trades",),
    ),
    "binance-t-depth": Sample(
        format="binance-t-depth",
        path="um/btcusdt-depth.csv",
        lines=_T_DEPTH,
        header=1,
        column="price",
        bad=7,
        price="99.20",
        size="2.5",
        time="1700000000130",
        symbol="BTCUSDT",
        pairs=lambda line: numbers(line, 6, 7),
    ),
    "binance-bands": Sample(
        format="binance-bands",
        path="um/BTCUSDT-bookDepth-2023-01-01.csv",
        lines=[bands.HEADER, *_BANDS],
        header=1,
        column="depth",
        bad=4,
        price="6",
        size="600",
        time="2023-01-01 00:01:07",
        symbol=None,
        fine={"price": ("0",)},
        pairs=lambda line: numbers(line, 2, 3),
        kinds=("bands",),
    ),
}

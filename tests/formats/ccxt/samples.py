"""Small good files of what ccxt handed out."""

from __future__ import annotations

from typing import Any

from liqmap.formats.ccxt.lines import Lines
from tests.formats.sample import Pairs, Sample, levels, named

LINES = Lines("gateio", "gate-io", "BTC/USDT")
MS = 1_700_000_000_000


def book(ms: int | None, bids: list[list[float]], asks: list[list[float]], lines: Lines = LINES) -> str:
    return lines.book({"timestamp": ms, "nonce": 7, "bids": bids, "asks": asks}).decode()


def trade(number: int, price: float, size: float, side: str | None = "buy") -> dict[str, Any]:
    ms = MS + 1_000 * number
    return {"id": f"t{number}", "timestamp": ms, "price": price, "amount": size, "side": side, "symbol": "x"}


def trades(*found: dict[str, Any], lines: Lines = LINES) -> str:
    return lines.trades(found).decode()


def pairs(text: str) -> Pairs:
    """Every [price, size] of books, and every price with its amount of trades."""
    return levels(text) | named(text, ("price", "amount"))


_ASKS = [[100.5, 1.5], [101.0, 8.25]]
SAMPLES = {
    "ccxt-books": Sample(
        format="ccxt",
        path="capture.ndjson",
        lines=[book(MS + 500 * k, [[99.5 - k / 2, 2.5 + k], [90.0, 4.5]], _ASKS) for k in range(3)]
        + [book(MS + 1_777, [[97.25, 7.75], [90.0, 4.5]], _ASKS)]
        + [book(MS + 500 * k, [[99.5 - k / 2, 2.5 + k], [90.0, 4.5]], _ASKS) for k in range(4, 8)],
        bad=3,
        price="97.25",
        size="7.75",
        time="1700000001777",
        symbol=None,
        pairs=pairs,
    ),
    "ccxt-trades": Sample(
        format="ccxt",
        path="trades.ndjson",
        lines=[trades(trade(k, 100.5 + k, 1.25 + k / 8, ("buy", "sell")[k % 2])) for k in range(1, 8)],
        bad=3,
        price="104.5",
        size="1.75",
        time="1700000004000",
        symbol=None,
        pairs=pairs,
        kinds=("trades",),
        often=False,
    ),
}

"""Small good files of Coinbase's formats."""

from __future__ import annotations

from tests.formats.coinbase.plain import (
    Texts,
    advanced,
    advanced_trade,
    at,
    exchange_snapshot,
    exchange_update,
    match,
)
from tests.formats.sample import Pairs, Sample, listed, named

_FIRST: Texts = [
    ("buy", "100.10", "1.5"),
    ("buy", "100.00", "2"),
    ("buy", "99.50", "8"),
    ("sell", "100.30", "1"),
    ("sell", "100.40", "4"),
    ("sell", "101.00", "8"),
]
_CHANGES: list[Texts] = [
    [("buy", "100.20", "0.5")],
    [("sell", "100.30", "0.75"), ("buy", "100.20", "0.25")],
    [("buy", "99.75", "4.25")],
    [("sell", "100.40", "0")],
    [("sell", "100.45", "3")],
    [("buy", "100.00", "2.5")],
]


def pairs(text: str) -> Pairs:
    """Every [price, size] and [side, price, size], and every price with its size, of the JSON in a line."""
    return named(text, ("price", "size"), ("price_level", "new_quantity")) | listed(text, 2, 3, price=-2)


SAMPLES = {
    "coinbase-exchange": Sample(
        format="coinbase-stream",
        path="capture.ndjson",
        lines=[
            exchange_snapshot(_FIRST)[:-1] + f', "time": "{at(500)}"}}',
            *(exchange_update(levels, 1_500 + 1_000 * k) for k, levels in enumerate(_CHANGES)),
        ],
        bad=3,
        price="99.75",
        size="4.25",
        time="2023-11-14T22:13:03.500000Z",
        symbol=None,
        pairs=pairs,
    ),
    "coinbase-advanced": Sample(
        format="coinbase-stream",
        path="capture.ndjson",
        lines=[
            advanced("snapshot", _FIRST, 0, 500),
            *(
                advanced("update", levels, 1 + k, 1_500 + 1_000 * k, lag=0)
                for k, levels in enumerate(_CHANGES)
            ),
        ],
        bad=3,
        price="99.75",
        size="4.25",
        time="2023-11-14T22:13:03.500000Z",
        symbol=None,
        pairs=pairs,
    ),
    "coinbase-matches": Sample(
        format="coinbase-trades",
        path="trades.ndjson",
        lines=[match(n, f"100.{n}0", f"{n}.25", ("buy", "sell")[n % 2]) for n in range(1, 8)],
        bad=3,
        price="100.40",
        size="4.25",
        time="2023-11-14T22:13:04.000000Z",
        symbol=None,
        pairs=pairs,
        kinds=("trades",),
        often=False,
    ),
    "coinbase-market-trades": Sample(
        format="coinbase-trades",
        path="trades.ndjson",
        lines=[advanced_trade(n, n, f"100.{n}0", f"{n}.25", ("BUY", "SELL")[n % 2]) for n in range(1, 8)],
        bad=3,
        price="100.40",
        size="4.25",
        time="2023-11-14T22:13:04.000000Z",
        symbol=None,
        pairs=pairs,
        kinds=("trades",),
        often=False,
    ),
}

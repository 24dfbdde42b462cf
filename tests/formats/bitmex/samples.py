"""Small good files of BitMEX's formats."""

from __future__ import annotations

from tests.formats.bitmex.plain import line, row, trade
from tests.formats.sample import Pairs, Sample, _found, named


def pairs(text: str) -> Pairs:
    """Every price with its size of the JSON in a line, and with 0 where a row is deleted."""
    found = named(text, ("price", "size"))
    for item in _found(text):
        if isinstance(item, dict) and "size" not in item:
            try:
                found.add((float(item["price"]), 0.0))
            except (TypeError, ValueError, KeyError):
                continue
    return found


_FIRST = [
    row(901, "Buy", 1500, 1000.5, 500),
    row(902, "Buy", 2000, 1000.0, 500),
    row(903, "Buy", 8000, 995.5, 500),
    row(801, "Sell", 1000, 1003.5, 500),
    row(802, "Sell", 4000, 1004.0, 500),
    row(803, "Sell", 8000, 1010.5, 500),
]
_BOOK = [
    line("partial", _FIRST),
    line("insert", [row(904, "Buy", 500, 1002.5, 1_500)]),
    line("update", [row(801, "Sell", 750, 1003.5, 2_500)]),
    line("insert", [row(905, "Buy", 4250, 997.5, 3_500)]),
    line("delete", [row(802, "Sell", None, 1004.0, 4_500)]),
    line("insert", [row(804, "Sell", 3000, 1004.5, 5_500)]),
    line("update", [row(902, "Buy", 2500, 1000.0, 6_500)]),
]
SAMPLES = {
    "bitmex-book": Sample(
        format="bitmex-stream",
        path="capture.ndjson",
        lines=_BOOK,
        bad=3,
        price="997.5",
        size="4250",
        time="2023-11-14T22:13:03.500Z",
        symbol=None,
        pairs=pairs,
    ),
    "bitmex-trades": Sample(
        format="bitmex-trades",
        path="trades.ndjson",
        lines=[trade(n, 1000.5 + n, 1_000 * n + 50, ("Buy", "Sell")[n % 2]) for n in range(1, 8)],
        bad=3,
        price="1004.5",
        size="4050",
        time="2023-11-14T22:13:04.000Z",
        symbol=None,
        pairs=pairs,
        kinds=("trades",),
        often=False,
    ),
}

"""Small good files of Bitstamp's logs."""

from __future__ import annotations

from tests.formats.bitstamp.market import books, order
from tests.formats.sample import Pairs as Pairs
from tests.formats.sample import Sample, levels, named


def pairs(line: str) -> Pairs:
    """Every [price, size] of the JSON in a line, and every price with its amount."""
    return levels(line) | named(line, ("price", "amount"))


_BOOKS = [
    books(10 * n, [("99.50", f"1.{n}0000000"), ("99.00", "2.00000000")], [(f"100.{n}0", f"3.2{n}000000")])
    for n in range(8)
]
_ORDERS = [
    order(10 * n, "created", 50 + n, n % 2, f"{(99, 101)[n % 2]}.{n}0", f"3.2{n}000000") for n in range(8)
]

SAMPLES = {
    "bitstamp-books": Sample(
        format="bitstamp-log",
        path="2023-11-14.log",
        lines=_BOOKS,
        bad=3,
        price="100.30",
        size="3.23000000",
        time="1700000003000",
        symbol=None,
        pairs=pairs,
        often=False,
    ),
    "bitstamp-orders": Sample(
        format="bitstamp-log",
        path="2023-11-14.log",
        lines=_ORDERS,
        bad=3,
        price="101.30",
        size="3.23000000",
        time="1700000003000",
        symbol=None,
        pairs=pairs,
        kinds=("depth", "orders"),
        first="update",
    ),
}

"""Small good files of OKX's formats."""

from __future__ import annotations

import json
from dataclasses import replace

from tests.formats.okx.plain import PlainBook, Texts, line
from tests.formats.sample import Pairs, Sample, listed, named

_FIRST: Texts = [
    ("bids", "100.1", "1.5"),
    ("bids", "100.0", "2"),
    ("bids", "99.5", "8"),
    ("asks", "100.3", "1"),
    ("asks", "100.4", "4"),
    ("asks", "101.0", "8"),
]
_CHANGES: list[Texts] = [
    [("bids", "100.2", "0.5")],
    [("asks", "100.3", "0.75"), ("bids", "100.2", "0.25")],
    [("bids", "99.7", "4.25")],
    [("asks", "100.4", "0")],
    [("asks", "100.5", "3")],
    [("bids", "100.0", "2.5")],
]


def pairs(text: str) -> Pairs:
    """Every [price, size, 0, orders] and every ``px`` with its ``sz`` of the JSON in a line."""
    return named(text, ("px", "sz")) | listed(text, 2)


def _books(checked: bool) -> list[str]:
    book = PlainBook()
    book.apply(_FIRST)

    def checksum() -> int:
        return book.checksum() if checked else 0

    lines = [line(_FIRST, seq=5, prev=-1, checksum=checksum(), ts=1_700_000_000_500, action="snapshot")]
    for k, levels in enumerate(_CHANGES):
        book.apply(levels)
        ts = 1_700_000_001_500 + 1_000 * k
        lines.append(line(levels, seq=12 + 7 * k, prev=5 + 7 * k, checksum=checksum(), ts=ts))
    return lines


def _books5() -> list[str]:
    book = PlainBook()
    book.apply(_FIRST)
    lines = []
    for k, levels in enumerate(_CHANGES):
        book.apply(levels)
        ts, channel = 1_700_000_001_500 + 1_000 * k, "books5"
        shown = book.listed(5)
        lines.append(
            line(shown, seq=12 + 9 * k, prev=None, checksum=None, ts=ts, action=None, channel=channel)
        )
    return lines


def trade(n: int, price: str, size: str, side: str = "buy", channel: str = "trades") -> str:
    told = {"instId": "BTC-USDT", "tradeId": str(1_000 + n), "px": price, "sz": size, "side": side}
    data = [told | {"ts": f"170000000{n}500", "count": "1"}]
    return json.dumps({"arg": {"channel": channel, "instId": "BTC-USDT"}, "data": data})


_BOOKS = Sample(
    format="okx-stream",
    path="capture.ndjson",
    lines=_books(checked=True),
    bad=3,
    price="99.7",
    size="4.25",
    time="1700000003500",
    symbol=None,
    pairs=pairs,
    checked=True,
)
SAMPLES = {
    "okx-books": _BOOKS,
    "okx-books-unchecked": replace(_BOOKS, lines=_books(checked=False), checked=False, often=False),
    "okx-books5": Sample(
        format="okx-stream",
        path="capture.ndjson",
        lines=_books5(),
        bad=3,
        price="99.7",
        size="4.25",
        time="1700000004500",
        symbol=None,
        pairs=pairs,
        often=False,
    ),
    "okx-trades": Sample(
        format="okx-trades",
        path="trades.ndjson",
        lines=[trade(n, f"100.{n}", f"{n}.25", ("buy", "sell")[n % 2]) for n in range(1, 8)],
        bad=3,
        price="100.4",
        size="4.25",
        time="1700000004500",
        symbol=None,
        pairs=pairs,
        kinds=("trades",),
        often=False,
    ),
}

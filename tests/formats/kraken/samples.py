"""Small good files of Kraken's formats."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from tests.formats.kraken.plain import PlainBook, answer, v1_snapshot, v1_update, v2_snapshot, v2_update
from tests.formats.sample import Pairs, Sample, listed, named


def pairs(line: str) -> Pairs:
    """Every [price, size, time, ...] and every price with its qty of the JSON in a line."""
    return named(line, ("price", "qty")) | listed(line, 3)


def _book() -> PlainBook:
    book = PlainBook(10)
    book.apply(
        [
            ("b", "100.10", "1.50000000"),
            ("b", "100.00", "2.00000000"),
            ("b", "99.50", "8.00000000"),
            ("a", "100.30", "1.00000000"),
            ("a", "100.40", "4.00000000"),
            ("a", "101.00", "8.00000000"),
        ]
    )
    return book


_CHANGES = [
    [("b", "100.20", "0.50000000")],
    [("a", "100.30", "0.75000000"), ("b", "100.20", "0.25000000")],
    [("b", "99.75", "4.25000000")],
    [("a", "100.40", "0.00000000")],
    [("a", "100.45", "3.00000000")],
    [("b", "100.00", "2.50000000")],
    [("b", "99.70", "2.50000000")],
]


def _v1(checked: bool = True) -> list[str]:
    book = _book()
    lines = [v1_snapshot(book, local="1700000000100000000 ")]
    for k, levels in enumerate(_CHANGES):
        lines.append(v1_update(book, levels, f"170000000{k + 1}.500001", local=f"170000000{k + 1}600000000 "))
    return lines if checked else [re.sub(r', "c": "\d+"', "", line) for line in lines]


def _v2() -> list[str]:
    book = _book()
    lines = [answer(10), v2_snapshot(book, "2023-11-14T22:13:20.000001Z")]
    for k, levels in enumerate(_CHANGES):
        lines.append(v2_update(book, levels, f"2023-11-14T22:13:2{k + 1}.500001Z"))
    return lines


def v1_trade(n: int, price: str, size: str, side: str = "b") -> str:
    return json.dumps([5, [[price, size, f"170000000{n}.250001", side, "l", ""]], "trade", "XBT/USD"])


def v2_trade(n: int, price: str, size: str, side: str = "buy") -> str:
    return (
        f'{{"channel":"trade","type":"update","data":[{{"symbol":"BTC/USD","side":"{side}","price":{price},'
        f'"qty":{size},"ord_type":"limit","trade_id":{1_000 + n},'
        f'"timestamp":"2023-11-14T22:13:2{n}.250001Z"}}]}}'
    )


SAMPLES = {
    "kraken-v1": Sample(
        format="kraken-stream",
        path="capture.ndjson",
        lines=_v1(),
        bad=3,
        price="99.75",
        size="4.25000000",
        time="1700000003.500001",
        symbol=None,
        pairs=pairs,
        checked=True,
    ),
    "kraken-v2": Sample(
        format="kraken-stream",
        path="capture.ndjson",
        lines=_v2(),
        bad=4,
        price="99.75",
        size="4.25000000",
        time="2023-11-14T22:13:23.500001Z",
        symbol=None,
        pairs=pairs,
        checked=True,
    ),
    "kraken-trades-v1": Sample(
        format="kraken-trades",
        path="trades.ndjson",
        lines=[v1_trade(n, f"100.{n}0", f"{n}.25000000", "bs"[n % 2]) for n in range(1, 8)],
        bad=3,
        price="100.40",
        size="4.25000000",
        time="1700000004.250001",
        symbol=None,
        pairs=pairs,
        kinds=("trades",),
        often=False,
    ),
    "kraken-trades-v2": Sample(
        format="kraken-trades",
        path="trades.ndjson",
        lines=[v2_trade(n, f"100.{n}0", f"{n}.25000000", ("buy", "sell")[n % 2]) for n in range(1, 8)],
        bad=3,
        price="100.40",
        size="4.25000000",
        time="2023-11-14T22:13:24.250001Z",
        symbol=None,
        pairs=pairs,
        kinds=("trades",),
        often=False,
    ),
}
SAMPLES["kraken-v1-unchecked"] = replace(
    SAMPLES["kraken-v1"], lines=_v1(checked=False), checked=False, often=False
)
"""As before 2020, when no checksums were sent."""

"""Small good files of LOBSTER's formats."""

from __future__ import annotations

from tests.formats.lobster import test_lobster as lobster
from tests.formats.sample import Sample, book, numbers


def _lobster_messages() -> list[str]:
    rows = [f"3420{i}.5,{1 + 3 * (i % 2)},{100 + i},{10 + i},585{i}00,{1 - 2 * (i % 2)}" for i in range(9)]
    return [*rows, "34209.5,7,0,0,-1,-1"]


_LOBSTER = [f"58594{i}0,{200 + i},5853300,18,5859500,5,-9999999999,0" for i in range(10)]

SAMPLES = {
    "lobster-messages": Sample(
        "lobster-messages", lobster.NAME.format("message"), _lobster_messages(), 3, "585300", "13", "34203.5",
        None, lambda line: {(p / 10_000, s) for p, s in numbers(line, 4, 3)},
    ),
    "lobster-book": Sample(
        "lobster-book", lobster.NAME.format("orderbook"), _LOBSTER, 4, "5859440", "204", "", None,
        lambda line: book(line, 10_000), beside=(lobster.NAME.format("message"), _lobster_messages()),
    ),
}  # fmt: skip

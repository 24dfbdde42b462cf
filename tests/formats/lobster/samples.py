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
        format="lobster-messages",
        path=lobster.NAME.format("message"),
        lines=_lobster_messages(),
        bad=3,
        price="585300",
        size="13",
        time="34203.5",
        symbol=None,
        fine={"time": ("0", "1")},
        pairs=lambda line: {(p / 10_000, s) for p, s in numbers(line, 4, 3)},
        kinds=("trades",),
    ),
    "lobster-book": Sample(
        format="lobster-book",
        path=lobster.NAME.format("orderbook"),
        lines=_LOBSTER,
        bad=4,
        price="5859440",
        size="204",
        time="",
        symbol=None,
        pairs=lambda line: book(line, 10_000),
        beside=(lobster.NAME.format("message"), _lobster_messages()),
    ),
}

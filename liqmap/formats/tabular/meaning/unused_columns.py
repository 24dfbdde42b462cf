"""Columns without a role that tell what rows would lose: another market, or that they did not stand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from liqmap.formats.tabular.meaning.columns import plain
from liqmap.formats.tabular.pieces import Rows
from liqmap.schema import FormatError
from liqmap.schema.wording import Keyword, Sentence

MARKET_NAMES = frozenset({"market", "contract", "expiry", "expiration"})
"""Plain names of columns that may tell markets apart, or say of all rows what kind of market theirs is."""

STATUS_NAMES = frozenset({"status", "state", "type", "tradetype", "tradestatus", "action"})
UNDONE = frozenset({
    "cancel", "canceled", "cancelled", "bust", "busted", "reject", "rejected", "expired", "reversed", "void",
})  # fmt: skip
"""Plain names of columns that may say what became of a row, and words that say it did not stand."""


def check_unused(rows: Rows, used: Sequence[str], where: Path) -> None:
    """Refuse a table whose first rows are of several markets, or did not all come to be.

    Raises
    ------
    FormatError : a column that is not ``used`` says so.
    """
    for name in rows.names:
        if name in used or plain(name) not in MARKET_NAMES | STATUS_NAMES:
            continue
        said = rows.first([name]).column(0).cast(pa.string()).drop_null().unique().to_pylist()
        if plain(name) in MARKET_NAMES:
            _check_market(name, said, where)
        else:
            _check_status(name, said, where)


def _check_market(name: str, said: list[str], where: Path) -> None:
    if len(said) > 1:
        raise FormatError(
            where=where,
            expected="rows of one market",
            got=f"a column {name} with {said[0]}, {said[1]}",
            remedy=Sentence("Say that it is the symbol: ", Keyword("mapping", {"symbol": name})),
        )


def _check_status(name: str, said: list[str], where: Path) -> None:
    undone = sorted({word.lower() for word in said} & UNDONE)
    if undone:
        raise FormatError(
            where=where,
            expected="rows that all came to be",
            got=f"a column {name} with {undone[0]!r}",
            remedy="Keep the rows that did, without that column",
        )

"""What Binance's CSV files have in common: headers or none, the symbol in the name, times in ms or us."""

from __future__ import annotations

import re

import pyarrow as pa
import pyarrow.compute as pc

from liqmap.formats.raw import RawFile
from liqmap.formats.registry import Hints
from liqmap.schema import FormatError

TIME = r"^[1-9](\d{11,13}|\d{14,16})$"
"""ms have 12 to 14 digits, us 15 to 17."""

_NAME = re.compile(r"^([A-Z0-9]+(?:_[A-Z0-9]+)?)[-_](?:trades|aggTrades|bookDepth)\b")


def plain(name: str) -> str:
    """A column name without case, blanks and underscores."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def first_cells(head: bytes) -> list[str]:
    """The cells of the first line."""
    return head.split(b"\n", 1)[0].decode("utf-8", "replace").strip().split(",")


def file_symbol(raw: RawFile, hints: Hints) -> str:
    """The symbol told, or that of a name like ``BTCUSDT-trades-2024-08-08.zip``.

    Raises
    ------
    FormatError : the name has none.
    """
    if hints.symbol:
        return hints.symbol
    if (match := _NAME.match(raw.path.name)) is None:
        raise FormatError(
            f"{raw.path}: expected a symbol in the name, such as BTCUSDT-trades-2024-08-08.csv, got none. "
            "Pass symbol=..."
        )
    return match[1]


def all_match(column: pa.Array, pattern: str) -> bool:
    """Whether every cell is of this form."""
    return bool(pc.all(pc.match_substring_regex(column, pattern)).as_py())

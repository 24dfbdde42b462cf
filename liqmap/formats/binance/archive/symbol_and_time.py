"""What Binance's CSV files have in common: the symbol in the name, times in ms or us."""

from __future__ import annotations

import re

import numpy as np

from liqmap.formats.market import named
from liqmap.formats.raw import RawFile
from liqmap.formats.registry import Hints
from liqmap.formats.text.times import are_times
from liqmap.schema import FormatError
from liqmap.schema.wording import Keyword, Sentence

TIME = r"^[1-9](\d{11,12}|\d{14,15})$"
"""ms have 12 or 13 digits, us 15 or 16."""

_NAME = re.compile(r"^([A-Z0-9]+(?:_[A-Z0-9]+)?)[-_](?:trades|aggTrades|bookDepth|bookTicker)\b")


def wrong_time(cell: str) -> str | None:
    """What is wrong with a time in ms or us."""
    if re.fullmatch(TIME, cell, re.ASCII) and are_times(np.array([int(cell)])):
        return None
    return f"expected a time in ms or us since 1970, of the years 2000 to 2099, got {cell!r:.40}"


def file_symbol(raw: RawFile, hints: Hints) -> str:
    """That of a name like ``BTCUSDT-trades-2024-08-08.zip``, or the one asked for where the name has none.

    Raises
    ------
    FormatError : neither says one, or they differ.
    """
    match = _NAME.match(raw.path.name)
    symbol = named(raw.path, match[1] if match else None, hints.symbol)
    if symbol is None:
        raise FormatError(
            where=raw.path,
            expected="a symbol in the name, such as BTCUSDT-trades-2024-08-08.csv",
            got="none",
            remedy=Sentence("Pass ", Keyword("symbol")),
        )
    return symbol

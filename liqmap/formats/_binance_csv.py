"""What Binance's CSV files have in common: headers or none, the symbol in the name, times in ms or us."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from liqmap.formats.raw import RawFile
from liqmap.formats.registry import Hints
from liqmap.schema import FormatError

DECIMAL = r"^\d{1,15}(\.\d{1,15})?$"
PRICE = r"^\d{1,9}(\.\d{1,9})?$"
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


def strings(text: bytes, columns: Sequence[str], wanted: Sequence[str]) -> pa.Table | None:
    """The wanted columns of whole lines as strings; None if a line has another number of cells."""
    odd: list[int] = []

    def odd_row(row: pacsv.InvalidRow) -> str:
        odd.append(row.expected_columns)
        return "skip"

    try:
        table = pacsv.read_csv(
            io.BytesIO(text),
            read_options=pacsv.ReadOptions(
                column_names=list(columns), use_threads=False, block_size=64 << 20
            ),
            parse_options=pacsv.ParseOptions(quote_char=False, invalid_row_handler=odd_row),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(columns, pa.string()), include_columns=list(wanted)
            ),
        ).combine_chunks()
    except pa.ArrowInvalid:
        return None
    return None if odd or table.num_rows == 0 else table


def all_match(column: pa.ChunkedArray, pattern: str) -> bool:
    """Whether every cell is of this form."""
    return bool(pc.all(pc.match_substring_regex(column, pattern)).as_py())


def floats(column: pa.ChunkedArray) -> np.ndarray:
    """Cells as float64."""
    return column.cast(pa.float64()).to_numpy()

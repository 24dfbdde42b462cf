"""Columns of CSV text by Arrow, many lines at once; None wherever a line needs a closer look."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from liqmap.formats.decimals import MOST_TICKS, Tick

PRICE = pa.decimal128(18, 9)
"""Prices as they were written: exact, so that their greatest common divisor is."""

WORD = pa.dictionary(pa.int32(), pa.string())
_UNIT = 10**9


def csv_table(
    text: bytes, names: Sequence[str], types: Mapping[str, pa.DataType], only: bool = False
) -> pa.Table | None:
    """Lines without a header as one chunk of each column; None if one has more or fewer cells, or a cell that
    is not of its type. Columns without a type are strings, or left out if ``only`` the others are wanted."""
    odd: list[int] = []

    def odd_row(row: pacsv.InvalidRow) -> str:
        odd.append(row.number or 0)
        return "skip"

    try:
        table = pacsv.read_csv(
            io.BytesIO(text),
            read_options=pacsv.ReadOptions(
                column_names=list(names), use_threads=False, block_size=max(len(text) + 1, 1 << 16)
            ),
            parse_options=pacsv.ParseOptions(quote_char=False, invalid_row_handler=odd_row),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()) | dict(types),
                include_columns=list(types) if only else None,
                null_values=[""],
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:
        return None
    return table.combine_chunks() if not odd and table.num_rows else None


def array(table: pa.Table, name: str) -> pa.Array:
    """The one chunk of a column."""
    column = table[name].combine_chunks()
    return column.chunk(0) if isinstance(column, pa.ChunkedArray) else column


def whole(table: pa.Table, name: str, low: int, high: int) -> np.ndarray | None:
    """An int64 column, all of it in [low, high); else None."""
    column = array(table, name)
    if column.null_count:
        return None
    found = column.to_numpy()
    return found if found.min() >= low and found.max() < high else None


def sizes(table: pa.Table, name: str, missing: bool = False) -> np.ndarray | None:
    """A float64 column of finite numbers of 0 or more, NaN for ``missing`` ones; else None."""
    column = array(table, name)
    if column.null_count and not missing:
        return None
    strange = pc.any(pc.or_(pc.invert(pc.is_finite(column)), pc.less(column, 0.0))).as_py()
    return None if strange else column.to_numpy(zero_copy_only=False)


def digits(column: pa.Array) -> np.ndarray:
    """Of a column of PRICE the digits without the point, as int64 (units of 1e-9); any where null."""
    return np.frombuffer(column.buffers()[1], np.int64)[::2][column.offset : column.offset + len(column)]


def prices(columns: Sequence[pa.Array], tick: Tick, missing: bool = False) -> list[np.ndarray] | None:
    """Columns of PRICE as float64 to the last bit, NaN for ``missing`` ones; else None. ``tick`` takes them,
    all or none."""
    units = []
    for column in columns:
        found = digits(column)
        null = column.is_null().to_numpy(zero_copy_only=False)
        if (found[~null] <= 0).any() or (null.any() and not missing):
            return None
        units.append(np.where(null, 0, found))
    divisor = int(np.gcd.reduce([int(np.gcd.reduce(u)) for u in units]))
    if not divisor:
        return [np.full(len(u), np.nan) for u in units]
    largest = max(int(u.max()) for u in units)
    if tick.add([Fraction(divisor, _UNIT), Fraction(largest, _UNIT)], below=MOST_TICKS):
        return None
    common = int(np.gcd(divisor, _UNIT))
    if largest // common >= 1 << 53:
        return None
    return [np.where(u > 0, (u // common) / (_UNIT // common), np.nan) for u in units]


def codes(table: pa.Table, name: str, words: Mapping[str, int]) -> np.ndarray | None:
    """A column of WORD as codes; None if one is not of the ``words``."""
    column = array(table, name)
    own = [words.get(w) for w in column.dictionary.to_pylist()]
    if column.null_count or None in own:
        return None
    return np.array(own, np.int8)[column.indices.to_numpy()]


def constant(table: pa.Table, name: str, word: str) -> bool:
    """Whether a column of WORD holds nothing but this."""
    column = array(table, name)
    return column.null_count == 0 and column.dictionary.to_pylist() == [word]

"""Trades as users have them: a session, or a table or frame with the columns of one."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from liqmap.analytics.flow.trades import Traded, Trades
from liqmap.frames import frame_kind, to_arrow
from liqmap.schema import FormatError, SchemaError, Sentence

COLUMNS = ("ts", "price", "size", "aggressor")
WHERE = "table of trades"


def trades_of(source: Any) -> Trades:
    """Trades by time, of a session or of a table.

    Parameters
    ----------
    source : a `Session`, or what gives Arrow a table (pyarrow, pandas, polars, a DuckDB relation) with the
        columns ``ts`` (a time; without a zone it is UTC), ``price``, ``size`` and ``aggressor`` (``buy``,
        ``sell`` or null), such as ``session.trades()`` and what was made of it. Other columns are ignored.

    Raises
    ------
    SchemaError : neither, a column is missing or of another type, or a time, price or size is null or NaN,
        or a size below 0.
    """
    if isinstance(source, Traded):
        return source.traded()
    if isinstance(source, Trades):
        return source
    table = table_of(source)
    missing = [name for name in COLUMNS if name not in table.column_names]
    if missing:
        raise SchemaError(
            where=WHERE,
            expected=f"the columns {', '.join(COLUMNS)}",
            got=f"no {', no '.join(missing)}",
            remedy="Rename those of another vendor; lm.read and lm.ingest do so by themselves",
        )
    ts = table["ts"].type
    if not pa.types.is_timestamp(ts):
        raise SchemaError(where=f"{WHERE}: ts", expected="times", got=str(ts))
    numbers = [table[name].cast(pa.float64()) if _is_number(table[name]) else None for name in COLUMNS[1:3]]
    for name, column in zip(COLUMNS[1:3], numbers):
        if column is None:
            raise SchemaError(where=f"{WHERE}: {name}", expected="numbers", got=str(table[name].type))
        none = len(column) - (pc.sum(pc.is_finite(column)).as_py() or 0)
        if none:
            place = f"{WHERE}: {name}"
            raise SchemaError(where=place, expected="a number in every row", got=f"{none:,} without")
    if len(table) and pc.min(numbers[1]).as_py() < 0:
        place = f"{WHERE}: size"
        raise SchemaError(
            where=place,
            expected="sizes of 0 or above",
            got="some below",
            remedy="Say who was the aggressor in the column aggressor",
        )
    if table["ts"].null_count:
        without = f"{table['ts'].null_count:,} without"
        raise SchemaError(where=f"{WHERE}: ts", expected="a time in every row", got=without)
    columns = [table["ts"], *numbers, _words(table["aggressor"])]
    try:
        return Trades.of(pa.table(dict(zip(COLUMNS, columns))))
    except (SchemaError, pa.ArrowInvalid) as error:
        got = error.got if isinstance(error, SchemaError) else f"{error!s:.80}"
        expected = error.expected if isinstance(error, SchemaError) else "times that nanoseconds can hold"
        raise SchemaError(where=WHERE, expected=expected or "trades", got=got) from None


def table_of(source: Any) -> pa.Table:
    """Anything that gives Arrow a table, or is a frame.

    Raises
    ------
    SchemaError : it does not.
    """
    if isinstance(source, pa.Table):
        return source
    try:
        if frame_kind(source) is not None:
            return to_arrow(source, WHERE)
        if hasattr(source, "__arrow_c_stream__"):
            return pa.table(source)
    except FormatError as error:
        raise SchemaError.wrapping(error) from None
    except (pa.ArrowInvalid, pa.ArrowTypeError, TypeError, ValueError) as error:
        raise SchemaError(where=WHERE, expected="a table of trades", got=f"{error!s:.200}") from None
    raise SchemaError(
        argument="trades",
        expected="a Session, or a table of trades (pyarrow, pandas, polars)",
        got=type(source).__name__,
        remedy=Sentence("session.trades() is one"),
    )


def _is_number(column: pa.ChunkedArray) -> bool:
    kind = column.type
    return pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind)


def _words(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Words as the schema has them; none of a column in which nothing is known."""
    if pa.types.is_null(column.type) or (column.null_count == len(column)):
        return pa.chunked_array([pa.nulls(len(column), pa.string())])
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    if not text:
        raise SchemaError(where=f"{WHERE}: aggressor", expected="buy, sell or null", got=str(column.type))
    return pa.chunked_array([_decoded(chunk) for chunk in column.chunks], pa.string())


def _decoded(chunk: pa.Array) -> pa.Array:
    """Text of a chunk. Arrow takes no dictionary of string views apart, which polars gives."""
    if not pa.types.is_dictionary(chunk.type):
        return chunk.cast(pa.string())
    return pa.DictionaryArray.from_arrays(
        chunk.indices, chunk.dictionary.cast(pa.string())
    ).dictionary_decode()

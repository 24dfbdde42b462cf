"""Tables of other libraries (pandas, polars, Arrow, DuckDB) as Arrow tables, with every time to its ns.

None of these libraries is imported here: who passes a frame of one has done so.
"""

from __future__ import annotations

import sys
from threading import Lock
from typing import Any

import pyarrow as pa

from liqmap.schema import FormatError, words_of

KINDS = "pandas, polars, Arrow or DuckDB"
_DUCKDB = Lock()


def frame_kind(thing: object) -> str | None:
    """What a thing is called if it is a frame: ``pandas.DataFrame``; None if it is none."""
    if isinstance(thing, type):
        return None
    for library, name in (("pandas", "DataFrame"), ("polars", "DataFrame"), ("polars", "LazyFrame")):
        kind = getattr(sys.modules.get(library), name, None)
        if kind is not None and isinstance(thing, kind):
            return f"{library}.{name}"
    duckdb = sys.modules.get("duckdb")
    if duckdb is not None and isinstance(thing, duckdb.DuckDBPyRelation):
        return "duckdb.Relation"
    if isinstance(thing, pa.Table | pa.RecordBatch | pa.RecordBatchReader):
        return f"pyarrow.{type(thing).__name__}"
    if hasattr(thing, "__arrow_c_stream__") and hasattr(thing, "columns"):
        return f"{type(thing).__module__.partition('.')[0]}.{type(thing).__name__}"
    return None


def to_arrow(frame: Any, where: str | None = None) -> pa.Table:
    """A frame as an Arrow table without metadata, in the order of its rows.

    An index of pandas that has a name, or holds times, becomes columns; any other is left out.

    Raises
    ------
    FormatError : no frame, one that is not computed yet, names of columns that are not distinct, or a column
        whose values Arrow has no type for.
    """
    kind = frame_kind(frame)
    where = where or kind or type(frame).__name__
    if kind is None:
        raise FormatError(where=where, expected=f"a frame of {KINDS}", got=f"a {type(frame).__name__}")
    if kind == "polars.LazyFrame":
        raise FormatError(
            where=where, expected="a frame", got="one that is not computed yet", remedy="Pass frame.collect()"
        )
    try:
        if kind == "pandas.DataFrame":
            table = _of_pandas(frame, where)
        elif kind == "polars.DataFrame":
            table = frame.to_arrow()
        elif kind == "duckdb.Relation":
            table = _of_duckdb(frame, where)
        elif kind == "pyarrow.RecordBatchReader":
            table = frame.read_all()
        else:
            table = frame if isinstance(frame, pa.Table) else pa.table(frame)
    except FormatError:
        raise
    except Exception as error:  # each library has errors of its own
        raise _unfit(where, "a frame that Arrow can hold", error) from error
    _check_names(table.column_names, where)
    return table.replace_schema_metadata(None)


def _of_duckdb(relation: Any, where: str) -> pa.Table:
    """The rows of a relation, which runs now: its connection, which others may share, runs but one."""
    with _DUCKDB:
        try:
            return relation.to_arrow_table()
        except Exception as error:  # anything that its query comes to
            said = words_of(error, 160)
            raise FormatError(where=where, expected="a relation that runs", got=said) from error


def _of_pandas(frame: Any, where: str) -> pa.Table:
    columns = [(str(name), frame.iloc[:, at]) for at, name in enumerate(frame.columns)]
    levels = [frame.index.get_level_values(at) for at in range(frame.index.nlevels)]
    for level in levels:
        timed = getattr(level.dtype, "kind", "O") == "M"
        if level.name is not None or timed:
            columns.insert(0, (str(level.name if level.name is not None else "index"), level.to_series()))
    _check_names([name for name, _ in columns], where)
    arrays = []
    for name, column in columns:
        try:
            arrays.append(_array(column))
        except Exception as error:  # of Arrow, pandas or the objects themselves
            raise _unfit(where, f"values of one kind in {name}", error) from error
    return pa.table(dict(zip((name for name, _ in columns), arrays)))


def _array(column: Any) -> pa.Array:
    """A column of pandas; times that stand in it as objects keep their ns, which Arrow would cut."""
    array = pa.array(column, from_pandas=True)
    if column.dtype == object and pa.types.is_timestamp(array.type):
        times = sys.modules["pandas"].to_datetime(column, utc=True)
        array = pa.array(times.astype("datetime64[ns, UTC]"), from_pandas=True)
    return array


def _check_names(names: list[str], where: str) -> None:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise FormatError(
            where=where,
            expected="columns (and an index) of distinct names",
            got=f"several called {twice!r:.60}",
            remedy="Rename them, or drop the index: frame.reset_index(drop=True)",
        )


def _unfit(where: str, expected: str, error: Exception) -> FormatError:
    said = words_of(error, 160)
    return FormatError(
        where=where,
        expected=expected,
        got=f"some that have no type in Arrow ({said})",
        remedy="Convert it with astype to numbers, text or times, or leave it out",
    )

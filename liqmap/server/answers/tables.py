"""Columns of answers from arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from liqmap.server.registry import Column

NS = pa.timestamp("ns", "UTC")

TYPES = {
    "time": NS, "number": pa.float64(), "integer": pa.int64(), "text": pa.string(), "flag": pa.bool_(),
}  # fmt: skip
"""Of columns, by their kinds."""


def schema_of(columns: Mapping[str, Column]) -> pa.Schema:
    """The types that columns have in Arrow."""
    return pa.schema([(name, TYPES[column.kind]) for name, column in columns.items()])


def times(values: np.ndarray) -> pa.Array:
    """datetime64 of any unit, or int64 ns, UTC, as timestamps; NaT is null."""
    values = np.asarray(values)
    ns = values.view("datetime64[ns]") if values.dtype.kind == "i" else values.astype("datetime64[ns]")
    return pa.array(np.ascontiguousarray(ns)).cast(NS)


def text(words: Sequence[str], numbers: np.ndarray) -> pa.Array:
    """Words by their numbers."""
    return pa.DictionaryArray.from_arrays(np.asarray(numbers, np.int8), list(words)).cast(pa.string())


def table_of(frame: pd.DataFrame, columns: Sequence[str]) -> pa.Table:
    """Some columns of a frame: its times in ns, its categories as words."""
    out = {}
    for name in columns:
        column = frame[name]
        if isinstance(column.dtype, pd.DatetimeTZDtype):
            out[name] = times(column.dt.tz_convert(None).to_numpy())
        elif isinstance(column.dtype, pd.CategoricalDtype):
            out[name] = pa.array(column.astype(object), from_pandas=True).cast(pa.string())
        else:
            out[name] = pa.array(column, from_pandas=True)
        if pa.types.is_large_string(out[name].type):
            out[name] = out[name].cast(pa.string())
    return pa.table(out)

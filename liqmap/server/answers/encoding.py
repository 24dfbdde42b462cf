"""The formats of an answer: JSON of rows or of columns, Arrow, Parquet, CSV."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any, NamedTuple

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from liqmap.server.registry import Answer

ROWS = 2_000
"""Rows that are objects at one time: of more, Python looks for garbage among them for most of the time."""

FIELDS = b"liqmap"
"""Key of the schema's metadata under which Arrow and Parquet have the fields beside the table, as JSON."""


class Encoding(NamedTuple):
    """A format. media : its type. encode : bytes of an answer. packs : whether it is worth compressing."""

    media: str
    encode: Callable[[Answer], bytes]
    packs: bool


def as_json(value: Any) -> bytes:
    """A plain value; NaN is null."""
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)


def json_rows(answer: Answer) -> bytes:
    """The fields, and ``data``: an object per row."""
    plain = _in_ms(answer.table)
    pieces = [as_json(_rows(plain.slice(at, ROWS)))[1:-1] for at in range(0, len(plain), ROWS)]
    fields = as_json(dict(answer.fields))[1:-1]
    return b"{" + fields + b"," * bool(fields) + b'"data":[' + b",".join(pieces) + b"]}"


def _rows(table: pa.Table) -> list[dict[str, Any]]:
    columns = [column.to_pylist() for column in table.columns]
    return [dict(zip(table.column_names, row)) for row in zip(*columns)]


def json_columns(answer: Answer) -> bytes:
    """The fields, and ``data``: a list per column."""
    plain = _in_ms(answer.table)
    data = {name: _listed(column) for name, column in zip(plain.column_names, plain.columns)}
    return as_json({**answer.fields, "data": data})


def _listed(column: pa.ChunkedArray) -> Any:
    numeric = pa.types.is_floating(column.type) or pa.types.is_integer(column.type)
    if not numeric or column.null_count:
        return column.to_pylist()
    return np.ascontiguousarray(column.to_numpy())


def arrow_stream(answer: Answer) -> bytes:
    """An Arrow IPC stream; the fields are in the metadata of its schema."""
    table, out = _with_fields(answer), BytesIO()
    with pa.ipc.new_stream(out, table.schema) as writer:
        writer.write_table(table)
    return out.getvalue()


def parquet(answer: Answer) -> bytes:
    """A Parquet file, zstd; the fields are in the metadata of its schema."""
    import pyarrow.parquet as pq

    out = BytesIO()
    pq.write_table(_with_fields(answer), out, compression="zstd")
    return out.getvalue()


def csv(answer: Answer) -> bytes:
    """A header and a line per row; times in ms. The fields are left out."""
    from pyarrow.csv import write_csv

    out = BytesIO()
    write_csv(_in_ms(answer.table), out)
    return out.getvalue()


def _with_fields(answer: Answer) -> pa.Table:
    return answer.table.replace_schema_metadata({FIELDS: as_json(dict(answer.fields))})


def _in_ms(table: pa.Table) -> pa.Table:
    """Times as whole ms; words plain."""
    columns = []
    for column in table.columns:
        if pa.types.is_timestamp(column.type):
            ns = column.cast(pa.timestamp("ns", "UTC")).cast(pa.int64())
            column = pc.cast(pc.floor(pc.divide(ns, pa.scalar(10**6, pa.int64()))), pa.int64())
        elif pa.types.is_dictionary(column.type):
            column = column.cast(pa.string())
        columns.append(column)
    return pa.table(columns, names=table.column_names)


ENCODINGS: Mapping[str, Encoding] = {
    "json": Encoding("application/json", json_rows, True),
    "columns": Encoding("application/json", json_columns, True),
    "arrow": Encoding("application/vnd.apache.arrow.stream", arrow_stream, True),
    "parquet": Encoding("application/vnd.apache.parquet", parquet, False),
    "csv": Encoding("text/csv", csv, True),
}
"""By name, those that an Accept header is answered with first of each media type."""


PNG = "image/png"
DEFAULT = "json"


def wanted(accept: str, picture: bool = False) -> str | None:
    """The format that an Accept header wants most (RFC 9110, 12.5.1); None: none that there is.

    Parameters
    ----------
    picture : whether there is one.
    """
    by_media: dict[str, str] = {PNG: "png", "image/*": "png"} if picture else {}
    for name, one in ENCODINGS.items():
        by_media.setdefault(one.media, name)
    best, most = None, 0.0
    for part in accept.split(",")[:50]:
        media, _, rest = part.strip().lower().partition(";")
        weight = _weight(rest)
        media = media.strip()
        if media in ("", "*/*", "application/*"):
            found: str | None = DEFAULT
        else:
            found = by_media.get(media) or ("csv" if media == "text/*" else None)
        if found is not None and weight > most:
            best, most = found, weight
    return best


def _weight(rest: str) -> float:
    for part in rest.split(";"):
        name, _, value = part.strip().partition("=")
        if name == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0

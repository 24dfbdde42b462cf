"""Every table in every format reads back equal; who asks chooses."""

from __future__ import annotations

import gzip

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from liqmap.server.answers.encoding import ENCODINGS, FIELDS, wanted
from liqmap.server.registry import ENDPOINTS
from tests.server.asking import Asker


def asked_of(path: str) -> dict[str, str]:
    return {} if path == "/api/sessions" else {"symbol": "AAAUSDT"}


def plain(table: pa.Table, typed: pa.Table) -> pd.DataFrame:
    """As ms, words and numbers, by the types of Arrow."""
    out = {}
    for field in typed.schema:
        values = table[field.name].to_pandas()
        if pa.types.is_timestamp(field.type):
            values = pd.to_datetime(values, utc=True, unit="ms" if values.dtype.kind in "if" else None)
            values = values.dt.floor("ms").astype("datetime64[ms, UTC]")
        elif pa.types.is_floating(field.type):
            values = values.astype(float)
        elif pa.types.is_integer(field.type):
            values = values.astype("int64")
        elif pa.types.is_boolean(field.type):
            values = values.astype(bool)
        elif pa.types.is_string(field.type):
            values = pd.Series([None if pd.isna(one) else str(one) for one in values], dtype=object)
        out[field.name] = values
    return pd.DataFrame(out)


def test_every_table__reads_back_equal_in_every_format(ask: Asker) -> None:
    for path in sorted(ENDPOINTS):
        place = path.replace("{venue}", "bybit")
        arrow = ask.get(place, format="arrow", **asked_of(path))
        assert arrow.status == 200, (path, arrow.body)
        table = arrow.table("arrow")
        assert len(table), path
        for form in ENCODINGS:
            other = ask.get(place, format=form, **asked_of(path)).table(form)
            assert other.column_names == table.column_names, (path, form)
            pd.testing.assert_frame_equal(plain(other, table), plain(table, table), obj=f"{path} {form}")


def test_fields__stand_in_arrow_and_parquet_too(ask: Asker) -> None:
    for form in ("arrow", "parquet"):
        found = ask.get("/api/heatmap/bybit/depth", format=form, symbol="AAAUSDT").table(form)
        said = ask.get("/api/heatmap/bybit/depth", symbol="AAAUSDT").json
        del said["data"]
        assert pd.io.json.ujson_loads(found.schema.metadata[FIELDS]) == said


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", "json"), ("*/*", "json"), ("application/json", "json"), ("text/csv", "csv"),
        ("text/html,*/*;q=0.1", "json"),
        ("application/vnd.apache.parquet;q=0.5, application/vnd.apache.arrow.stream", "arrow"),
        ("text/html", None), ("application/json;q=0", None), ("text/csv;q=x, application/json;q=0.2", "json"),
    ],
)  # fmt: skip
def test_accept__is_answered_by_what_it_wants_most(accept: str, form: str | None) -> None:
    assert wanted(accept) == form


def test_accept__that_nothing_meets_is_406(ask: Asker) -> None:
    found = ask.get("/api/sessions", headers={"Accept": "image/png"})
    assert found.status == 406
    assert "application/json" in found.json["title"]


def test_packed__as_the_client_takes_it(ask: Asker) -> None:
    asked = {"symbol": "AAAUSDT", "format": "columns"}
    bare = ask.get("/api/cvd", **asked)
    assert "content-encoding" not in bare.headers
    zipped = ask.get("/api/cvd", headers={"Accept-Encoding": "br, gzip"}, **asked)
    assert zipped.headers["content-encoding"] == "gzip"
    assert gzip.decompress(zipped.body) == bare.body
    zstd = ask.get("/api/cvd", headers={"Accept-Encoding": "gzip, zstd"}, **asked)
    assert zstd.headers["content-encoding"] == "zstd"
    assert pa.input_stream(pa.py_buffer(zstd.body), compression="zstd").read() == bare.body
    refused = ask.get("/api/cvd", headers={"Accept-Encoding": "gzip;q=0"}, **asked)
    assert refused.body == bare.body


def test_tag__spares_what_one_has(ask: Asker) -> None:
    first = ask.get("/api/bars", symbol="AAAUSDT")
    tag = first.headers["etag"]
    again = ask.get("/api/bars", symbol="AAAUSDT", headers={"If-None-Match": tag})
    assert (again.status, again.body) == (304, b"")
    other = ask.get("/api/bars", symbol="AAAUSDT", every=30, headers={"If-None-Match": tag})
    assert other.status == 200
    assert other.headers["etag"] != tag


def test_missing__is_null_in_json_and_nan_elsewhere(ask: Asker) -> None:
    asked = {"symbol": "AAAUSDT", "measures": "mid", "every": 1}
    rows = ask.get("/api/book/measures", **asked).json["data"]
    table = ask.get("/api/book/measures", format="arrow", **asked).table("arrow").to_pandas()
    assert rows[0]["mid"] is None  # no book stood before the first message
    assert np.isnan(table["mid"][0])

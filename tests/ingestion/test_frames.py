"""Frames of other libraries: read as the table in a file with the same rows is, or refused in one line."""

from __future__ import annotations

import decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import liqmap as lm
from liqmap.schema import FormatError
from tests.formats.tabular.samples import SAMPLES

MARKET = {"venue": "kraken", "symbol": "XBTUSD"}
NS = 1_767_571_200_123_456_789
TIMES = [NS + n * 1_000_000_007 for n in range(8)]


def trades(**columns: Any) -> pd.DataFrame:
    """Eight trades, some columns given."""
    own = {
        "trade_id": np.arange(8),
        "ts": pd.to_datetime(TIMES, utc=True),
        "price": [100.1, 100.2, 100.3, 100.1, 99.9, 99.8, 99.7, 100.0],
        "size": np.arange(8) / 4 + 0.25,
        "aggressor": ["buy", "sell"] * 4,
    }
    return pd.DataFrame(own | columns)


def as_file(frame: pd.DataFrame, tmp_path: Path) -> lm.Capture:
    """The same rows as CSV, times as whole ns."""
    path = tmp_path / "rows.csv"
    frame.assign(ts=TIMES).to_csv(path, index=False)
    return lm.read(path, **MARKET)


def same(one: lm.Capture, other: lm.Capture) -> bool:
    """Equal rows and facts, sources aside."""
    for kind in ("depth", "trades", "bands"):
        a, b = getattr(one, kind), getattr(other, kind)
        if (a is None) != (b is None) or (a is not None and a.to_pylist() != b.to_pylist()):
            return False
    facts = [{k: v for k, v in vars(c.meta).items() if k != "sources"} for c in (one, other)]
    return facts[0] == facts[1]


# ------------------------------------------------------------------ kinds


@pytest.mark.parametrize(
    "name", [n for n, s in SAMPLES.items() if s.lines and s.header == 1 and s.path.endswith(".csv")]
)
def test_layouts__of_a_frame_are_those_of_a_file(tmp_path: Path, name: str) -> None:
    sample = SAMPLES[name]
    path = tmp_path / sample.path
    path.write_text("\n".join(sample.lines) + "\n")
    frame = pd.read_csv(path, sep=None, engine="python")
    assert same(lm.read(frame, **sample.hints), lm.read(path, **sample.hints))


def kinds(frame: pd.DataFrame) -> dict[str, Any]:
    table = pa.Table.from_pandas(frame)
    return {
        "pandas.DataFrame": frame,
        "pyarrow.Table": table,
        "pyarrow.RecordBatch": table.combine_chunks().to_batches()[0],
        "pyarrow.RecordBatchReader": table.to_reader(max_chunksize=3),
        "duckdb.Relation": duckdb.from_arrow(table),
    }


@pytest.mark.parametrize("kind", list(kinds(trades())))
def test_kinds__are_read_alike_to_the_ns(tmp_path: Path, kind: str) -> None:
    frame = kinds(trades())[kind]
    found = lm.read(frame, **MARKET)
    assert same(found, as_file(trades(), tmp_path))
    assert found.trades["ts"].cast(pa.int64()).to_pylist() == TIMES
    assert [source.name for source in found.meta.sources] == [kind]
    assert found.report.table["path"].tolist() == [f"<{kind}>"]


def test_polars__is_read_alike(tmp_path: Path) -> None:
    polars = pytest.importorskip("polars")
    frame = polars.from_pandas(trades())
    expected = as_file(trades(), tmp_path)
    shapes = {
        "plain": frame,
        "enum": frame.with_columns(polars.col("aggressor").cast(polars.Enum(["sell", "buy"]))),
        "categorical": frame.with_columns(polars.col("aggressor").cast(polars.Categorical)),
        "decimal": frame.with_columns(polars.col("price").cast(polars.Decimal(20, 2))),
        "chunks": polars.concat([frame[:3], frame[3:]], rechunk=False),
    }
    for name, shape in shapes.items():
        assert same(lm.read(shape, **MARKET), expected), name
    with pytest.raises(FormatError, match=r"<polars.LazyFrame>: expected a frame, .* frame.collect\(\)"):
        lm.read(frame.lazy(), **MARKET)
    with pytest.raises(FormatError, match=r"<polars\.DataFrame>: "):
        lm.read(frame.with_columns(polars.col("ts").dt.time()), **MARKET)


# ------------------------------------------------------------------ what pandas makes of columns


def two_zones(times: pd.Series) -> pd.Series:
    zones = ["Europe/Berlin", "America/New_York"] * 4
    return pd.Series([t.tz_convert(zone) for t, zone in zip(times, zones)], dtype=object)


SHAPES = {
    "index": lambda f: f.set_index("ts"),
    "naive": lambda f: f.assign(ts=f["ts"].dt.tz_localize(None)),
    "another zone": lambda f: f.assign(ts=f["ts"].dt.tz_convert("America/New_York")),
    "integers": lambda f: f.assign(ts=TIMES),
    "objects": lambda f: f.assign(ts=f["ts"].astype(object)),
    "objects of two zones": lambda f: f.assign(ts=two_zones(f["ts"])),
    "text": lambda f: f.assign(price=f["price"].astype(str), ts=[str(t) for t in TIMES]),
    "categories": lambda f: f.astype({"aggressor": "category"}),
    "categories of numbers": lambda f: f.astype({"price": "category"}),
    "nullable": lambda f: f.astype({"price": "Float64", "size": "Float64", "trade_id": "Int64"}),
    "arrow": lambda f: f.convert_dtypes(dtype_backend="pyarrow"),
    "decimals": lambda f: f.assign(price=[decimal.Decimal(str(p)) for p in f["price"]]),
    "a part, its old index": lambda f: pd.concat([f, f]).iloc[:8],
    "numbers as objects": lambda f: f.astype({"size": object}),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_shapes__are_read_as_the_same_rows(tmp_path: Path, shape: str) -> None:
    assert same(lm.read(SHAPES[shape](trades()), **MARKET), as_file(trades(), tmp_path))


def test_index__of_times_without_a_name_is_asked_for(tmp_path: Path) -> None:
    frame = trades().set_index("ts").rename_axis(None)
    with pytest.raises(FormatError, match=r"<pandas.DataFrame>: expected a column for ts .*index"):
        lm.read(frame, **MARKET)
    assert same(lm.read(frame, mapping={"ts": "index"}, **MARKET), as_file(trades(), tmp_path))


@pytest.mark.parametrize("missing", [float("nan"), None, float("inf")])
def test_prices__that_are_none_cost_their_row(tmp_path: Path, missing: float | None) -> None:
    frame = trades(price=[100.1, missing, *[100.0] * 6])
    found = lm.read(frame, **MARKET)
    assert found.trades.num_rows == 7
    assert found.report.table["rejected"].tolist() == [1]
    nullable = frame.replace({missing: pd.NA}).astype({"price": "Float64"})
    assert same(lm.read(nullable, **MARKET), found)


REFUSED = {
    "values of several kinds": (trades(price=[1.5, "x", *[2.0] * 6]), "expected values of one kind in price"),
    "names twice": (trades().set_axis(["a", "ts", "price", "price", "b"], axis=1), "several called 'price'"),
    "an index that is a column": (trades().set_index("ts", drop=False), "several called 'ts'"),
    "dates as prices": (trades(price=pd.to_datetime(TIMES)), "expected numbers in price"),
    "times of a day": (trades(ts=pd.to_datetime(TIMES).time), "<pandas.DataFrame>"),
    "periods": (trades(ts=pd.period_range("2026", periods=8, freq="h")), "<pandas.DataFrame>"),
    "no rows": (trades().iloc[:0], "<pandas.DataFrame>"),
    "no columns": (pd.DataFrame(), "<pandas.DataFrame>"),
    "float32 times": (trades(ts=np.array(TIMES, np.float32)), "float32"),
    "seconds as float16": (trades(price=np.array([100.0] * 8, np.float16)), "float16"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused__in_one_line(name: str) -> None:
    frame, reason = REFUSED[name]
    with pytest.raises(FormatError, match=reason) as raised:
        lm.read(frame, **MARKET)
    assert "\n" not in str(raised.value)
    assert str(raised.value).startswith("<pandas.DataFrame>: ")


def test_refused__what_is_certain_of_a_file_is_certain_of_a_frame() -> None:
    with pytest.raises(FormatError, match="fit updates and snapshots"):
        lm.read(
            pd.DataFrame({"ts": TIMES, "side": ["bid", "ask"] * 4, "price": [9.0, 10.0] * 4, "size": 1.0}),
            **MARKET,
        )
    with pytest.raises(FormatError, match=r"<pandas\.DataFrame>: .*symbol"):
        lm.read(trades(), venue="kraken")


def test_refused__tables_of_our_own() -> None:
    """As anybody's they would be of a whole book, in coins, without flags."""
    own = lm.simulate(minutes=0.05, seed=1, keep_truth=False)
    for table in (own.depth, own.trades):
        with pytest.raises(FormatError, match="got liqmap's own, of bybit SIMUSDT"):
            lm.read(table, **MARKET)


@pytest.mark.parametrize("given", [5, None, {"price": [1]}, pd.Series([1.0]), np.zeros(3), pd.DataFrame])
def test_refused__what_is_neither_a_path_nor_a_frame(given: Any, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="path: expected a path, or a frame of pandas, polars"):
        lm.read(given, **MARKET)
    with pytest.raises(FormatError, match="paths: expected a path, or a frame of pandas"):
        lm.ingest([given], store=tmp_path / "s", **MARKET)
    assert not (tmp_path / "s").exists()


def test_format__of_a_frame_is_that_of_tables() -> None:
    assert lm.read(trades(), format="tabular", **MARKET).trades.num_rows == 8
    with pytest.raises(FormatError, match="format: expected none for a frame"):
        lm.read(trades(), format="bybit-trades", **MARKET)


# ------------------------------------------------------------------ into a store


def test_ingest__the_same_frame_again_changes_nothing(tmp_path: Path) -> None:
    first = lm.ingest(trades(), store=tmp_path / "s", **MARKET)
    assert (first.exit_code, first.table["status"].tolist()) == (0, ["ok"])
    files = {p: p.read_bytes() for p in (tmp_path / "s").rglob("*.parquet")}
    again = lm.ingest([trades().copy()], store=tmp_path / "s", **MARKET)
    assert any("already in the store" in note for note in again.notes)
    assert {p: p.read_bytes() for p in (tmp_path / "s").rglob("*.parquet")} == files
    session = lm.open_store(tmp_path / "s").session(**MARKET)
    assert session.trades().num_rows == 8
    changed = trades(price=trades()["price"] + 0.1, ts=pd.to_datetime(TIMES, utc=True) + pd.Timedelta("1h"))
    more = lm.ingest(changed.assign(trade_id=np.arange(8) + 100), store=tmp_path / "s", **MARKET)
    assert more.table["status"].tolist() == ["ok"]
    assert session.trades().num_rows == 16


def test_ingest__frames_beside_files(tmp_path: Path) -> None:
    later = trades(trade_id=np.arange(8) + 8, ts=pd.to_datetime(TIMES, utc=True) + pd.Timedelta("1h"))
    path = tmp_path / "trades.csv"
    trades(trade_id=np.arange(8) + 16, ts=[t + 7_200 * 10**9 for t in TIMES]).to_csv(path, index=False)
    bad = pd.DataFrame({"a": [1, "x"]}, dtype=object)
    report = lm.ingest([trades(), path, later, bad], store=tmp_path / "s", **MARKET)
    assert report.table["path"].tolist() == [
        "<pandas.DataFrame>", str(path), "<pandas.DataFrame 2>", "<pandas.DataFrame 3>",
    ]  # fmt: skip
    assert report.table["status"].tolist() == ["ok", "ok", "ok", "failed"]
    assert lm.open_store(tmp_path / "s").session(**MARKET).trades().num_rows == 24


def test_digest__is_of_the_rows_and_types(tmp_path: Path) -> None:
    def sha(frame: Any) -> str:
        return lm.read(frame, **MARKET).meta.sources[0].sha256

    plain = sha(trades())
    assert (
        plain
        == sha(pd.concat([trades().iloc[:3], trades().iloc[3:]]))
        == sha(trades().set_axis(range(8, 16)))
    )
    table = pa.Table.from_pandas(trades())
    assert plain == sha(table) == sha(pa.concat_tables([table.slice(0, 3), table.slice(3)]))
    assert plain != sha(trades(size=[9.0] * 8))


def test_ingest__relations_of_one_connection_at_several_at_a_time(tmp_path: Path) -> None:
    connection = duckdb.connect()
    relations = []
    for n in range(6):
        ts = pd.to_datetime(TIMES, utc=True) + pd.Timedelta(hours=n)
        table = pa.Table.from_pandas(trades(trade_id=np.arange(8) + 8 * n, ts=ts))
        connection.register(f"t{n}", table)
        relations.append(connection.sql(f"from t{n}"))
    report = lm.ingest(iter(relations), store=tmp_path / "s", jobs=4, **MARKET)
    assert report.table["status"].tolist() == ["ok"] * 6
    assert lm.open_store(tmp_path / "s").session(**MARKET).trades().num_rows == 48
    fails = connection.sql("select trade_id, ts, error('no price')::DOUBLE as price, size, aggressor from t0")
    with pytest.raises(FormatError, match=r"expected a relation that runs, got .*no price"):
        lm.read(fails, **MARKET)

"""Columns of a type that holds no numbers are refused; those that hold them otherwise are read exactly."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.formats.tabular.values import numbers
from liqmap.schema import FormatError

T0 = 1_700_000_000_000
MARKET = {"venue": "kraken", "symbol": "XBTUSD"}
COUNT = 20
PRICES = [f"{65432 + n}.{n % 10}" for n in range(COUNT)]
PLAIN = pa.array([float(price) for price in PRICES])


def trades(path: Path, **columns: pa.Array) -> Path:
    have = {
        "ts": pa.array(range(T0, T0 + COUNT)), "taker_side": pa.array(["buy", "sell"] * (COUNT // 2)),
        "trade_id": pa.array(range(COUNT)), "price": PLAIN, "size": PLAIN,
    } | columns  # fmt: skip
    return saved(path, have)


def quotes(path: Path, **columns: pa.Array) -> Path:
    asks = pa.array([float(price) + 1 for price in PRICES])
    have = {
        "ts": pa.array(range(T0, T0 + COUNT)), "bid_price": PLAIN, "bid_size": PLAIN, "ask_price": asks,
        "ask_size": asks,
    }  # fmt: skip
    return saved(path, have | columns)


def saved(path: Path, columns: dict[str, pa.Array]) -> Path:
    table = pa.table(columns)
    if path.suffix == ".parquet":
        pq.write_table(table, path)
    else:
        feather.write_feather(table, path, compression="uncompressed")
    return path


DECIMALS = pa.array([Decimal(price) for price in PRICES], pa.decimal128(20, 4))
STRANGE: dict[str, Any] = {
    "bool": pa.array([True] * COUNT),
    "dictionary<values=bool": pa.array([True, False] * (COUNT // 2)).dictionary_encode(),
    "date32": pa.array([dt.date(2024, 3, 1)] * COUNT),
    "timestamp": pa.array([dt.datetime(2024, 3, 1)] * COUNT),
    "time64": pa.array([dt.time(3)] * COUNT),
    "duration": pa.array([dt.timedelta(3)] * COUNT),
    "list": pa.array([[1.5]] * COUNT),
    "struct": pa.array([{"value": 1.5}] * COUNT),
    "fixed_size_binary": pa.array([b"99.5"] * COUNT, pa.binary(4)),
}


@pytest.mark.parametrize("kind", STRANGE)
@pytest.mark.parametrize("name", ["a.parquet", "a.arrow"])
@pytest.mark.parametrize(("build", "column"), [
    (trades, "price"), (trades, "size"), (quotes, "ask_price"), (quotes, "bid_size"),
])  # fmt: skip
def test_column__that_holds_no_numbers_is_refused(
    tmp_path: Path, build: Any, column: str, name: str, kind: str
) -> None:
    if name == "a.parquet" and kind.startswith("dictionary"):
        pytest.skip("Parquet has none of these")
    why = f"expected numbers in {column}, got a column of type {kind}"
    with pytest.raises(FormatError, match=why) as error:
        lm.read(build(tmp_path / name, **{column: STRANGE[kind]}), **MARKET)
    assert "internal" not in str(error.value)


def test_ids__that_are_yes_and_no_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="expected ids in trade_id, got a column of type bool"):
        lm.read(trades(tmp_path / "a.parquet", trade_id=pa.array([True] * COUNT)), **MARKET)


@pytest.mark.parametrize("text", [
    "True", "inf", "Infinity", "-inf", "1e999", "0x10", "2024-03-01", "65,432.1", "-1",
])  # fmt: skip
@pytest.mark.parametrize("name", ["a.parquet", "a.arrow"])
@pytest.mark.parametrize("column", ["price", "size"])
def test_text__that_is_no_number_costs_its_row(tmp_path: Path, name: str, column: str, text: str) -> None:
    cells = pa.array([*PRICES[:5], text, *PRICES[6:]])
    capture = lm.read(trades(tmp_path / name, **{column: cells}), **MARKET)
    assert [line for _, line, _ in capture.report.rejected] == [6]
    assert capture.trades[column].to_pylist() == [float(p) for p in PRICES if p != PRICES[5]]


WRITTEN: dict[str, Any] = {
    "text": pa.array(PRICES),
    "large text": pa.array(PRICES, pa.large_string()),
    "dictionary of text": pa.array(PRICES).dictionary_encode(),
    "decimal128": pa.array([Decimal(p) for p in PRICES], pa.decimal128(38, 18)),
    "decimal256": pa.array([Decimal(p) for p in PRICES], pa.decimal256(60, 9)),
    "dictionary of decimals": DECIMALS.dictionary_encode(),
    "float32": pa.array([float(p) for p in PRICES], pa.float32()),
    "dictionary of float32": pa.array([float(p) for p in PRICES], pa.float32()).dictionary_encode(),
}


@pytest.mark.parametrize("kind", WRITTEN)
@pytest.mark.parametrize("column", ["price", "size"])
def test_numbers__are_those_that_are_written(tmp_path: Path, column: str, kind: str) -> None:
    capture = lm.read(trades(tmp_path / "a.arrow", **{column: WRITTEN[kind]}), **MARKET)
    assert capture.trades[column].to_pylist() == [float(price) for price in PRICES]
    assert capture.meta.tick_size == 0.1


@given(st.lists(st.decimals(0, 10**9, places=9), min_size=1, max_size=20), st.booleans())
@settings(max_examples=200)
def test_decimals__are_the_floats_of_their_texts(values: list[Decimal], coded: bool) -> None:
    """Arrow casts one in ten to a float beside it."""
    column = pa.array(values, pa.decimal128(38, 18))
    found = numbers(column.dictionary_encode() if coded else column)
    np.testing.assert_array_equal(found, [float(value) for value in values])


def test_ids__of_decimals_are_whole(tmp_path: Path) -> None:
    ids = pa.array([Decimal(n) for n in range(COUNT)], pa.decimal128(20, 2))
    capture = lm.read(trades(tmp_path / "a.parquet", trade_id=ids), **MARKET)
    assert capture.trades["id"].to_pylist() == [str(n) for n in range(COUNT)]


@pytest.mark.parametrize("layout", ["trades", "updates", "wide"])
def test_columns_of_runs__are_read_as_their_values(tmp_path: Path, layout: str) -> None:
    """All of a table, numbers, times, words and ids; Parquet has none."""
    count = 12
    columns: dict[str, pa.Array] = {
        "ts": pa.array(1_700_000_000_000 + np.arange(count) // 2 * 2),
        "symbol": pa.array(["S"] * count),
    }
    if layout == "wide":
        columns |= {f"{side}_price": pa.array([float(n)] * count) for n, side in ((99, "bid"), (101, "ask"))}
        columns |= {f"{side}_size": pa.array([None, 2.0] * (count // 2)) for side in ("bid", "ask")}
    else:
        columns |= {
            "side": pa.array(["buy", "sell"] * (count // 2)),
            "price": pa.array(np.repeat([99.5, 100.5], count // 2).astype(np.float32)),
            "size": pa.array([1] * count),
        }
        columns |= {"trade_id" if layout == "trades" else "seq": pa.array(np.arange(count) // 2)}
    found = []
    for name, encode in (("plain", lambda column: column), ("runs", pc.run_end_encode)):
        path = tmp_path / f"{name}.arrow"
        table = pa.table({key: encode(column) for key, column in columns.items()})
        with pa.ipc.new_file(path, table.schema) as file:
            file.write_table(table)
        capture = lm.read(path, venue="x", mapping={"layout": layout})
        kept = capture.trades if capture.trades is not None else capture.depth
        found.append((kept.to_pylist(), len(capture.report.rejected)))
    assert found[0] == found[1]
    assert found[0][0]

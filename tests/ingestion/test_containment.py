"""What one file does to a library never keeps the others from being read."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

import liqmap as lm
from liqmap.cli import main
from tests.defects import told_as_users_are
from tests.formats.bybit.lines import feed, write_lines

START = 1_709_280_000_000


def trades(rows: int = 12) -> dict[str, pa.Array]:
    """Columns of a table of trades."""
    return {
        "timestamp": pa.array([START + 100 * k for k in range(rows)]),
        "symbol": pa.array(["BTCUSDT"] * rows),
        "exchange": pa.array(["x"] * rows),
        "trade_id": pa.array([str(k) for k in range(rows)]),
        "side": pa.array(["buy", "sell"] * (rows // 2)),
        "price": pa.array([62000.0 + k for k in range(rows)]),
        "amount": pa.array([0.5] * rows),
    }


def fixed(rows: int) -> pa.Array:
    return pa.array([k.to_bytes(8, "little") for k in range(rows)], pa.binary(8))


ODD = {
    "prices of fixed-size binary": {"price": fixed(12)},
    "sizes of fixed-size binary": {"amount": fixed(12)},
    "nested prices": {"price": pa.array([[1.0]] * 12)},
    "prices that are structs": {"price": pa.array([{"value": 1.0}] * 12)},
    "prices that are switches": {"price": pa.array([True] * 12)},
    "prices that are durations": {"price": pa.array([1] * 12, pa.duration("ns"))},
    "sides of string views": {"side": pa.array(["buy", "sell"] * 6, pa.string_view())},
    "ids beyond int64": {"trade_id": pa.array([2**64 - 1 - k for k in range(12)], pa.uint64())},
    "times of a day": {"timestamp": pa.array([1] * 12, pa.time32("s"))},
}


def dictionary_of_views() -> pa.Array:
    """What polars writes for a Categorical."""
    words = pa.array(["buy", "sell"], pa.string_view())
    return pa.DictionaryArray.from_arrays(pa.array([0, 1] * 6, pa.uint32()), words)


@pytest.mark.parametrize("odd", [*ODD, "a categorical of polars"])
@pytest.mark.parametrize("jobs", [1, 2])
def test_ingest__an_odd_table_leaves_the_others_alone(odd: str, jobs: int, tmp_path: Path) -> None:
    columns = trades() | ODD.get(odd, {})
    path = tmp_path / "a_odd.parquet"
    if odd in ODD:
        pq.write_table(pa.table(columns), path)
    else:
        path = path.with_suffix(".arrow")
        table = pa.table(columns | {"side": dictionary_of_views()})
        feather.write_feather(table, str(path), compression="uncompressed")
    good = write_lines(tmp_path / "b_linear.ndjson", feed(50))
    report = lm.ingest([path, good], store=tmp_path / "store", jobs=jobs)
    rows = report.table.set_index(report.table["path"].map(lambda p: Path(p).name))
    assert rows.loc[good.name, "status"] == "ok"
    assert all("\n" not in error for error in report.errors)
    status = rows.loc[path.name, "status"]
    if status == "failed":
        assert report.exit_code == 1
        assert any(path.name in error and "expected" in error for error in report.errors)
    else:
        assert lm.open_store(tmp_path / "store").session("x", "BTCUSDT").trades().num_rows == 12


def test_ingest__a_reader_that_fails_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A fault of our own costs its source alone, and asks to be reported."""
    from liqmap.ingestion import run

    opened = run.Flow.open

    def failing(path: str, *args: object) -> object:
        if "bad" in path:
            raise KeyError("a fault of ours")
        return opened(path, *args)

    monkeypatch.setattr(run.Flow, "open", failing)
    bad = write_lines(tmp_path / "bad_linear.ndjson", feed(5))
    good = write_lines(tmp_path / "good_linear.ndjson", feed(50))
    with told_as_users_are():
        code = main(["ingest", str(bad), str(good), "--store", str(tmp_path / "store"), "--json"])
    printed = capsys.readouterr()
    assert code == 1
    assert [row["status"] for row in json.loads(printed.out)["sources"]] == ["failed", "ok"]
    assert "KeyError" in printed.err
    assert "report it" in printed.err
    assert "internal error" not in printed.err

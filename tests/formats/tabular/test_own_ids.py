"""A trade that a table tells twice counts once, where it is certain that its ids are those of trades."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.formats.raw import file as raw
from liqmap.ingestion.repeats import Repeats
from liqmap.schema import FormatError

T0 = 1_700_000_000_000
MARKET = {"venue": "kraken", "symbol": "XBTUSD"}
Row = tuple[int, str, str, float, float]
ROWS: list[Row] = [(T0 + 10 * n, f"{500 + n}", ("buy", "sell")[n % 2], 99.5 + n, 1.5) for n in range(8)]


def write(path: Path, names: str, rows: list[Row]) -> Path:
    """Time, id, side, price, size, as CSV or Parquet."""
    if path.suffix == ".parquet":
        pq.write_table(pa.table(dict(zip(names.split(","), zip(*rows)))), path)
    else:
        path.write_text("\n".join([names, *(",".join(map(str, row)) for row in rows), ""]))
    return path


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
@pytest.mark.parametrize("ids", ["trade_id", "Trade ID", "tid", "agg_trade_id"])
def test_told_twice__counts_once(tmp_path: Path, name: str, ids: str) -> None:
    path = write(tmp_path / name, f"ts,{ids},taker_side,price,size", [*ROWS, *ROWS[2:5]])
    capture = lm.read(path, **MARKET)
    assert capture.trades["id"].to_pylist() == [row[1] for row in ROWS]
    assert any("3 trades that came before were ignored" in note for note in capture.report.notes)
    report = lm.ingest(path, store=tmp_path / "s", **MARKET)
    assert (report.exit_code, report.sources[0].rows) == (0, 8)


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
@pytest.mark.parametrize("change", [(4, 9.25), (3, 1.25), (2, "sell"), (0, T0 + 1)])
def test_one_id_of_two_trades__is_refused(tmp_path: Path, name: str, change: tuple[int, object]) -> None:
    """Another size, price, aggressor or time."""
    other = list(ROWS[2])
    other[change[0]] = change[1]
    path = write(tmp_path / name, "ts,trade_id,side,price,size", [*ROWS, tuple(other)])  # type: ignore[list-item]
    with pytest.raises(FormatError, match="one trade of each trade_id, got two that differ of '502'"):
        lm.read(path, **MARKET)
    report = lm.ingest(path, store=tmp_path / "s", **MARKET)
    assert (report.exit_code, len(report.errors)) == (2, 1)


def test_ids_that_may_be_anything__are_kept(tmp_path: Path) -> None:
    """A plain ``id`` beside other columns, which may be that of an order or of a message."""
    names = "ts,id,taker_side,price,size"
    rows = [*ROWS, *ROWS[2:5]]
    assert lm.read(write(tmp_path / "a.csv", names, rows), **MARKET).trades.num_rows == 11
    told = lm.read(write(tmp_path / "b.csv", names, rows), mapping={"id": "id"}, **MARKET)
    assert told.trades.num_rows == 8, "the user says that it is a trade's"


def test_ids_that_rise_in_what_can_only_be_trades__are_theirs(tmp_path: Path) -> None:
    """`are_prints`; the repeat comes later than the rows that decide."""
    rows = [(T0 + 10 * n, f"{n}", ("buy", "sell")[n // 2 % 2], 99.5 + n % 3, 1.5) for n in range(30_000)]
    path = write(tmp_path / "a.csv", "ts,id,side,price,size", [*rows, rows[-3]])
    assert lm.read(path, **MARKET).trades.num_rows == 30_000


def test_trades_of_ccxt__are_known_by_their_columns(tmp_path: Path) -> None:
    names = "id,timestamp,datetime,symbol,side,takerOrMaker,price,amount,cost"
    rows = [f"{i},{at},2023-11-14T22:13:20Z,XBTUSD,{side},taker,{p},{s},1" for at, i, side, p, s in ROWS]
    path = tmp_path / "a.csv"
    path.write_text("\n".join([names, *rows, *rows[-2:], ""]))
    assert lm.read(path, venue="kraken").trades.num_rows == 8


def test_hashed_ids_of_two_trades__are_kept_and_told(tmp_path: Path) -> None:
    """Hyperliquid's ``tid`` is that of a pair of orders."""
    rows = [*ROWS, (T0 + 90, "502", "sell", 98.5, 2.0)]
    capture = lm.read(write(tmp_path / "a.csv", "ts,tid,side,price,size", rows), **MARKET)
    assert capture.trades.num_rows == 9
    assert any("1 trades have the id of another that differs" in note for note in capture.report.notes)


def test_rows_without_an_id__are_each_their_own(tmp_path: Path) -> None:
    rows = [*ROWS, (T0 + 90, "", "buy", 99.5, 1.0), (T0 + 90, "", "buy", 99.5, 1.0)]
    path = write(tmp_path / "a.csv", "ts,trade_id,side,price,size", rows)
    assert lm.read(path, **MARKET).trades.num_rows == 10


def test_other_sources__are_compared_as_before(tmp_path: Path) -> None:
    """A name does not say that another source has the same ids: content that differs is a conflict."""
    names = "ts,trade_id,side,price,size"
    one, two = write(tmp_path / "a.csv", names, ROWS[:6]), write(tmp_path / "b.csv", names, ROWS[3:])
    report = lm.ingest([one, two], store=tmp_path / "s", **MARKET)
    assert report.exit_code == 0
    trades = lm.open_store(tmp_path / "s").session("kraken", "XBTUSD").trades()
    assert trades["id"].to_pylist() == [row[1] for row in ROWS]
    assert lm.Meta.from_metadata(trades.schema.metadata).trade_ids is None


def test_repeats_farther_apart_than_remembered__are_kept_once_by_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Repeats, "drop", lambda self, rows, ids: rows)
    path = write(tmp_path / "a.csv", "ts,trade_id,side,price,size", [*ROWS, *ROWS])
    lm.ingest(path, store=tmp_path / "s", **MARKET)
    trades = lm.open_store(tmp_path / "s").session("kraken", "XBTUSD").trades()
    assert trades["id"].to_pylist() == [row[1] for row in ROWS]


@given(
    st.lists(st.sampled_from([*ROWS, (T0, "500", "buy", 99.5, 2.0)]), min_size=1, max_size=12),
    st.sampled_from([40, 90, 200, 1 << 20]),
)
@settings(deadline=None, max_examples=60)
def test_any_rows__are_those_of_a_plain_reading(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Row], chunk: int
) -> None:
    path = write(tmp_path_factory.mktemp("ids") / "a.csv", "ts,trade_id,side,price,size", rows)
    once = list(dict.fromkeys(rows))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(raw.RawFile.chunks, "__defaults__", (chunk,))
        if len({row[1] for row in once}) < len(once):
            with pytest.raises(FormatError, match="two that differ of '500'"):
                lm.read(path, **MARKET)
            return
        capture = lm.read(path, **MARKET)
    assert sorted(capture.trades["id"].to_pylist()) == sorted(row[1] for row in once)

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


def notes(capture: lm.Capture) -> str:
    return " ".join(capture.report.notes)


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
@pytest.mark.parametrize("change", [(4, 9.25), (3, 1.25), (2, "sell"), (0, T0 + 1)])
def test_one_id_of_two_trades__is_kept_and_told(
    tmp_path: Path, name: str, change: tuple[int, object]
) -> None:
    """Another size, price, aggressor or time: fills of one order, or ids that begin anew."""
    other = list(ROWS[2])
    other[change[0]] = change[1]
    rows = [*ROWS, tuple(other), ROWS[2]]
    capture = lm.read(write(tmp_path / name, "ts,trade_id,side,price,size", rows), **MARKET)  # type: ignore[arg-type]
    assert capture.trades.num_rows == 10, "nor does its id say of an equal one that it is the same"
    assert "1 trades have the id of another that differs, and were kept" in notes(capture)
    assert "1 trades are as one before them" in notes(capture)


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
@pytest.mark.parametrize("word", ["0", "-1", "-", "unknown"])
def test_words_for_no_id__name_no_trade(tmp_path: Path, name: str, word: str) -> None:
    rows = [(T0 + n // 2, word, "buy", 99.5, 1.0) for n in range(8)]
    capture = lm.read(write(tmp_path / name, "ts,trade_id,side,price,size", rows), **MARKET)
    assert capture.trades.num_rows == 8
    assert "that differs" not in notes(capture)


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
@pytest.mark.parametrize("more", ["order_id", "cond", "exchange_code", "local_timestamp"])
def test_equal_but_for_a_column_that_is_not_read__is_kept_and_told(
    tmp_path: Path, name: str, more: str
) -> None:
    """Three fills of one match are three trades; nothing says so but the other column."""
    rows = [(T0 + n, f"{n}", "buy", 99.5, 1.0, T0 + n) for n in range(4)]
    rows += [(*rows[-1][:5], T0 + 10 + n) for n in range(2)]
    path = write(tmp_path / name, f"ts,trade_id,taker_side,price,size,{more}", rows)  # type: ignore[arg-type]
    capture = lm.read(path, **MARKET)
    assert capture.trades.num_rows == 6
    assert "2 trades are as one before them of the same id in all that is read, and were kept" in notes(
        capture
    )
    report = lm.ingest(path, store=tmp_path / "s", **MARKET)
    assert (report.exit_code, report.sources[0].rows) == (0, 6)


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_columns_that_follow_from_others__tell_none_apart(tmp_path: Path, name: str) -> None:
    rows = [(*row, row[3] * row[4]) for row in [*ROWS, ROWS[-1]]]
    path = write(tmp_path / name, "ts,trade_id,taker_side,price,size,quote_qty", rows)  # type: ignore[arg-type]
    assert lm.read(path, **MARKET).trades.num_rows == 8


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
@pytest.mark.parametrize("names", ["ts,oid,side,price,size", "ts,id,taker_side,price,size"])
def test_ids_that_may_be_anything__are_kept(tmp_path: Path, name: str, names: str) -> None:
    """A plain ``id`` may be that of an order or of a message; and so may one that the user maps."""
    path = write(tmp_path / name, names, [*ROWS, *ROWS[2:5]])
    mapping = {"layout": "trades"}
    assert lm.read(path, mapping=mapping, **MARKET).trades.num_rows == 11
    told = lm.read(path, mapping={"id": names.split(",")[1], **mapping}, **MARKET)
    assert told.trades.num_rows == 11
    assert "3 trades are as one before them of the same id" in notes(told)


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
    monkeypatch.setattr(Repeats, "drop", lambda self, rows, *_: rows)
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
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(raw.RawFile.chunks, "__defaults__", (chunk,))
        found = lm.read(path, **MARKET).trades.to_pylist()
    got = [(row["id"], row["size"]) for row in found]
    once = {(row[1], row[4]) for row in rows}
    assert set(got) == once
    sure = {one for one in got if sum(of == one[0] for of, _ in once) == 1}
    assert all(got.count(one) == 1 for one in sure), "an id that names one trade alone"
    assert len(got) <= len(rows)

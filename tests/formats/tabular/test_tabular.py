"""Tables of any make: every container and layout against the plainest reading of the same rows."""

from __future__ import annotations

import csv
import gzip
import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.cli import main
from liqmap.formats.raw import file as raw
from liqmap.formats.raw import packed_file
from liqmap.formats.tabular import pieces as _tabular_rows
from liqmap.formats.tabular.rows.fast_lines import FastLines
from liqmap.schema import FormatError

T0 = 1_700_000_000
MARKET = {"venue": "kraken", "symbol": "XBTUSD"}
UPDATES = {"layout": "updates"}


def save(frame: pd.DataFrame, path: Path) -> Path:
    table = pa.Table.from_pandas(frame, preserve_index=False)
    if path.suffix == ".csv":
        pacsv.write_csv(table, path)
    elif path.suffix == ".gz":
        plain = path.with_suffix("")
        pacsv.write_csv(table, plain)
        path.write_bytes(gzip.compress(plain.read_bytes()))
    elif path.suffix == ".tsv":
        pacsv.write_csv(table, path, pacsv.WriteOptions(delimiter="\t"))
    elif path.suffix == ".parquet":
        pq.write_table(table, path, row_group_size=3)
    elif path.suffix == ".feather":
        feather.write_feather(table, path, chunksize=3)
    else:
        new = pa.ipc.new_stream if path.suffix == ".arrows" else pa.ipc.new_file
        with pa.OSFile(str(path), "wb") as out, new(out, table.schema) as file:
            file.write_table(table, max_chunksize=3)
    return path


def long(count: int = 9, scale: int = 1) -> pd.DataFrame:
    i = np.arange(count)
    return pd.DataFrame(
        {
            "ts": (T0 + i // 2) * scale,
            "side": np.where(i % 2, "ask", "bid"),
            "price": np.where(i % 2, 100.5, 99.5) + i,
            "size": (i % 4) * 0.25,
        }
    )


def rows(table: pa.Table) -> list[tuple[int, str, float, float]]:
    return [
        (r["ts"].value, r["side"], r["price"], r["size"])
        for r in table.to_pylist()
        if r["event"] in ("update", "snapshot")
    ]


SUFFIXES = ["a.csv", "a.csv.gz", "a.tsv", "a.parquet", "a.feather", "a.arrow", "a.arrows"]


@pytest.mark.parametrize("name", SUFFIXES)
@pytest.mark.parametrize("small", [False, True])
def test_updates__every_container_gives_the_same_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, small: bool
) -> None:
    if small:
        monkeypatch.setattr(_tabular_rows, "ROWS", 1)
        monkeypatch.setattr(raw.RawFile.chunks, "__defaults__", (24,))
    frame = long()
    capture = lm.read(save(frame, tmp_path / name), mapping=UPDATES, **MARKET)
    assert rows(capture.depth) == [(t * 10**9, s, p, z) for t, s, p, z in frame.itertuples(index=False)]
    per_message = pd.Series(capture.depth["seq"].to_pylist()).groupby(frame["ts"]).nunique()
    assert per_message.eq(1).all()
    (row,) = capture.report.sources
    assert (row.messages, row.gaps, row.rejected, row.format) == (5, 0, 0, "tabular")
    meta = capture.meta
    assert (meta.window_policy, meta.feed, meta.tick_size) == ("full", "full", 0.5)


@pytest.mark.parametrize(("unit", "scale"), [("s", 1), ("ms", 10**3), ("us", 10**6), ("ns", 10**9)])
@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_times__unit_is_found_and_stated(tmp_path: Path, unit: str, scale: int, name: str) -> None:
    capture = lm.read(save(long(scale=scale), tmp_path / name), mapping=UPDATES, **MARKET)
    assert capture.depth["ts"][0].as_py().value == T0 * 10**9
    assert any(f"times in {unit} since 1970" in note for note in capture.report.notes)


@pytest.mark.parametrize("zone", [None, "UTC", "America/New_York"])
@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_times__dates(tmp_path: Path, zone: str | None, name: str) -> None:
    frame = long()
    at = pd.to_datetime(frame["ts"], unit="s", utc=True)
    frame["ts"] = at.dt.tz_localize(None) if zone is None else at.dt.tz_convert(zone)
    if name == "a.csv":
        frame["ts"] = [t.isoformat() for t in frame["ts"]]
    capture = lm.read(save(frame, tmp_path / name), mapping=UPDATES, **MARKET)
    assert [r[0] for r in rows(capture.depth)] == [t.value for t in at]
    assert any("as dates" in note for note in capture.report.notes)


def test_times__fractions_of_seconds_to_the_us(tmp_path: Path) -> None:
    frame = long(1).assign(ts=["1700000000.123456"], size=1)
    capture = lm.read(save(frame, tmp_path / "a.csv"), mapping=UPDATES, **MARKET)
    assert capture.depth["ts"][0].as_py().value == T0 * 10**9 + 123_456_000


def test_times__of_another_unit_later_are_rejected(tmp_path: Path) -> None:
    frame = long(scale=1000)
    frame.loc[4, "ts"] = T0
    capture = lm.read(save(frame, tmp_path / "a.csv"), mapping=UPDATES, **MARKET)
    assert [(line, "ms since 1970" in why) for _, line, why in capture.report.rejected] == [(6, True)]


def test_snapshots__rows_of_one_time_are_the_book(tmp_path: Path) -> None:
    frame = long(8).assign(size=1.0)
    capture = lm.read(save(frame, tmp_path / "a.csv"), mapping={"layout": "snapshots"}, **MARKET)
    assert set(capture.depth["event"].to_pylist()) == {"snapshot"}
    assert (capture.meta.window_policy, capture.meta.depth_limit) == ("snapshots", 1)
    table = lm.replay(capture.depth).to_arrow()
    assert table.num_rows == 8
    assert capture.report.sources[0].gaps == 0


ORDERS = {
    "newest first": (lambda f: f.iloc[::-1], "ts, got line 4 earlier than line 3. Sort it by ts"),
    "side by side": (lambda f: f.sort_values("side", kind="stable"), "ts, got line 6 earlier than line 5"),
}


@pytest.mark.parametrize("case", ORDERS)
@pytest.mark.parametrize("layout", ["snapshots", "updates"])
@pytest.mark.parametrize("chunk", [30, 1 << 20])
def test_order__rows_whose_times_fall_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str, layout: str, chunk: int
) -> None:
    monkeypatch.setattr(packed_file, "READ", 10 if chunk == 30 else 1 << 20)
    monkeypatch.setattr(raw.RawFile.chunks, "__defaults__", (chunk,))
    shuffle, said = ORDERS[case]
    path = save(shuffle(long(8).assign(size=1.0)), tmp_path / "a.csv")
    with pytest.raises(FormatError, match=said):
        lm.read(path, mapping={"layout": layout}, **MARKET)


def test_order__wide_rows_newest_first_are_refused(tmp_path: Path) -> None:
    frame = pd.DataFrame({"ts": [T0 + 1, T0], "bid1_price": 1.0, "bid1_size": 1.0}).assign(
        ask1_price=2.0, ask1_size=1.0
    )
    with pytest.raises(FormatError, match="got line 3 earlier than line 2"):
        lm.read(save(frame, tmp_path / "a.csv"), **MARKET)
    container = save(frame, tmp_path / "a.parquet")
    with pytest.raises(FormatError, match="got line 2 earlier than line 1"):
        lm.read(container, **MARKET)


@pytest.mark.parametrize("received", [False, True])
def test_order__a_clock_that_shakes_is_clamped(tmp_path: Path, received: bool) -> None:
    """Rows as they were received, with an exchange's clock that steps back; far only where that is known."""
    back = 2_000 if received else 2
    ms = 1000 * T0 + np.array([0, 5_000, 5_000 - back, 6_000])
    frame = pd.DataFrame({"ts": ms, "side": "bid", "price": [1.0, 2.0, 3.0, 4.0], "size": 1.0})
    if received:
        frame["ts_recv"] = 1000 * T0 + 7_000 + np.arange(4)
    capture = lm.read(save(frame, tmp_path / "a.csv"), mapping={"layout": "updates"}, **MARKET)
    told = [r["ts"].value // 10**6 - 1000 * T0 for r in capture.depth.to_pylist()]
    assert told == [0, 5_000, 5_000, 6_000]
    assert any("1 messages had a clock" in note for note in capture.report.notes)


def test_order__an_id_told_again_is_left_to_ingest(tmp_path: Path) -> None:
    frame = long(12).assign(size=1.0, seq=[1, 1, 2, 2, 3, 3, 2, 2, 3, 3, 4, 4])
    frame["ts"] = T0 + frame["seq"]
    capture = lm.read(save(frame, tmp_path / "a.csv"), mapping={"layout": "updates"}, **MARKET)
    seen = [r["seq"] for r in capture.depth.to_pylist() if r["event"] == "update"]
    assert seen == [1, 1, 2, 2, 3, 3, 4, 4]


def test_venue__cells_that_say_nothing_are_of_the_one_told(tmp_path: Path) -> None:
    for venues in (["binance", None, "", "binance"], [None] * 4, ["", None, "binance", "okx"]):
        frame = pd.DataFrame({"ts": T0 + np.arange(4), "price": 1.0, "size": 1.0, "side": "buy"})
        frame["venue"] = venues
        capture = lm.read(save(frame, tmp_path / "a.parquet"), venue="binance", symbol="X",
                          mapping={"layout": "trades"})  # fmt: skip
        assert capture.trades.num_rows == 4 - venues.count("okx")


def test_order__ids_that_fall_are_refused(tmp_path: Path) -> None:
    frame = long(8).assign(seq=np.arange(8) // 2).iloc[::-1]
    with pytest.raises(FormatError, match="order of seq, got line 4 earlier than line 3"):
        lm.read(save(frame, tmp_path / "a.csv"), mapping=UPDATES, **MARKET)


def test_order__of_ids_goes_before_that_of_times(tmp_path: Path) -> None:
    frame = long(6).assign(seq=np.arange(6) // 2, ts=[T0, T0, T0 + 2, T0 + 2, T0 + 1, T0 + 1])
    capture = lm.read(save(frame, tmp_path / "a.csv"), mapping=UPDATES, **MARKET)
    assert [r[0] // 10**9 - T0 for r in rows(capture.depth)] == [0, 0, 2, 2, 2, 2]
    assert any("1 messages had a clock" in note for note in capture.report.notes)


def test_order__ids_may_begin_anew_with_a_snapshot(tmp_path: Path) -> None:
    frame = long(8).assign(size=1.0, seq=[5, 5, 6, 6, 1, 1, 2, 2])
    frame["event"] = ["update"] * 4 + ["snapshot"] * 2 + ["update"] * 2
    capture = lm.read(save(frame, tmp_path / "a.csv"), **MARKET)
    assert capture.depth["event"].to_pylist() == [*["update"] * 4, "gap", *["snapshot"] * 2, *["update"] * 2]
    assert [gap.reason for gap in capture.report.lost] == ["restart"]


WIDE = [
    ("bid1_price", "bid1_size"), ("bids[0].price", "bids[0].amount"), ("bid_px_00", "bid_sz_00"),
    ("bid_price_1", "bid_qty_1"), ("price_bid_1", "size_bid_1"),
]  # fmt: skip


@pytest.mark.parametrize("names", WIDE)
def test_wide__common_spellings(tmp_path: Path, names: tuple[str, str]) -> None:
    def other(name: str, step: int) -> str:
        digit = next(c for c in reversed(name.replace("]", "")) if c.isdigit()) if "[" not in name else "0"
        return name if not step else (digit and name[::-1].replace(digit, str(int(digit) + step), 1)[::-1])

    data: dict[str, list[float | None]] = {"ts": [T0, T0, T0 + 1]}
    for side, first in (("bid", 99.0), ("ask", 101.0)):
        for level in (0, 1):
            away = -level if side == "bid" else level
            price, size = (other(n, level).replace("bid", side) for n in names)
            data[price] = [first + away, first + away, None if level else first]
            data[size] = [1.0, 2.0, None if level else 3.0]
    capture = lm.read(save(pd.DataFrame(data), tmp_path / "a.csv"), **MARKET)
    assert capture.report.sources[0].messages == 3
    got = [(r["ts"].value // 10**9 - T0, r["side"], r["price"], r["size"]) for r in capture.depth.to_pylist()]
    book = [("bid", 99.0), ("bid", 98.0), ("ask", 101.0), ("ask", 102.0)]
    assert got == [(0, *b, 1.0) for b in book] + [(0, *b, 2.0) for b in book] + [
        (1, "bid", 99.0, 3.0),
        (1, "ask", 101.0, 3.0),
    ]
    assert capture.meta.depth_limit == 2


def test_trades__by_side_or_maker(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "time": [T0, T0 + 1],
            "px": [10.5, 11.0],
            "qty": [1, 2],
            "trade_id": ["x", "y"],
            "side": ["BUY", "s"],
        }
    )
    capture = lm.read(save(frame, tmp_path / "a.csv"), **MARKET)
    got = capture.trades.to_pylist()
    assert [(r["id"], r["aggressor"], r["price"], r["size"]) for r in got] == [
        ("x", "buy", 10.5, 1.0),
        ("y", "sell", 11.0, 2.0),
    ]
    frame = frame.drop(columns="side").assign(is_buyer_maker=[True, False])
    capture = lm.read(save(frame, tmp_path / "b.parquet"), **MARKET)
    assert capture.trades["aggressor"].to_pylist() == ["sell", "buy"]


def test_events__snapshots_gaps_and_ids(tmp_path: Path) -> None:
    frame = long(8).assign(size=1.0, seq=np.arange(8) // 2 + 5)
    frame["event"] = ["snapshot"] * 2 + ["update"] * 2 + ["gap"] * 2 + ["snapshot"] * 2
    capture = lm.read(save(frame, tmp_path / "a.csv"), **MARKET)
    assert (
        capture.depth["event"].to_pylist() == ["snapshot"] * 2 + ["update"] * 2 + ["gap"] + ["snapshot"] * 2
    )
    assert capture.report.sources[0].gaps == 1


def test_mapping__names_what_the_header_does_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frame = long().rename(columns={"ts": "when", "price": "level", "size": "coins"})
    path = save(frame, tmp_path / "a.csv")
    with pytest.raises(FormatError, match="expected one of"):
        lm.read(path, **MARKET)
    mapping = UPDATES | {"ts": "when", "price": "level", "size": "coins"}
    assert len(rows(lm.read(path, mapping=mapping, **MARKET).depth)) == 9
    argv = ["ingest", str(path), "--store", str(tmp_path / "s"), "--venue", "kraken", "--symbol", "XBTUSD"]
    assert main([*argv, "--map", "ts=when,price=level,size=coins,layout=updates"]) == 0
    assert main([*argv, "--map", "ts=when,price=level,size=coins,layout=updates"]) == 0
    assert "already in the store" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([*argv, "--map", "price"])
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_markets__in_columns(tmp_path: Path) -> None:
    frame = long().assign(exchange="okex", symbol=["A"] * 8 + ["B"])
    capture = lm.read(save(frame, tmp_path / "a.csv"), mapping=UPDATES)
    assert (capture.meta.venue, capture.meta.symbol) == ("okex", "A")
    assert [line for _, line, _ in capture.report.rejected] == [10]
    capture = lm.read(tmp_path / "a.csv", symbol="B", mapping=UPDATES)
    assert (capture.depth.num_rows, capture.report.sources[0].rejected) == (1, 0)
    assert any("8 rows of other markets" in note for note in capture.report.notes)


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_markets__of_several_venues_the_one_told(tmp_path: Path, name: str) -> None:
    path = save(long().assign(exchange=["binance", "bybit", "binance"] * 3, symbol="X"), tmp_path / name)
    capture = lm.read(path, venue="binance", mapping=UPDATES)
    assert (capture.depth.num_rows, capture.meta.venue, capture.report.sources[0].rejected) == (
        6,
        "binance",
        0,
    )
    assert any("3 rows of other markets" in note for note in capture.report.notes)
    with pytest.raises(FormatError, match="expected venue kraken in the table, got binance, bybit"):
        lm.read(path, venue="kraken", mapping=UPDATES)
    with pytest.raises(FormatError, match="expected rows of binance Y, got 9 of other markets"):
        lm.read(path, venue="binance", symbol="Y", mapping=UPDATES)


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_markets__a_venue_renamed_is_the_only_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A second one far below the first rows, too."""
    frame = long(4_000).assign(exchange=["Binance"] * 3_999 + ["Bybit"], symbol="X")
    monkeypatch.setattr(raw.RawFile.head, "__defaults__", (4_000,))
    assert (
        lm.read(save(frame[:-1], tmp_path / name), venue="binance", mapping=UPDATES).depth.num_rows == 3_999
    )
    with pytest.raises(FormatError, match="expected venue Binance on every line") as error:
        lm.read(save(frame, tmp_path / name), venue="binance", mapping=UPDATES)
    assert "got 'Bybit'" in str(error.value)


TRADES = pd.DataFrame(
    {"ts": [T0, T0 + 1], "price": [10.5, 11.0], "size": [1, 2], "tid": ["x", "y"], "side": ["buy", "sell"]}
)


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_trades__whose_side_is_said(tmp_path: Path, name: str) -> None:
    path = save(TRADES, tmp_path / name)
    taken = lm.read(path, **MARKET)
    assert taken.trades["aggressor"].to_pylist() == ["buy", "sell"]
    (note,) = taken.report.notes
    assert note.endswith(", side taken as the aggressor's (else mapping={'maker_side': 'side'})")
    told = lm.read(path, mapping={"maker_side": "side"}, **MARKET)
    assert told.trades["aggressor"].to_pylist() == ["sell", "buy"]
    assert not any("taken as" in note for note in told.report.notes)
    plain = save(TRADES.rename(columns={"side": "taker_side"}), tmp_path / f"b{Path(name).suffix}")
    assert not any("taken as" in note for note in lm.read(plain, **MARKET).report.notes)


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_trades__sides_that_contradict_each_other_are_rejected(tmp_path: Path, name: str) -> None:
    frame = TRADES.assign(is_buyer_maker=[False, False])
    capture = lm.read(save(frame, tmp_path / name), **MARKET)
    assert capture.trades["id"].to_pylist() == ["x"]
    ((_, _, why),) = capture.report.rejected
    assert why.startswith("expected side and is_buyer_maker to agree")
    assert "mapping={'maker_side': 'side'}" in why
    frame = TRADES.assign(is_buyer_maker=[True, False])
    path = save(frame, tmp_path / f"b{Path(name).suffix}")
    with pytest.raises(FormatError, match="to agree"):
        lm.read(path, **MARKET)
    capture = lm.read(path, mapping={"maker_side": "side"}, **MARKET)
    assert capture.trades["aggressor"].to_pylist() == ["sell", "buy"]


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_trades__an_empty_id_is_none(tmp_path: Path, name: str) -> None:
    path = save(TRADES.assign(tid=["", "y"]), tmp_path / name)
    capture = lm.read(path, mapping={"layout": "trades"}, **MARKET)
    assert capture.trades["id"].to_pylist() == [None, "y"]


def test_header__of_a_table_says_what_is_wrong_with_it(tmp_path: Path) -> None:
    path = save(TRADES.assign(datetime="2024-01-01"), tmp_path / "a.csv")
    with pytest.raises(FormatError, match="expected one column for ts, got ts and datetime"):
        lm.read(path, **MARKET)


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow", "a.feather", "a.csv"])
def test_bad__records_of_databento_are_no_levels(tmp_path: Path, name: str) -> None:
    frame = long().assign(publisher_id=1, instrument_id=5, action="A", order_id=7)
    options = MARKET | {"mapping": UPDATES, "format": "tabular"}
    with pytest.raises(FormatError, match="got Databento's records"):
        lm.read(save(frame, tmp_path / name), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_received__where_the_table_says_it(tmp_path: Path, name: str) -> None:
    frame = long(4)
    frame["local"] = pd.array([(T0 + i) * 1000 + 7 for i in range(4)], "Int64")
    frame.loc[2:, "local"] = None
    mapping = UPDATES | {"ts_recv": "local"}
    got = lm.read(save(frame, tmp_path / name), mapping=mapping, **MARKET).depth["ts_recv"].to_pylist()
    first = pd.Timestamp(T0 * 10**9 + 7 * 10**6, tz="UTC")
    assert got == [first, first, None, None]
    assert lm.read(tmp_path / name, mapping=UPDATES, **MARKET).depth["ts_recv"].null_count == 4


def test_sizes__unit_is_told_or_said_to_be_assumed(tmp_path: Path) -> None:
    path = save(long(), tmp_path / "a.csv")
    assumed = lm.read(path, mapping=UPDATES, **MARKET)
    assert assumed.meta.size_unit == "coins"
    assert any("sizes in coins (assumed" in note for note in assumed.report.notes)
    told = lm.read(path, mapping=UPDATES | {"size_unit": "contracts"}, **MARKET)
    assert told.meta.size_unit == "contracts"
    assert not any("assumed;" in note for note in told.report.notes)
    with pytest.raises(FormatError, match=r"size_unit=coins\|contracts, got 'lots'"):
        lm.read(path, mapping={"size_unit": "lots"}, **MARKET)


def test_venue__told_goes_before_the_file(tmp_path: Path) -> None:
    path = save(long().assign(exchange="okex"), tmp_path / "a.csv")
    assert lm.read(path, venue="kraken", symbol="X", mapping=UPDATES).meta.venue == "kraken"
    assert lm.read(path, symbol="X", mapping=UPDATES).meta.venue == "okex"


def test_strings__of_a_container_are_read_too(tmp_path: Path) -> None:
    frame = long().astype({"ts": str, "price": str, "size": str})
    capture = lm.read(save(frame, tmp_path / "a.parquet"), mapping=UPDATES, **MARKET)
    assert rows(capture.depth) == rows(
        lm.read(save(long(), tmp_path / "b.parquet"), mapping=UPDATES, **MARKET).depth
    )


ROW = {
    "updates": ("ts,local_time,seq,side,price,size", ["1700000000", "1700000001", "5", "bid", "99.5", "1"]),
    "wide": (
        "ts,bid1_price,bid1_size,bid2_price,bid2_size,ask1_price,ask1_size",
        ["1700000000", "99.5", "1", "99", "2", "100", "3"],
    ),
    "trades": ("ts,symbol,trade_id,side,price,size", ["1700000000", "XBTUSD", "x1", "Buy", "99.5", "1"]),
}
ODD = [
    "",
    "0",
    "-1",
    "x",
    "7",
    "99.25",
    "0.125",
    "1e-3",
    "1700000002",
    "170000000",
    '"1"',
    "SELL",
    "é",
    "1,2",
    "nan",
    "None",
    " NA",
    "1_0",
    "5.0",
    "+5",
    "1005.0",
    "9007199254740993.0",
    "1e18",
    "1.7E+9",
    "1.700000002E+9",
    "1700000002.0",
    "99.50000001",
]


@pytest.mark.parametrize("layout", ROW)
@settings(max_examples=60)
@given(
    edits=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6), st.sampled_from(ODD)), max_size=3),
    chunk=st.sampled_from([90, 1 << 20]),
)
def test_fast_means_what_judging_each_row_says(
    tmp_path_factory: pytest.TempPathFactory, layout: str, edits: list[tuple[int, int, str]], chunk: int
) -> None:
    head, row = ROW[layout]
    lines = [[cell.replace("x1", f"x{2 + n}") for cell in row] for n in range(5)]
    for line, column, cell in edits:
        lines[line][column % len(row)] = cell
    path = tmp_path_factory.mktemp("once") / "a.csv"
    path.write_text("\n".join([head, ",".join(row), *map(",".join, lines)]) + "\n")

    def outcome() -> list[object]:
        try:
            capture = lm.read(path, mapping={"layout": layout}, **MARKET)
        except FormatError as error:
            return [str(error)]
        table = capture.trades if layout == "trades" else capture.depth
        return [table.to_pylist(), capture.report.rejected, capture.meta]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(raw.RawFile.chunks, "__defaults__", (chunk,))
        at_once = outcome()
        for name in ("depth", "trades"):
            patch.setattr(FastLines, name, lambda *_: None)
        assert at_once == outcome()


@pytest.mark.parametrize("layout", ROW)
def test_fast__takes_sound_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: str) -> None:
    monkeypatch.setattr(_tabular_rows.Rows, "parse", None)
    head, row = ROW[layout]
    path = tmp_path / "a.csv"
    path.write_text("\n".join([head, ",".join(row), ",".join(row).replace("x1", "x2")]) + "\n")
    capture = lm.read(path, mapping={"layout": layout}, **MARKET)
    table = capture.trades if layout == "trades" else capture.depth
    assert table.num_rows == (6 if layout == "wide" else 2)
    assert capture.meta.tick_size == (0.5 if layout == "wide" else 99.5)


BAD = {
    "no market": (long(), {"mapping": UPDATES}, "expected a venue"),
    "two layouts": (long().assign(size=1.0), MARKET, "updates and snapshots"),
    "three layouts": (long().assign(size=1.0, side="buy"), MARKET, "updates, snapshots and trades"),
    "no time": (long().assign(ts=5), MARKET | {"mapping": UPDATES}, "2000"),
    "words": (long().assign(ts="noon"), MARKET | {"mapping": UPDATES}, "2000"),
    "twice": (long().assign(qty=1.0), MARKET | {"mapping": UPDATES}, "size and qty"),
    "no column": (long(), MARKET | {"mapping": {"price": "px"}}, "'px'"),
    "no role": (long(), MARKET | {"mapping": {"colour": "px"}}, "colour"),
    "no layout": (long(), MARKET | {"mapping": {"layout": "tall"}}, "trades"),
    "lacks": (long().drop(columns="size"), MARKET | {"mapping": UPDATES}, "size"),
    "half a level": (
        pd.DataFrame({"ts": [T0], "bid1_price": [1.0], "ask1_price": [2.0], "ask1_size": [1.0]}),
        MARKET | {"mapping": {"layout": "wide"}},
        "size of bid level 1",
    ),
    "all prices 0": (long().assign(price=0.0), MARKET | {"mapping": UPDATES}, "positive price"),
}


@pytest.mark.parametrize("case", BAD)
@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_bad__one_line_says_what_to_do(tmp_path: Path, case: str, name: str) -> None:
    frame, options, said = BAD[case]
    with pytest.raises(FormatError) as error:
        lm.read(save(frame, tmp_path / name), **options)  # type: ignore[arg-type]
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow", "a.arrows"])
def test_bad__damaged_containers(tmp_path: Path, name: str) -> None:
    path = save(long(), tmp_path / name)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(FormatError, match="damaged") as error:
        lm.read(path, mapping=UPDATES, **MARKET)
    assert "\n" not in str(error.value)


CELLS = {
    "ts": [str(T0), str(T0 + 1), "", "x", "12"],
    "side": ["bid", "ask", "A", "b", "", "up"],
    "price": ["99.5", "100", "0", "-1", "nan", ""],
    "size": ["0", "1.5", "-2", "inf", "x"],
}


@settings(max_examples=60)
@given(
    lines=st.lists(
        st.tuples(*(st.sampled_from(v) for v in CELLS.values())).map(list)
        | st.just(["1", "2"]) | st.just([]),
        min_size=1, max_size=8,
    ),
    chunk=st.sampled_from([30, 1 << 20]),
)  # fmt: skip
def test_lines__each_is_a_row_or_rejected(
    tmp_path_factory: pytest.TempPathFactory, lines: list[list[str]], chunk: int
) -> None:
    path = tmp_path_factory.mktemp("any") / "a.csv"
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([list(CELLS), [str(T0), "ask", "5", "0"], *lines])
    sound, bad = [(T0 * 10**9, "ask", 5.0, 0.0)], []
    for number, cells in enumerate(lines, 3):
        if len(cells) == 4:
            ts, side, price, size = cells
            good = (
                len(ts) > 2 and side not in ("", "up") and price in ("99.5", "100") and size in ("0", "1.5")
            )
            if good:
                name = {"b": "bid", "a": "ask"}[side[0].lower()]
                sound.append((int(ts) * 10**9, name, float(price), float(size)))
                continue
        if cells:
            bad.append(number)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(raw.RawFile.chunks, "__defaults__", (chunk,))
        if any(a[0] > b[0] for a, b in itertools.pairwise(sound)):
            with pytest.raises(FormatError, match="Sort it by ts"):
                lm.read(path, mapping=UPDATES, **MARKET)
            return
        capture = lm.read(path, mapping=UPDATES, **MARKET)
    assert rows(capture.depth) == sound
    assert sorted(line for _, line, _ in capture.report.rejected) == bad


def test_levels_with_times_of_their_own__one_message_a_seq(tmp_path: Path) -> None:
    """The rows of one seq are one message, at the latest of their times, in whatever order they stand."""
    lines = ["timestamp,symbol,exchange,seq,event,side,price,size"]
    for seq in (1, 2, 3):
        for level in range(4):
            for side, price in (("bid", 100 - level + seq), ("ask", 101 + level + seq)):
                ts = 1_709_280_000_000 + 1000 * seq - 37 * ((level * 5 + seq) % 4)
                lines.append(f"{ts},BTCUSDT,x,{seq},snapshot,{side},{price},1")
    path = tmp_path / "levels.csv"
    path.write_text("\n".join(lines) + "\n")
    depth = lm.read(path).depth
    assert depth is not None
    assert depth.num_rows == 24
    assert set(depth["event"].to_pylist()) == {"snapshot"}
    book = depth.to_pandas().groupby("seq")["ts"].agg(["nunique", "max", "size"])
    assert book["nunique"].tolist() == [1, 1, 1]
    assert book["size"].tolist() == [8, 8, 8]
    assert [int(t.value // 10**6) - 1_709_280_000_000 for t in book["max"]] == [1000, 2000, 3000]


def test_seq_that_counts_no_messages__is_refused(tmp_path: Path) -> None:
    rows = [f"{1_709_280_000_000 + 100 * k},BTCUSDT,x,7,update,bid,100,{k + 1}" for k in range(5)]
    path = tmp_path / "one_seq.csv"
    path.write_text("\n".join(["timestamp,symbol,exchange,seq,event,side,price,size", *rows]) + "\n")
    with pytest.raises(lm.LiqmapError, match="expected a seq that counts messages"):
        lm.read(path)

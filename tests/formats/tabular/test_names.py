"""Names that columns have: times by whose clock they are, units in names, quotes, numbers for names."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

import liqmap as lm
from liqmap.cli import main
from liqmap.formats.tabular.meaning.columns import NAMES
from liqmap.schema import FormatError

T0 = 1_709_280_000_000
MARKET = {"venue": "v", "symbol": "S"}
CONTAINERS = ["a.csv", "a.parquet", "a.feather"]
Column = list[object]
WRITE = {".csv": pacsv.write_csv, ".parquet": pq.write_table, ".feather": feather.write_feather}


def save(columns: dict[str, Column], path: Path) -> Path:
    WRITE[path.suffix](pa.table(columns), path)
    return path


def trades(**renamed: str) -> dict[str, Column]:
    columns: dict[str, Column] = {
        "ts": [T0 + 10 * i for i in range(4)],
        "side": ["buy", "sell", "buy", "buy"],
        "price": [100.5, 100.0, 101.0, 102.5],
        "size": [1.0, 2.0, 3.0, 4.0],
        "trade_id": ["a", "b", "c", "d"],
    }
    return {renamed.get(name, name): cells for name, cells in columns.items()}


SPELLINGS = [
    ("ts", "timestamp"), ("ts", "exchange_timestamp"), ("ts", "exchangeTimestamp"), ("ts", "origin_time"),
    ("ts", "created_time"), ("ts", "time_exchange"), ("ts", "date"), ("ts", "trade_time"), ("ts", "ts_ms"),
    ("ts", "timestampMs"), ("ts", "Event Time"), ("ts", "exchange.timestamp"), ("ts", "time_milliseconds"),
    ("side", "aggressor_side"), ("side", "takerSide"), ("size", "base_amount"), ("size", "qty"),
    ("size", "Quantity"), ("size", "amount"), ("price", "px"), ("trade_id", "tradeId"),
    ("trade_id", "Trade ID"),
]  # fmt: skip


@pytest.mark.parametrize(("role", "name"), SPELLINGS)
@pytest.mark.parametrize("container", CONTAINERS)
def test_names__that_people_have(tmp_path: Path, role: str, name: str, container: str) -> None:
    found = lm.read(save(trades(**{role: name}), tmp_path / container), format="tabular", **MARKET)
    same = lm.read(save(trades(), tmp_path / f"b{container}"), format="tabular", **MARKET)
    assert found.trades is not None
    assert same.trades is not None
    assert found.trades.to_pylist() == same.trades.to_pylist()


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("name", ["ts_{}", "timestamp_{}", "local_time_{}", "event_time_{}"])
@pytest.mark.parametrize("container", CONTAINERS)
def test_times__the_unit_of_a_name_holds(tmp_path: Path, unit: str, name: str, container: str) -> None:
    per = {"s": 1000, "ms": 1, "us": 1 / 1000, "ns": 1 / 10**6}
    for own, scale in per.items():
        columns = trades(ts=name.format(unit))
        columns[name.format(unit)] = [int((T0 + 1000 * i) / scale) for i in range(4)]
        path = save(columns, tmp_path / container)
        if own == unit:
            read = lm.read(path, format="tabular", **MARKET).trades
            assert read is not None
            assert [t.value for t in read["ts"].to_pylist()] == [(T0 + 1000 * i) * 10**6 for i in range(4)]
            continue
        with pytest.raises(FormatError, match=f"to hold {unit} since 1970, got {own}"):
            lm.read(path, format="tabular", **MARKET)


RECEIVED = ["receipt_timestamp", "local_timestamp", "received_time", "ts_recv", "received_at_ms"]


@pytest.mark.parametrize("received", RECEIVED)
@pytest.mark.parametrize("exchange", ["timestamp", "exchange_timestamp", "origin_time", "ts_event"])
@pytest.mark.parametrize("container", CONTAINERS)
def test_times__of_receipt_are_ts_recv(tmp_path: Path, received: str, exchange: str, container: str) -> None:
    columns: dict[str, Column] = {
        received: [T0 + 7, T0 + 17], exchange: [T0, T0 + 10],
        "side": ["bid", "ask"], "price": [1.0, 2.0], "size": [1.0, 1.0],
    }  # fmt: skip
    path = save(columns, tmp_path / container)
    depth = lm.read(path, mapping={"layout": "updates"}, **MARKET).depth
    assert depth is not None
    assert [t.value // 10**6 - T0 for t in depth["ts"].to_pylist()] == [0, 10]
    assert [t.value // 10**6 - T0 for t in depth["ts_recv"].to_pylist()] == [7, 17]
    del columns[exchange]
    alone = lm.read(save(columns, tmp_path / container), mapping={"layout": "updates"}, **MARKET)
    assert alone.depth is not None
    assert [t.value // 10**6 - T0 for t in alone.depth["ts"].to_pylist()] == [7, 17]
    assert f"{received} taken for the exchange's" in alone.report.notes[0]


@pytest.mark.parametrize("container", CONTAINERS)
def test_times__the_engines_go_before_those_of_publication(tmp_path: Path, container: str) -> None:
    columns = trades(ts="transaction_time") | {"event_time": [T0 + 900] * 4, "date": ["2024-03-01"] * 4}
    found = lm.read(save(columns, tmp_path / container), format="tabular", **MARKET).trades
    assert found is not None
    assert [t.value // 10**6 - T0 for t in found["ts"].to_pylist()] == [0, 10, 20, 30]


@pytest.mark.parametrize("other", ["timestamp", "datetime", "exchange_timestamp", "transact_time"])
def test_times__of_which_either_may_be_meant_are_asked_for(tmp_path: Path, other: str) -> None:
    path = save(trades() | {other: [T0 + 5] * 4}, tmp_path / "a.csv")
    with pytest.raises(FormatError, match=f"expected one column for ts, got .*{other}"):
        lm.read(path, **MARKET)
    found = lm.read(path, mapping={"ts": "ts"}, **MARKET).trades
    assert found is not None
    assert found["ts"][0].as_py().value == T0 * 10**6


@pytest.mark.parametrize("container", CONTAINERS)
def test_times__that_are_days_are_refused(tmp_path: Path, container: str) -> None:
    columns = trades(ts="date") | {"date": ["2024-03-01", "2024-03-01", "20240302", "2024-03-02"]}
    if container == "a.csv":  # else Arrow makes dates of them, which are no text
        columns["price"] = [str(price) for price in columns["price"]]
    with pytest.raises(FormatError, match="expected date to hold times, got days"):
        lm.read(save(columns, tmp_path / container), format="tabular", **MARKET)


QUOTES = [
    ("bid_price", "bid_size", "ask_price", "ask_size"), ("bid_px", "bid_sz", "ask_px", "ask_sz"),
    ("bidPrice", "bidQty", "askPrice", "askQty"), ("bid", "bid_size", "ask", "ask_size"),
    ("best_bid_price", "best_bid_qty", "best_ask_price", "best_ask_qty"), ("BID", "BIDSIZ", "OFR", "OFRSIZ"),
    ("bid", "bidVolume", "ask", "askVolume"), ("bid_price", "bid_amount", "ask_price", "ask_amount"),
    ("bestBid", "bestBidSize", "bestAsk", "bestAskSize"), ("price_bid", "size_bid", "price_ask", "size_ask"),
    ("bid_px_00", "bid_sz_00", "ask_px_00", "ask_sz_00"),
]  # fmt: skip


@pytest.mark.parametrize("names", QUOTES)
@pytest.mark.parametrize("container", CONTAINERS)
def test_quotes__are_books_of_one_level(tmp_path: Path, names: tuple[str, ...], container: str) -> None:
    cells: list[Column] = [[99.5, 99.0, 99.5], [1.0, 0.0, 3.0], [100.0, 100.5, 101.0], [4.0, 5.0, 6.0]]
    columns: dict[str, Column] = {"timestamp": [T0, T0, T0 + 5], **dict(zip(names, cells)), "seq": [7, 8, 9]}
    capture = lm.read(save(columns, tmp_path / container), **MARKET)
    assert capture.depth is not None
    got = [(r["seq"], r["side"], r["price"], r["size"]) for r in capture.depth.to_pylist()]
    assert got == [
        (7, "bid", 99.5, 1.0), (7, "ask", 100.0, 4.0), (8, "ask", 100.5, 5.0),
        (9, "bid", 99.5, 3.0), (9, "ask", 101.0, 6.0),
    ]  # fmt: skip
    assert (capture.meta.window_policy, capture.meta.depth_limit) == ("snapshots", 1)


def test_quotes__beside_levels_are_the_first_of_them(tmp_path: Path) -> None:
    levels: dict[str, Column] = {
        f"{side}_{n}_{what}": [float((99 - n if side == "bid" else 101 + n) if what == "price" else 1 + n)]
        for side in ("bid", "ask") for n in (0, 1) for what in ("price", "size")
    }  # fmt: skip
    quote: dict[str, Column] = {
        "bid_price": [99.0],
        "bid_size": [1.0],
        "ask_price": [101.0],
        "ask_size": [1.0],
    }
    capture = lm.read(save({"ts": [T0], **quote, **levels}, tmp_path / "a.csv"), **MARKET)
    assert capture.depth is not None
    assert capture.depth["price"].to_pylist() == [99.0, 98.0, 101.0, 102.0]


def test_quotes__without_sizes_are_no_books(tmp_path: Path) -> None:
    columns: dict[str, Column] = {"ts": [T0], "bid": [1.0], "ask": [2.0]}
    with pytest.raises(FormatError, match="expected one of"):
        lm.read(save(columns, tmp_path / "a.csv"), **MARKET)
    with pytest.raises(FormatError, match="bid1_price"):
        lm.read(tmp_path / "a.csv", mapping={"layout": "wide"}, **MARKET)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("last", ["", "\n"])
def test_header__of_none_are_columns_by_number(tmp_path: Path, separator: str, last: str) -> None:
    columns = trades()
    lines = [separator.join(map(str, row)) for row in zip(*columns.values())]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(lines) + last)
    mapping = {"header": "none", "ts": "1", "side": "2", "price": "3", "size": "4", "id": "5"}
    with pytest.raises(FormatError, match="updates, snapshots and trades"):
        lm.read(path, mapping=mapping, **MARKET)
    found = lm.read(path, mapping=mapping | {"layout": "trades"}, **MARKET).trades
    same = lm.read(save(columns, tmp_path / "b.csv"), **MARKET).trades
    assert found is not None
    assert same is not None
    assert found.to_pylist() == same.to_pylist()


def test_header__of_none_counts_lines_from_the_first(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"{T0},bid,1,1\n{T0},up,1,1\n{T0 + 1},ask,2,1\n")
    mapping = {"header": "none", "ts": "1", "side": "2", "price": "3", "size": "4", "layout": "updates"}
    capture = lm.read(path, mapping=mapping, **MARKET)
    assert [line for _, line, _ in capture.report.rejected] == [2]
    assert capture.depth is not None
    assert [price for price in capture.depth["price"].to_pylist() if price] == [1.0, 2.0]


@pytest.mark.parametrize("number", ["0", "7", "-1", "price"])
def test_header__of_none_with_no_such_column_is_refused(tmp_path: Path, number: str) -> None:
    path = tmp_path / "a.tsv"
    path.write_text(f"{T0}\tbid\t1\t1\n")
    mapping = {"header": "none", "ts": "1", "side": "2", "price": number, "size": "4"}
    with pytest.raises(FormatError, match="a number of a column from 1 to 4 for price"):
        lm.read(path, mapping=mapping, **MARKET)


def test_header__of_none_for_books_side_by_side(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"{T0},99,1,101,2\n{T0 + 1},99.5,1,101,2\n")
    argv = ["ingest", str(path), "--store", str(tmp_path / "s"), "--venue", "v", "--symbol", "S"]
    levels = "bid_price=2,bid_size=3,ask_price=4,ask_size=5"
    assert main([*argv, "--map", f"header=none,ts=1,{levels}"]) == 0
    depth = lm.open_store(tmp_path / "s").session("v", "S").depth()
    assert depth["price"].to_pylist() == [99.0, 101.0, 99.5, 101.0]


def test_header__that_is_none_is_said_to_be_one(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"{T0},bid,99.5,1\n")
    with pytest.raises(FormatError, match="header': 'none"):
        lm.read(path, mapping={"ts": "ts"}, **MARKET)
    container = save(trades(), tmp_path / "a.parquet")
    with pytest.raises(FormatError, match="Leave out"):
        lm.read(container, mapping={"header": "none", "ts": "1"}, **MARKET)
    with pytest.raises(FormatError, match="header=none"):
        lm.read(path, mapping={"header": "yes"}, **MARKET)


def test_roles__are_all_in_the_guide() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "tables.md").read_text()
    said = guide[guide.index("The roles are") :].split(";")[0]
    assert re.findall(r"`(\w+)`", said) == list(NAMES)

"""Rows of several markets, or several books, are never taken for one."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import liqmap as lm
from liqmap.schema import FormatError

T0 = 1_709_280_000_000


@pytest.mark.parametrize("name", ["market", "contract", "expiry"])
def test_markets__in_a_column_of_no_role_are_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.csv"
    rows = [f"{T0 + i},{('BTC', 'ETH')[i % 2]},buy,{(60_000, 3_000)[i % 2]},1,{i}" for i in range(8)]
    path.write_text("\n".join([f"ts,{name},side,price,size,trade_id", *rows]) + "\n")
    with pytest.raises(FormatError, match=f"expected rows of one market, got a column {name} with BTC, ETH"):
        lm.read(path, venue="x", symbol="Y")
    capture = lm.read(path, venue="x", symbol="ETH", mapping={"symbol": name})
    assert set(capture.trades["price"].to_pylist()) == {3_000.0}


@pytest.mark.parametrize("name", ["instId", "sym"])
def test_markets__by_more_names_of_the_symbol(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.csv"
    rows = [f"{T0 + i},{('BTC', 'ETH')[i % 2]},buy,{(60_000, 3_000)[i % 2]},1,{i}" for i in range(8)]
    path.write_text("\n".join([f"ts,{name},side,price,size,trade_id", *rows]) + "\n")
    assert set(lm.read(path, venue="x", symbol="ETH").trades["price"].to_pylist()) == {3_000.0}


@pytest.mark.parametrize("shuffled", [True, False])
def test_books__two_of_one_time_are_refused(tmp_path: Path, shuffled: bool) -> None:
    books = [("bid", 100, 1), ("ask", 101, 1), ("bid", 100, 2), ("ask", 102, 2)]
    books = books if shuffled else sorted(books)
    path = tmp_path / "a.csv"
    path.write_text("ts,side,price,size\n" + "".join(f"{T0},{s},{p},{z}\n" for s, p, z in books))
    with pytest.raises(FormatError, match="books that tell each price once, got two sizes of 100"):
        lm.read(path, venue="x", symbol="Y", mapping={"layout": "snapshots"})


def test_books__wide_rows_with_one_price_twice_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    head = "ts,bid1_price,bid1_size,bid2_price,bid2_size,ask1_price,ask1_size,ask2_price,ask2_size"
    path.write_text(f"{head}\n{T0},100,1,100,3,101,2,102,2\n")
    with pytest.raises(FormatError, match="two sizes of 100"):
        lm.read(path, venue="x", symbol="Y")
    path.write_text(f"{head}\n{T0},100,1,99,3,101,2,102,2\n{T0 + 1},100,1,99,3,101,2,102,2\n")
    assert lm.read(path, venue="x", symbol="Y").depth.num_rows == 8


def test_read__what_arrow_cannot_do_is_said_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    table = {"ts": [T0], "trade_id": [["1"]], "side": ["buy"], "price": [1.5], "size": [1.0]}
    pq.write_table(pa.table(table), path)
    with pytest.raises(FormatError, match="expected a file that can be read to its end"):
        lm.read(path, venue="x", symbol="Y")


@pytest.mark.parametrize(("name", "word"), [("status", "busted"), ("type", "cancel"), ("state", "Canceled")])
def test_trades__that_did_not_stand_are_refused(tmp_path: Path, name: str, word: str) -> None:
    path = tmp_path / "a.csv"
    rows = [f"{T0 + i},{i},buy,100,1,{(word, 'fill')[i % 2]}" for i in range(8)]
    path.write_text("\n".join([f"ts,trade_id,side,price,size,{name}", *rows]) + "\n")
    with pytest.raises(FormatError, match=r"all came to be|single orders|of one meaning"):
        lm.read(path, venue="x", symbol="Y")

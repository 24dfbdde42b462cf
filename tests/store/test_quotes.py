"""Book tickers in a store: as their source told them, whole files and overlapping ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import liqmap as lm
from liqmap import store as st
from liqmap.schema import MISSING, QUOTES, Meta, Source, StoreError, int64, quote_rows
from liqmap.simulation import write_bybit
from liqmap.store import Writer

META = Meta(venue="binance-futures", symbol="X", tick_size=0.25)
DAY = 86_400_000_000_000
T0 = 1_700_000_000 * 10**9


def rows(first: int, last: int, *, recv: int = 5, ids: bool = True, local: bool = False) -> pa.RecordBatch:
    """Tickers numbered so, three of each instant, over midnight; every seventh has no bid. ``recv``: the
    clock of arrival; ``local``: no other is known."""
    n = np.arange(first, last)
    ts = T0 + n // 3 * (DAY // 40) + (recv if local else 0)
    seq = n if ids else np.full(len(n), -1)
    bid = np.where(n % 7 == 5, np.nan, n / 4 + 1)
    return quote_rows(ts, ts if local else ts + recv, seq, bid, bid * 2, n / 4 + 2, np.ones(len(n)))


def write(store: Path, name: str, batch: pa.RecordBatch) -> None:
    source = Source(name=name, sha256=name * 64)
    with Writer(store, source) as writer:
        writer.append("quotes", batch)
        writer.commit({"quotes": replace(META, sources=(source,))})


def found(store: Path) -> pa.Table:
    return st.read_quotes(store, "binance-futures", "X").replace_schema_metadata(None).combine_chunks()


def test_quotes__stand_as_their_source_told_them(tmp_path: Path) -> None:
    whole = rows(0, 200)
    write(tmp_path, "a", whole)
    assert found(tmp_path).to_batches()[0].equals(whole)
    have = lm.open_store(tmp_path).sessions()
    assert set(have["kind"]) == {"quotes"}
    assert len(have) > 1
    session = lm.open_store(tmp_path).session("binance-futures", "X")
    assert session.quotes().num_rows == 200
    expected = (200, 200 - whole["bid"].null_count, 199)
    assert session.sql("select count(*), count(bid), max(seq) from quotes").fetchall() == [expected]
    folders = {path.parent.name for path in (tmp_path / "quotes").rglob("*.parquet")}
    assert folders == {f"date={date}" for date in have["date"]}
    assert len(lm.open_store(tmp_path).files("quotes")) == len(have)


@pytest.mark.parametrize("ids", [True, False])
def test_quotes__of_two_files_that_overlap_stand_once(tmp_path: Path, ids: bool) -> None:
    for name, first, last in (("a", 0, 120), ("b", 90, 200), ("c", 100, 110)):
        write(tmp_path, name, rows(first, last, ids=ids))
    table = found(tmp_path)
    assert table.to_batches()[0].equals(rows(0, 200, ids=ids))
    st.compact(tmp_path)
    assert found(tmp_path).equals(table)
    assert st.check(tmp_path).findings == ()


def test_quotes__of_two_recorders_stand_once(tmp_path: Path) -> None:
    """They have the time of the engine in common, and each its own of arrival: the first one's stays."""
    write(tmp_path, "a", rows(0, 60))
    write(tmp_path, "b", rows(30, 90, recv=999))
    table = found(tmp_path)
    assert int64(table["seq"]).tolist() == list(range(90))
    assert np.diff(int64(table["ts_recv"]) - int64(table["ts"]))[59] == 994


def test_quotes__that_differ_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "a", rows(0, 60))
    other = rows(30, 90).to_pydict() | {"ask": [7.0] * 60}
    with pytest.raises(StoreError, match="two versions of the quote with id 30: one in a, another in b"):
        write(tmp_path, "b", pa.RecordBatch.from_pydict(other, schema=QUOTES))
    assert found(tmp_path).num_rows == 60


def test_quotes__of_two_clocks_of_arrival_are_refused(tmp_path: Path) -> None:
    """Seconds apart, the same ticker would stand twice, and an older one after a newer."""
    write(tmp_path, "a", rows(0, 60, local=True))
    with pytest.raises(StoreError, match="expected quotes whose ids rise with their times"):
        write(tmp_path, "b", rows(0, 60, local=True, recv=2 * DAY // 40 - 10))
    assert found(tmp_path).num_rows == 60


def test_quotes__are_removed_alone(tmp_path: Path) -> None:
    write(tmp_path, "a", rows(0, 60))
    parts = st.select(tmp_path, "binance-futures", "X", kind="quotes")
    assert st.remove(tmp_path, parts).files == 2
    assert found(tmp_path).num_rows == 0


def test_quotes__of_a_market_without_any(tmp_path: Path) -> None:
    raw = write_bybit(lm.simulate(minutes=0.1, seed=1), tmp_path / "raw")
    lm.ingest(raw, store=tmp_path / "store", venue="bybit")
    session = lm.open_store(tmp_path / "store").session("bybit", "SIMUSDT")
    assert session.quotes().schema.equals(QUOTES)
    assert session.sql("select count(*), sum(bid) from quotes").fetchall() == [(0, None)]


def test_quote_rows__nulls_are_where_nothing_is_known() -> None:
    one, no = np.ones(1), np.full(1, np.nan)
    row = quote_rows(np.array([T0]), np.array([MISSING]), np.array([-1]), no, no, one, one)
    assert [row[name].null_count for name in QUOTES.names] == [0, 1, 1, 1, 1, 0, 0]

"""Single orders in a store: as their source told them, whole files and overlapping ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

import liqmap as lm
from liqmap import store as st
from liqmap.schema import ORDERS, Meta, Source, int64
from liqmap.simulation import write_bybit
from liqmap.store import Writer

META = Meta(venue="databento", symbol="X", tick_size=0.25)
DAY = 86_400_000_000_000


def rows(first: int, last: int) -> pa.RecordBatch:
    """Orders numbered so, three of each instant, clocks that step back at times, over midnight."""
    n = np.arange(first, last)
    ts = 1_700_000_000 * 10**9 + n // 3 * (DAY // 40) - (n % 7 == 5) * 10
    columns = [ts, ts + 5, n, n + 100, ["A"] * len(n), ["bid"] * len(n), n / 4, np.ones(len(n))]
    return pa.RecordBatch.from_arrays(
        [pa.array(c).cast(f.type) for c, f in zip(columns, ORDERS, strict=True)], schema=ORDERS
    )


def write(store: Path, name: str, batch: pa.RecordBatch) -> None:
    source = Source(name=name, sha256=name * 64)
    with Writer(store, source) as writer:
        writer.append("orders", batch)
        writer.commit({"orders": META})


def test_orders__stand_as_their_source_told_them(tmp_path: Path) -> None:
    whole = rows(0, 200)
    write(tmp_path, "a", whole)
    found = st.read_orders(tmp_path, "databento", "X")
    assert found.replace_schema_metadata(None).combine_chunks().to_batches()[0].equals(whole)
    assert set(lm.open_store(tmp_path).sessions()["kind"]) == {"orders"}
    session = lm.open_store(tmp_path).session("databento", "X")
    assert session.orders().num_rows == 200
    assert session.sql("select count(*), sum(order_id) from orders").fetchall() == [
        (200, sum(range(100, 300)))
    ]


def test_orders__of_two_files_that_overlap_stand_once(tmp_path: Path) -> None:
    write(tmp_path, "a", rows(0, 120))
    write(tmp_path, "b", rows(90, 200))
    write(tmp_path, "c", rows(100, 110))
    found = st.read_orders(tmp_path, "databento", "X")
    assert sorted(int64(found["seq"])) == list(range(200))
    st.compact(tmp_path)
    assert st.read_orders(tmp_path, "databento", "X").equals(found)
    assert st.check(tmp_path).findings == ()


def test_orders__of_a_market_without_any(tmp_path: Path) -> None:
    raw = write_bybit(lm.simulate(minutes=0.1, seed=1), tmp_path / "raw")
    lm.ingest(raw, store=tmp_path / "store", venue="bybit")
    session = lm.open_store(tmp_path / "store").session("bybit", "SIMUSDT")
    assert session.orders().num_rows == 0
    assert session.orders().schema.equals(ORDERS)
    assert session.sql("select count(*) from orders").fetchall() == [(0,)]

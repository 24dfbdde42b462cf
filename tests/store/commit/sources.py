"""A small market of two days in three sources, and what a store has of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

import liqmap as lm
from liqmap import store as st
from liqmap.store.parts import LAYOUT
from tests.formats.bybit.lines import depth_line, write_lines

MARKET = ("bybit", "BTCUSDT")
MIDNIGHT = 1_700_006_400_000


def lines() -> list[str]:
    """Over midnight, ids without a hole."""
    rest = [
        depth_line(u, [("99.9", f"{u}.5")], [("100.1", "2")], ts=MIDNIGHT + 1_000 * (u - 50))
        for u in range(2, 100)
    ]
    return [depth_line(1, [("99.9", "1")], [], kind="snapshot", ts=MIDNIGHT - 49_000), *rest]


def write_raw(folder: Path) -> list[Path]:
    every = lines()
    cuts = [every[:30], every[30:70], every[70:]]
    return [write_lines(folder / f"{n}_linear.ndjson", cut) for n, cut in enumerate(cuts)]


def filled(folder: Path) -> Path:
    """A store with all of it, every source by itself: two parts a day."""
    assert lm.ingest(write_raw(folder / "raw"), store=folder / "store", jobs=1).exit_code == 0
    return folder / "store"


def of_before(store: Path) -> Path:
    """The same store as it was before there were manifests."""
    for part in (store / "depth").rglob("*.parquet"):
        rewrite(part, {LAYOUT: None})
    shutil.rmtree(store / ".markets")
    return store


def rewrite(part: Path, metadata: dict[bytes, bytes | None], to: Path | None = None) -> None:
    """A part with other keys in its footer; None takes one away."""
    with pq.ParquetFile(part) as file:
        table, have = file.read(), dict(file.metadata.metadata)
    kept = {k: v for k, v in (have | metadata).items() if v is not None and k != b"ARROW:schema"}
    pq.write_table(table.replace_schema_metadata(kept), to or part)


def own(store: Path) -> list[dict]:
    """Every row of depth, as liqmap reads it."""
    return st.read_depth(store, *MARKET, "ob50").to_pylist()


def plain(store: Path) -> int:
    """Rows of depth, as DuckDB counts them in the folders."""
    if not list((store / "depth").rglob("*.parquet")):
        return 0
    pattern = f"{store}/depth/**/*.parquet"
    return duckdb.sql(f"select count(*) from read_parquet('{pattern}')").fetchall()[0][0]

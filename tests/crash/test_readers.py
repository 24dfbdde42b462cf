"""What a read of a folder is taken for while it is written: right, twice, missing, or an error."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

import liqmap as lm
from tests.crash.readers import COLUMNS, MESSAGES, Watched, read, write_sources

SOURCES = 4


@pytest.fixture
def right(tmp_path: Path) -> set[tuple[int, float]]:
    """A store of small sources, and the rows and sums that are right of it."""
    right = write_sources(tmp_path / "raw", SOURCES)
    assert lm.ingest(tmp_path / "raw", store=tmp_path / "store", venue="bybit").exit_code == 0
    return set(right)


def seen(store: Path, right: set[tuple[int, float]], before: int) -> tuple[str, int, Watched]:
    found = Watched(SOURCES, "ingest")
    with duckdb.connect() as connection:
        wrong, rows = read(connection, store, right, before, found)
    assert found.reads == 1
    assert wrong == ("rows" if found.twice + found.missing else "error" if found.error else "")
    return wrong, rows, found


def test_read__tells_what_it_saw(right: set[tuple[int, float]], tmp_path: Path) -> None:
    store, rows = tmp_path / "store", 2 * MESSAGES * SOURCES
    assert seen(store, right, 0)[:2] == ("", rows)
    parts = sorted(store.glob("depth/**/*.parquet"))
    again = shutil.copy(parts[-1], parts[-1].with_name("again.parquet"))
    assert seen(store, right, 0)[2].twice == 1
    Path(again).unlink()
    assert seen(store, right, rows + 1)[2].missing == 1
    assert seen(store, right - {max(right)}, 0)[2].missing == 1
    parts[0].write_bytes(b"PAR1")
    _, before, found = seen(store, right, rows)
    assert (found.error, before) == (1, rows)
    assert found.errors


def test_read__of_nothing_is_none(tmp_path: Path) -> None:
    found = Watched(SOURCES, "ingest")
    with duckdb.connect() as connection:
        assert read(connection, tmp_path, set(), 0, found) == ("", 0)
    assert found.reads == 0


def test_watched__is_a_row_of_the_table() -> None:
    one = Watched(20, "compact", 3, 100, 2, 1, 4, 0.25, 0.2, 0.05, 1.5)
    assert dict(zip(COLUMNS, one.row(), strict=True)) == {
        "sources": "20", "while": "compact", "rounds": "3", "reads": "100", "twice": "2", "missing": "1",
        "error": "4", "wrong rows ms": "250", "at most": "200", "error ms": "50", "of ms": "1500",
    }  # fmt: skip

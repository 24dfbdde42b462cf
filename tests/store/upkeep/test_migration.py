"""Stores of before there were manifests: read as they are, taken in by the first write."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import liqmap as lm
from liqmap import store as st
from liqmap.cli import main
from liqmap.schema import StoreError, StoreWarning
from liqmap.store.parts import REPLACES
from tests.store.commit.sources import MARKET, filled, of_before, own, plain, rewrite


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return of_before(filled(tmp_path))


def test_old_store__is_read_without_being_written(store: Path, tmp_path: Path) -> None:
    files = sorted(p for p in store.rglob("*") if p.is_file())
    assert own(store) == own(filled(tmp_path / "new"))
    assert len(lm.open_store(store).sessions()) == 2
    assert sorted(p for p in store.rglob("*") if p.is_file()) == files


def test_migrate__takes_it_in(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = own(store)
    assert main(["store", "check", "--store", str(store)]) == 0
    assert "liqmap store migrate" in capsys.readouterr().out
    assert st.migrate(store).files == 4
    assert st.migrate(store) == st.Done()
    assert own(store) == rows
    assert st.check(store).findings == ()
    report = lm.ingest(sorted((store.parent / "raw").iterdir()), store=store)
    assert sum("already in the store" in note for note in report.notes) == 3


@pytest.mark.parametrize("write", ["ingest", "compact", "rm"])
def test_first_write__takes_it_in(write: str, store: Path, tmp_path: Path) -> None:
    if write == "ingest":
        lm.ingest(tmp_path / "raw" / "0_linear.ndjson", store=store)
        (tmp_path / "raw" / "3_linear.ndjson").write_text(
            (tmp_path / "raw" / "2_linear.ndjson").read_text().replace("BTC", "ETH")
        )
        lm.ingest(tmp_path / "raw" / "3_linear.ndjson", store=store)
        assert len(list((store / ".markets").rglob("manifest.json"))) == 1
    elif write == "compact":
        st.compact(store)
        assert len(list(store.rglob("*.parquet"))) == 2
    else:
        st.remove(store, st.select(store, *MARKET, first="2023-11-15"))
        assert {row["ts"].day for row in own(store)} == {14}


def test_interrupted_compaction_of_old__is_settled(store: Path) -> None:
    """The joined file and those it replaces both stand there: plain readers see rows twice."""
    rows = own(store)
    parts = [p for p in st.list_parts(store, "depth") if p.date == "2023-11-14"]
    names = json.dumps([parts[0].path.name]).encode()
    rewrite(parts[0].path, {REPLACES: names}, parts[0].path.with_name("joined-0.parquet"))
    assert own(store) == rows
    assert plain(store) > len(rows)
    st.migrate(store)
    assert own(store) == rows
    assert plain(store) == len(rows)


def test_bad_file_of_old__costs_its_day(store: Path) -> None:
    part = sorted((store / "depth").rglob("*.parquet"))[0]
    part.write_bytes(part.read_bytes()[:-50])
    with pytest.warns(StoreWarning, match="the day is left out"):
        assert len(lm.open_store(store).sessions()) == 1
    with pytest.warns(StoreWarning, match="the day is left out"):
        assert lm.open_store(store).session(*MARKET, start="2023-11-15").depth().num_rows


def test_page_of_old_that_cannot_be_read__is_not_taken_in(
    store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its digest would vouch for it from then on."""
    part = sorted((store / "depth").rglob("*.parquet"))[0]
    with pq.ParquetFile(part) as file:
        column = file.metadata.row_group(0).column(4)
        begin, size = column.data_page_offset, column.total_compressed_size
    data = bytearray(part.read_bytes())
    data[begin + size // 2 : begin + size] = bytes(size - size // 2)
    part.write_bytes(data)
    with pytest.raises(StoreError, match=part.name):
        st.migrate(store)
    assert not list((store / ".markets").rglob("*.json"))
    assert main(["store", "check", "--store", str(store)]) == 1
    assert part.name in capsys.readouterr().out
    st.check(store, repair=True)
    st.migrate(store)
    lm.ingest(sorted((store.parent / "raw").iterdir()), store=store)
    assert own(store) == own(filled(store.parent / "new"))

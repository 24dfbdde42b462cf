"""Two raw files that overlap: the second begins with a snapshot of its own, and nothing is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

import liqmap as lm
from tests.live.recorder.feeds import BEGIN, Heard, kraken, tables_of

STEP = 20_000_000


def written(path: Path, heard: Heard) -> Path:
    path.write_bytes(b"".join(b"%d %b\n" % line for line in heard))
    return path


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_overlap__a_snapshot_within_an_unbroken_run_is_no_gap(tmp_path: Path, order: tuple[int, int]) -> None:
    first = [line for line in kraken(100) if line[0] <= BEGIN + 60 * STEP]
    files = [written(tmp_path / "a.ndjson", first), written(tmp_path / "b.ndjson", kraken(100, begin=40))]
    store = tmp_path / "store"
    for number in order:
        assert lm.ingest(files[number], store=store).exit_code == 0
    depth = tables_of(store, "kraken", "BTC/USD")["depth"]
    assert depth["event"].to_pylist().count("snapshot") == 40
    assert "gap" not in depth["event"].to_pylist()


def test_overlap__what_neither_has_stays_a_gap(tmp_path: Path) -> None:
    first = [line for line in kraken(100) if line[0] <= BEGIN + 30 * STEP]
    files = [written(tmp_path / "a.ndjson", first), written(tmp_path / "b.ndjson", kraken(100, begin=40))]
    assert lm.ingest(files, store=tmp_path / "store").exit_code == 0
    depth = tables_of(tmp_path / "store", "kraken", "BTC/USD")["depth"]
    assert depth["event"].to_pylist().count("gap") == 1

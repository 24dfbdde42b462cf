"""Many files side by side: nothing depends on how many at one time."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

import liqmap as lm
from liqmap import store as st
from liqmap.ingestion.in_order import Slot, in_order
from liqmap.schema import FormatError
from tests.formats.bybit.lines import feed, table_rows, write_lines


def many(folder: Path) -> list[Path]:
    """Sources that follow each other, overlap, are the same, contradict each other, and one that is none."""
    lines = feed(300)
    spoiled = list(lines)
    spoiled[10] = lines[10].replace("1010.25", "1.25")
    parts = [lines[:100], lines[80:200], lines[200:], lines[:100], spoiled[:50], ["nothing"], lines[150:160]]
    return [write_lines(folder / f"{n}_linear.ndjson", part) for n, part in enumerate(parts)]


@pytest.mark.parametrize("jobs", [2, 7])
def test_ingest__jobs_change_nothing(tmp_path: Path, jobs: int) -> None:
    paths = many(tmp_path / "raw")
    found = []
    for count in (1, jobs):
        root = tmp_path / f"store{count}"
        report = lm.ingest(paths, store=root, jobs=count)
        errors = [e.replace(str(root), "") for e in report.errors]
        told = (report.table.drop(columns="seconds").to_dict("records"), errors, report.notes, report.lost)
        files = sorted(str(p.relative_to(root)) for p in root.rglob("*") if p.is_file())
        found.append((str(told), files, table_rows(st.read_depth(root, "bybit", "BTCUSDT", "ob50"))))
    assert found[0] == found[1]
    assert len(report.errors) == 2, "the conflict, and the one that is none"
    assert [r.path for r in report.sources] == [str(p) for p in paths]


@pytest.mark.parametrize("jobs", [0, -1, 1.5])
def test_ingest__jobs_below_one(tmp_path: Path, jobs: float) -> None:
    with pytest.raises(FormatError, match="jobs: expected a whole number above 0"):
        lm.ingest(tmp_path, store=tmp_path / "store", jobs=jobs)  # type: ignore[arg-type]


def test_in_order__as_many_at_once_as_jobs_and_no_more() -> None:
    lock, at_work, most = threading.Lock(), [0], [0]
    together = threading.Barrier(3)

    def work(item: int, slot: Slot) -> int:
        with lock:
            at_work[0] += 1
            most[0] = max(most[0], at_work[0])
        if item < 3:
            together.wait(60)
        slot.wait_until_first()
        with lock:
            at_work[0] -= 1
        return item

    assert list(in_order(work, range(20), 3)) == list(range(20))
    assert most[0] == 3


def test_in_order__an_error_calls_the_others_off() -> None:
    begun, lock = [], threading.Lock()
    together = threading.Barrier(2)

    def work(item: int, slot: Slot) -> int:
        with lock:
            begun.append(item)
        if item < 2:
            together.wait(60)
        if item == 1:
            raise KeyboardInterrupt
        while item == 0:
            slot.raise_if_stopped()
            time.sleep(0.001)
        return item

    with pytest.raises(KeyboardInterrupt):
        list(in_order(work, range(50), 2))
    assert not [t for t in threading.enumerate() if t.name.startswith("liqmap-ingest")]
    assert set(begun) == {0, 1}


def test_ingest__a_source_called_off_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = many(tmp_path / "raw")[:3]
    commit = st.Writer.commit

    def interrupted(self: st.Writer, *args: object, **more: object) -> None:
        commit(self, *args, **more)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(st.Writer, "commit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        lm.ingest(paths, store=tmp_path / "store", jobs=3)
    monkeypatch.undo()
    assert len(st.read_depth(tmp_path / "store", "bybit", "BTCUSDT", "ob50")) == 200, "the first, whole"
    assert not (tmp_path / "store" / ".staging").exists()
    assert lm.ingest(paths, store=tmp_path / "store").errors == []
    assert len(st.read_depth(tmp_path / "store", "bybit", "BTCUSDT", "ob50")) == 600

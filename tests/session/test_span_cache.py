"""Spans on disk: the same spans, valid for what they came from, safe with others about, of no use to lose."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.schema import OPEN, StoreError, int64
from liqmap.session import span_cache
from liqmap.session.array_files import read_arrays, write_arrays
from liqmap.session.span_files import read_spans, write_spans
from liqmap.spans import Derivation, Spans
from tests.session.depth_store import MARKET, same, spans_of, write_source
from tests.strategies import SECOND, START, st_messages, st_raw_messages, to_depth_table

DAY = 86_400 * SECOND
BOOK = [("bid", 10, 1.0), ("bid", 9, 1.0), ("ask", 12, 1.0), ("ask", 13, 1.0)]
MESSAGES = [
    ("snapshot", START, BOOK),
    ("update", START + SECOND, [("bid", 9, 0.0), ("bid", 11, 2.0)]),
    ("update", START + 2 * SECOND, [("ask", 12, 4.0)]),
    ("update", START + DAY, [("bid", 11, 0.0), ("bid", 9, 1.0)]),
    ("update", START + DAY + SECOND, [("ask", 12, 5.0)]),
]
ROWS = [0, 4, 6, 7, 9, 10]
"""First row of each message."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A store of two days."""
    write_source(tmp_path / "store", "a", to_depth_table(MESSAGES, 2)[: ROWS[4]])
    return tmp_path / "store"


def open_spans(root: Path, **arguments: object) -> Spans:
    return lm.open_store(root).session(*MARKET, **arguments).spans()


def entries(root: Path) -> list[Path]:
    return sorted(path.parent for path in (root / ".spans").rglob("manifest.json"))


@pytest.fixture
def replays(monkeypatch: pytest.MonkeyPatch) -> list:
    """The runs that are replayed."""
    made: list = []
    replay_days = span_cache.replay_days
    monkeypatch.setattr(
        span_cache, "replay_days", lambda plan, *rest: made.append(plan.name) or replay_days(plan, *rest)
    )
    return made


# ------------------------------------------------------------------ files


@given(feed=st.one_of(st_messages(), st_raw_messages()), since=st.sampled_from([None, START]))
@settings(max_examples=50)
def test_files__give_the_spans_back(tmp_path_factory, feed, since):
    spans = lm.replay(to_depth_table(*feed))
    spans = Spans(spans.sides, spans.windows, spans.meta, since)
    folder = tmp_path_factory.mktemp("spans")
    write_spans(folder, spans)
    found = read_spans(folder)
    assert same(found, spans)
    assert found.to_arrow().equals(spans.to_arrow(), check_metadata=True)
    for s in found.sides:  # one type for compiled kernels, mapped or not
        assert all(column.flags.writeable and column.flags.aligned for column in vars(s).values())


def test_files__are_plain_arrow(tmp_path: Path) -> None:
    spans = lm.replay(to_depth_table(MESSAGES, 2))
    write_spans(tmp_path, spans)
    for side, name, s in zip(("bid", "ask"), ("bids.arrow", "asks.arrow"), spans.sides):
        table = pa.ipc.open_file(tmp_path / name).read_all()
        own = (
            spans.to_arrow()
            .filter(pa.compute.equal(spans.to_arrow()["side"], side))
            .drop_columns(["side", "price"])
        )
        tick = pa.compute.run_end_decode(table["tick"].chunk(0))
        assert table.set_column(0, own.schema.field("tick"), [tick]).equals(own.combine_chunks())
        assert table.schema.metadata[b"symbol"] == b"TEST"
        assert table["end"].null_count == (s.end == OPEN).sum() > 0
        assert len(pd.read_feather(tmp_path / name)) == len(s)


def test_a_span__takes_at_most_40_bytes(tmp_path: Path) -> None:
    capture = lm.simulate(minutes=2, seed=3, keep_truth=False)
    spans = lm.replay(capture.depth)
    write_spans(tmp_path, spans)
    size = sum(path.stat().st_size for path in tmp_path.iterdir())
    assert len(spans) > 5_000
    assert size - (tmp_path / "window.arrow").stat().st_size < 38 * len(spans)
    found = read_spans(tmp_path)
    for s in found.sides:
        before = s.size[0]
        s.size[0] = -1.0  # a private page
        assert read_spans(tmp_path).sides[0].size[0] != -1.0
        s.size[0] = before


def test_arrays__keep_shape_and_dtype(tmp_path: Path) -> None:
    arrays = {
        "wide": np.arange(12, dtype=np.float32).reshape(3, 4),
        "none": np.empty((0, 3), np.int64),
        "flags": np.array([True, False]),
        "times": np.array(["2026-01-05", "NaT"], "datetime64[ns]"),
        "one": np.array(7, np.uint8),
        "turned": np.arange(6).reshape(2, 3).T,
    }
    write_arrays(tmp_path / "a.arrow", arrays)
    found = read_arrays(tmp_path / "a.arrow")
    assert list(found) == list(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)
        assert (found[name].dtype, found[name].shape) == (array.dtype, array.shape)
    assert pa.ipc.open_file(tmp_path / "a.arrow").read_all()["wide"].to_pylist() == [list(range(12))]
    with pytest.raises(StoreError, match="Arrow file"):
        read_arrays(tmp_path / "b.arrow")


# ------------------------------------------------------------------ valid for what they came from


def test_replayed_once__and_then_opened(root: Path, replays: list) -> None:
    first = open_spans(root)
    again = open_spans(root)
    assert len(replays) == len(entries(root)) == 1
    assert same(again, first)
    assert spans_of(first) == spans_of(lm.replay(lm.store.read_depth(root, *MARKET, "ob2")))
    manifest = json.loads((entries(root)[0] / "manifest.json").read_text())
    assert manifest["spans"] == len(first)
    assert [part["sources"] for part in manifest["key"]["parts"]] == [["a".rjust(64, "0")]] * 2


def test_more_depth_of_a_day__is_replayed_and_the_old_entry_removed(root: Path, replays: list) -> None:
    open_spans(root)
    (old,) = entries(root)
    write_source(root, "b", to_depth_table(MESSAGES, 2)[ROWS[4] :], follows=4)
    spans = open_spans(root)
    assert len(replays) == 2
    assert spans_of(spans) == spans_of(lm.replay(to_depth_table(MESSAGES, 2)))
    assert entries(root) != [old]
    assert len(entries(root)) == 1
    states = list((root / ".spans").rglob("*-*_*.arrow"))
    assert len(states) == 2  # that of the first day goes on to serve, that of the second is new


def test_another_run_of_days__keeps_its_own_entry(root: Path, replays: list) -> None:
    open_spans(root)
    second = pd.Timestamp(START + DAY).floor("D")
    open_spans(root, start=second)
    open_spans(root, start=second + pd.Timedelta("1s"))  # the same days
    lm.open_store(root).session(*MARKET).spans(1)
    assert len(replays) == len(entries(root)) == 3
    open_spans(root)
    assert len(replays) == 3


def test_an_end_within_a_day__is_cut_from_the_whole(root: Path, replays: list) -> None:
    depth = to_depth_table(MESSAGES, 2)
    open_spans(root)
    for rows, end in ((ROWS[3], START + DAY), (ROWS[2], START + 2 * SECOND), (ROWS[1], START + 1)):
        session = lm.open_store(root).session(*MARKET, end=pd.Timestamp(end))
        expected = lm.replay(depth[:rows])
        assert spans_of(session.spans()) == spans_of(expected)
        assert session.spans().last == int(int64(depth["ts"])[rows - 1])
    assert len(replays) == 2  # two days, one day


@pytest.mark.parametrize("harm", ["cut", "emptied", "gone", "manifest", "foreign", "other"])
def test_a_damaged_entry__is_made_anew(root: Path, replays: list, harm: str) -> None:
    expected = spans_of(open_spans(root))
    (entry,) = entries(root)
    path = entry / "bids.arrow"
    if harm == "cut":
        path.write_bytes(path.read_bytes()[:-100])
    elif harm == "emptied":
        path.write_bytes(b"")
    elif harm == "gone":
        path.unlink()
    elif harm == "manifest":
        (entry / "manifest.json").write_text("[1, ")
    elif harm == "foreign":
        path.write_bytes(b"x" * path.stat().st_size)
    else:  # whole, but of something else
        other = root.parent / "other"
        other.mkdir()
        write_spans(other, lm.replay(to_depth_table(MESSAGES, 2)[: ROWS[1]]))
        shutil.copy(other / "bids.arrow", path)
    for replayed in (2, 2):
        assert spans_of(open_spans(root)) == expected
        assert len(replays) == replayed
    assert not (root / ".staging").exists()


def test_a_damaged_checkpoint__is_passed_over(root: Path, replays: list) -> None:
    second = pd.Timestamp(START + DAY).floor("D")
    expected = spans_of(open_spans(root, start=second))
    shutil.rmtree(entries(root)[0])
    states = sorted((root / ".spans").rglob("*-*_*.arrow"))
    assert len(states) == 2
    for path in states:
        path.write_bytes(path.read_bytes()[:-9])
    assert spans_of(open_spans(root, start=second)) == expected


# ------------------------------------------------------------------ removed, refused, raced for


def test_removed_while_open__harms_nobody(root: Path, replays: list) -> None:
    spans = open_spans(root)
    shutil.rmtree(root / ".spans")
    assert spans_of(spans) == spans_of(open_spans(root))
    assert len(replays) == 2


def test_a_store_that_cannot_be_written__is_served_from_memory(root: Path) -> None:
    expected = spans_of(open_spans(root))
    shutil.rmtree(root / ".spans")
    (root / ".spans").write_text("in the way")  # root may write anywhere, so this stands for a read-only disk
    with pytest.warns(UserWarning, match="replayed each time"):
        spans = open_spans(root)
    assert spans_of(spans) == expected
    second = pd.Timestamp(START + DAY).floor("D")
    with pytest.warns(UserWarning, match="replayed each time"):
        assert open_spans(root, start=second).since is not None


def test_no_reader_of_the_tables_sees_them(root: Path, tmp_path: Path) -> None:
    before = lm.open_store(root).sessions()
    open_spans(root)
    pd.testing.assert_frame_equal(lm.open_store(root).sessions(), before)
    assert lm.store.read_depth(root, *MARKET, "ob2").num_rows == ROWS[4]
    shutil.rmtree(root / "depth")
    shutil.rmtree(root / ".markets")
    assert len(lm.open_store(root).sessions()) == 0  # an empty store, not something else
    report = lm.ingest(root, store=tmp_path / "other")
    assert "none of 0 files" in report.errors[0]


def test_two_at_once_without_a_lock__one_entry(
    root: Path, replays: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(span_cache, "locked", lambda path: (_ for _ in ()).throw(OSError("no locks here")))
    together = threading.Barrier(2, timeout=60)
    write = span_cache.write_spans
    monkeypatch.setattr(span_cache, "write_spans", lambda *given: (together.wait(), write(*given)))
    found: list = []
    threads = [threading.Thread(target=lambda: found.append(open_spans(root))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(replays) == 2
    assert len(entries(root)) == 1
    assert same(found[0], found[1])
    assert same(open_spans(root), found[0])
    assert len(replays) == 2
    assert not (root / ".staging").exists()


OPEN_IT = """
import sys, liqmap as lm
from liqmap.session import span_cache
replay_days, made = span_cache.replay_days, []
span_cache.replay_days = lambda *given: made.append(1) or replay_days(*given)
spans = lm.open_store(sys.argv[1]).session("test", "TEST").spans()
print(len(made), len(spans))
"""


@pytest.mark.long
def test_two_processes_at_once__replay_once(root: Path) -> None:
    running = [
        subprocess.Popen([sys.executable, "-c", OPEN_IT, str(root)], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    told = sorted(process.communicate(timeout=120)[0].split() for process in running)
    assert [process.returncode for process in running] == [0, 0]
    spans = str(len(open_spans(root)))
    assert told == [["0", spans], ["1", spans]]
    assert len(entries(root)) == 1


# ------------------------------------------------------------------ what is derived


def test_derived_arrays__are_made_once_and_given_back(
    root: Path, monkeypatch: pytest.MonkeyPatch, replays: list
) -> None:
    made: list = []

    def make(spans: Spans) -> np.ndarray:
        made.append(len(spans))
        return spans.sides[0].size * 2

    sizes = Derivation("test", make)

    open_spans(root)  # an entry from before
    for name in ("double-1", "double-1", "double-2"):
        file = span_cache.DerivedFile(
            name, sizes, lambda found: {"sizes": found}, lambda arrays: arrays["sizes"]
        )
        monkeypatch.setattr(span_cache, "DERIVED_FILES", (file,))
        spans = open_spans(root)
        np.testing.assert_array_equal(sizes.of(spans), spans.sides[0].size * 2)
    assert len(made) == 2
    shutil.rmtree(root / ".spans")
    open_spans(root)
    assert len(made) == 3
    damaged = entries(root)[0] / "double-2.arrow"
    damaged.write_bytes(damaged.read_bytes()[:-5])
    assert len(sizes.of(open_spans(root)))
    assert (len(replays), len(made)) == (2, 4)
    cut = open_spans(root, end=pd.Timestamp(START + SECOND))
    assert sizes not in cut.kept.values

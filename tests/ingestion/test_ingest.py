"""`ingest`: idempotent, complete or not at all, honest about what was lost."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import liqmap as lm
from liqmap import store as st
from liqmap.schema import FormatError, StoreError
from liqmap.store import locks, staging
from liqmap.store.part_writer import PartWriter
from tests.formats.bybit.lines import START_MS, depth_line, feed, plain_rows, table_rows, write_lines
from tests.formats.bybit.test_stream import bad_files
from tests.interrupts import SIGNALLED, CtrlC

COLUMNS = "path format venue symbol feed kind status messages rows gaps rejected start end seconds".split()  # noqa: SIM905
COLUMNS.append("verified")


def everything(root: Path) -> dict[str, tuple[int, bytes]]:
    """Every file of a store with its time and content."""
    return {
        str(p.relative_to(root)): (p.stat().st_mtime_ns, p.read_bytes() if p.is_file() else b"")
        for p in sorted(root.rglob("*"))
        if p.is_file()
    }


def stored(root: Path) -> list[tuple]:
    return table_rows(st.read_depth(root, "bybit", "BTCUSDT", "ob50"))


@pytest.mark.pure
def test_ingest__table_has_a_row_a_source(tmp_path: Path) -> None:
    lines = feed(5)
    path = write_lines(tmp_path / "linear.ndjson", lines)
    report = lm.ingest([path, tmp_path / "missing"], store=tmp_path / "store")
    table = report.table
    assert list(table.columns) == COLUMNS
    assert table["status"].tolist() == ["ok", "failed"]
    assert report.exit_code == 1
    assert str(table["start"].dtype) == "datetime64[ns, UTC]"
    assert (table["messages"][0], table["rows"][0], table["kind"][0]) == (5, 10, "depth")
    assert len(report.errors) == 1
    assert "1 ok, 1 failed" in repr(report)
    assert "<table" in report._repr_html_()
    assert stored(tmp_path / "store") == plain_rows(lines)


@pytest.mark.pure
def test_ingest__the_same_again_changes_nothing(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "linear.ndjson", feed(50))
    first = lm.ingest(path, store=tmp_path / "store")
    before = everything(tmp_path / "store")
    copy = write_lines(tmp_path / "again" / "linear.ndjson", feed(50))
    again = lm.ingest([path, copy], store=tmp_path / "store")
    assert everything(tmp_path / "store") == before
    for row in again.sources:
        assert (row.messages, row.rows, row.status) == (50, 100, "ok")
    assert first.exit_code == again.exit_code == 0
    assert any("already" in note for note in again.notes)


@pytest.mark.pure
def test_ingest__reads_as_read_does(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "linear.ndjson", [*feed(5), *feed(9)[7:]])
    lm.ingest(path, store=tmp_path / "store")
    assert st.read_depth(tmp_path / "store", "bybit", "BTCUSDT", "ob50").equals(lm.read(path).depth)


def test_ingest__simulated_market_both_tables(tmp_path: Path) -> None:
    from liqmap.simulation import simulate, write_bybit

    market = simulate(minutes=3, seed=4)
    lm.ingest(write_bybit(market, tmp_path / "raw"), store=tmp_path / "store", venue="bybit")
    depth = st.read_depth(tmp_path / "store", "bybit", "SIMUSDT", "ob200")
    trades = st.read_trades(tmp_path / "store", "bybit", "SIMUSDT")
    for name in ("ts", "seq", "event", "side", "price", "size"):
        assert depth[name].to_pylist() == market.depth[name].to_pylist(), name
    for name in ("ts", "aggressor", "price", "size"):
        assert trades[name].to_pylist() == market.trades[name].to_pylist(), name
    assert lm.Meta.from_metadata(depth.schema.metadata).tick_size == 0.1


@pytest.mark.pure
def test_ingest__directory_takes_the_known_files(tmp_path: Path) -> None:
    write_lines(tmp_path / "raw" / "linear.ndjson", feed(3))
    (tmp_path / "raw" / "notes.txt").write_text("nothing\n")
    (tmp_path / "raw" / ".hidden").write_text("nothing\n")
    report = lm.ingest(tmp_path / "raw", store=tmp_path / "store")
    assert [r.status for r in report.sources] == ["ok"]
    assert any(n.endswith("raw: 1 file of no known format was left out") for n in report.notes)
    (tmp_path / "raw" / "more.txt").write_text("nothing\n")
    notes = lm.ingest(tmp_path / "raw", store=tmp_path / "store").notes
    assert any(n.endswith("raw: 2 files of no known format were left out") for n in notes)
    (tmp_path / "bare").mkdir()
    assert lm.ingest(tmp_path / "bare", store=tmp_path / "store").exit_code == 2


@pytest.mark.pure
def test_ingest__a_directory_with_the_store_in_it(tmp_path: Path) -> None:
    write_lines(tmp_path / "linear.ndjson", feed(5))
    for root in (tmp_path / "store", tmp_path):
        for _ in range(2):
            report = lm.ingest(tmp_path, store=root, venue="bybit", symbol="BTCUSDT")
            assert report.exit_code == 0, report.errors
            assert len(report.sources) == 1
        assert set(lm.open_store(root).sessions()["feed"]) == {"ob50"}


@pytest.mark.pure
def test_ingest__raw_files_in_a_folder_of_the_store_are_taken(tmp_path: Path) -> None:
    write_lines(tmp_path / "depth" / "raw" / "linear.ndjson", feed(5))
    for folder in (tmp_path, tmp_path / "depth"):
        report = lm.ingest(folder, store=tmp_path)
        assert (report.exit_code, len(report.sources)) == (0, 1), report.errors
        assert not any("left out" in note for note in report.notes), "its own parts are no files to tell of"


@pytest.mark.pure
def test_ingest__a_part_of_a_store_is_no_source(tmp_path: Path) -> None:
    lm.ingest(write_lines(tmp_path / "linear.ndjson", feed(5)), store=tmp_path / "one")
    (part,) = (tmp_path / "one").rglob("*.parquet")
    report = lm.ingest(part, store=tmp_path / "two", venue="bybit", symbol="BTCUSDT")
    assert report.exit_code == 2
    assert "this is a part of a liqmap store" in report.errors[0]
    report = lm.ingest(tmp_path, store=tmp_path / "two", venue="bybit", symbol="BTCUSDT")
    assert (report.exit_code, len(report.sources)) == (0, 1)
    assert lm.read(part, venue="bybit", symbol="BTCUSDT").depth is not None


@pytest.mark.pure
def test_ingest__a_directory_with_a_mapping_or_a_format(tmp_path: Path) -> None:
    rows = [f"{START_MS},buy,100.5,1", f"{START_MS + 1},sell,100.5,2"]
    write_lines(tmp_path / "raw" / "names.csv", ["when,who,px,n", *rows])
    write_lines(tmp_path / "raw" / "notes.txt", ["about these"])
    mapping = {"ts": "when", "side": "who", "size": "n", "layout": "trades"}
    hints = {"venue": "v", "symbol": "S"}
    report = lm.ingest(tmp_path / "raw", store=tmp_path / "s", mapping=mapping, **hints)
    assert (report.exit_code, [s.rows for s in report.sources]) == (0, [2])
    report = lm.ingest(tmp_path / "raw", store=tmp_path / "s2", mapping=mapping | {"ts": "time"}, **hints)
    assert report.exit_code == 2
    assert "'time'" in report.errors[0]
    rows = [f"t,{row}" for row in rows]
    write_lines(tmp_path / "raw2" / "plain.csv", ["trade_id,ts,side,price,size", *rows[:1]])
    report = lm.ingest(tmp_path / "raw2", store=tmp_path / "s", format="tabular", **hints)
    assert (report.exit_code, report.sources[0].format) == (0, "tabular")


@pytest.mark.pure
def test_empty_paths__are_not_the_current_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = write_lines(tmp_path / "linear.ndjson", feed(5))
    monkeypatch.chdir(tmp_path)
    report = lm.ingest("", store=tmp_path / "s")
    assert report.exit_code == 2
    assert "empty path" in report.errors[0]
    with pytest.raises(StoreError, match="empty path"):
        lm.ingest(raw, store="")
    with pytest.raises(StoreError, match="empty path"):
        lm.open_store("")
    with pytest.raises(FormatError, match="empty path"):
        lm.read("")
    assert [p.name for p in tmp_path.iterdir()] == ["linear.ndjson"]


@pytest.mark.pure
def test_ingest__partial_source_is_stored_and_told(tmp_path: Path) -> None:
    lines = feed(6)
    path = write_lines(tmp_path / "linear.ndjson", [*lines[:3], "{broken", *lines[4:]])
    report = lm.ingest(path, store=tmp_path / "store")
    assert report.exit_code == 1
    assert [(str(path), 4)] == [r[:2] for r in report.rejected]
    assert stored(tmp_path / "store") == plain_rows(lines[:3] + lines[4:])


@pytest.mark.parametrize("odd", ["99999999999.9", "60000.00000001"])
def test_ingest__one_odd_price_spoils_no_other_day(tmp_path: Path, odd: str) -> None:
    day = 86_400_000
    good = [depth_line(u, [(f"99.{u}", "1")], ts=START_MS + u) for u in (1, 2)]
    bad = [
        depth_line(u, [("99.9", "1"), ("99.8" if u != 9 else odd, "1")], ts=START_MS + day + u)
        for u in (8, 9, 10)
    ]
    paths = [write_lines(tmp_path / f"linear{n}", lines) for n, lines in enumerate((good, bad))]
    report = lm.ingest(paths, store=tmp_path / "store")
    assert [(r.status, r.rejected) for r in report.sources] == [("ok", 0), ("partial", 1)]
    spans = lm.open_store(tmp_path / "store").session("bybit", "BTCUSDT").spans()
    assert spans.tick_size == 0.1


@pytest.mark.pure
@pytest.mark.parametrize("name", ["missing", "empty", "text.txt", "cut.zip", "two.zip", "junk"])
def test_ingest__what_fails_leaves_the_store_as_it_was(tmp_path: Path, name: str) -> None:
    path = bad_files(tmp_path)[name]
    fresh = lm.ingest(path, store=tmp_path / "fresh")
    assert fresh.exit_code == 2
    assert not (tmp_path / "fresh").exists()
    lm.ingest(write_lines(tmp_path / "linear.ndjson", feed(3)), store=tmp_path / "store")
    before = everything(tmp_path / "store")
    report = lm.ingest(path, store=tmp_path / "store")
    assert (report.exit_code, report.sources[0].status) == (2, "failed")
    assert "expected" in report.errors[0]
    assert everything(tmp_path / "store") == before


@pytest.mark.pure
def test_ingest__store_that_cannot_be_written(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "linear.ndjson", feed(3))
    (tmp_path / "file").write_text("x")
    report = lm.ingest(path, store=tmp_path / "file" / "store")
    assert report.exit_code == 2
    assert "can be written" in report.errors[0]


def test_ingest__unknown_format_name(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="bybit-depth"):
        lm.ingest([], store=tmp_path, format="nope")


# ------------------------------------------------------------------ interrupted

SLOWLY = """
import sys, time, liqmap as lm
from liqmap.store import Writer
place = Writer._place
def slow(self, *a):
    print("placing", flush=True)
    time.sleep(60)
    return place(self, *a)
Writer._place = slow
lm.ingest(sys.argv[1], store=sys.argv[2])
"""


def test_ingest__killed_leaves_nothing_visible_and_the_next_one_cleans_up(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "linear.ndjson", feed(2_000))
    store = tmp_path / "store"
    with subprocess.Popen(
        [sys.executable, "-c", SLOWLY, str(path), str(store)], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"placing\n"
        alive = lm.ingest(write_lines(tmp_path / "other_linear.ndjson", ["{}"]), store=store)
        assert alive.exit_code == 2
        assert list((store / ".staging").iterdir()), "a live process's work was removed"
        process.send_signal(signal.SIGKILL)
    assert not list(store.rglob("depth/**/*.parquet"))
    lm.ingest(path, store=store)
    lm.ingest(path, store=tmp_path / "clean")
    assert not (store / ".staging").exists()
    ours, clean = ({k: v[1] for k, v in everything(s).items()} for s in (store, tmp_path / "clean"))
    assert {k for k in ours if k.endswith("parquet")} == {k for k in clean if k.endswith("parquet")}
    assert all(ours[k] == clean[k] for k in clean if k.endswith("parquet"))


@pytest.mark.long
def test_ingest__two_processes_at_once(tmp_path: Path) -> None:
    lines = feed(3_000)
    parts = [write_lines(tmp_path / f"linear{i}.ndjson", lines[i * 700 : i * 700 + 900]) for i in range(4)]
    code = "import sys, liqmap as lm; sys.exit(lm.ingest(sys.argv[2:], store=sys.argv[1]).exit_code)"
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "store"), *map(str, order)])
        for order in (parts, parts[::-1])
    ]
    assert [p.wait(120) for p in running] == [0, 0]
    assert stored(tmp_path / "store") == plain_rows(lines)


@SIGNALLED
@pytest.mark.parametrize("times", [1, 3])
def test_ingest__ctrl_c_waits_for_the_thread_that_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ctrl_c: CtrlC, times: int
) -> None:
    path = write_lines(tmp_path / "linear.ndjson", feed(50))
    real, seen, waited = PartWriter.write, [], []

    def interrupted(self: PartWriter, table: object) -> None:
        waited.extend(ctrl_c.send("_finish") for _ in range(times))
        seen.append(self.path.exists())
        real(self, table)
        seen.append(self.path.exists())

    monkeypatch.setattr(PartWriter, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        lm.ingest(path, store=tmp_path / "store")
    assert waited == [True] * times
    assert seen == [True, True], "files were removed under the thread that writes them"
    assert not (tmp_path / "store").exists()
    assert "liqmap-write" not in {t.name for t in threading.enumerate()}
    monkeypatch.undo()
    assert lm.ingest(path, store=tmp_path / "store").exit_code == 0
    assert not (tmp_path / "store" / ".staging").exists()


def test_writer__interrupted_while_its_thread_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_lines(tmp_path / "linear.ndjson", feed(3))
    start = threading.Thread.start

    def interrupted(self: threading.Thread) -> None:
        start(self)
        if self.name == "liqmap-write":
            raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        lm.ingest(path, store=tmp_path / "store")
    assert not (tmp_path / "store").exists()


def test_ingest__cleaned_by_another_before_its_folder_is_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_lines(tmp_path / "linear.ndjson", feed(3))
    flock, calls = locks.fcntl.flock, []

    def cleaned(file: object, how: int) -> None:
        calls.append(how)
        if len(calls) == 1:
            staging.clean(tmp_path / "store")
        flock(file, how)

    monkeypatch.setattr(locks.fcntl, "flock", cleaned)
    assert lm.ingest(path, store=tmp_path / "store").errors == []
    assert not (tmp_path / "store" / ".staging").exists()


def test_ingest__a_failing_commit_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_lines(tmp_path / "linear.ndjson", feed(3))

    def refuse(*args: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("liqmap.store.write.os.replace", refuse)
    report = lm.ingest(path, store=tmp_path / "store")
    assert "Permission denied" in report.errors[0]
    assert not list((tmp_path / "store").rglob("*.parquet"))


# ------------------------------------------------------------------ conflicts


@pytest.mark.pure
@pytest.mark.parametrize("change", ["content", "time"])
def test_ingest__conflict_names_both_sources(tmp_path: Path, change: str) -> None:
    lines = feed(20)
    other = list(lines)
    if change == "content":
        other[7] = lines[7].replace("1007.25", "1.25")
    else:
        other[7] = depth_line(1007, [("99.9", "1007.25")], [("100.7", "0")], ts=1_700_000_000_000 + 100_650)
    first = write_lines(tmp_path / "first_linear.ndjson", lines)
    second = write_lines(tmp_path / "second_linear.ndjson", other)
    lm.ingest(first, store=tmp_path / "store")
    before = everything(tmp_path / "store")
    report = lm.ingest(second, store=tmp_path / "store")
    assert report.exit_code == 2
    assert "first_linear.ndjson" in report.errors[0]
    assert "second_linear.ndjson" in report.errors[0]
    assert "1007" in report.errors[0]
    assert everything(tmp_path / "store") == before


def test_store__not_a_store(tmp_path: Path) -> None:
    assert not len(st.sessions(tmp_path)), "an empty directory is an empty store"
    (tmp_path / "photos").mkdir()
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(StoreError, match="expected a store"):
            st.sessions(path)


def test_check__raises_what_failed_and_returns_what_did_not(tmp_path: Path) -> None:
    lines = feed(5)
    path = write_lines(tmp_path / "linear.ndjson", lines)
    store, missing = tmp_path / "store", tmp_path / "missing"
    report = lm.ingest(path, store=store, strict=True)
    assert report.check() is report.check(losses=True) is report
    for call in (
        lambda: lm.ingest(missing, store=store).check(),
        lambda: lm.ingest(missing, store=store, strict=True),
    ):
        with pytest.raises(FormatError, match="missing: expected a file, got nothing there") as error:
            call()
        assert error.value.remedy == "Check the path"
    with pytest.raises(FormatError, match="the first of 2 sources that failed: expected a file"):
        lm.ingest([missing, tmp_path / "another"], store=store).check()
    (tmp_path / "empty").mkdir()
    with pytest.raises(FormatError, match="got none"):
        lm.ingest(tmp_path / "empty", store=store, strict=True)


def test_strict__takes_the_others_first(tmp_path: Path) -> None:
    lines = feed(5)
    path = write_lines(tmp_path / "linear.ndjson", lines)
    with pytest.raises(FormatError, match="nothing there"):
        lm.ingest([tmp_path / "missing", path], store=tmp_path / "store", strict=True)
    assert len(stored(tmp_path / "store")) == len(plain_rows(lines))


def test_check__losses_are_refused_where_asked(tmp_path: Path) -> None:
    lines = feed(5)
    lines[2] = "{"
    path = write_lines(tmp_path / "linear.ndjson", lines)
    report = lm.ingest(path, store=tmp_path / "store", strict=True)
    assert report.check().table["status"].tolist() == ["partial"]
    with pytest.raises(FormatError, match="a source without losses, got 1 gaps and 1 rejected lines"):
        report.check(losses=True)

"""The tracer: it records what strace records, counts over all threads, and kills before the call."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from tests.crash.calls import SYNCS, WRITES, Call, Counting, Point, points
from tests.crash.tracer import NUMBERS, traced

ON_OPEN_FILES = (SYNCS | WRITES) - {"truncate"}
THREADS = ("a", "b", "c")

PROGRAM = """
import os, shutil, sys, threading
from pathlib import Path
import duckdb, pyarrow as pa, pyarrow.parquet as pq

root = Path(sys.argv[1])
os.chdir(root)
os.makedirs("made/below")
with open("made/one", "wb") as file:
    file.write(b"abc")
    file.flush()
    os.ftruncate(file.fileno(), 2)
    os.fsync(file.fileno())
os.rename("made/one", "made/two")
os.link("made/two", "made/three")
os.symlink("two", "made/four")
shutil.copyfile("made/two", "made/below/five")
folder = os.open("made", os.O_RDONLY)
os.rename("two", "six", src_dir_fd=folder, dst_dir_fd=folder)
os.unlink("three", dir_fd=folder)
os.fsync(folder)
os.close(folder)
pq.write_table(pa.table({"a": range(10)}), "made/arrow.parquet")
duckdb.sql("COPY (SELECT 1) TO 'made/duckdb.parquet' (FORMAT parquet)")
thread = threading.Thread(target=lambda: os.replace("made/arrow.parquet", root.parent / "outside"))
thread.start()
thread.join()
os.replace(root.parent / "outside", "made/back")
try:
    os.rmdir("made")
except OSError:
    pass
shutil.rmtree("made")
"""
"""Files written by Python, Arrow and DuckDB: no audit hook of Python sees the calls of the latter two."""


def in_threads(root: Path) -> None:
    """Each thread makes two files and renames them, when the one before it is done."""

    def work(name: str) -> None:
        for number in range(2):
            (root / f"{name}{number}").write_text(name)
            os.rename(root / f"{name}{number}", root / f"{name}{number}.done")

    for name in THREADS:
        thread = threading.Thread(target=work, args=(name,))
        thread.start()
        thread.join()


@pytest.fixture
def root(traceable: None, tmp_path: Path) -> Path:
    (tmp_path / "store").mkdir()
    return tmp_path / "store"


def test_traced__records_what_strace_records(root: Path, tmp_path: Path) -> None:
    strace = shutil.which("strace")
    if strace is None:
        assert "LIQMAP_REQUIRE_TOOLS" not in os.environ, "expected strace on the PATH, got none"
        pytest.skip("strace is not on the PATH")
    program = [sys.executable, "-c", PROGRAM, str(root)]
    run = traced(lambda: os.execv(program[0], program), root)
    assert run.status == 0
    log = tmp_path / "strace.txt"
    names = ",".join(NUMBERS[os.uname().machine][1])
    options = ["-f", "-y", "-qq", "-s", "300", "-e", "signal=none", "-e", f"trace={names}", "-o", str(log)]
    assert subprocess.run([strace, *options, *program]).returncode == 0
    recorded = [(call.name, call.path if call.name in ON_OPEN_FILES else "") for call in run.calls]
    assert Counter(recorded) == Counter(strace_calls(log.read_text(), root))
    assert {call.name.removesuffix("at").removesuffix("64") for call in run.calls} >= {
        "open", "write", "pwrite", "ftruncate", "fsync", "rename", "link", "symlink", "unlink", "rmdir",
        "mkdir",
    }  # fmt: skip


def strace_calls(log: str, root: Path) -> list[tuple[str, str]]:
    """The calls in a log of ``strace -y`` that touch the root, and the file of those that take an open one.

    A path that does not begin with a slash starts from the root: the program of this test works in it.
    """
    found = []
    for line in log.splitlines():
        match = re.match(r"\d+ +(\w+)\((.*)", line)
        if match is None:  # what was begun in an earlier line, and another thread came between
            continue
        name, rest = match.groups()
        opens = name.startswith("open")
        if opens and not re.search("O_WRONLY|O_RDWR|O_CREAT|O_TRUNC", rest):
            continue
        file = ""
        if name in ON_OPEN_FILES:
            paths = re.findall(r"\d+<([^>]*)>", rest)
            path = paths[1 if name == "copy_file_range" else 0]
            file = path.removeprefix(f"{root}/")
            touches = path.startswith(f"{root}/") or path == str(root)
        else:
            paths = re.findall(r'"([^"]*)"', rest)
            touches = any(not p.startswith("/") or p.startswith(str(root)) for p in paths)
        if touches:
            name = {"unlinkat": "rmdir" if "AT_REMOVEDIR" in rest else "unlink"}.get(name, name)
            found.append((name, "." if file == str(root) else file))
    return found


def test_traced__says_where_and_what_came_of_it(root: Path) -> None:
    def work() -> None:
        os.mkdir(root / "a")
        os.chdir(root / "a")
        Path("b").write_bytes(b"1")
        os.rename("b", "../c")
        os.rename("../c", root.parent / "out")
        Path(root.parent / "other").write_bytes(b"1")
        with pytest.raises(OSError, match="a directory"):
            os.rename(root.parent / "other", root / "a" / "")
        Path("b").unlink(missing_ok=True)
        os.mkdir(root / "d")
        assert ctypes.CDLL(None).renameat2(-100, b"../d", -100, os.fsencode(root / "a"), 2) == 0

    run = traced(work, root)
    assert run.status == 0
    assert run.calls == [
        Call("mkdir", "a"),
        Call("openat", "a/b", made=True),
        Call("write", "a/b"),
        Call("rename", "a/b", "c"),
        Call("rename", "c", "../out"),
        Call("rename", "../other", "a", error=21),
        Call("unlink", "a/b", error=2),
        Call("mkdir", "d"),
        Call("renameat2", "d", "a", swaps=True),
    ]
    assert run.points == points(run.calls, run.process)


def test_traced__kills_before_each_call_of_each_thread(root: Path) -> None:
    whole = traced(lambda: in_threads(root), root)
    assert whole.status == 0
    assert len(whole.points) == len(THREADS) * 2 * 3
    for number, point in enumerate(whole.points):
        shutil.rmtree(root)
        root.mkdir()
        run = traced(lambda: in_threads(root), root, point)
        assert (run.status, run.killed_at) == (-9, point)
        assert run.points == whole.points[: number + 1]
        made = [call for call in whole.calls[:number] if call.name == "openat"]
        moved = [call for call in whole.calls[:number] if call.name == "rename"]
        there = {call.path for call in made} - {call.path for call in moved} | {call.to for call in moved}
        assert {path.name for path in root.iterdir()} == there
        written = {call.path for call in whole.calls[:number] if call.name == "write"}
        for path in root.iterdir():
            assert bool(path.read_text()) == (path.name.removesuffix(".done") in written)


def test_traced__tells_of_a_point_that_is_not_reached(root: Path) -> None:
    run = traced(lambda: in_threads(root), root, Point("rename", "nothing like it", 1))
    assert (run.status, run.killed_at, len(run.calls)) == (0, None, 18)


def test_traced__tells_of_a_failure(root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert traced(lambda: 1 / 0, root).status == 1
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_point__leaves_out_what_is_random() -> None:
    counting = Counting(4711)
    calls = [
        Call("write", ".staging/4711-0a1b2c3d/depth-19677.parquet"),
        Call("write", ".staging/4711-ffffffff/depth-19677.parquet"),
        Call("rename", ".staging/4711-ffffffff/x", "depth/date=2023-11-16/47110000deadbeef-0001.parquet"),
    ]
    assert [counting.point(call) for call in calls] == [
        Point("write", ".staging/#-#/depth-19677.parquet", 1),
        Point("write", ".staging/#-#/depth-19677.parquet", 2),
        Point("rename", ".staging/#-#/x -> depth/date=2023-11-16/#-0001.parquet", 1),
    ]


def test_point__does_not_depend_on_the_number_of_the_process() -> None:
    calls = [Call("rename", ".staging/{}-0a1b2c3d/16.parquet", "date=2023-11-16/part.parquet")]
    found = {
        tuple(points([replace(c, path=c.path.format(process)) for c in calls], process))
        for process in (1, 11, 16, 2023, 4711)
    }
    assert len(found) == 1

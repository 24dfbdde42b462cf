"""``kill -9`` in the middle of an ingest: the store can be read, and a rerun completes it, nothing doubled.

``LIQMAP_KILLS=50`` kills so many at random moments; and at every rename of a file one is killed each.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest

import liqmap as lm
from liqmap import store as st
from liqmap.simulation import write_bybit
from tests.formats.bybit.lines import depth_line, write_lines

KILLS = int(os.environ.get("LIQMAP_KILLS", "3"))
MIDNIGHT = 1_700_006_400_000 - 200 * 1_000
CHILD = """
import os, signal, sys
import liqmap as lm
from liqmap.store import write
store, jobs, at, *files = sys.argv[1:]
replace, left = os.replace, [int(at)]
def counted(a, b):
    left[0] -= 1
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    replace(a, b)
write.os.replace = counted
print("begun", flush=True)
sys.exit(lm.ingest(files, store=store, venue="bybit", jobs=int(jobs)).exit_code)
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """A simulated market in two tables, and two sources of another that overlap and cross midnight."""
    folder = tmp_path_factory.mktemp("raw")
    market = write_bybit(lm.simulate(minutes=2, seed=6, keep_truth=False), folder)
    lines = [
        depth_line(u, [("99.9", f"{u}.5")], [("100.1", "2")], ts=MIDNIGHT + 1_000 * u)
        for u in range(1, 400)
    ]  # fmt: skip
    first = depth_line(1, [("99.9", "1")], [("100.1", "2")], kind="snapshot", ts=MIDNIGHT)
    early = write_lines(folder / "early.ndjson", [first, *lines[1:300]])
    late = write_lines(folder / "late.ndjson", lines[150:])
    return [*map(str, market), str(early), str(late)]


def tables(store: Path) -> list[pa.Table]:
    """Everything a store tells of the two markets."""
    return [
        st.read_depth(store, "bybit", "SIMUSDT", "ob200").replace_schema_metadata(),
        st.read_depth(store, "bybit", "BTCUSDT", "ob50").replace_schema_metadata(),
        st.read_trades(store, "bybit", "SIMUSDT").replace_schema_metadata(),
    ]


def rows_of(table: pa.Table) -> Counter[tuple]:
    """How often each row stands in a table."""
    return Counter(zip(*(column.to_pylist() for column in table.columns)))


def start(store: Path, files: list[str], jobs: int, at: int = 0) -> subprocess.Popen[str]:
    """An ingest in a process of its own, about to begin; killed at the ``at``-th rename, unless 0."""
    command = [sys.executable, "-c", CHILD, str(store), str(jobs), str(at), *files]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    with child.stdout as said:
        assert said.readline() == "begun\n"
    return child


def check(store: Path, files: list[str], whole: list[pa.Table]) -> None:
    """Readable as it is, never with a row that is not in the whole; complete after a rerun."""
    if store.exists():
        lm.open_store(store).sessions()
        for found, all_ in zip(tables(store), whole):
            assert not rows_of(found) - rows_of(all_)
    report = lm.ingest(files, store=store, venue="bybit")
    assert report.errors == []
    assert report.exit_code == 0
    for found, all_ in zip(tables(store), whole):
        assert found.equals(all_)
    assert not (store / ".staging").exists()
    again = lm.ingest(files, store=store, venue="bybit")
    assert sum("already in the store" in note for note in again.notes) == len(files)


@pytest.fixture(scope="module")
def whole(files: list[str], tmp_path_factory: pytest.TempPathFactory) -> list[pa.Table]:
    store = tmp_path_factory.mktemp("whole") / "store"
    assert lm.ingest(files, store=store, venue="bybit", jobs=1).exit_code == 0
    found = tables(store)
    assert all(map(len, found))
    return found


@pytest.mark.long
def test_ingest__killed_at_a_random_moment(files: list[str], whole: list[pa.Table], tmp_path: Path) -> None:
    begun = start(tmp_path / "timed", files, 2)
    since = time.perf_counter()
    assert begun.wait() == 0
    lasts = time.perf_counter() - since
    chance = random.Random(0)
    for number in range(KILLS):
        delay, killed = chance.uniform(0, lasts), False
        while not killed:  # one that had ended, on a machine that is faster by now, is killed earlier
            store = tmp_path / f"{number} after {delay:.6f} s"
            child = start(store, files, jobs=1 + number % 2)
            time.sleep(delay)
            child.kill()
            killed = child.wait() < 0
            check(store, files, whole)
            delay /= 2


@pytest.mark.long
@pytest.mark.parametrize("at", range(1, 10, 1 if KILLS > 3 else 3))
def test_ingest__killed_at_a_rename(at: int, files: list[str], whole: list[pa.Table], tmp_path: Path) -> None:
    child = start(tmp_path / "store", files, 1, at)
    code = child.wait()
    assert code == -9
    check(tmp_path / "store", files, whole)

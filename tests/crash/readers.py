"""DuckDB reading the folder of a store while liqmap writes it: ``python -m tests.crash.readers``.

A day of one market is ingested from many small sources, and then compacted, again and again. Every read
counts the rows of the day, the different ones among them, and sums their sizes; it is right if that is what
some of the sources hold, in their order, and no fewer than before. Prints a row per number of sources and
command: reads, in how many of them rows were there twice, rows were missing, or none were read for an
error; for how long rows were wrong, and at most at a stretch; for how long reads failed; and how long the
command took.
"""

from __future__ import annotations

import argparse
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

import duckdb

from tests.crash.markets import DAY_MS, FIRST_MS
from tests.crash.suite import aligned, folder
from tests.formats.bybit.lines import depth_line, write_lines

ROOT = Path(__file__).parents[2]
MESSAGES = 3
"""Of each source; a message has two rows."""

QUERY = """
SELECT date::VARCHAR, count(*), count(DISTINCT (seq, side)), sum(size)
FROM read_parquet(?, hive_partitioning = true) WHERE event <> 'gap' GROUP BY date
"""
COLUMNS = (
    "sources", "while", "rounds", "reads", "twice", "missing", "error", "wrong rows ms",
    "at most", "error ms", "of ms",
)  # fmt: skip


@dataclass
class Watched:
    """What was seen while a command ran."""

    sources: int
    command: str
    rounds: int = 0
    reads: int = 0
    twice: int = 0
    missing: int = 0
    error: int = 0
    rows_s: float = 0.0
    longest_s: float = 0.0
    error_s: float = 0.0
    seconds: float = 0.0
    errors: set[str] = field(default_factory=set)

    def row(self) -> tuple[str, ...]:
        counts = (self.sources, self.command, self.rounds, self.reads, self.twice, self.missing, self.error)
        return (
            *map(str, counts),
            *(f"{1_000 * s:.0f}" for s in (self.rows_s, self.longest_s, self.error_s, self.seconds)),
        )


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.crash.readers", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--reads", type=int, default=10_000, help="of all numbers of sources together")
    parser.add_argument("--sources", type=int, nargs="*", default=[1_500, 20], help="how many in a day")
    parser.add_argument("--rounds", type=int, default=10, help="of compaction, for all but the last number")
    options = parser.parse_args(arguments)
    every: list[Watched] = []
    with tempfile.TemporaryDirectory(dir=folder()) as work, _Writer() as writer:
        for place, sources in enumerate(options.sources):
            last = place == len(options.sources) - 1
            left = options.reads - sum(w.reads for w in every)
            every += watch(Path(work), writer, sources, left if last else 0, options.rounds)
    print(*aligned([COLUMNS, *(w.row() for w in every)], 2), sep="\n")
    for error in sorted({error for w in every for error in w.errors}):
        print(f"  {error}")
    print(f"{sum(w.reads for w in every)} reads")
    return 0


def watch(work: Path, writer: _Writer, sources: int, reads: int, rounds: int) -> list[Watched]:
    """Read while sources are ingested and compacted, for so many reads; without a number, for one ingest and
    so many compactions of what it has made."""
    raw, store = work / f"raw-{sources}", work / f"store-{sources}"
    right = write_sources(raw, sources)
    ingest, compact = Watched(sources, "ingest"), Watched(sources, "compact")
    kept = work / f"kept-{sources}"
    while compact.rounds == 0 or (ingest.reads + compact.reads < reads if reads else compact.rounds < rounds):
        shutil.rmtree(store, ignore_errors=True)
        if reads or not kept.exists():
            _watch(ingest, store, right, writer, raw)
            if not reads:
                shutil.copytree(store, kept)
        else:
            shutil.copytree(kept, store)
        _watch(compact, store, right[-1:], writer, raw)
    return [ingest, compact]


def write_sources(raw: Path, sources: int) -> list[tuple[int, float]]:
    """Raw files of one day; the rows and the sum of sizes after each of them, in their order, and of none."""
    raw.mkdir()
    sizes = [0.0]
    for number in range(sources):
        ids = range(number * MESSAGES + 1, (number + 1) * MESSAGES + 1)
        step = DAY_MS // (sources * MESSAGES + 1)
        lines = [
            depth_line(
                u, [("99.9", f"{u}.5")], [("100.1", f"{u}.25")],
                kind="snapshot" if u == 1 else "delta", ts=FIRST_MS + u * step,
            )
            for u in ids
        ]  # fmt: skip
        write_lines(raw / f"{number:05d}.ndjson", lines)
        sizes.append(sum(2 * u + 0.75 for u in ids))
    return [(2 * MESSAGES * number, size) for number, size in enumerate(accumulate(sizes))]


def _watch(
    seen: Watched, store: Path, right: Sequence[tuple[int, float]], writer: _Writer, raw: Path
) -> None:
    """Read until the command is done."""
    allowed, before = set(right), 0
    wrong, since = "", 0.0
    seen.rounds += 1
    with duckdb.connect() as connection:
        connection.execute("SET threads = 1")
        began = time.perf_counter()
        writer.begin(seen.command, raw, store)
        while not writer.done():
            now = time.perf_counter()
            found, before = read(connection, store, allowed, before, seen)
            if found != wrong:
                _wrong_for(seen, wrong, now - since)
                wrong, since = found, now
        now = time.perf_counter()
        _wrong_for(seen, wrong, now - since)
        seen.seconds += now - began


def _wrong_for(seen: Watched, wrong: str, seconds: float) -> None:
    """From the beginning of the first read that was wrong in a way to that of the next that was not."""
    if wrong == "error":
        seen.error_s += seconds
    elif wrong:
        seen.rows_s += seconds
        seen.longest_s = max(seen.longest_s, seconds)


def read(
    connection: duckdb.DuckDBPyConnection,
    store: Path,
    allowed: set[tuple[int, float]],
    before: int,
    seen: Watched,
) -> tuple[str, int]:
    """Read once: what was wrong, the rows or that it failed, or nothing; and how many rows there are now."""
    if not before and next(store.glob("depth/**/*.parquet"), None) is None:
        return "", 0  # there is nothing yet that can be read
    seen.reads += 1
    try:
        days = connection.execute(QUERY, [f"{store}/depth/**/*.parquet"]).fetchall()
    except duckdb.Error as error:
        seen.error += 1
        seen.errors.add(f"{type(error).__name__}: {str(error).split(chr(10))[0].split(chr(34))[0]}")
        return "error", before
    rows, different = sum(day[1] for day in days), sum(day[2] for day in days)
    if rows > different:
        seen.twice += 1
        return "rows", before
    if rows < before or (rows, sum(day[3] for day in days)) not in allowed:
        seen.missing += 1
        return "rows", before
    return "", rows


class _Writer:
    """Another process, which ingests and compacts when it is asked to."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from tests.crash.readers import write; write()"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, cwd=ROOT,
        )  # fmt: skip

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, *error: object) -> None:
        self._process.stdin.close()  # type: ignore[union-attr]
        self._process.wait()
        self._process.stdout.close()  # type: ignore[union-attr]

    def begin(self, command: str, raw: Path, store: Path) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{command}\t{raw}\t{store}\n")

    def done(self) -> bool:
        """Whether the command is done.

        Raises
        ------
        RuntimeError : it failed.
        """
        assert self._process.stdout is not None
        if not select.select([self._process.stdout], [], [], 0)[0]:
            return False
        answer = self._process.stdout.readline()
        if answer != "done\n":
            raise RuntimeError(f"the writer said {answer!r}")
        return True


def write() -> None:
    """In the other process: the commands, one line each."""
    import liqmap as lm
    from liqmap import store as st

    for line in sys.stdin:
        command, raw, store = line.rstrip("\n").split("\t")
        if command == "ingest":
            report = lm.ingest(raw, store=store, venue="bybit", progress=False)
            print("done" if report.exit_code == 0 else report.errors, flush=True)
        else:
            st.compact(store)
            print("done", flush=True)


if __name__ == "__main__":
    sys.exit(main())

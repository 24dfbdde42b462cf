"""Every text format: ``lm.read`` beside the plain loop and beside inflating the same file, nothing else.

The files are made here (`text_files`), packed as they are published; all three read the same one, in turns.
Compilation is not timed. Times, prices and sizes of both must be equal, row by row.
"""

from __future__ import annotations

import tempfile
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

import liqmap as lm
from liqmap.formats.raw import RawFile
from liqmap.schema import int64

from . import plain_loops, text_files
from .report import Speed, table

RUNS = 4
NUMBERS = {
    "depth": ("price", "size"),
    "trades": ("price", "size"),
    "bands": ("depth", "notional"),
    "orders": ("price", "size"),
}
TABLE = {"venue": "kraken", "symbol": "XBTUSD"}


@dataclass(frozen=True)
class Case:
    """A format, by the name of the functions that write and loop over it, and what ``lm.read`` is told."""

    title: str
    name: str
    told: dict[str, object] = field(default_factory=dict)

    def write(self, folder: Path, share: float) -> list[Path]:
        made: list[Path] = getattr(text_files, self.name)(folder, share)
        return made

    def loop(self, paths: list[Path]) -> plain_loops.Rows:
        rows: plain_loops.Rows = getattr(plain_loops, self.name)(paths)
        return rows

    def read(self, paths: list[Path]) -> dict[str, pa.Table]:
        found: dict[str, pa.Table] = {}
        for path in paths:
            capture = lm.read(path, **self.told)  # type: ignore[arg-type]
            assert capture.report.exit_code == 0, (self.title, capture.report.rejected[:3])
            tables = {kind: getattr(capture, kind) for kind in NUMBERS}
            found |= {kind: t for kind, t in tables.items() if t is not None}
        return found


CASES = [
    Case("bybit depth", "bybit_depth", {"venue": "bybit"}),
    Case("bybit trades", "bybit_trades", {"venue": "bybit"}),
    Case("binance stream", "binance_stream"),
    Case("binance trades", "binance_trades"),
    Case("binance bookDepth", "binance_bands"),
    Case("binance T_DEPTH", "binance_t_depth"),
    Case("tardis incremental", "tardis_incremental"),
    Case("tardis snapshots, 25", "tardis_snapshots"),
    Case("tardis trades", "tardis_trades"),
    Case("lobster pair, 10", "lobster"),
    Case("databento mbo", "databento_mbo"),
    Case("table, updates", "table_updates", TABLE),
    Case("table, wide, 10", "table_wide", TABLE),
    Case("table, trades", "table_trades", TABLE),
]


def inflate(paths: list[Path]) -> int:
    """Bytes of text, by inflating alone: what no reader of one file in one thread can beat."""
    size = 0
    for path in paths:
        raw = RawFile(path)
        if raw.packing == "zstd":
            with pa.input_stream(str(path), compression="zstd") as stream:
                while block := stream.read(1 << 18):
                    size += len(block)
            continue
        with path.open("rb") as file:
            begin = raw.size if raw.packing == "plain" else _data_begins(raw)
            file.seek(begin)
            unpack = zlib.decompressobj(31 if raw.packing == "gzip" else -15)
            while block := file.read(1 << 18):
                size += len(unpack.decompress(block))
    return size


def _data_begins(raw: RawFile) -> int:
    if raw.packing == "gzip":
        return 0
    with raw.path.open("rb") as file:
        header = file.read(30)
    return 30 + int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")


def check(title: str, ours: dict[str, pa.Table], loop: plain_loops.Rows) -> int:
    """The number of rows, which are the same on both sides.

    Raises
    ------
    AssertionError : a table, a time, a price or a size that only one side has.
    """
    assert set(ours) == {kind for kind, rows in loop.items() if rows}, (title, set(ours))
    for kind, rows in loop.items():
        table, columns = ours[kind], list(zip(*rows))
        assert table.num_rows == len(rows), (title, kind, table.num_rows, len(rows))
        assert np.array_equal(int64(table["ts"]), np.array(columns[0], np.int64)), (title, kind, "ts")
        for at, name in zip((-2, -1), NUMBERS[kind]):
            assert np.array_equal(table[name].to_numpy(), np.array(columns[at])), (title, kind, name)
    return sum(map(len, loop.values()))


def seconds(work: Callable[[], object]) -> tuple[float, float]:
    """Of the clock, and of the processor in all threads."""
    begun = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - begun[0], time.process_time() - begun[1]


def measure(case: Case, folder: Path, share: float, runs: int = RUNS) -> Speed:
    """One format; ours, the loop and the inflating in turns, the fastest of each."""
    paths = case.write(folder / case.name, share)
    rows = check(case.title, case.read(paths), case.loop(paths))
    works = [lambda: case.read(paths), lambda: case.loop(paths), lambda: inflate(paths)]
    taken = np.array([[seconds(w) for w in works] for _ in range(runs)]).min(axis=0)
    ours, loop, packed = taken[:, 0]
    work = taken[1, 1] / taken[0, 1]
    return Speed(case.title, inflate(paths) / 1e6, rows, ours, loop, packed, work, "at least 6")


def run(share: float = 1.0, names: list[str] | None = None) -> list[Speed]:
    """``share`` scales the files; ``names`` chooses some."""
    with tempfile.TemporaryDirectory() as scratch:
        return [measure(c, Path(scratch), share) for c in CASES if names is None or c.name in names]


if __name__ == "__main__":
    table(run())

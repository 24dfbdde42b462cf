"""Ingest against the plain loop: one simulated Bybit archive to Parquet, and the peak memory of it.

The peer is what a notebook does: ``json.loads`` per line, a tuple per update, a DataFrame, ``to_parquet``.
Both read the same zip. Compilation is not timed: a small file goes first.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import pandas as pd

import liqmap as lm
from liqmap.simulation import write_bybit

from .report import Memory, Result, table

RUNS = 3
PEAK = """
import sys, liqmap as lm
report = lm.ingest(sys.argv[1], store=sys.argv[2], venue="bybit")
assert report.exit_code == 0, report.errors
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def archive(minutes: int) -> Path:
    """The depth archive of a simulated market, made once and kept with other temporary files."""
    folder = Path(tempfile.gettempdir()) / f"liqmap-bench-{minutes}"
    found = sorted(folder.glob("*.data.zip"))
    if not found:
        capture = lm.simulate(minutes=minutes, seed=1, keep_truth=False)
        found = [p for p in write_bybit(capture, folder) if p.name.endswith(".data.zip")]
    return found[0]


def plain_loop(path: Path, out: Path) -> int:
    """The peer; returns the number of updates."""
    rows = []
    with zipfile.ZipFile(path) as packed, packed.open(packed.namelist()[0]) as lines:
        for line in lines:
            message = json.loads(line)
            data = message["data"]
            ts, seq, event = message["cts"], data["u"], message["type"]
            for side, name in (("b", "bid"), ("a", "ask")):
                for price, size in data[side]:
                    rows.append((ts, seq, event, name, float(price), float(size)))
    frame = pd.DataFrame(rows, columns=["ts", "seq", "event", "side", "price", "size"])
    frame["ts"] = pd.to_datetime(frame["ts"], unit="ms", utc=True)
    frame.to_parquet(out)
    return len(frame)


def timed(work) -> float:  # type: ignore[no-untyped-def]
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def peak_mb(path: Path, store: Path) -> float:
    """Peak resident memory of one ingest in a process of its own (Linux).

    Not ru_maxrss, which a child inherits from the parent that it was forked from.
    """
    done = subprocess.run(
        [sys.executable, "-c", PEAK, str(path), str(store)], capture_output=True, text=True, check=True
    )
    return int(done.stdout) / 1024


def run(minutes: int = 340) -> list[Result | Memory]:
    """340 minutes are 5.5 million updates."""
    path, half = archive(minutes), archive(minutes // 2)
    with tempfile.TemporaryDirectory() as scratch:
        lm.ingest(archive(1), store=Path(scratch) / "warm", venue="bybit")
        updates: list[int] = []
        peer = min(
            timed(lambda: updates.append(plain_loop(path, Path(scratch) / "peer.parquet"))) for _ in range(2)
        )
        ours = min(
            timed(lambda n=n: lm.ingest(path, store=Path(scratch) / f"s{n}", venue="bybit"))
            for n in range(RUNS)
        )
        with zipfile.ZipFile(path) as packed:
            raw = packed.infolist()[0].file_size
        size = f"{updates[0] / 1e6:.1f} M updates, {raw / 1e6:.0f} MB of JSON"
        peaks = [
            Memory(
                "ingest, peak memory",
                f"{p.stat().st_size / 1e6:.0f} MB zip, in a process of its own",
                peak_mb(p, Path(scratch) / f"peak-{p.parent.name}"),
                "under 1 GB",
            )
            for p in (half, path)
        ]
    return [
        Result("ingest", size, ours, "json.loads, tuples, DataFrame, to_parquet", peer, "at least 6"),
        *peaks,
    ]


if __name__ == "__main__":
    table(run())

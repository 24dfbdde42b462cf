"""A day's spans: built once beside the store, opened again in a process of its own.

The peer of opening is building: what every opening would cost without the files.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import liqmap as lm
from liqmap.simulation import write_bybit

from .report import Memory, Result, table

ACTIVITY = 1.7
"""Of the simulated market: 1440 minutes of it are more than 30 million updates."""

OPEN = """
import sys, time
import liqmap as lm
session = lm.open_store(sys.argv[1]).session("bybit", "SIMUSDT")
begin = time.perf_counter()
spans = lm.open_store(sys.argv[1]).session("bybit", "SIMUSDT").spans()
seconds = time.perf_counter() - begin
if sys.argv[2] == "frame":
    from liqmap.render.frames.frame import screen
    screen(spans, session.time_range, session.price_range, 1920, 1080, agg="mean")
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(seconds, peak / 1024, len(spans))
"""


def store_of(minutes: int) -> Path:
    """A store with a simulated market of so many minutes, made once and kept with other temporary files."""
    root = Path(tempfile.gettempdir()) / f"liqmap-bench-open-{minutes}"
    if not (root / "store" / "depth").is_dir():
        capture = lm.simulate(minutes=minutes, seed=1, activity=ACTIVITY, keep_truth=False)
        archives = write_bybit(capture, root / "raw")
        del capture
        lm.ingest(archives, store=root / "store", venue="bybit")
    return root / "store"


def opened(store: Path, what: str) -> tuple[float, float, int]:
    """Seconds until there are spans, peak memory of the process (MB), and the number of spans."""
    done = subprocess.run(
        [sys.executable, "-c", OPEN, str(store), what], capture_output=True, text=True, check=True
    )
    seconds, peak, spans = done.stdout.split()
    return float(seconds), float(peak), int(spans)


def run(minutes: int = 150) -> list[Result | Memory]:
    """150 minutes are 3 million updates; 1440 are a day of 30 million."""
    store = store_of(minutes)
    rows = int(lm.open_store(store).sessions().query("kind == 'depth'")["rows"].sum())
    opened(store, "spans")  # compile
    shutil.rmtree(store / ".spans")
    build, build_peak, spans = opened(store, "spans")
    again = [opened(store, "spans")[0] for _ in range(3)]
    _, frame_peak, _ = opened(store, "frame")
    on_disk = sum(p.stat().st_size for p in (store / ".spans").rglob("*") if p.is_file())
    size = f"{rows / 1e6:.1f} M updates, {spans / 1e6:.1f} M spans"
    each = f"{on_disk / spans:.1f} bytes a span"
    return [
        Result("open spans again", size, min(again), "building them", build, "under 1 s"),
        Memory("open and a frame, peak", f"{size}, {each}", frame_peak, "under 3 GB"),
        Memory("build spans, peak", size, build_peak, "under 3 GB"),
    ]


if __name__ == "__main__":
    table(run(int(sys.argv[1]) if len(sys.argv) > 1 else 150))

"""How cost and memory grow: with the updates of a day, and with the pixels of a frame.

Each size is a process of its own, so that its peak memory is its own: simulate, store, build the spans, open
them again, draw.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from .report import Result, table

SIZES = (1, 3, 10, 30, 60)
"""Million updates a day, wanted: the simulated market does not go below some 2.7."""

PIXELS = ((480, 270), (960, 540), (1920, 1080), (3840, 2160))

BUILD = """
import sys
import liqmap as lm
from benchmarks.sample import stored_day
stored_day(float(sys.argv[1]) * 1e6, sys.argv[2])
"""

DRAW = """
import json, sys, time
import liqmap as lm
from benchmarks.bench_frames import fresh, prepare
from benchmarks.sample import best, lattice_of
begin = time.perf_counter()
session = lm.open_store(sys.argv[1]).session("bybit", "SIMUSDT")
spans = session.spans()
opened = time.perf_counter() - begin
prepare(spans)
frames = [best(lambda w=w, h=h: fresh(spans, *lattice_of(spans, w, h), "mean", "30s", "5min"), 3)
          for w, h in json.loads(sys.argv[2])]
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) / 1024
rows = int(lm.open_store(sys.argv[1]).sessions().query("kind == 'depth'")["rows"].sum())
print(json.dumps({"rows": rows, "spans": len(spans), "opened": opened, "frames": frames, "peak": peak}))
"""


def measured(store: Path, pixels: tuple[tuple[int, int], ...]) -> dict:
    """Rows, spans, seconds to open, seconds of each frame, and peak MB of the process."""
    command = [sys.executable, "-c", DRAW, str(store), json.dumps(pixels)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def run(sizes: tuple[int, ...] = SIZES) -> list[Result]:
    results: list[Result] = []
    first = None
    for millions in sizes:
        store = Path(tempfile.gettempdir()) / f"liqmap-bench-day-{millions}"
        subprocess.run([sys.executable, "-c", BUILD, str(millions), str(store)], check=True)
        pixels = PIXELS if millions == 30 else ((1920, 1080),)
        got = measured(store, pixels)
        first = first or got["frames"][0]
        size = f"{got['rows'] / 1e6:.1f} M updates, {got['spans'] / 1e6:.1f} M spans, {got['peak']:.0f} MB"
        at = pixels.index((1920, 1080))
        day = f"a day of {got['rows'] / 1e6:.0f} M"
        frame = got["frames"][at]
        results.append(Result(f"open, {day}", size, got["opened"], "the frame that follows", frame))
        results.append(Result(f"frame, {day}", size, frame, "the first of these days", first))
        if len(pixels) > 1:
            results += [
                Result(f"frame, {w} x {h}", size, seconds, "1920 x 1080", frame)
                for (w, h), seconds in zip(pixels, got["frames"], strict=True)
            ]
    return results


if __name__ == "__main__":
    table(run())

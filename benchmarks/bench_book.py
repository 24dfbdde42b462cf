"""Measures of the book at 1 s and stacking by the minute, beside one replay of the same day.

Each runs in a process of its own, so that its peak of memory is its own; spans are open before that.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import liqmap as lm

from .bench_open import store_of
from .report import Memory, Result, table

MEASURES = {
    "at instants": ["mid", "weighted_mid", "imbalance@5", "depth@10bps", "pressure@5"],
    "ofi@1": ["ofi@1"],
    "ofi@5, added@5, pulled@5": ["ofi@5", "added@5", "pulled@5"],
    "all of these": ["mid", "imbalance@5", "depth@10bps", "pressure@5", "ofi@5", "added@5", "pulled@5"],
}

DO = """
import sys, time
import liqmap as lm
session = lm.open_store(sys.argv[1]).session("bybit", "SIMUSDT")
small = session.sel(end=session.time_range[0] + __import__("numpy").timedelta64(60, "s"))
if sys.argv[2] == "replay":
    lm.replay(small.depth())  # compile
    depth = session.depth()
    work = lambda: lm.replay(depth)
elif sys.argv[2] == "stacking":
    small.stacking("1min")
    session.spans()
    work = lambda: session.stacking("1min")
else:
    names = sys.argv[2].split()
    small.sample("1s", names)
    session.spans()
    work = lambda: session.sample("1s", names)
begin = time.perf_counter()
work()
seconds = time.perf_counter() - begin
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(seconds, peak / 1024)
"""


def done(store: Path, what: str) -> tuple[float, float]:
    """Seconds, and peak memory of the process (MB)."""
    ran = subprocess.run(
        [sys.executable, "-c", DO, str(store), what], capture_output=True, text=True, check=True
    )
    seconds, peak = ran.stdout.split()
    return float(seconds), float(peak)


def run(minutes: int = 150) -> list[Result | Memory]:
    """150 minutes are 3 million updates; 1440 are a day of 30 million."""
    store = store_of(minutes)
    rows = int(lm.open_store(store).sessions().query("kind == 'depth'")["rows"].sum())
    size = f"{rows / 1e6:.1f} M updates"
    replay, replay_peak = done(store, "replay")
    results: list[Result | Memory] = []
    for name, measures in MEASURES.items():
        seconds, peak = done(store, " ".join(measures))
        asked = "at most twice" if name == "all of these" else ""
        results.append(Result(f"sample 1 s: {name}", size, seconds, "replay", replay, asked))
        results.append(Memory(f"sample 1 s: {name}, peak", size, peak))
    seconds, peak = done(store, "stacking")
    results.append(Result("stacking by the minute and tick", size, seconds, "replay", replay))
    results.append(Memory("stacking, peak", size, peak))
    results.append(Memory("replay, peak", size, replay_peak))
    return results


if __name__ == "__main__":
    table(run(int(sys.argv[1]) if len(sys.argv) > 1 else 150))

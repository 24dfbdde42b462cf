"""Simulated sessions of a wanted number of updates."""

from __future__ import annotations

import os
import tempfile
from functools import cache
from pathlib import Path

import numpy as np

import liqmap as lm
from liqmap.simulation import write_bybit

DAY_ROWS = 19.6e6
"""Depth rows that a simulated day has at activity 1, about."""


@cache
def capture(rows: int) -> lm.Capture:
    """A simulated market with at least so many depth rows."""
    probe = lm.simulate(minutes=10, seed=7, keep_truth=False)
    assert probe.depth is not None
    minutes = 10 * rows / probe.depth.num_rows * 1.05
    while True:
        made = lm.simulate(minutes=minutes, seed=7, keep_truth=False)
        assert made.depth is not None
        if made.depth.num_rows >= rows:
            return made
        minutes *= 1.2


@cache
def day(rows: int) -> tuple[lm.Spans, int]:
    """The spans of a simulated day of at least so many updates, and their number."""
    depth = _day(rows).depth
    assert depth is not None
    return lm.replay(depth), depth.num_rows


def _day(rows: float) -> lm.Capture:
    """A simulated day: the same hours and nearly the same prices, whatever the number of updates."""
    activity = max(rows / DAY_ROWS, 1 / 60)
    while True:
        made = lm.simulate(minutes=1440, seed=7, activity=activity, keep_truth=False)
        assert made.depth is not None
        if made.depth.num_rows >= rows:
            return made
        activity *= 1.02 * rows / made.depth.num_rows


def stored_day(rows: float, root: str | Path) -> None:
    """A store with a simulated day and its spans, made once."""
    root = Path(root)
    if not (root / "depth").is_dir():
        with tempfile.TemporaryDirectory() as raw:
            archives = [p for p in write_bybit(_day(rows), raw) if p.name.endswith(".data.zip")]
            lm.ingest(archives, store=root, venue="bybit")
    lm.open_store(root).session("bybit", "SIMUSDT").spans()


def sample_store() -> Path:
    """A store with the bundled sample, made once."""
    root = Path(tempfile.gettempdir()) / "liqmap-bench-sample" / "store"
    if not (root / "depth").is_dir():
        bundled = Path(__file__).parent.parent / "data" / "sample"
        lm.ingest(sorted(bundled.glob("*SIMUSDT*")), store=root)
    return root


def real_data(name: str) -> Path | None:
    """A real capture, of ``LIQMAP_REAL_DATA`` or ``shared/data`` beside the repository, if it is there."""
    beside = Path(__file__).parents[2] / "shared" / "data"
    path = Path(os.environ.get("LIQMAP_REAL_DATA", beside)) / name
    return path if path.exists() else None


def best(work, times: int = 5) -> float:  # type: ignore[no-untyped-def]
    """Seconds of the fastest of some runs, after one to warm up."""
    import time

    work()
    seconds = []
    for _ in range(times):
        begin = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begin)
    return min(seconds)


def lattice_of(spans: lm.Spans, width: int = 1920, height: int = 1080) -> tuple[np.ndarray, np.ndarray]:
    """Edges of the whole day (ns) and of all prices (ticks), as a screen of that many pixels has them."""
    from liqmap.render.frames.frame import price_rows

    low, high = (float(p) for p in spans.prices(np.array(tick_range(spans))))
    day = spans.begin // (86_400 * 10**9) * (86_400 * 10**9)
    return day + np.arange(width + 1) * (86_400 * 10**9 // width), price_rows(
        low, high, height, spans.tick_size
    )


def tick_range(spans: lm.Spans) -> tuple[int, int]:
    """Lowest and highest tick of any level."""
    levels = [s.levels for s in spans.sides]
    return int(min(v[0] for v in levels)), int(max(v[-1] for v in levels))

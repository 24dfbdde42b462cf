"""Simulated sessions of a wanted number of updates."""

from __future__ import annotations

from functools import cache

import numpy as np

import liqmap as lm

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
    """The spans of a simulated day of at least so many updates, and their number: the same hours and nearly
    the same prices, whatever the number."""
    activity = max(rows / DAY_ROWS, 1 / 60)
    while True:
        depth = lm.simulate(minutes=1440, seed=7, activity=activity, keep_truth=False).depth
        assert depth is not None
        if depth.num_rows >= rows:
            return lm.replay(depth), depth.num_rows
        activity *= 1.02 * rows / depth.num_rows


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
    from liqmap.render.frame import price_rows

    low, high = (float(p) for p in spans.prices(np.array(tick_range(spans))))
    day = spans.begin // (86_400 * 10**9) * (86_400 * 10**9)
    return day + np.arange(width + 1) * (86_400 * 10**9 // width), price_rows(
        low, high, height, spans.tick_size
    )


def tick_range(spans: lm.Spans) -> tuple[int, int]:
    """Lowest and highest tick of any level."""
    levels = [s.levels for s in spans.sides]
    return int(min(v[0] for v in levels)), int(max(v[-1] for v in levels))

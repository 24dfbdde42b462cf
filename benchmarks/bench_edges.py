"""Frames of a simulated day whose edges lie off the lattice, at right edges alone, of ten times the updates.

All are drawn in turn in one process, round after round, so that whatever else the machine does meets all
alike; of each the median of `ROUNDS` is told, beside another. What is kept of a frame for its sliders is
thrown away before each. A screen's frame is on the lattice of the app, 60 s columns of a day on 1920 pixels
and 90 s on 1000; off it as many columns begin with the first message and end with the last, and rows lie
three ticks beside.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import numpy as np

import liqmap as lm
from liqmap.render.frames.frame import price_rows, time_columns

from .bench_frames import fresh, prepare
from .report import Result, table
from .sample import day, tick_range

ROUNDS = 15
SCREENS = ((1920, 1080), (1000, 500))
CARRIES = (("30s", "5min"), (None, None))


def run(rows: int = 30_000_000, few: int = 3_000_000) -> list[Result]:
    spans, updates = day(rows)
    fewer, less = day(few)
    for each in (spans, fewer):
        prepare(each)
    size = f"{updates / 1e6:.1f} M updates, {len(spans) / 1e6:.1f} M spans"
    results = []
    for screen in SCREENS:
        for carry in CARRIES:
            results += _ratios(spans, fewer, screen, carry, size, f"on a day of {less / 1e6:.1f} M updates")
    return results


def _ratios(
    spans: lm.Spans, fewer: lm.Spans, screen: tuple[int, int], carry: tuple, size: str, few: str
) -> list[Result]:
    times, rows = screen_edges(spans, *screen)
    off = np.linspace(spans.begin, spans.last, len(times)).astype(np.int64)
    works: dict[str, Callable[[], None]] = {}
    for agg in ("mean", "peak", "last"):
        works[agg] = lambda a=agg: fresh(spans, times, rows, a, *carry)  # type: ignore[misc]
        works[f"{agg}, columns off"] = lambda a=agg: fresh(spans, off, rows, a, *carry)  # type: ignore[misc]
        works[f"{agg}, all off"] = lambda a=agg: fresh(spans, off, rows + 3, a, *carry)  # type: ignore[misc]
        works[f"{agg} of fewer"] = lambda a=agg: fresh(fewer, *screen_edges(fewer, *screen), a, *carry)  # type: ignore[misc]
    seconds = in_turn(works)
    name = f"{screen[0]} x {screen[1]}, prune {carry[1] or 'none'}"
    asked = "at least 0.77"  # 1 / 1.3
    results = []
    for agg in ("mean", "peak", "last"):
        for beside in ("columns off", "all off"):
            what = f"{agg}, {beside}"
            results.append(
                Result(f"{what}, {name}", size, seconds[what], f"{agg}, on it", seconds[agg], asked)
            )
        of_fewer = seconds[f"{agg} of fewer"]
        results.append(
            Result(f"{agg}, {name}", size, seconds[agg], f"{agg} {few}", of_fewer, "at least 0.67")
        )
    results.append(Result(f"last, {name}", size, seconds["last"], "mean, on it", seconds["mean"], asked))
    return results


def screen_edges(spans: lm.Spans, width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    """Edges of the whole day (ns) and of all prices (ticks), as a screen of that many pixels has them."""
    low, high = (float(p) for p in spans.prices(np.array(tick_range(spans))))
    return time_columns(spans.begin, spans.last, width), price_rows(low, high, height, spans.tick_size)


def in_turn(works: dict[str, Callable[[], None]], rounds: int = ROUNDS) -> dict[str, float]:
    """Median seconds of each work, all done in turn after a round to warm up."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for done in range(rounds + 1):
        for name, work in works.items():
            begin = time.perf_counter()
            work()
            if done:
                taken[name].append(time.perf_counter() - begin)
    return {name: median(seconds) for name, seconds in taken.items()}


if __name__ == "__main__":
    table(run())

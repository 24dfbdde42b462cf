"""Calibration: the errors of 12 half-lives x 8 prunes, against one replay of the same updates."""

from __future__ import annotations

import time

import liqmap as lm
from liqmap.analytics.calibration.held_out import Judged
from liqmap.analytics.calibration.score import HALF_LIVES, PRUNES, choices, score

from .report import Result, table
from .sample import capture

VIEW = 50


def run(rows: int = 5_000_000) -> list[Result]:
    depth = capture(rows).depth
    assert depth is not None
    chosen = choices(HALF_LIVES, PRUNES, None, 0.5, 500, 0.9, 0)
    head = depth.slice(0, 200_000)
    score(Judged(lm.replay(head, VIEW), lm.replay(head)), chosen)  # compile
    begin = time.perf_counter()
    wide = lm.replay(depth)
    once = time.perf_counter() - begin
    narrow = lm.replay(depth, VIEW)
    begin = time.perf_counter()
    found = score(Judged(narrow, wide), chosen)
    ours = time.perf_counter() - begin
    shape = f"{len(chosen.half_lives)} x {len(chosen.prunes)}"
    size = f"{depth.num_rows / 1e6:.1f} M updates, {found.levels / 1e6:.1f} M levels judged"
    return [Result(f"surface {shape}", size, ours, "one replay of the same", once, "at least 0.05")]


if __name__ == "__main__":
    table(run())

"""Simulated sessions of a wanted number of updates."""

from __future__ import annotations

from functools import cache

import liqmap as lm


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

"""How often the interval of a half-life holds the true one: of simulated markets, whose deep book is known.

The truth is the half-life of the least error on a market ten times as long, judged by the simulator's own
whole book; not the law's, which under a sum of absolute errors is another. ``LIQMAP_SEEDS=100`` takes so many
markets; without it there are a few. Under a law that ends orders within minutes a longer market carries few
that are older; where orders rest for hours it does, and has another half-life (see the guide).
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

import pytest

import liqmap as lm
from liqmap.analytics import Calibration
from liqmap.carry import nanoseconds
from liqmap.schema import OPEN

pytestmark = pytest.mark.long

SEEDS = int(os.environ.get("LIQMAP_SEEDS", "6"))
MINUTES, LEVELS = 15, 50
SEED_OF_TRUTH = 10_000
LEAST = 0.85
LAWS = {"one half-life": "2min", "two": lm.Exponentials([(0.5, "10s"), (0.5, "5min")])}


def calibrated(minutes: int, seed: int, law: Any) -> Calibration:
    """50 levels of a market, judged by its whole book."""
    market = lm.simulate(minutes=minutes, seed=seed, levels=LEVELS, retention=law)
    return lm.calibrate(market, truth=replace(market, depth=market.truth.depth))


def ns(words: str) -> int:
    half_life = nanoseconds(words)
    return int(OPEN) if half_life is None else half_life


@pytest.mark.timeout(7_200)
@pytest.mark.parametrize("law", LAWS)
def test_interval__holds_the_half_life_of_a_market_ten_times_as_long(law: str) -> None:
    truth = calibrated(10 * MINUTES, SEED_OF_TRUTH, LAWS[law]).best
    assert truth.error < 1
    intervals = [calibrated(MINUTES, seed, LAWS[law]).best.interval for seed in range(SEEDS)]
    held = [ns(low) <= ns(truth.half_life) <= ns(high) for low, high in intervals]
    assert sum(held) >= int(LEAST * SEEDS), (truth, intervals)

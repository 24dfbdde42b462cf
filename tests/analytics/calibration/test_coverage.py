"""How often intervals hold the truth: of simulated markets, whose deep book is known.

The truth of an interval is the half-life of the least error on a market ten times as long, judged by the
simulator's own whole book; not the law's, which under a sum of absolute errors is another. Under a law that
ends orders within minutes a longer market carries few that are older; where orders rest for hours it does,
and has another half-life (see the guide).

``LIQMAP_SEEDS=100`` takes so many markets, ten minutes of one core (200 s for the first of both intervals);
without it there are a few, which take a minute. ``-s`` tells how many were held.
"""

from __future__ import annotations

import os
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest

import liqmap as lm
from liqmap.analytics.calibration.answer import best_point, intervals
from liqmap.analytics.calibration.held_out import Judged
from liqmap.analytics.calibration.score import HALF_LIVES, PRUNES, Choices, blocks_of, choices
from liqmap.analytics.calibration.slices import Beyond, beyond_of
from liqmap.analytics.calibration.slices.by_depth import unpruned
from liqmap.analytics.calibration.sums import Weights, sum_up
from liqmap.analytics.calibration.surface import Surface
from liqmap.carry import nanoseconds
from liqmap.schema import OPEN

pytestmark = pytest.mark.long

SEEDS = int(os.environ.get("LIQMAP_SEEDS", "6"))
MINUTES, LEVELS = 15, 50
SEED_OF_TRUTH = 10_000
LEAST = 0.85
LAWS = {"one half-life": "2min", "two": lm.Exponentials([(0.5, "10s"), (0.5, "5min")])}
BEYOND = LAWS | {"none of its own": None}
CHOSEN: Choices = choices(HALF_LIVES, PRUNES, None, 0.5, 500, 0.9, 0)
"""As `calibrate` has them by itself."""


class Answer(NamedTuple):
    """Half-life and prune of the least error, and the interval of the half-life, in words."""

    half_life: str
    prune: str
    error: float
    interval: tuple[str, str]


def surface_of(narrow: lm.Spans, wide: lm.Spans) -> Surface:
    """That of `calibrate`, without the models and tables that stand beside it."""
    judged = Judged(narrow, wide)
    weights = Weights(np.ones(len(CHOSEN.rates)), CHOSEN.rates)
    prunes = np.array(CHOSEN.prunes[:-1], np.int64)
    return Surface.of(sum_up(judged, weights, prunes, blocks_of(judged, None), 0.0, 0)[0])


def answer(surface: Surface) -> Answer:
    """That of `calibrate`."""
    error = surface.measures()["error"]
    at = best_point(error)
    flat = intervals(surface, at, CHOSEN.draws, CHOSEN.level, CHOSEN.seed).flat
    alike = np.flatnonzero(flat.any(axis=1))
    ends = CHOSEN.words(int(alike[0]), 0)[0], CHOSEN.words(int(alike[-1]), 0)[0]
    return Answer(*CHOSEN.words(*at), float(error[at]), ends)


def answered(minutes: int, seed: int, law: Any) -> Answer:
    """50 levels of a market, judged by its whole book."""
    market = lm.simulate(minutes=minutes, seed=seed, levels=LEVELS, retention=law)
    return answer(surface_of(lm.replay(market), lm.replay(market.truth.depth)))


def ns(words: str) -> int:
    half_life = nanoseconds(words)
    return int(OPEN) if half_life is None else half_life


def holds(interval: tuple[str, str], half_life: str) -> bool:
    return ns(interval[0]) <= ns(half_life) <= ns(interval[1])


def test_answer__is_that_of_calibrate() -> None:
    market = lm.simulate(minutes=3, seed=1, levels=LEVELS, retention="2min")
    spans, deep = lm.replay(market), lm.replay(market.truth.depth)
    best = lm.calibrate(spans, truth=deep).best
    found = answer(surface_of(spans, deep))
    assert found[:2] == (best.half_life, best.prune)
    assert found.error == best.error
    assert found.interval == best.interval


@pytest.mark.timeout(7_200)
@pytest.mark.parametrize("law", LAWS)
def test_interval__holds_the_half_life_of_a_market_ten_times_as_long(law: str) -> None:
    truth = answered(10 * MINUTES, SEED_OF_TRUTH, LAWS[law])
    assert truth.error < 1
    found = [answered(MINUTES, seed, LAWS[law]).interval for seed in range(SEEDS)]
    held = [holds(interval, truth.half_life) for interval in found]
    print(f"{law}: {truth.half_life} is in {sum(held)} of {SEEDS}")
    assert sum(held) >= int(LEAST * SEEDS), (truth, found)


def extrapolated(seed: int, law: Any) -> tuple[Beyond, str]:
    """What the views of a feed say of its own depth, and the half-life that the whole book has for it."""
    market = lm.simulate(minutes=MINUTES, seed=seed, levels=LEVELS, retention=law)
    feed, rows = lm.replay(market), []
    for view in (LEVELS // 8, LEVELS // 4, LEVELS // 2):
        found = unpruned(surface_of(lm.replay(market, view), feed), CHOSEN)
        rows.append({"view": view, "depth": LEVELS} | found)
    beyond = beyond_of(pd.DataFrame(rows), [CHOSEN.words(h, 0)[0] for h in range(len(CHOSEN.half_lives))])
    assert beyond is not None
    return beyond, unpruned(surface_of(feed, lm.replay(market.truth.depth)), CHOSEN)["unpruned"]


@pytest.mark.timeout(7_200)
@pytest.mark.parametrize("law", BEYOND)
def test_beyond__the_widened_interval_holds_what_the_whole_book_says(law: str) -> None:
    """Of the same market, at its own depth: what nobody can judge who has only the feed."""
    found = [extrapolated(seed, BEYOND[law]) for seed in range(SEEDS)]
    held = [holds(beyond.interval, truth) for beyond, truth in found]
    print(f"{law}: the widened interval holds in {sum(held)} of {SEEDS}")
    assert sum(held) >= int(LEAST * SEEDS), found

"""Where a half-life and prune stand on an error surface."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.analytics.calibration.standing import BEYOND, place_of, standing
from liqmap.schema import OPEN

SECOND = 10**9


@pytest.fixture(scope="module")
def found() -> lm.Calibration:
    return lm.calibrate(lm.simulate(minutes=2, seed=3, levels=20, volatility=4.0, keep_truth=False), 5)


def test_point__has_its_own_error_and_place(found: lm.Calibration) -> None:
    cube = found.measures
    lives, prunes = (cube[dim].values.tolist() for dim in ("half_life", "prune"))
    for h, half_life in enumerate(lives):
        for p, prune in enumerate(prunes):
            at = standing(found, lm.HalfLife(half_life, prune))
            error = float(cube["error"][h, p])
            flat = bool(cube["flat"][h, p])
            assert at == (h, p, error, error, True, flat)


def test_between__is_by_ratio_and_says_what_is_around(found: lm.Calibration) -> None:
    lives, prunes = (found.measures[dim].values.tolist() for dim in ("half_life", "prune"))
    at = standing(found, lm.HalfLife(f"{math.sqrt(30 * 60):.9f}s", "3h"))
    assert at.half_life == pytest.approx(lives.index("30s") + 0.5)
    assert at.prune == len(prunes) - 1.5
    around = found.surface.sel(half_life=["30s", "1min"], prune=["1h", "none"]).values
    assert (at.low, at.high) == (around.min(), around.max())
    assert not at.is_point
    assert not at.is_flat
    short = standing(found, lm.HalfLife("1s", "none"))
    error = float(found.surface.sel(half_life="5s", prune="none"))
    assert (short.half_life, short.low, short.high, short.is_point) == (-BEYOND, error, error, False)


def test_as_transmitted__is_an_error_of_one(found: lm.Calibration) -> None:
    at = standing(found, lm.HalfLife("30s", 0))
    assert (at.low, at.high, at.is_point) == (1.0, 1.0, True)
    assert at.is_flat == (found.best.prune == "0s")


stops = st.lists(st.integers(1, 10**15), min_size=1, unique=True).map(lambda s: [*sorted(s), int(OPEN)])


@given(stops, st.integers(1, 10**16) | st.just(int(OPEN)))
@settings(deadline=None)
def test_place__rises_and_is_between_its_neighbours(stops: list[int], duration: int) -> None:
    place = place_of(stops, duration)
    below = [k for k, stop in enumerate(stops) if stop <= duration]
    first = below[-1] if below else -1
    assert first <= place <= first + 1
    assert (place == first) == (duration in stops) or np.isclose(place, round(place), atol=1e-9)
    assert place_of(stops, min(duration * 2, int(OPEN))) >= place

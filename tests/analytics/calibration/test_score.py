"""Errors against plain loops over the levels judged, and laws of the bootstrap."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liqmap.analytics.calibration.answer import best_point, intervals, out_of_sample
from liqmap.analytics.calibration.held_out import HeldOut
from liqmap.analytics.calibration.score import _cut, choices
from liqmap.analytics.calibration.sums import Blocks, Weights, sum_up
from liqmap.analytics.calibration.surface import Sample, Surface, rank_correlations
from liqmap.schema import OPEN, GridError
from tests.strategies import SECOND, START

HALF_LIVES = (5 * SECOND, 30 * SECOND, int(OPEN))
PRUNES = (10 * SECOND, 60 * SECOND, int(OPEN))
RATES = np.array([0.0 if h == OPEN else 1 / h for h in HALF_LIVES])


@st.composite
def st_levels(draw) -> HeldOut:
    """Levels judged at whole seconds, by time; ages on prunes and off them."""
    n = draw(st.integers(1, 40))
    second = sorted(draw(st.lists(st.integers(1, 60), min_size=n, max_size=n)))
    ages = st.sampled_from([1, SECOND, 10 * SECOND, 10 * SECOND + 1, 45 * SECOND, 60 * SECOND, 90 * SECOND])
    sizes = st.sampled_from([0.5, 1.0, 2.0, 8.0])
    true = st.one_of(st.just(0.0), sizes)
    columns = [draw(st.lists(each, min_size=n, max_size=n)) for each in (sizes, ages, true)]
    time = START + np.array(second, np.int64) * SECOND
    zeros = np.zeros(n)
    return HeldOut(
        time,
        zeros.astype(np.int8),
        zeros.astype(np.int32),
        np.array(columns[0]),
        np.array(columns[1], np.int64),
        zeros,
        np.array(columns[2]),
    )


def weight(age: int, half_life: int, prune: int) -> float:
    if age > prune:
        return 0.0
    return 1.0 if half_life == OPEN else 2.0 ** (-age / half_life)


def plain_measures(levels: list[tuple[float, int, float]], half_life: int, prune: int) -> dict[str, float]:
    """By the definitions: levels are (size, age, true)."""
    weights = [weight(age, half_life, prune) for _, age, _ in levels]
    carried = [size * w for (size, _, _), w in zip(levels, weights)]
    true = [t for *_, t in levels]
    total, squares = sum(true), sum(t * t for t in true)
    if not total:
        return dict.fromkeys(("error", "l2", "bias", "recovered"), math.nan)
    return {
        "error": sum(abs(c - t) for c, t in zip(carried, true)) / total,
        "l2": math.sqrt(sum((c - t) ** 2 for c, t in zip(carried, true)) / squares),
        "bias": sum(c - t for c, t in zip(carried, true)) / total,
        "recovered": sum(min(c, t) for c, t in zip(carried, true)) / total,
        "brier": sum((w - (t > 0)) ** 2 for w, t in zip(weights, true)) / len(levels),
    }


def surface_of(rows: HeldOut, portions: int = 1) -> Surface:
    cuts = np.array_split(np.arange(len(rows.time)), portions)
    parts = [HeldOut(*(c[k] for c in rows)) for k in cuts if len(k)]
    blocks = Blocks(START, 6 * SECOND, 10)
    sums, _ = sum_up(parts, Weights(np.ones(3), RATES), np.array(PRUNES[:-1]), blocks, 0.5, 0)
    return Surface.of(sums)


@settings(max_examples=40)
@given(rows=st_levels(), portions=st.integers(1, 5))
def test_measures__are_their_definitions(rows: HeldOut, portions: int) -> None:
    found = surface_of(rows, portions).measures()
    levels = list(zip(rows.size.tolist(), rows.age.tolist(), rows.true.tolist()))
    for h, half_life in enumerate(HALF_LIVES):
        for p, prune in enumerate(PRUNES):
            for name, value in plain_measures(levels, half_life, prune).items():
                assert found[name][h, p] == pytest.approx(value, rel=1e-9, abs=1e-12, nan_ok=True), name


@given(rows=st_levels(), seed=st.integers(0, 9))
def test_blocks__drawn_once_each_are_the_whole(rows: HeldOut, seed: int) -> None:
    surface = surface_of(rows)
    np.testing.assert_allclose(surface.drawn(np.ones((1, 10)))[0], surface.measures()["error"], rtol=1e-12)
    chosen = np.random.default_rng(seed).integers(0, 3, 10).astype(float)
    block = (rows.time - START - 1) // (6 * SECOND)
    again = np.repeat(np.arange(len(block)), chosen[block].astype(int))
    if surface.drawn(chosen[None])[0, 0, 0] >= 0:  # some true size was drawn
        twice = surface_of(HeldOut(*(c[again] for c in rows))).measures()["error"]
        np.testing.assert_allclose(surface.drawn(chosen[None])[0], twice, rtol=1e-12)


@given(rows=st_levels())
def test_split__judges_each_part_alone(rows: HeldOut) -> None:
    early = rows.time <= START + 30 * SECOND
    first, second = (HeldOut(*(c[k] for c in rows)) for k in (early, ~early))
    if not (first.true.any() and second.true.any()):
        return
    at, late = out_of_sample(surface_of(rows), 5)
    error = surface_of(first).measures()["error"]
    assert at == (best_point(error) if error.min() < 1 else None)
    np.testing.assert_allclose(late, surface_of(second).measures()["error"], rtol=1e-12)


@given(judged=st.lists(st.booleans(), min_size=1, max_size=60), split=st.floats(0.01, 0.99))
def test_cut__shares_out_what_is_judged(judged: list, split: float) -> None:
    """A market that is closed at first has two parts nevertheless."""
    times, counts = START + (1 + np.arange(len(judged))) * SECOND, np.array(judged, np.int64)
    blocks = Blocks(START, 2 * SECOND, -(-len(judged) // 2))
    cut = _cut(SimpleNamespace(times=times, counts=counts), blocks, split)  # type: ignore[arg-type]
    used = np.unique(blocks.of(times[counts > 0]))
    assert cut >= 1
    if len(used) > 1:
        assert (used < cut).sum() == min(max(round(split * len(used)), 1), len(used) - 1)


def test_a_first_part_that_is_all_gone__carries_nothing() -> None:
    rows = HeldOut(*(np.repeat(c, 2) for c in _one(true=0.0)))
    late = rows._replace(time=np.array([START + SECOND, START + 40 * SECOND]), true=np.array([0.0, 1.0]))
    assert out_of_sample(surface_of(late), 5)[0] is None


def _one(true: float) -> HeldOut:
    time, side, tick = np.array([START + SECOND]), np.zeros(1, np.int8), np.zeros(1, np.int32)
    return HeldOut(time, side, tick, np.ones(1), np.array([SECOND]), np.zeros(1), np.array([true]))


@given(rows=st_levels(), seed=st.integers(0, 3))
def test_intervals__the_best_is_as_good_as_itself(rows: HeldOut, seed: int) -> None:
    surface = surface_of(rows)
    if (surface.true > 0).sum() < 5:
        return
    at = best_point(surface.measures()["error"])
    spread = intervals(surface, at, 50, 0.9, seed)
    again = intervals(surface, at, 50, 0.9, seed)
    assert spread.flat[at]
    assert (spread.low <= spread.high).all()
    for a, b in zip(spread, again):
        np.testing.assert_array_equal(a, b)


def test_best_point__of_equal_ones_prunes_least() -> None:
    error = np.array([[0.5, 0.4, 0.4], [0.4, 0.4, 0.4], [0.9, 0.9, 0.9]])
    assert best_point(error) == (0, 2)


def test_intervals__narrow_with_time() -> None:
    """Ten times the blocks of one law: about a third of the width."""

    def width(blocks: int) -> float:
        chance = np.random.default_rng(0)
        rows = np.arange(blocks * 6) % 6
        true = chance.choice([0.0, 1.0], len(rows))
        time = START + (1 + np.arange(len(rows))) * SECOND
        levels = HeldOut(time, rows.astype(np.int8), rows.astype(np.int32), np.ones(len(rows)),
                         np.full(len(rows), SECOND), np.zeros(len(rows)), true)  # fmt: skip
        sums, _ = sum_up([levels], Weights(np.ones(3), RATES), np.array(PRUNES[:-1]),
                         Blocks(START, 6 * SECOND, blocks), 0.0, 0)  # fmt: skip
        spread = intervals(Surface.of(sums), (2, 2), 400, 0.9, 0)
        return float(spread.high[2, 2] - spread.low[2, 2])

    assert 2 < width(40) / width(400) < 5


@given(rows=st_levels())
def test_rank__is_the_definition(rows: HeldOut) -> None:
    sample = Sample(rows.size, rows.age, rows.true, rows.distance)
    found = rank_correlations(sample, RATES, np.array(PRUNES, np.int64))
    carried = [s * weight(a, HALF_LIVES[1], PRUNES[1]) for s, a in zip(rows.size, rows.age.tolist())]

    def plain(values: list) -> list:
        return [sum(w < v for w in values) + (sum(w == v for w in values) - 1) / 2 for v in values]

    a, b = plain(carried), plain(rows.true.tolist())
    if len(set(a)) > 1 and len(set(b)) > 1:
        assert found[1, 1] == pytest.approx(np.corrcoef(a, b)[0, 1])
    else:
        assert np.isnan(found[1, 1])


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"half_lives": [0]}, "half_life: expected a duration above zero"),
        ({"prunes": ["-1s"]}, "prune: expected a duration of at least zero"),
        ({"split": 1.0}, "split: expected a share between 0 and 1, got 1.0"),
        ({"level": 0}, "level: expected a share between 0 and 1"),
        ({"draws": 0}, "draws: expected at least 1"),
        ({"block": 0}, "block: expected a duration above zero"),
    ],
)
def test_choices__refuses(wrong: dict, says: str) -> None:
    given = {"half_lives": ["30s"], "prunes": [None], "block": None, "split": 0.5, "draws": 10, "level": 0.9}
    with pytest.raises(GridError, match=says):
        choices(**(given | wrong), seed=0)

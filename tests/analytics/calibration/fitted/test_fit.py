"""Fitting recovers known laws, is the same however it is fed, and is recommended only where it wins."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.analytics.calibration.fitted import Fit, Fitting
from liqmap.analytics.calibration.fitted.classes import AGES, Classes
from liqmap.analytics.calibration.fitted.gain import gain_of, widened
from liqmap.analytics.calibration.held_out import HeldOut
from liqmap.analytics.calibration.sums import Weights, sum_up
from liqmap.analytics.calibration.surface import Surface
from liqmap.schema import OPEN
from tests.analytics.calibration.fitted.levels import BLOCKS, levels, portions, st_levels
from tests.strategies import SECOND

CUT = 10
CLASSES = Classes(np.array([0.3, 0.8, 2.0, 5.0]), np.array([3.0, 9.0]), AGES)
LIVES, PRUNES = (10 * SECOND, 30 * SECOND, int(OPEN)), np.array([60 * SECOND])


def fit(
    rows: HeldOut, target: str = "median", number: int = 1, classes: Classes = CLASSES
) -> tuple[Fit | None, Fitting, Surface]:
    """Beside three half-lives and two prunes."""
    fitting = Fitting(classes, BLOCKS, CUT, target)
    rates = np.array([0.0 if h == OPEN else 1 / h for h in LIVES])
    sums, sample = sum_up(
        fitting.counted(portions(rows, number)), Weights(np.ones(3), rates), PRUNES, BLOCKS, 0.1, 0
    )
    surface = Surface.of(sums)
    fitting.fit(surface, LIVES)
    for _ in fitting.weighed(portions(rows, number)):
        pass
    return fitting.result(surface, sample, 200, 0.9, 0), fitting, surface


def by_size(age: np.ndarray, size: np.ndarray, distance: np.ndarray) -> np.ndarray:
    """Large ones stay, small ones leave."""
    return np.where(size >= 2, 0.9, 0.7 * np.exp2(-age / 20) + 0.1)


def by_distance(age: np.ndarray, size: np.ndarray, distance: np.ndarray) -> np.ndarray:
    """Far ones stay."""
    return np.where(distance >= 3, 0.8, 0.2)


def one_half_life(age: np.ndarray, size: np.ndarray, distance: np.ndarray) -> np.ndarray:
    return np.exp2(-age / 30)


def market(law, target: str = "median", n: int = 40_000) -> HeldOut:
    """Levels whose median, or mean, share that is left is known."""
    chance = np.random.default_rng(7)
    size, age = np.exp(chance.normal(0, 1.2, n)), np.exp(chance.uniform(-0.5, 5.5, n))
    distance, time = chance.uniform(0, 12, n), 1 + np.arange(n) % 199
    weight = law(age, size, distance)
    if target == "median":
        left = weight * np.exp(chance.normal(0, 0.3, n))
    else:
        left = (chance.random(n) < weight).astype(float)
    return levels(size, age, distance, size * left, time)


@pytest.mark.parametrize("target", ["median", "mean"])
@pytest.mark.parametrize("law", [by_size, by_distance, one_half_life])
def test_fit__recovers_the_law(law, target: str) -> None:
    found, *_ = fit(market(law, target), target)
    assert found is not None
    age, size, distance = (
        x.ravel() for x in np.meshgrid([2.0, 10, 40, 150], [0.2, 1.0, 3.0, 9.0], [1.0, 6.0])
    )
    weight = found.mixture.weight(age * SECOND, distance, size)
    np.testing.assert_allclose(weight, law(age, size, distance), atol=0.1)
    assert found.mixture.by_distance == (law is by_distance)


def test_recommended__where_size_matters_and_not_for_one_half_life() -> None:
    better, *_ = fit(market(by_size))
    same, *_ = fit(market(one_half_life))
    assert better is not None
    assert same is not None
    assert better.gain.recommended
    low, high = better.gain.interval
    assert 0.1 < low < better.gain.gain < high
    assert not same.gain.recommended
    assert abs(same.gain.gain) < 0.02


@settings(max_examples=25)
@given(rows=st_levels(), target=st.sampled_from(["median", "mean"]), number=st.integers(2, 9))
def test_fit__in_any_portions_is_the_same(rows: HeldOut, target: str, number: int) -> None:
    (_, one, _), (_, other, _) = fit(rows, target), fit(rows, target, number)
    assert one.plan == other.plan
    for a, b in zip(one.mixtures, other.mixtures):
        np.testing.assert_array_equal(a.shares, b.shares)
    for a, b in zip(one.sums, other.sums):
        np.testing.assert_array_equal(a, b)


@settings(max_examples=25)
@given(rows=st_levels(), target=st.sampled_from(["median", "mean"]))
def test_fit__of_any_levels_falls_with_age(rows: HeldOut, target: str) -> None:
    """Sizes and distances that were never seen among them."""
    _, fitting, _ = fit(rows, target)
    ages = np.concatenate([[0], np.geomspace(1, 1e6, 40)]) * SECOND
    for mixture in fitting.mixtures:
        for size in (1e-9, 0.7, 1e9):
            for distance in (0.0, 5.0, np.nan):
                weight = mixture.weight(ages, np.full(len(ages), distance), np.full(len(ages), size))
                assert ((weight >= 0) & (weight <= 1)).all()
                assert (np.diff(weight) <= 1e-12).all()


@settings(max_examples=25)
@given(rows=st_levels())
def test_sums__are_of_the_levels_under_the_mixture(rows: HeldOut) -> None:
    """Judged level by level, by what the model says of each."""
    _, fitting, _ = fit(rows)
    block = BLOCKS.of(rows.time)
    for m, mixture in enumerate(fitting.mixtures):
        distance = rows.distance if mixture.by_distance else None
        weight = mixture.weight(rows.age, distance, rows.size)
        there, carried = rows.true > 0, rows.size * weight
        each = {"absolute": np.abs(carried - rows.true), "squared": (carried - rows.true) ** 2,
                "carried": carried, "recovered": np.minimum(carried, rows.true),
                "brier": (weight - there) ** 2}  # fmt: skip
        for name, values in each.items():
            expected = np.bincount(block, values, BLOCKS.number)
            np.testing.assert_allclose(fitting.sums.of(name)[:, 0, m], expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("target", ["median", "mean"])
def test_gain__is_of_the_second_part(target: str) -> None:
    rows = market(by_size, target, 4_000)
    found, fitting, _ = fit(rows, target)
    assert found is not None
    late = BLOCKS.of(rows.time) >= CUT
    true = rows.true[late]

    def measure(weight: np.ndarray, some: np.ndarray) -> float:
        off = (rows.size * weight - rows.true)[some]
        if target == "median":
            return float(np.abs(off).sum() / rows.true[some].sum())
        return float(np.sqrt((off**2).sum() / (rows.true[some] ** 2).sum()))

    models = [
        lm.HalfLife(None if h == OPEN else np.timedelta64(h, "ns"), p) for h in LIVES for p in ("60s", None)
    ]
    weights = [m.weight(np.nextafter(rows.age.astype(float), 0)) for m in models]
    best = min(weights, key=lambda w: measure(w, ~late))
    first = fitting.mixtures[0]
    ours = first.weight(rows.age, rows.distance if first.by_distance else None, rows.size)
    assert found.gain.half_life == pytest.approx(measure(best, late))
    assert found.gain.fitted == pytest.approx(measure(ours, late))
    assert found.gain.gain == pytest.approx(measure(best, late) - measure(ours, late))
    assert len(true)
    everywhere = np.ones(len(rows.time), bool)
    h, p = found.gain.rival
    assert measure(weights[2 * h + p], everywhere) == min(measure(w, everywhere) for w in weights)


def test_gain__of_a_model_that_is_the_half_life_is_none() -> None:
    rows = market(by_size, n=2_000)
    *_, surface = fit(rows)
    at = 0, 1
    alike = Surface({k: np.repeat(v[:, :1, 1:], 2, axis=1) for k, v in surface.sums.items()}, *surface[1:])
    only = Surface({k: v[:, :1, 1:] for k, v in surface.sums.items()}, *surface[1:])
    gain = gain_of(only, alike, CUT, "median", 100, 0.9, 0)
    assert (gain.gain, gain.interval, gain.recommended) == (0, (0, 0), False)
    assert gain.fitted == pytest.approx(float(surface.part(slice(CUT, None)).measures()["error"][at]))


def test_widened__is_student_s() -> None:
    """Quantiles of Student's t at 0.95: 2.132 with 4 degrees of freedom, 1.833 with 9."""
    for blocks, t in ((5, 2.132), (10, 1.833)):
        ratio = t / NormalDist().inv_cdf(0.95) * np.sqrt(blocks / (blocks - 1))
        np.testing.assert_allclose(
            widened(np.array([-1.0, 2.0]), blocks, 0.9), np.array([-1, 2]) * ratio, rtol=0.01
        )


def test_a_first_part_of_one_block_says_nothing() -> None:
    rows, fitting = market(by_size, n=500), Fitting(CLASSES, BLOCKS, 1)
    sums, sample = sum_up(fitting.counted([rows]), Weights(np.ones(3), np.zeros(3)), PRUNES, BLOCKS, 0.1, 0)
    fitting.fit(Surface.of(sums), LIVES)
    assert fitting.result(Surface.of(sums), sample, 50, 0.9, 0) is None


def test_too_few_blocks_say_nothing() -> None:
    rows = market(by_size, n=2_000)
    early = BLOCKS.of(rows.time) < CUT + 4
    assert fit(HeldOut(*(c[early] for c in rows)))[0] is None


def test_learnt__is_of_the_levels() -> None:
    rows = market(by_size, n=5_000)
    found, *_ = fit(rows)
    assert found is not None
    table = found.learnt
    assert table["rows"].sum() == len(rows.time)
    assert table["share"].sum() == pytest.approx(1)
    for row in table.itertuples():
        mine = (rows.size >= row.size_low) & (rows.size < row.size_high)
        assert row.rows == mine.sum()
        kept = np.minimum(rows.true, rows.size)[mine].sum() / rows.size[mine].sum()
        assert row.kept == pytest.approx(kept)
        middle = np.array([np.sqrt(max(row.size_low, 0.01) * min(row.size_high, 1e3))])
        by_model = found.mixture.weight(np.array([60 * SECOND]), None, middle)
        assert row.weight_1min == pytest.approx(float(by_model[0]))


def test_a_market_of_one_size() -> None:
    rows = market(one_half_life, n=4_000)
    even = rows._replace(size=np.ones(len(rows.time)), true=rows.true / rows.size)
    found, *_ = fit(even, classes=Classes(np.empty(0), np.empty(0), AGES))
    assert found is not None
    assert found.mixture.shares.shape == (1, 1, 5)
    assert not found.gain.recommended

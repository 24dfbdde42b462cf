"""Shares against the linear program and the normal equations that they solve, and laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liqmap.analytics.calibration.fitted.simplex import fit_shares
from tests.strategies import SECOND

AGES = np.array([0.3, 1, 3, 8, 20, 50, 120, 300, 900, 3_000]) * SECOND
RATES = np.array([1 / 3, 1 / 20, 1 / 120, 1 / 900, 0.0]) / SECOND
POWERS = np.append(np.exp2(-AGES[:, None] * RATES), np.zeros((len(AGES), 1)), axis=1)
LEFT = np.array([0.0, 0.3, 0.7, 1.0, 2.5])
"""True / size of each class of what is left."""


@st.composite
def st_sums(draw) -> tuple[np.ndarray, np.ndarray]:
    """Sums of one class: ages by what is left, mostly all or nothing, some ages without any."""
    seed, thin = draw(st.integers(0, 2**32 - 1)), draw(st.sampled_from([0.0, 0.5, 0.9]))
    chance = np.random.default_rng(seed)
    size = chance.exponential(1, (len(AGES), len(LEFT))) * [9, 1, 1, 6, 0.5]
    size *= 10 ** chance.uniform(-3, 3, (len(AGES), 1)) * (chance.random(size.shape) >= thin)
    return size, size * LEFT


def loss(shares: np.ndarray, size: np.ndarray, true: np.ndarray) -> float:
    return float(np.abs((POWERS[:, :-1] @ shares)[:, None] * size - true).sum())


@settings(max_examples=40)
@given(sums=st_sums())
def test_median__is_the_linear_program(sums: tuple) -> None:
    optimize = pytest.importorskip("scipy.optimize")
    size, true = sums
    if not size.any():
        return
    (shares,) = fit_shares(size[None], true[None], POWERS, "median")
    a, r = np.nonzero(size)
    rows, parts = POWERS[a, :-1] * size[a, r][:, None], len(RATES)
    slack = -np.eye(len(a))  # |rows shares - true| <= slack
    above = np.block([[rows, slack], [-rows, slack], [np.ones((1, parts)), np.zeros((1, len(a)))]])
    limit = np.concatenate([true[a, r], -true[a, r], [1.0]])
    best = optimize.linprog(np.append(np.zeros(parts), np.ones(len(a))), above, limit)
    assert best.status == 0
    assert loss(shares, size, true) <= best.fun + 0.004 * size.sum()


@pytest.mark.pure
@settings(max_examples=20)
@given(sums=st_sums())
def test_mean__no_other_shares_are_nearer(sums: tuple) -> None:
    """The first-order law of a convex loss on a simplex: no part's slope is below the mean slope."""
    size, true = sums
    (shares,) = fit_shares(size[None], true[None], POWERS, "mean")
    whole = np.append(shares, 1 - shares.sum())
    slope = POWERS.T @ ((POWERS @ whole) * size.sum(axis=1) - true.sum(axis=1))
    assert slope.min() >= slope @ whole - 1e-3 * size.sum()


@pytest.mark.pure
@settings(max_examples=20)
@given(sums=st_sums(), target=st.sampled_from(["median", "mean"]))
def test_weights__fall_with_age_and_are_never_above_1(sums: tuple, target: str) -> None:
    size, true = sums
    (shares,) = fit_shares(size[None], true[None], POWERS, target)
    assert (shares >= 0).all()
    assert shares.sum() <= 1 + 1e-12
    weight = POWERS[:, :-1] @ shares
    assert (np.diff(weight) <= 1e-12).all()
    np.testing.assert_array_equal(shares, fit_shares(size[None], true[None], POWERS, target)[0])


@given(sums=st_sums(), scale=st.sampled_from([1e-6, 1.0, 1e6]), target=st.sampled_from(["median", "mean"]))
@settings(max_examples=20)
def test_shares__do_not_depend_on_the_unit(sums: tuple, scale: float, target: str) -> None:
    """Contracts or coins."""
    size, true = sums
    one, other = (
        fit_shares(s[None], t[None], POWERS, target) for s, t in ((size, true), (size * scale, true * scale))
    )
    np.testing.assert_allclose(other @ POWERS[:, :-1].T, one @ POWERS[:, :-1].T, atol=2e-3)


@pytest.mark.pure
@pytest.mark.parametrize("target", ["median", "mean"])
def test_all_gone_or_all_the_same(target: str) -> None:
    size = np.zeros((2, len(AGES), len(LEFT)))
    size[0, :, 0] = size[1, :, 3] = 5.0
    gone, same = fit_shares(size, size * LEFT, POWERS, target) @ POWERS[:, :-1].T
    np.testing.assert_allclose(gone, 0, atol=2e-3)
    np.testing.assert_allclose(same, 1, atol=2e-3)

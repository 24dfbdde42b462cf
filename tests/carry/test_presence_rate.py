"""Rates of presence: means of their steps at every age, exact integrals, and nothing that a carry takes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import liqmap as lm
from liqmap.carry import CarryModel, HalfLife, Mixture, PresenceRate, carry_model
from liqmap.carry.checks import AGES, check_model
from liqmap.carry.until import until
from liqmap.schema import OPEN, GridError

LIVES = ["1s", "10s", "2min"]
SECONDS = np.array([1.0, 10.0, 120.0])
EDGES = [1.0, 5.0], [10.0]
ONE = np.array([1.0])

st_steps = st.lists(st.floats(0, 1), min_size=4, max_size=4)


def alone(steps: list, prune: str | None = None) -> PresenceRate:
    return PresenceRate(LIVES, [steps], prune=prune)


def bumps(age: float) -> list[float]:
    """How much each step counts at an age, s: by the definition."""
    left = [0.0, *(2 ** (-age / h) for h in SECONDS), 1.0]
    return [b - a for a, b in zip(left, left[1:])]


@given(steps=st_steps, age=st.floats(0, 1e5))
def test_a_rate_is_a_mean_of_its_steps(steps: list, age: float) -> None:
    weights = bumps(age)
    assert min(weights) >= 0
    assert sum(weights) == pytest.approx(1)
    found = alone(steps).weight(np.array([age * 1e9]), None, ONE)[0]
    assert found == pytest.approx(np.dot(weights, steps), abs=1e-12)
    assert min(steps) - 1e-12 <= found <= max(steps) + 1e-12


@given(steps=st_steps, more=st_steps)
def test_a_rate_of_higher_steps_is_nowhere_lower_and_falls_where_they_do(steps: list, more: list) -> None:
    higher = [a + b * (1 - a) for a, b in zip(steps, more)]
    low, high = (alone(s).weight(AGES, None, np.ones(len(AGES))) for s in (steps, higher))
    assert (low <= high + 1e-12).all()
    falling = alone(sorted(steps, reverse=True)).weight(AGES, None, np.ones(len(AGES)))
    assert (np.diff(falling) <= 1e-12).all()


@given(steps=st_steps, a=st.floats(0, 500), b=st.floats(0, 500), prune=st.sampled_from([None, "90s", "0s"]))
def test_an_integral_is_that_of_the_curve(steps: list, a: float, b: float, prune: str | None) -> None:
    rate, (a, b) = alone(steps, prune), sorted((a, b))
    edges = np.linspace(a, b, 40_001)
    middles = (edges[1:] + edges[:-1]) / 2
    plain = rate.weight(middles * 1e9, None, np.ones(len(middles))).mean() * (b - a) * 1e9
    found = rate.integral(np.array([a * 1e9]), np.array([b * 1e9]), None, ONE)[0]
    assert found == pytest.approx(plain, rel=1e-3, abs=2e7)


@given(table=st.lists(st.floats(0, 1), min_size=24, max_size=24), age=st.integers(0, 10**12))
def test_terms_are_falling_mixtures_whose_sum_it_is(table: list, age: int) -> None:
    rate = PresenceRate(LIVES, np.reshape(table, (3, 2, 4)), *EDGES, prune="10min")
    for size in (0.5, 1.0, 70.0):
        for far in (3.0, np.nan):
            by = np.array([far]), np.array([size])
            whole = sum(f * part.weight(np.array([age]), *by)[0] for f, part in rate.terms())
            assert whole == pytest.approx(rate.weight(np.array([age]), *by)[0], abs=1e-9)
    assert all(isinstance(part, Mixture) for _, part in rate.terms())


def test_in_words_and_its_reach() -> None:
    rate = PresenceRate(LIVES, np.full((3, 2, 4), 0.5), *EDGES)
    assert isinstance(rate, CarryModel)
    assert repr(rate) == "PresenceRate(1s, 10s, 2min by 3 sizes x 2 distances, prune=none)"
    assert rate.attrs() == {"half_life": "none", "prune": "none", "carry": repr(rate)}
    assert rate.reach(np.array([1.0]), ONE).tolist() == [OPEN] == [rate.reach()]
    shorter = until(rate, HalfLife(None, "5s"))
    assert isinstance(shorter, PresenceRate)
    found = shorter.weight(np.array([4e9, 5e9]), np.full(2, 3.0), np.ones(2))
    assert found.tolist() == pytest.approx([0.5, 0.0])


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: PresenceRate("30s", [[1.0, 0.5]]), "half_lives"),
        (lambda: PresenceRate(["1s", None], [[1.0, 0.5, 0.1]]), "rising durations"),
        (lambda: PresenceRate(["5s", "1s"], [[1.0, 0.5, 0.1]]), "rising durations"),
        (lambda: PresenceRate(["0s"], [[1.0, 0.5]]), "rising durations"),
        (lambda: PresenceRate(["1s"], [[1.0]]), "half-lives"),
        (lambda: PresenceRate(["1s"], [[1.0, 1.1]]), "probabilities"),
        (lambda: PresenceRate(["1s"], [[1.0, -0.1]]), "probabilities"),
        (lambda: PresenceRate(["1s"], [[1.0, 0.5], [0.6, 0.1]], [2.0, 1.0]), "sizes"),
        (lambda: PresenceRate(["1s"], [[1.0, 0.5]], prune="-1s"), "prune"),
    ],
)
def test_what_is_no_rate_is_refused(make, says: str) -> None:
    with pytest.raises(GridError, match=says):
        make()


def test_no_size_is_carried_by_it() -> None:
    for steps in ([0.9, 0.5, 0.7, 0.8], [0.9, 0.5, 0.3, 0.1]):  # also of one that falls: it is no weight
        with pytest.raises(GridError, match=r"carry: expected a weight that never rises.*presence"):
            carry_model(None, None, alone(steps))


class Rising:
    """A model of one's own that rises from 0.2 to 0.9 within a minute."""

    by_distance = False
    high = 0.9

    def weight(self, age, distance=None):
        return self.high - 0.7 * np.exp(-np.asarray(age, float) / 60e9)

    def integral(self, young, old, distance=None):
        young, old = (np.asarray(a, float) for a in (young, old))
        faded = 60e9 * (np.exp(-young / 60e9) - np.exp(-old / 60e9))
        return self.high * (old - young) - 0.7 * faded

    def reach(self, distance=None):
        return OPEN

    def attrs(self):
        return {"half_life": "none", "prune": "none"}


def test_a_rate_of_ones_own_may_rise_where_a_carry_may_not() -> None:
    rising = Rising()
    presence = lm.Presence(rising, HalfLife(None, "0s"), HalfLife(None, None))
    assert presence.likely is rising
    with pytest.raises(GridError, match="never rises"):
        check_model(rising)
    Rising.high = 1.5
    try:
        with pytest.raises(GridError, match="likely: expected weights from 0 to 1"):
            lm.Presence(rising, HalfLife(None, "0s"), HalfLife(None, None))
    finally:
        Rising.high = 0.9

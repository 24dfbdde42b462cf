"""Carry models: weights, exact integrals, and what is refused."""

from __future__ import annotations

import math
import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.carry import DROP, HOLD, CarryModel, Exponentials, HalfLife, Survival, carry_model
from liqmap.carry.checks import check_model
from liqmap.schema import OPEN, GridError

SECOND = 10**9
ages = st.integers(0, 400 * SECOND)


def numeric(model: CarryModel, young: int, old: int, distance: float | None, steps: int = 4_000) -> float:
    """The integral by the midpoint rule, from the weights alone."""
    if young >= old:
        return 0.0
    edges = np.linspace(young, old, steps + 1)
    far = None if distance is None else np.full(steps, distance)
    return float(np.sum(model.weight((edges[:-1] + edges[1:]) / 2, far)) * (old - young) / steps)


st_tables = st.lists(st.floats(0, 1), min_size=2, max_size=6).map(lambda w: sorted(w, reverse=True))


@given(weights=st_tables, step=st.integers(1, 60), prune=st.sampled_from([None, "45s", "0s"]), a=ages, b=ages)
@settings(max_examples=100)
def test_survival_integral_is_that_of_its_weights(weights, step, prune, a, b):
    model = Survival([f"{k * step}s" for k in range(len(weights))], weights, prune=prune)
    young, old = min(a, b), max(a, b)
    knots = [k * step * SECOND for k in range(len(weights))] + [45 * SECOND] * (prune == "45s")
    cuts = sorted({young, old, *(k for k in knots if young < k < old)})
    expected = sum(numeric(model, p, q, None, 64) for p, q in zip(cuts[:-1], cuts[1:]))
    assert model.integral(np.array([young]), np.array([old]))[0] == pytest.approx(
        expected, rel=1e-9, abs=1e-3
    )


def test_survival_reads_its_table_row_by_distance():
    model = Survival(["0s", "10s"], [[1.0, 0.5], [0.8, 0.0]], distances=[5.0], prune="1min")
    far = np.array([4.9, 5.0, 99.0, np.nan])
    np.testing.assert_allclose(model.weight(np.full(4, 5.0 * SECOND), far), [0.75, 0.4, 0.4, 0.4])
    np.testing.assert_array_equal(model.reach(far), [60 * SECOND] + [10 * SECOND] * 3)
    np.testing.assert_array_equal(model.weight(np.array([59.0, 60.0]) * SECOND, far[:1]), [0.5, 0.0])
    assert Survival(["0s", "1s"], [1.0, 0.25]).reach() == OPEN


@given(half_life=st.integers(1, 200), prune=st.sampled_from([None, 90]), a=ages, b=ages)
def test_half_life_integral_is_that_of_its_weights(half_life, prune, a, b):
    model = HalfLife(f"{half_life}s", None if prune is None else f"{prune}s")
    young, old = min(a, b), max(a, b)
    stop = old if prune is None else min(old, prune * SECOND)
    expected = numeric(model, young, stop, None)
    got = model.integral(np.array([young]), np.array([old]))[0]
    assert got == pytest.approx(expected, rel=1e-3, abs=1e-3)
    rate = math.log(2) / (half_life * SECOND)
    closed = (math.exp(-rate * young) - math.exp(-rate * stop)) / rate if stop > young else 0.0
    assert got == pytest.approx(closed, rel=1e-6, abs=1e-3)


st_parts = st.lists(
    st.tuples(st.integers(1, 20), st.one_of(st.none(), st.integers(1, 300))), min_size=1, max_size=4
)


@given(parts=st_parts, prune=st.sampled_from([None, 90, 0]), a=ages, b=ages)
def test_a_sum_of_exponentials_is_that_of_its_parts(parts, prune, a, b):
    """Weight and integral by the formula, term by term, in numbers of Python alone."""
    total = sum(share for share, _ in parts)
    shares = [share / total for share, _ in parts]
    model = Exponentials(
        [(share, h and f"{h}s") for share, (_, h) in zip(shares, parts)],
        prune=None if prune is None else f"{prune}s",
    )
    young, old = sorted((a, b))
    stop = old if prune is None else min(old, prune * SECOND)
    dropped = prune is not None and young >= prune * SECOND
    terms = [
        (share, 0.0 if h is None else math.log(2) / (h * SECOND)) for share, (_, h) in zip(shares, parts)
    ]
    weight = 0.0 if dropped else sum(share * math.exp(-rate * young) for share, rate in terms)
    assert model.weight(np.array([young]))[0] == pytest.approx(weight, rel=1e-9)
    assert 0 <= model.weight(np.array([young]))[0] <= 1
    whole = sum(
        share * ((math.exp(-rate * young) - math.exp(-rate * stop)) / rate if rate else stop - young)
        for share, rate in terms
    )
    assert model.integral(np.array([young]), np.array([old]))[0] == pytest.approx(
        whole if stop > young else 0.0, rel=1e-6, abs=1e-2
    )
    assert model.reach() == (OPEN if prune is None else prune * SECOND)
    check_model(model)


def test_one_exponential_is_a_half_life():
    model, same = Exponentials([(1, "30s")], prune="5min"), HalfLife("30s", "5min")
    age = np.linspace(0, 400, 101) * SECOND
    np.testing.assert_array_equal(model.weight(age), same.weight(age))
    np.testing.assert_array_equal(model.integral(age[:-1], age[1:]), same.integral(age[:-1], age[1:]))
    assert repr(model) == "Exponentials(1 30s, prune=5min)"
    assert Exponentials([(0.6, "10s"), (0.4, None)]).words == "Exponentials(0.6 10s, 0.4 none)"
    assert carry_model("30s", "5min", model) is model


def test_shares_may_come_to_one_as_decimals_do():
    assert Exponentials([(0.1, "1s")] * 10).weight(np.zeros(1))[0] == pytest.approx(1)
    assert Exponentials([(0.7, "1s"), (0.2, "2s"), (0.1, "3s")]).weight(np.zeros(1))[0] <= 1


@pytest.mark.pure
def test_a_half_life_is_its_two_durations_whatever_is_computed_of_them():
    model = HalfLife("90s", "5min")
    assert (model.rate, model.prune_ns) == (1 / (90 * SECOND), 300 * SECOND)
    assert (HOLD.rate, HOLD.prune_ns) == (0.0, OPEN)
    twin = HalfLife(np.timedelta64(90, "s"), "300s")
    assert model == twin != HalfLife("90s", None)
    assert hash(model) == hash(twin)
    assert repr(model) == "HalfLife('90s', '5min')"
    assert pickle.loads(pickle.dumps(model)) == replace(model) == model
    assert replace(model, prune=None).prune_ns == OPEN


def test_hold_and_drop():
    age = np.array([0.0, 1e18])
    np.testing.assert_array_equal(HOLD.weight(age), [1.0, 1.0])
    np.testing.assert_array_equal(DROP.weight(age), [0.0, 0.0])
    assert (HOLD.attrs(), DROP.attrs()["prune"]) == ({"half_life": "none", "prune": "none"}, "0s")
    assert repr(HalfLife("90s", "1h")) == "HalfLife('90s', '1h')"
    for model in (HOLD, DROP, Survival(["0s"], [0.5]), Exponentials([(1, None)])):
        assert isinstance(model, CarryModel)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: HalfLife("0s"), "above zero"),
        (lambda: HalfLife("30s", "-1s"), "at least zero"),
        (lambda: HalfLife("soon"), "half_life: expected a duration"),
        (lambda: HalfLife("1,2"), "half_life: expected a duration"),
        (lambda: HalfLife("1,2s"), "half_life: expected a duration"),
        (lambda: Survival([], []), "durations from 0 on"),
        (lambda: Survival(["0s", None], [1, 1]), "durations from 0 on"),
        (lambda: Survival(["1s", "2s"], [1, 0.5]), "rise from 0"),
        (lambda: Survival(["0s", "0s"], [1, 0.5]), "rise from 0"),
        (lambda: Survival(["0s", "1s"], [1, 0.5, 0.2]), "expected shape"),
        (lambda: Survival(["0s", "1s"], [0.5, 1]), "never rise"),
        (lambda: Survival(["0s", "1s"], [1.5, 1]), "from 0 to 1"),
        (lambda: Survival(["0s", "1s"], [1, float("nan")]), "from 0 to 1"),
        (lambda: Survival(["0s"], [[1], [1], [1]], distances=[2, 1]), "rising basis points"),
        (lambda: Survival(["0s"], [1], prune="-1s"), "at least zero"),
        (lambda: Exponentials([]), "pairs of a share and a half-life"),
        (lambda: Exponentials(5), "pairs of a share and a half-life"),
        (lambda: Exponentials([(1, "30s", 2)]), "pairs of a share and a half-life"),
        (lambda: Exponentials(["10"]), "pairs of a share and a half-life"),
        (lambda: Exponentials([(1, "soon")]), "parts: expected a duration"),
        (lambda: Exponentials([(1, "0s")]), "half-lives above zero"),
        (lambda: Exponentials([("a", "1s")]), "parts"),
        (lambda: Exponentials([(0.9, "1s"), (0.2, None)]), "come to at most 1"),
        (lambda: Exponentials([(1.0, "1s"), (0, None)]), "shares above 0"),
        (lambda: Exponentials([(float("nan"), "1s")]), "shares above 0"),
        (lambda: Exponentials([(1, "1s")], prune="-1s"), "at least zero"),
        (lambda: carry_model("30s", "5min", carry="fast"), "expected a carry model"),
    ],
)
def test_bad_models_are_refused(make, says):
    with pytest.raises(GridError, match=says):
        make()


def test_models_are_public():
    assert lm.HalfLife is HalfLife
    assert lm.Survival is Survival
    assert lm.Exponentials is Exponentials
    assert (lm.HOLD, lm.DROP) == (HOLD, DROP)


class Own:
    """A model of one's own, of a weight in seconds."""

    by_distance = False

    def __init__(self, weight, reach=OPEN, scale=1.0):
        self._weight, self._reach, self._scale = weight, reach, scale

    def weight(self, age, distance=None):
        return self._weight(np.asarray(age, np.float64) / 1e9)

    def integral(self, young, old, distance=None):
        young, old = (np.asarray(a, np.float64) for a in (young, old))
        return self._scale * (old - young) * (self.weight(young) + self.weight(old)) / 2

    def reach(self, distance=None):
        return self._reach

    def attrs(self):
        return {"half_life": "own", "prune": "none"}


def test_a_model_of_ones_own_is_taken():
    model = Own(lambda s: 1 / (1 + s))
    assert carry_model("30s", "5min", model) is model


@pytest.mark.parametrize(
    ("model", "says"),
    [
        (Own(lambda s: np.minimum(1, 0.5 + s / 100)), "never rises with age"),
        (Own(lambda s: np.where((s > 10) & (s < 60), 1.0, 0.5)), "never rises with age"),
        (Own(lambda s: 2 - s * 0), "from 0 to 1"),
        (Own(lambda s: s * np.nan), "from 0 to 1"),
        (Own(lambda s: -1 / (1 + s)), "from 0 to 1"),
        (Own(lambda s: 1.0), "a weight for each age"),
        (Own(lambda s: 1 + s * 0, reach=10**9), "no weight from its reach on"),
        (Own(lambda s: 1 / (1 + s), scale=3.0), "an integral within the weights"),
        (Own(lambda s: 1 / (1 + s), scale=1e-9), "an integral within the weights"),
    ],
    ids=["rises", "rises and falls", "2", "NaN", "negative", "one", "reach", "integral", "integral in s"],
)
def test_a_model_that_is_none_is_refused(model, says):
    with pytest.raises(GridError, match=says) as error:
        carry_model("30s", "5min", model)
    assert "\n" not in str(error.value)


def test_a_class_is_no_model():
    with pytest.raises(GridError, match=r"the class HalfLife. Make one of it: HalfLife"):
        carry_model("30s", "5min", HalfLife)


def test_a_model_by_distance_is_asked_at_each():
    class Far(Own):
        by_distance = True

        def weight(self, age, distance=None):
            age = np.asarray(age, np.float64) / 1e9
            return np.where(np.nan_to_num(distance) >= 100, np.minimum(1, age / 100), 1 / (1 + age))

        def integral(self, young, old, distance=None):
            return (old - young) * (self.weight(young, distance) + self.weight(old, distance)) / 2

    with pytest.raises(GridError, match="never rises with age"):
        carry_model("30s", "5min", Far(None))

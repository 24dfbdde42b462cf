"""Mixtures by size and distance: each class is the sum of exponentials of its own shares."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import liqmap as lm
from liqmap.carry import CarryModel, Exponentials, Mixture, asked
from liqmap.schema import OPEN, GridError

SECOND = 10**9
ages = st.integers(0, 400 * SECOND)
SHARES = [[[0.5, 0.1], [0.3, 0.2]], [[0.0, 0.0], [0.0, 0.9]], [[0.2, 0.8], [1.0, 0.0]]]
EDGES = [1.0, 5.0], [10.0]


@given(size=st.sampled_from([0.1, 0.999, 1.0, 4.0, 5.0, 70.0]),
       distance=st.sampled_from([0.0, 9.9, 10.0, np.nan]),
       prune=st.sampled_from([None, "90s", "0s"]), a=ages, b=ages)  # fmt: skip
def test_a_class_is_a_sum_of_exponentials(size, distance, prune, a, b):
    model = Mixture(["3s", None], SHARES, *EDGES, prune=prune)
    assert isinstance(model, CarryModel)
    at = sum(size >= edge for edge in EDGES[0]), 0 if distance < 10 else 1
    parts = [(share, h) for share, h in zip(SHARES[at[0]][at[1]], ("3s", None)) if share > 0]
    by = np.array([distance]), np.array([size])
    if not parts:
        assert model.weight(np.array([a]), *by)[0] == 0
        assert model.integral(np.array([0]), np.array([a]), *by)[0] == 0
        assert model.reach(*by)[0] == 0
        return
    alone = Exponentials(parts, prune=prune)
    young, old = np.array([min(a, b)]), np.array([max(a, b)])
    assert model.weight(young, *by)[0] == pytest.approx(alone.weight(young)[0], rel=1e-12)
    assert model.integral(young, old, *by)[0] == pytest.approx(alone.integral(young, old)[0], rel=1e-9)
    assert model.reach(*by)[0] == alone.reach() == (OPEN if prune is None else model.prune)


def test_by_size_alone_and_in_words():
    model = Mixture(["10s", "5min", None], np.full((4, 3), 0.3), [0.1, 1.0, 8.0], prune="1h")
    assert model.words == "Mixture(10s, 5min, none by 4 sizes)"
    assert repr(model) == "Mixture(10s, 5min, none by 4 sizes, prune=1h)"
    assert model.attrs() == {"half_life": "none", "prune": "1h", "carry": repr(model)}
    assert repr(Mixture([None], [[0.5]])) == "Mixture(none, prune=none)"
    assert Mixture(["3s", None], SHARES, *EDGES).words == "Mixture(3s, none by 3 sizes x 2 distances)"
    assert (model.by_size, model.by_distance) == (True, False)
    same = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(same.shares, model.shares)


def test_a_model_is_asked_by_what_it_goes_by():
    far, size = np.array([3.0]), np.array([1.0])
    assert asked(lm.HalfLife("1s"), far, size) == ()
    assert asked(lm.Survival(["0s", "1s"], [[1, 0.5], [0.5, 0]], [5]), far, size) == (far,)
    assert asked(Mixture(["1s"], [[0.5]]), far, size) == (None, size)
    assert asked(Mixture(["3s", None], SHARES, *EDGES), far, size) == (far, size)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Mixture("30s", [[1.0]]), "half_lives"),
        (lambda: Mixture([], [[1.0]]), "above zero"),
        (lambda: Mixture(["0s"], [[1.0]]), "above zero"),
        (lambda: Mixture(["1s"], [[1.0]], prune="-1s"), "prune"),
        (lambda: Mixture(["1s"], [[0.5], [0.6]], [2.0, 1.0]), "rising sizes"),
        (lambda: Mixture(["1s"], [[0.5], [0.6]]), "sizes + 1"),
        (lambda: Mixture(["1s", None], [[0.6, 0.6]]), "at most 1"),
        (lambda: Mixture(["1s"], [[-0.1]]), "at least 0"),
        (lambda: Mixture(["1s"], [[np.nan]]), "shares"),
        (lambda: Mixture(["1s"], [[[0.5], [0.6]]], distances=[np.inf]), "distances"),
        (lambda: Mixture(["1s"], [[0.5]]).weight(np.zeros(1)), "size"),
    ],
)
def test_what_is_no_mixture_is_refused(make, says):
    with pytest.raises(GridError, match=says.replace("+", r"\+")):
        make()

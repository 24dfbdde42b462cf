"""Saved carry models come back to the last bit; what is damaged or newer is refused in one line."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liqmap.carry import DROP, HOLD, Exponentials, HalfLife, Mixture, PresenceRate, Survival
from liqmap.carry.saved import VERSION, model_of, model_record
from liqmap.schema import SchemaError

NS = st.integers(1, 2**62).map(lambda ns: np.timedelta64(ns, "ns"))
LIVES = st.none() | NS
PRUNES = LIVES | st.just(np.timedelta64(0, "ns"))
PARTS = st.floats(1e-300, 0.2)
EDGES = st.lists(st.floats(1e-9, 1e9), max_size=4, unique=True).map(sorted)


@st.composite
def mixtures(draw: st.DrawFn) -> Mixture:
    half_lives = draw(st.lists(LIVES, min_size=1, max_size=5))
    sizes, distances = draw(EDGES), draw(EDGES)
    shape = len(sizes) + 1, len(distances) + 1, len(half_lives)
    some = st.just(0.0) | PARTS
    count = int(np.prod(shape))
    shares = np.array(draw(st.lists(some, min_size=count, max_size=count))).reshape(shape)
    return Mixture(half_lives, shares, sizes, distances, draw(PRUNES))


@st.composite
def survivals(draw: st.DrawFn) -> Survival:
    steps = draw(st.lists(st.integers(1, 2**50), max_size=5))
    ages = [np.timedelta64(int(a), "ns") for a in np.cumsum([0, *steps])]
    distances = draw(st.none() | EDGES)
    shape = len(distances or ()) + 1, len(ages)
    count = int(np.prod(shape))
    weights = np.array(draw(st.lists(st.floats(0, 1), min_size=count, max_size=count))).reshape(shape)
    return Survival(ages, -np.sort(-weights, axis=1), distances, draw(PRUNES))


@st.composite
def presence_rates(draw: st.DrawFn) -> PresenceRate:
    half_lives = [np.timedelta64(h, "ns") for h in sorted(draw(st.sets(st.integers(1, 2**62), max_size=4)))]
    sizes, distances = draw(EDGES), draw(EDGES)
    shape = len(sizes) + 1, len(distances) + 1, len(half_lives) + 1
    count = int(np.prod(shape))
    steps = np.array(draw(st.lists(st.floats(0, 1), min_size=count, max_size=count))).reshape(shape)
    return PresenceRate(half_lives, steps, sizes, distances, draw(PRUNES))


MODELS = st.one_of(
    st.builds(HalfLife, LIVES, PRUNES),
    st.builds(Exponentials, st.lists(st.tuples(PARTS, LIVES), min_size=1, max_size=5), PRUNES),
    mixtures(),
    survivals(),
    presence_rates(),
)


def parts_of(model: Any) -> dict[str, Any]:
    """What a model holds, arrays as their bytes."""
    held = {k: v.tobytes() if isinstance(v, np.ndarray) else v for k, v in vars(model).items()}
    return {"class": type(model), "shapes": {k: np.shape(v) for k, v in vars(model).items()}} | held


def through_text(record: dict[str, Any]) -> Any:
    return json.loads(json.dumps(record, allow_nan=False))


@given(MODELS)
def test_round_trip__is_exact(model: Any) -> None:
    again = model_of(through_text(model_record(model)))
    assert parts_of(again) == parts_of(model)
    assert again.attrs() == model.attrs()


@pytest.mark.parametrize("model", [HOLD, DROP, HalfLife()])
def test_round_trip__of_named_ones(model: HalfLife) -> None:
    assert model_of(through_text(model_record(model))) == model


def one_line(error: pytest.ExceptionInfo[SchemaError]) -> str:
    assert "\n" not in str(error.value)
    return str(error.value)


@given(MODELS, st.data())
def test_damage__refused_or_another_model__never_another_error(model: Any, data: st.DataObject) -> None:
    record = through_text(model_record(model))
    key = data.draw(st.sampled_from(sorted(record)))
    strange = st.sampled_from([None, "x", -1, 0.5, True, [], [[1, 2], [3]], {"a": 1}, float("inf"), 2**80])
    if data.draw(st.booleans()):
        record[key] = data.draw(strange)
    else:
        del record[key]
    with contextlib.suppress(SchemaError):
        model_of(record)


@pytest.mark.parametrize(
    ("record", "says"),
    [
        (None, "got None"),
        ([], "got []"),
        ({}, "got {}"),
        ({"model": "half-life"}, "of version None"),
        ({"model": "other", "version": VERSION}, "'other' of version 1"),
        (model_record(HalfLife()) | {"version": True}, "of version True"),
        (model_record(HalfLife()) | {"half_life": "30s"}, "a duration of '30s' ns"),
        (model_record(HalfLife()) | {"half_life": -1}, "half_life: expected a duration above zero"),
        (model_record(HalfLife()) | {"prune": 2**70}, "half-life with "),
        (model_record(Exponentials([(0.5, "1s")])) | {"shares": [0.5, 0.5]}, "exponentials with "),
        (model_record(Mixture(["1s"], [[0.5]])) | {"sizes": [2.0, 1.0]}, "sizes: expected rising sizes"),
    ],
)  # fmt: skip
def test_damaged__in_one_line(record: Any, says: str) -> None:
    with pytest.raises(SchemaError) as error:
        model_of(record)
    assert says in one_line(error)


def test_newer__says_so() -> None:
    with pytest.raises(SchemaError) as error:
        model_of(model_record(HalfLife()) | {"version": VERSION + 1})
    line = one_line(error)
    assert line == "saved carry model: expected a carry model of version 1 or before, got 2. Upgrade liqmap"


def test_model_of_ones_own__cannot_be_saved() -> None:
    class Own(HalfLife):
        """Which may do anything."""

    for model in (Own(), object(), HalfLife):
        with pytest.raises(SchemaError) as error:
            model_record(model)
        assert (
            "expected a model of HalfLife, Exponentials, Mixture, PresenceRate, Survival, to be saved"
            in one_line(error)
        )

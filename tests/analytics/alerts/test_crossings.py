"""Alerts of a series against a machine that takes one value after the other; causality; unknown values."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from liqmap.analytics.alerts import Alert, Crossings

NAN = math.nan
st_values = st.lists(st.sampled_from([0.0, 1.0, 2.0, 3.0, NAN]), max_size=60)
st_calm = st.integers(1, 5)


def above(values: np.ndarray) -> np.ndarray:
    return values > 1.5


def slow(values: list[float], calm: int) -> list[Alert]:
    """The same, instant by instant: armed, or in an alert with so many quiet instants behind it."""
    alerts: list[Alert] = []
    is_armed, quiet = True, []
    for time, value in enumerate(values):
        if math.isnan(value):
            continue
        if value > 1.5:
            if is_armed:
                alerts.append(Alert(time, value))
                is_armed = False
            quiet = []
        elif not is_armed:
            quiet.append(time)
            if len(quiet) == calm:
                alerts[-1] = Alert(*alerts[-1][:2], quiet[0], time)
                is_armed, quiet = True, []
    return alerts


def found(values: list[float], calm: int, cuts: tuple[int, ...] = ()) -> list[Alert]:
    crossings, edges = Crossings(above, calm), sorted({0, *(min(c, len(values)) for c in cuts), len(values)})
    for a, b in zip(edges, edges[1:]):
        crossings.feed(np.arange(a, b, dtype=np.int64), np.array(values[a:b]))
    return crossings.alerts


@given(st_values, st_calm)
def test_alerts__are_those_of_a_machine(values: list[float], calm: int) -> None:
    assert found(values, calm) == slow(values, calm)


@given(st_values, st_calm, st.lists(st.integers(0, 60), max_size=6))
def test_alerts__are_the_same_fed_in_any_pieces(values: list[float], calm: int, cuts: list[int]) -> None:
    assert found(values, calm, tuple(cuts)) == slow(values, calm)


@given(st_values, st_calm, st.integers(0, 60))
def test_alerts__up_to_a_time_are_known_from_what_came_up_to_it(
    values: list[float], calm: int, cut: int
) -> None:
    cut = min(cut, len(values))
    whole = [one.as_of(cut - 1) for one in found(values, calm) if one.time < cut]
    assert found(values[:cut], calm) == whole


@given(st_values, st_calm)
def test_unknown_values__are_as_if_there_were_none(values: list[float], calm: int) -> None:
    known = [k for k, value in enumerate(values) if not math.isnan(value)]
    alone = found([values[k] for k in known], calm)
    there = [(known.index(a.time), a.value, a.until < 0) for a in found(values, calm)]
    assert there == [(a.time, a.value, a.until < 0) for a in alone]


def test_flicker__is_one_alert() -> None:
    values = [0, 2, 0, 2, 0, 0, 2, 0, 0, 0, 0, 3.0]
    assert found(values, 3) == [Alert(1, 2.0, 7, 9), Alert(11, 3.0)]
    assert len(found(values, 1)) == 4


def test_feed__gives_what_is_new_and_what_is_over() -> None:
    crossings = Crossings(above, 2)
    assert crossings.feed(np.array([0, 1]), np.array([0.0, 2.0])) == [Alert(1, 2.0)]
    assert crossings.feed(np.array([2]), np.array([0.0])) == []
    assert crossings.feed(np.array([3]), np.array([0.0])) == [Alert(1, 2.0, 2, 3)]
    assert crossings.feed(np.array([4, 5]), np.array([NAN, NAN])) == []

"""Counts against plain loops over the levels, and the classes that they are counted by."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.analytics.calibration.fitted.classes import SIZES, Classes, _dividing, classes_of
from liqmap.analytics.calibration.fitted.counting import KEPT, RATIOS
from liqmap.analytics.calibration.fitted.counts import Counts
from liqmap.analytics.calibration.held_out import HeldOut, Judged, held_out
from tests.analytics.calibration.fitted.levels import portions, st_levels
from tests.strategies import SECOND

CLASSES = Classes(np.array([0.5, 1.5]), np.array([2.0]), np.array([SECOND, 60 * SECOND]))


def counted(rows: HeldOut, number: int = 1) -> Counts:
    counts = Counts.zeros(3, CLASSES)
    for part in portions(rows, number):
        counts.add(part, part.time // SECOND % 3, CLASSES)
    return counts


def plain_counts(rows: HeldOut) -> dict:
    """By class: how many, the sum of sizes, that of true sizes."""
    found: dict = {}
    for time, _, _, size, age, distance, true in zip(*(c.tolist() for c in rows)):
        s = sum(size >= edge for edge in CLASSES.sizes)
        d = 1 if math.isnan(distance) else sum(distance >= edge for edge in CLASSES.distances)
        a = sum(age >= edge for edge in CLASSES.ages)
        if true == 0:
            r = 0
        elif true < size:
            r = 1 + math.floor(true / size * RATIOS)
        else:
            r = RATIOS + (1 if true == size else 2)
        key = time // SECOND % 3, s, d, a, r
        n, sizes, trues = found.get(key, (0, 0.0, 0.0))
        found[key] = n + 1, sizes + size, trues + true
    return found


@pytest.mark.pure
@settings(max_examples=60)
@given(rows=st_levels())
def test_counts__are_those_of_plain_loops(rows: HeldOut) -> None:
    counts, plain = counted(rows), plain_counts(rows)
    assert counts.size.shape == (3, 3, 2, 3, KEPT)
    assert set(zip(*(k.tolist() for k in np.nonzero(counts.size)))) == set(plain)
    for key, (_, sizes, trues) in plain.items():
        assert counts.size[key] == pytest.approx(sizes, rel=1e-12)
        assert counts.true[key] == pytest.approx(trues, rel=1e-12)
    for key, number in np.ndenumerate(counts.rows):
        assert number == sum(n for k, (n, *_) in plain.items() if k[:3] == key)
    mean = [math.nan] * 3
    for k in range(3):
        mine = [(s, a) for s, a in zip(rows.size, rows.age) if sum(a >= e for e in CLASSES.ages) == k]
        if mine:
            mean[k] = sum(s * a for s, a in mine) / sum(s for s, _ in mine)
    powers = counts.powers(np.array([1 / (3 * SECOND), 0.0]))
    for k in range(3):
        if not math.isnan(mean[k]):
            assert powers[k].tolist() == pytest.approx([2 ** (-mean[k] / (3 * SECOND)), 1.0, 0.0])


@given(rows=st_levels(), number=st.integers(1, 9))
def test_counts__any_portions_are_the_whole(rows: HeldOut, number: int) -> None:
    for a, b in zip(counted(rows, number), counted(rows)):
        np.testing.assert_array_equal(a, b)


@given(rows=st_levels(), weights=st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=12, max_size=12))
def test_counts__stand_for_the_levels(rows: HeldOut, weights: list) -> None:
    """A theorem: under weights on the edges of what is left, the loss of the sums is that of the levels."""
    counts = counted(rows)
    w = np.array(weights + weights[:6]).reshape(3, 2, 3)
    found = np.abs(w[..., None] * counts.size - counts.true).sum()
    s, d = (np.searchsorted(e, c, side="right") for e, c in zip(CLASSES, (rows.size, rows.distance)))
    each = w[s, d, np.searchsorted(CLASSES.ages, rows.age, side="right")]
    assert found == pytest.approx(np.abs(each * rows.size - rows.true).sum(), rel=1e-9, abs=1e-9)


@given(st.lists(st.sampled_from([1.0, 2.0, 3.0, 7.5, 1e5]), min_size=1, max_size=9),
       st.lists(st.floats(0.1, 1e6), max_size=40))  # fmt: skip
def test_edges__each_class_has_some_of_the_values(values: list, edges: list) -> None:
    found = _dividing(np.array(edges), np.array(values))
    assert (np.diff(found) > 0).all()
    classes = np.searchsorted(found, values, side="right")
    assert set(classes.tolist()) == set(range(len(found) + 1))


def test_classes__are_of_what_is_judged() -> None:
    market = lm.simulate(minutes=2, seed=3, levels=40, volatility=4.0)
    spans = lm.replay(market, 10), lm.replay(market)
    judged, rows = Judged(*spans), held_out(*spans)
    size, distance, instants = judged.pieces()
    assert len(size) == len(distance) == len(instants)
    assert set(rows.size.tolist()) <= set(size.tolist())
    assert instants.sum() >= len(rows.size) * 0.9  # the wide window covers some of them, at whole seconds
    classes = classes_of(judged)
    assert 8 < len(classes.sizes) < SIZES
    assert len(classes.distances) == 3
    assert (classes.sizes.min() > rows.size.min()) & (classes.sizes.max() < rows.size.max())


def test_classes__of_equal_sizes_are_one() -> None:
    class Even:
        def pieces(self) -> tuple:
            return np.full(9, 2.0), np.full(9, np.nan), np.ones(9)

    classes = classes_of(Even())  # type: ignore[arg-type]
    assert classes.shape[:2] == (1, 1)
    nothing = type("Nothing", (), {"pieces": lambda self: (np.empty(0), np.empty(0), np.empty(0))})()
    assert classes_of(nothing).shape[:2] == (1, 1)

"""Carry models: what the engine draws of them are Python's numbers."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.browser.carry import wired
from liqmap.carry import CarryModel, Exponentials, HalfLife, Mixture, Survival, nanoseconds
from liqmap.grid.edges import row_ticks
from liqmap.schema import AGGREGATES, GridError
from tests.browser.books import base_of, grid, keep, told, unlisted
from tests.browser.engine import call
from tests.compare import duration
from tests.raster.test_any_model import PRUNED_AT_AN_EDGE, Foreign
from tests.strategies import SECOND, START, st_grids, st_half_lives, st_prunes, to_depth_table

st_exponentials = st.builds(
    lambda half_lives, prune: Exponentials(
        [(0.9 / len(half_lives), duration(h)) for h in half_lives], duration(prune)
    ),
    st.lists(st_half_lives, min_size=1, max_size=3),
    st_prunes,
)
st_edges = st.one_of(st.sampled_from([0.001, 0.1, 1.0, 2.5, 600.0]), st.floats(1e-6, 1e6))
st_rows = st.lists(st.sampled_from([1.0, 0.8, 0.5, 0.25, 0.1, 0.0]), min_size=4, max_size=4).map(
    lambda row: sorted(row, reverse=True)
)
st_tables = st.builds(
    lambda first, last, distances, prune: Survival(
        ["0s", "1ms", "500ms", "3s"], [first, *[last] * len(distances)], distances, duration(prune)
    ),
    st_rows,
    st_rows,
    st.sampled_from([[], [500.0], [100.0, 900.0]]),
    st_prunes,
)


@st.composite
def st_mixtures(draw: Any) -> Mixture:
    """By classes that weigh nothing and half-lives that a class has no share of, too."""
    half_lives = draw(st.lists(st_half_lives, min_size=1, max_size=4))
    sizes, distances = (
        draw(st.sampled_from([[], [2.0], [1.0, 3.0]])),
        draw(st.sampled_from([[], [500.0], [100.0, 900.0]])),
    )
    shape = len(sizes) + 1, len(distances) + 1, len(half_lives)
    some = st.sampled_from([0.0, 0.0, 1e-12, 0.1, 0.4, 1.0])
    cuts = draw(st.lists(some, min_size=3, max_size=18))
    shares = np.resize(np.array(cuts), shape) / len(half_lives)
    return Mixture([*map(duration, half_lives)], shares, sizes, distances, duration(draw(st_prunes)))


st_half_life = st.builds(lambda h, p: HalfLife(duration(h), duration(p)), st_half_lives, st_prunes)
st_models = st.one_of(st_half_life, st_exponentials, st_tables, st_mixtures())


def choice_of(model: CarryModel, agg: str) -> dict[str, Any]:
    """A model as the page chooses it."""
    attrs = model.attrs()
    half_life, prune = (nanoseconds(attrs[name]) for name in ("half_life", "prune"))
    return {"agg": agg, "halfLife": half_life, "prune": prune, "carry": wired(model)}


def assert_same(told: tuple[np.ndarray, np.ndarray], expected: Any) -> None:
    """But for rounding: where a table comes to 0, Python asks for the instant before."""
    liquidity, state = told
    np.testing.assert_array_equal(state, expected.state.values)
    np.testing.assert_allclose(liquidity, expected.liquidity.values, rtol=1e-5, atol=1e-12, equal_nan=True)


@given(case=st_grids(), agg=st.sampled_from(AGGREGATES), model=st_models)
@settings(max_examples=80)
@example(case=PRUNED_AT_AN_EDGE, agg="last", model=Exponentials([(0.5, "1s"), (0.5, None)], "2s"))
@example(case=PRUNED_AT_AN_EDGE, agg="last", model=Survival(["0s", "2s"], [1.0, 0.0]))
def test_a_model__draws_the_numbers_of_rasterize(case: Any, agg: str, model: CarryModel) -> None:
    messages, n, times, prices = case
    spans = lm.replay(to_depth_table(messages, n))
    keep(spans)
    rows = row_ticks(prices, spans.tick_size)
    drawn = grid(spans, times.astype(np.int64), rows, choice_of(model, agg))
    assert_same(drawn, lm.rasterize(spans, times, prices, agg=agg, carry=model))


@given(case=st_grids(), agg=st.sampled_from(AGGREGATES), models=st.lists(st_models, min_size=2, max_size=4),
       step=st.sampled_from([1, 250, 5_000]), count=st.sampled_from([3, 40]))  # fmt: skip
@settings(max_examples=60)
def test_models_one_after_the_other__draw_the_same_from_what_is_kept(
    case: Any, agg: str, models: list[CarryModel], step: int, count: int
) -> None:
    messages, n, _, _ = case
    spans = lm.replay(to_depth_table(messages, n))
    keep(spans)
    times = START - SECOND + np.arange(count) * step * 10**6
    prices = np.arange(9, 32, 2) * spans.tick_size
    rows = row_ticks(prices, spans.tick_size)
    given = ["book", (times - base_of(spans)).tolist(), rows.tolist(), [choice_of(m, agg) for m in models]]
    answers = json.loads(told(f"JSON.stringify(framesOf({', '.join(map(json.dumps, given))}))"))
    for model, answer in zip(models, answers):
        expected = lm.rasterize(spans, times.astype("datetime64[ns]"), prices, agg=agg, carry=model)
        assert_same(unlisted(answer, (2, len(rows) - 1, count - 1)), expected)


def test_a_model_of_half_lives__is_that_half_life() -> None:
    """One exponential by its parts is drawn as the half-life is, to the bit."""
    spans = lm.replay(lm.simulate(minutes=1, seed=4, levels=30, keep_truth=False).depth)
    keep(spans)
    times = np.linspace(spans.begin, spans.last, 31).astype(np.int64)
    rows = np.linspace(spans.sides[0].levels[0], spans.sides[1].levels[-1], 20).astype(np.int64)
    for agg in AGGREGATES:
        alone = grid(spans, times, rows, choice_of(HalfLife("10s", "40s"), agg))
        one = grid(spans, times, rows, choice_of(Exponentials([(1, "10s")], "40s"), agg))
        np.testing.assert_array_equal(alone, one)


@pytest.mark.parametrize("agg", AGGREGATES)
def test_a_mixture_of_many_classes__draws_the_numbers_of_rasterize(agg: str) -> None:
    """At first, and again under other prunes, over many blocks of columns and levels in a row."""
    spans = lm.replay(lm.simulate(minutes=2, seed=4, levels=20, keep_truth=False).depth)
    keep(spans)
    times = spans.begin // SECOND * SECOND + np.arange(251) * SECOND // 2
    rows = np.arange(spans.sides[0].levels[0], spans.sides[1].levels[-1], 12, dtype=np.int64)
    sizes = np.quantile(np.concatenate([side.size for side in spans.sides]), [0.2, 0.5, 0.8, 0.99])
    shares = np.random.default_rng(1).dirichlet([0.3] * 4, (5, 3))
    models = [
        Mixture(["300ms", "4s", "40s", None], 0.99 * shares, sizes, [0.5, 3.0], prune)
        for prune in ("30s", None, "1500ms", "200ms")
    ]
    choices = [choice_of(model, agg) for model in models]
    given = ["book", (times - base_of(spans)).tolist(), rows.tolist(), choices]
    answers = json.loads(told(f"JSON.stringify(framesOf({', '.join(map(json.dumps, given))}))"))
    for model, answer in zip(models, answers):
        edges = times.astype("datetime64[ns]"), rows * spans.tick_size
        expected = lm.rasterize(spans, *edges, agg=agg, carry=model)
        assert_same(unlisted(answer, (2, len(rows) - 1, len(times) - 1)), expected)


@given(sizes=st.lists(st_edges, max_size=4, unique=True).map(sorted),
       far=st.lists(st_edges, max_size=3, unique=True).map(sorted),
       near=st.lists(st.tuples(st_edges, st.sampled_from([-1, 0, 1])), min_size=1, max_size=8))  # fmt: skip
@settings(max_examples=60)
def test_a_class__is_that_of_python(
    sizes: list[float], far: list[float], near: list[tuple[float, int]]
) -> None:
    """At an edge, beside it, and without a touch."""
    model = Mixture(["1s"], np.zeros((len(sizes) + 1, len(far) + 1, 1)), sizes, far)
    values = np.array([value if way == 0 else np.nextafter(value, way * np.inf) for value, way in near])
    pairs = [(size, distance) for size in values for distance in [*values, np.nan]]
    asked = "(model, pairs) => pairs.map(([size, distance]) => classAt(model, size, distance ?? NaN))"
    told = call(asked, wired(model), [[size, None if np.isnan(d) else d] for size, d in pairs])
    assert told == model.class_of(*np.array(pairs).T[::-1]).tolist()


def test_a_model_of_ones_own__is_refused() -> None:
    with pytest.raises(GridError, match="picture draws any model"):
        wired(Foreign("1s", None))
    assert wired(HalfLife("1s")) is None

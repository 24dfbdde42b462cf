"""Mixtures by their own kernel: against the way of any model, laws, and what is kept for another prune."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap import schema
from liqmap.carry import Exponentials, HalfLife, Mixture
from liqmap.raster import known_and_age, paint
from liqmap.raster.mixture import as_mixture
from liqmap.raster.mixture.classes import CLASSES
from liqmap.raster.mixture.mean_weights import integral_of, mean_weights
from liqmap.raster.mixture.parts import FAINT, silent_ages
from liqmap.raster.observed import OBSERVED
from liqmap.raster.pieces import carried_pieces
from tests.compare import assert_sizes, duration
from tests.raster.test_any_model import oracle
from tests.raster.test_sliders import anew, assert_same, draw
from tests.strategies import MS, SECOND, st_grids, st_half_lives, to_depth_table

st_aggs = st.sampled_from(schema.AGGREGATES)
st_prunes = st.sampled_from([None, 0, SECOND, 5 * SECOND, 300 * SECOND])


@st.composite
def st_mixtures(draw, prunes=st_prunes) -> Mixture:
    """Classes by size and distance, some of a single part, some of none."""
    half_lives = draw(st.lists(st_half_lives, min_size=1, max_size=4))
    sizes = draw(st.sampled_from([(), (2.0,), (0.75, 100.0)]))
    distances = draw(st.sampled_from([(), (500.0,), (100.0, 1500.0)]))
    shape = len(sizes) + 1, len(distances) + 1, len(half_lives)
    count = int(np.prod(shape))
    parts = draw(st.lists(st.sampled_from([0, 0, 1, 5, 1e-12]), min_size=count, max_size=count))
    shares = np.array(parts).reshape(shape) / 5 / len(half_lives)
    return Mixture([*map(duration, half_lives)], shares, sizes, distances, duration(draw(prunes)))


def by_any_model(spans, times, prices, model, agg, parts=True):
    """The frame by the way of any model, and its parts likewise."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (paint, known_and_age):
            patch.setattr(module, "as_mixture", lambda carry: None)
        return draw(anew(spans), times, prices, model, agg, parts, slider=False)


def market(minutes: float = 4) -> tuple[lm.Spans, np.ndarray]:
    """A market of mostly short carried pieces, and its prices."""
    spans = lm.replay(lm.simulate(minutes=minutes, seed=3, levels=50, keep_truth=False).depth)
    return spans, np.arange(spans.sides[0].levels[0], spans.sides[1].levels[-1] + 9, 8) * spans.tick_size


def fitted(prune: str | None = None) -> Mixture:
    """Five half-lives by 6 sizes x 3 distances, some classes of one or two, the smallest far away of none."""
    shares = np.random.default_rng(5).dirichlet(np.full(6, 0.4), (6, 3))[..., :5]
    shares[shares < 0.1] = 0.0
    shares[0, 2] = 0.0
    sizes = np.geomspace(0.05, 20, 5)
    return Mixture(["300ms", "3s", "20s", "2min", None], shares, sizes, [1.0, 4.0], prune)


# ------------------------------------------------------------------ the same cells


@given(case=st_grids(), model=st_mixtures(), agg=st_aggs)
@settings(max_examples=150)
def test_a_mixture_draws_what_the_way_of_any_model_draws(case, model, agg):
    messages, n, times, prices = case
    spans = lm.replay(to_depth_table(messages, n))
    frame = draw(spans, times, prices, model, agg, True, slider=False)
    assert_same(frame, by_any_model(spans, times, prices, model, agg))


@pytest.mark.pure
@given(case=st_grids(), model=st_mixtures(), agg=st_aggs)
@settings(max_examples=30)
def test_a_mixture_of_any_classes_matches_the_definition(case, model, agg):
    messages, n, times, prices = case
    spans = lm.replay(to_depth_table(messages, n))
    frame = draw(spans, times, prices, model, agg, True, slider=False)
    assert_sizes(np.nan_to_num(frame["carried"]), oracle(spans, times.astype(np.int64), prices, model, agg))


@pytest.mark.parametrize("agg", schema.AGGREGATES)
@pytest.mark.parametrize("prune", [None, "1min"])
def test_pieces_over_many_columns_are_the_same(agg, prune):
    """Whole strides, several segments of the fast parts, and parts that are left out on the way."""
    spans, prices = market()
    for columns in (np.linspace(0, 1, 700), np.linspace(0.01, 1, 300) ** 2):
        times = (spans.begin + columns * 600 * SECOND).astype(np.int64).view("datetime64[ns]")
        frame = draw(spans, times, prices, fitted(prune), agg, True, slider=False)
        assert_same(frame, by_any_model(spans, times, prices, fitted(prune), agg))


@given(case=st_grids(), agg=st_aggs, half_life=st_half_lives, prune=st_prunes, parts=st.integers(1, 3))
@settings(max_examples=50)
def test_equal_parts_of_one_half_life_are_that_half_life(case, agg, half_life, prune, parts):
    messages, n, times, prices = case
    spans = lm.replay(to_depth_table(messages, n))
    sums = Exponentials([(1 / parts, duration(half_life))] * parts, duration(prune))
    expected = draw(spans, times, prices, HalfLife(duration(half_life), duration(prune)), agg, slider=False)
    assert_same(draw(spans, times, prices, sums, agg, slider=False), expected)


def test_a_class_without_shares_carries_nothing_and_is_unknown():
    spans, prices = market(0.5)
    times = np.linspace(spans.begin, spans.last, 40).astype(np.int64).view("datetime64[ns]")
    model = Mixture(["10s"], [[0.0], [0.0]], [1.0])
    for agg in schema.AGGREGATES:
        for slider in (False, True, True):
            frame = draw(spans, times, prices, model, agg, slider=slider)
            assert_same(frame, draw(spans, times, prices, HalfLife(None, "0s"), agg, slider=False))


def test_a_model_derived_from_a_mixture_goes_the_way_of_any_model():
    class Halved(Mixture):
        def weight(self, age, distance=None, size=None):
            return super().weight(age, distance, size) / 2

        def integral(self, young, old, distance=None, size=None):
            return super().integral(young, old, distance, size) / 2

    spans, prices = market(0.5)
    times = np.linspace(spans.begin, spans.last, 40).astype(np.int64).view("datetime64[ns]")
    assert as_mixture(Halved(["10s"], [[1.0]])) is None
    whole, half = (
        draw(spans, times, prices, kind(["10s"], [[1.0]]), "mean", True) for kind in (Mixture, Halved)
    )
    assert_sizes(np.nan_to_num(half["carried"]), np.nan_to_num(whole["carried"]) / 2)


# ------------------------------------------------------------------ laws


def filled(frame, name: str = "liquidity") -> np.ndarray:
    return np.nan_to_num(frame[name]).astype(np.float64)


@given(case=st_grids(), model=st_mixtures())
@settings(max_examples=50)
def test_mean_is_additive_peak_the_largest_and_last_the_right_edge(case, model):
    messages, n, times, prices = case
    spans = lm.replay(to_depth_table(messages, n))
    fine, coarse = (
        {agg: draw(spans, t, p, model, agg, slider=False) for agg in schema.AGGREGATES}
        for t, p in ((times, prices), (times[[0, -1]], prices[[0, -1]]))
    )
    width = np.diff(times).astype(np.int64)
    mean = (filled(fine["mean"]).sum(axis=1) * width / width.sum()).sum(axis=1)
    assert_sizes(filled(coarse["mean"])[:, 0, 0], mean)
    assert_sizes(filled(coarse["peak"])[:, 0, 0], filled(fine["peak"]).max(axis=(1, 2)))
    assert_sizes(filled(coarse["last"])[:, 0, 0], filled(fine["last"])[:, :, -1].sum(axis=1), rtol=2e-6)


@given(data=st.data(), case=st_grids(), model=st_mixtures(), agg=st_aggs)
@settings(max_examples=50)
def test_what_comes_later_never_changes_the_past(data, case, model, agg):
    messages, n, times, prices = case
    heard = data.draw(st.integers(1, len(messages)))
    spoken = [ts for event, ts, _ in messages[:heard] if event != "gap"]
    times = times[times.astype(np.int64) <= max(spoken, default=0)]
    if len(times) > 1:
        then, now = (
            draw(lm.replay(to_depth_table(told, n)), times, prices, model, agg, True, slider=False)
            for told in (messages[:heard], messages)
        )
        assert_same(then, now)


@pytest.mark.parametrize("agg", schema.AGGREGATES)
def test_a_large_grid_is_its_pieces_put_together(agg):
    """Rows know nothing of other rows, columns nothing of other columns, however the work is shared out."""
    spans, prices = market(1)
    times = (spans.begin + np.arange(201) * SECOND // 2).view("datetime64[ns]")
    whole = draw(spans, times, prices, fitted(), agg, slider=False)
    for begin in range(0, len(prices) - 1, 50):
        piece = draw(spans, times, prices[begin : begin + 51], fitted(), agg, slider=False)
        for name in ("state", "liquidity"):
            np.testing.assert_array_equal(whole[name][:, begin : begin + 50], piece[name])
    for begin in range(0, 200, 40):
        piece = draw(spans, times[begin : begin + 41], prices, fitted(), agg, slider=False)
        assert_same({name: cells[:, :, begin : begin + 40] for name, cells in whole.items()}, piece)


# ------------------------------------------------------------------ sliders


@given(case=st_grids(), agg=st_aggs, models=st.lists(st_mixtures(st.just(None)), min_size=1, max_size=2),
       moves=st.lists(st_prunes, min_size=2, max_size=4), parts=st.booleans())  # fmt: skip
@settings(max_examples=80)
def test_a_slider_move_draws_what_a_fresh_frame_draws(case, agg, models, moves, parts):
    messages, n, times, prices = case
    spans = lm.replay(to_depth_table(messages, n))
    for prune in moves:
        for model in models:
            lives = [None if h is None else duration(h) for h in model.half_lives]
            moved = Mixture(lives, model.shares, model.sizes, model.distances, duration(prune))
            what = (times, prices, moved, agg, parts)
            assert_same(draw(spans, *what), draw(anew(spans), *what, slider=False))


@pytest.mark.parametrize("agg", schema.AGGREGATES)
def test_summed_pieces_stand_for_themselves(agg):
    spans, prices = market()
    times = np.linspace(spans.begin, spans.last, 40).astype(np.int64).view("datetime64[ns]")
    draw(spans, times, prices, fitted(), agg)
    for prune in (None, "5s", "4999ms", "1min", "0s"):
        what = (times, prices, fitted(prune), agg)
        assert_same(draw(spans, *what), draw(anew(spans), *what, slider=False))
    (frame,) = OBSERVED.of(spans)
    (sides,) = frame.summed
    assert sum(p.rest.number for p in sides) < 0.6 * sum(p.number for p in carried_pieces(spans))


def test_classes_are_found_once_for_models_of_the_same_edges():
    spans, prices = market(0.5)
    times = np.linspace(spans.begin, spans.last, 40).astype(np.int64).view("datetime64[ns]")
    for prune in (None, "1min"):
        draw(spans, times, prices, fitted(prune), "mean", True)
    assert len(CLASSES.of(spans)) == 1
    (found,) = CLASSES.of(spans)
    assert [len(of) for of in found] == [p.number for p in carried_pieces(spans)]


# ------------------------------------------------------------------ what the kernels stand on


@pytest.mark.pure
@given(
    half_lives=st.lists(st.one_of(st.none(), st.integers(MS, 10**14)), min_size=1, max_size=4),
    lengths=st.lists(st.integers(1, 1 << 44), min_size=1, max_size=20),
)
def test_the_table_of_mean_weights_is_the_integral(half_lives, lengths):
    rates = np.array([0.0 if h is None else 1.0 / h for h in half_lives])
    shares = np.array([np.arange(1.0, len(rates) + 1), np.arange(len(rates)) % 2])
    means = mean_weights(rates, shares / shares.sum(axis=1, keepdims=True).clip(1))
    for length in np.array(lengths):
        for m in (0, 1):
            k = rates * np.log(2)
            each = [-np.expm1(-length * r) / r if r else float(length) for r in k]
            exact = float(means.shares[m] @ each)
            assert integral_of(m, np.int64(0), length, means) == pytest.approx(exact, rel=2e-8)


@pytest.mark.pure
@given(
    half_lives=st.lists(st.one_of(st.none(), st.integers(MS, 10**13)), min_size=1, max_size=5),
    data=st.data(),
)
def test_parts_that_are_left_out_are_faint_from_there_on(half_lives, data):
    rates = np.sort(np.array([0.0 if h is None else 1.0 / h for h in half_lives]))[::-1]
    parts = st.lists(st.sampled_from([0, 1e-12, 0.3, 1]), min_size=len(rates), max_size=len(rates))
    shares = np.array([data.draw(parts)]) / len(rates)
    silent = silent_ages(rates, shares)[0]
    there = shares[0] > 0
    assert (silent[~there] == 0).all()
    for age in {*silent[silent < 1 << 60].tolist(), 10**15}:
        bits = np.log2(shares[0][there]) - age * rates[there]
        out = silent[there] <= age
        assert not out.all() or not there.any()
        if out.any():
            assert bits[out].max() <= bits[~out].max() - FAINT + 1e-3


def test_equal_calls_of_rasterize_give_equal_bits():
    spans, prices = market(1)
    times = np.linspace(spans.begin, spans.last, 40).astype(np.int64).view("datetime64[ns]")
    first = lm.rasterize(spans, times, prices, carry=fitted("1min"))
    lm.rasterize(spans, times, prices, carry=fitted())
    assert lm.rasterize(spans, times, prices, carry=fitted("1min")).identical(first)

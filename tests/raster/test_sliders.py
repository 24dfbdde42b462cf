"""The same frame under another half-life: what was kept of it must not show."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap import schema
from liqmap.carry import HalfLife
from liqmap.grid.edges import row_ticks
from liqmap.raster import observed, short_pieces
from liqmap.raster.columns import MEAN, RowSums
from liqmap.raster.observed import FRAMES
from liqmap.raster.paint import paint
from liqmap.raster.pieces import carried_pieces
from tests.compare import assert_sizes, duration
from tests.strategies import MS, SECOND, st_grids, to_depth_table

st_aggs = st.sampled_from(schema.AGGREGATES)
half_lives = st.sampled_from([None, 5 * SECOND, 7 * SECOND, 30 * SECOND, 600 * SECOND, SECOND, MS])
prunes = st.sampled_from([None, 5 * SECOND, 300 * SECOND, 0, SECOND])


def anew(spans: lm.Spans) -> lm.Spans:
    """The same spans, of which nothing is kept."""
    return lm.Spans(spans.sides, spans.windows, spans.meta)


def draw(spans: lm.Spans, times, prices, carry: HalfLife, agg: str, parts: bool = False, slider: bool = True):
    edges = times.astype(np.int64), row_ticks(np.asarray(prices), spans.tick_size)
    return paint(spans, *edges, carry, agg, parts, slider)


def assert_same(frame, expected) -> None:
    np.testing.assert_array_equal(frame["state"], expected["state"])
    for name in set(frame) - {"state"}:
        np.testing.assert_array_equal(np.isnan(frame[name]), np.isnan(expected[name]))
        assert_sizes(np.nan_to_num(frame[name]), np.nan_to_num(expected[name]))


@given(
    case=st_grids(), agg=st_aggs, moves=st.lists(st.tuples(half_lives, prunes), min_size=2, max_size=5),
    parts=st.booleans(),
)  # fmt: skip
@settings(max_examples=100)
def test_a_slider_move_draws_what_a_fresh_frame_draws(case, agg, moves, parts):
    messages, n, times, prices = case
    spans = lm.replay(to_depth_table(messages, n))
    for half_life, prune in moves:
        what = (times, prices, HalfLife(duration(half_life), duration(prune)), agg, parts)
        assert_same(draw(spans, *what), draw(anew(spans), *what, slider=False))


@pytest.mark.parametrize("agg", schema.AGGREGATES)
def test_summed_pieces_stand_for_themselves(agg):
    """A market of mostly short carried pieces, over half-lives from where the series just holds."""
    spans = lm.replay(lm.simulate(minutes=4, seed=3, levels=50, keep_truth=False).depth)
    times = np.linspace(spans.begin, spans.last, 40).astype(np.int64).view("datetime64[ns]")
    prices = np.arange(spans.sides[0].levels[0], spans.sides[1].levels[-1] + 9, 8) * spans.tick_size
    draw(spans, times, prices, HalfLife(), agg)
    for carry in (("5s", None), ("6s", "5s"), ("30s", "5min"), ("1h", None), (None, None), ("1s", "2s")):
        what = (times, prices, HalfLife(*carry), agg)
        assert_same(draw(spans, *what), draw(anew(spans), *what, slider=False))
    (frame,) = observed.OBSERVED.of(spans)
    rest = sum(p.rest.number for p in frame.split)
    assert rest < 0.6 * sum(p.number for p in carried_pieces(spans))


def test_equal_calls_of_rasterize_give_equal_bits():
    spans = lm.replay(lm.simulate(minutes=1, seed=3, levels=50, keep_truth=False).depth)
    times = np.linspace(spans.begin, spans.last, 40).astype(np.int64).view("datetime64[ns]")
    prices = np.arange(spans.sides[0].levels[0], spans.sides[1].levels[-1] + 9, 8) * spans.tick_size
    first = lm.rasterize(spans, times, prices)
    for _ in range(2):
        lm.rasterize(spans, times, prices, "1h", None)
        assert lm.rasterize(spans, times, prices).identical(first)


@pytest.mark.pure
@given(
    ages=st.lists(st.tuples(st.floats(2e-10, 1), st.sampled_from([0.001, 1.0, 1e6])), min_size=1, max_size=8),
    half_life_s=st.floats(5, 1e6),
)
def test_moments_are_the_integral_to_2e_7(ages, half_life_s):
    moments = np.zeros((1, short_pieces.MOMENTS), np.float32)
    exact = 0.0
    k = np.log(2) / half_life_s
    for part, size in ages:
        d = part * short_pieces.SHORT * 1e-9
        term = size
        for m in range(short_pieces.MOMENTS):
            term *= part / (m + 1)
            moments[0, m] += term
        exact += size * -np.expm1(-k * d) / k
    row, carried = np.zeros(1), np.zeros(1, np.uint8)
    short = short_pieces.ShortPieces(np.array([0, 1]), np.zeros(1, np.int32), moments)
    short_pieces.add_short(MEAN, 0, short, 1e-9 / half_life_s, RowSums(row, np.zeros(1), carried))
    assert carried[0] == 1
    np.testing.assert_allclose(row[0] * 1e-9, exact, rtol=1e-6)


def test_only_a_few_frames_are_kept():
    spans = lm.replay(lm.simulate(minutes=0.2, seed=3, levels=20, keep_truth=False).depth)
    for k in range(3 * FRAMES):
        times = np.array([spans.begin, spans.begin + SECOND + k]).view("datetime64[ns]")
        lm.rasterize(spans, times, [0, 5e5, 1e6])
    assert len(observed.OBSERVED.of(spans)) == FRAMES

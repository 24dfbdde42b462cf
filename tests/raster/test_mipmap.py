"""Mipmaps: whatever scale a frame is drawn from, it is the frame drawn from the spans."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.raster import choose_mipmap, mipmap, observed
from liqmap.raster.canvas import Canvas
from liqmap.raster.choose_mipmap import choose
from liqmap.raster.columns import LAST, MEAN, PEAK
from liqmap.raster.mipmap import Scale, from_arrays, scales, to_arrays
from tests.compare import assert_sizes, span_tuples
from tests.strategies import SECOND, START, st_messages, st_raw_messages, to_depth_table

st_feeds = st.one_of(st_messages(), st_raw_messages())


@pytest.fixture(scope="module")
def market() -> lm.Spans:
    return lm.replay(lm.simulate(minutes=6, seed=5, keep_truth=False).depth)


def every_scale(side, monkeypatch) -> list[Scale]:
    """All scales that are not empty, however little they are worth."""
    monkeypatch.setattr(mipmap, "WORTH_IT", 0.01)
    return scales(side)


def draw(spans: lm.Spans, times, rows, how: int, chosen: list, monkeypatch) -> tuple[np.ndarray, np.ndarray]:
    """The observed part of a frame, drawn from given scales (None: from the spans)."""
    monkeypatch.setattr(observed, "mipmaps", lambda _: [[], []])
    monkeypatch.setattr(
        observed, "choose", lambda how, scales, side, *_: chosen[0 if side is spans.sides[0] else 1]
    )
    made = observed._observe(spans, Canvas(times, rows, how))
    return np.where(made.lit[..., None], made.values, 0), made.bounds


@st.composite
def st_edges(draw_) -> tuple[np.ndarray, np.ndarray]:
    """Column edges on and beside the buckets, row edges on and beside the blocks."""
    bucket = draw_(st.sampled_from([1, 5, 15, 60])) * SECOND
    begin = START // bucket * bucket + draw_(st.sampled_from([0, 0, 1, -7 * SECOND]))
    steps = draw_(st.lists(st.sampled_from([bucket, 3 * bucket, bucket // 2 + 1]), min_size=1, max_size=12))
    ticks = draw_(st.sets(st.integers(5, 35), min_size=2, max_size=6))
    return begin + np.concatenate([[0], np.cumsum(steps)]), np.array(sorted(ticks), np.int64)


@pytest.mark.long
@given(feed=st_feeds, edges=st_edges(), how=st.sampled_from([MEAN, PEAK, LAST]))
@settings(max_examples=60)
def test_any_scale_draws_what_the_spans_draw(feed, edges, how):
    spans = lm.replay(to_depth_table(*feed))
    with pytest.MonkeyPatch.context() as monkeypatch:
        expected, _ = draw(spans, *edges, how, [None, None], monkeypatch)
        kept = [every_scale(side, monkeypatch) for side in spans.sides]
        for k in range(max(map(len, kept))):
            chosen = [side[min(k, len(side) - 1)] if side else None for side in kept]
            values, _ = draw(spans, *edges, how, chosen, monkeypatch)
            assert_sizes(values, expected)


@pytest.mark.parametrize("how", [MEAN, PEAK, LAST])
@pytest.mark.parametrize("columns", ["aligned", "cut", "beside"])
def test_a_market_is_drawn_alike_from_every_scale(market, how, columns, monkeypatch):
    low, high = market.sides[0].levels[0], market.sides[1].levels[-1]
    begin = market.begin // (60 * SECOND) * 60 * SECOND
    times = {
        "aligned": begin + np.arange(8) * 60 * SECOND,
        "cut": np.linspace(market.begin, market.last, 50).astype(np.int64),
        "beside": begin + np.cumsum([0, 1, 7 * SECOND, 31 * SECOND, 90 * SECOND, 200 * SECOND]),
    }[columns]
    rows = np.arange(low - 3, high + 40, 37)
    expected, bounds = draw(market, times, rows, how, [None, None], monkeypatch)
    kept = [every_scale(side, monkeypatch) for side in market.sides]
    assert len(kept[0]) > 9
    for chosen in zip(*kept):
        values, again = draw(market, times, rows, how, list(chosen), monkeypatch)
        assert_sizes(values, expected)
        np.testing.assert_array_equal(again, bounds)


@given(feed=st_feeds, block=st.sampled_from([1, 5, 50]), bucket=st.sampled_from([5, 60]))
@settings(max_examples=60)
def test_cells_are_the_spans_summed_by_hand(feed, block, bucket):
    spans = lm.replay(to_depth_table(*feed))
    expected: dict = {}
    for side, tick, start, seen, _, size in span_tuples(spans):
        a = start
        while a < seen:
            at = a // (bucket * SECOND)
            b = min(seen, (at + 1) * bucket * SECOND)
            total, peak, rest = expected.get((side, tick // block, at), (0.0, 0.0, 0.0))
            rest += size if b == (at + 1) * bucket * SECOND else 0.0
            expected[side, tick // block, at] = total + size * (b - a), max(peak, size), rest
            a = b
    found = {}
    for name, side in zip(("bid", "ask"), spans.sides):
        scale = mipmap._summed(side, block, bucket * SECOND, 10**9)
        for k in range(len(scale.blocks) if scale else 0):
            for c in range(scale.first[k], scale.first[k + 1]):
                cell = scale.total[c], scale.peak[c], scale.rest[c]
                found[name, scale.blocks[k], scale.at[c]] = cell
    assert found.keys() == expected.keys()
    for key, values in expected.items():
        assert found[key] == tuple(pytest.approx(value, rel=1e-6) for value in values)


def test_scales_are_kept_only_where_they_save_steps(market):
    for side in market.sides:
        kept = scales(side)
        assert kept
        for k, scale in enumerate(kept):
            finer = [f.cells for f in kept[:k] if scale.block % f.block == 0 and scale.bucket % f.bucket == 0]
            assert scale.cells * mipmap.WORTH_IT <= min([len(side), *finer])


def test_too_many_cells_are_given_up_early(market):
    side = market.sides[0]
    assert mipmap._summed(side, 1, 5 * SECOND, 100) is None
    assert mipmap._summed(side, 1, 5 * SECOND, 10**9).cells > 100


def test_mipmaps_travel_as_arrays(market):
    made = [scales(side) for side in market.sides]
    again = from_arrays(to_arrays(made) | {"other": np.zeros(1)})
    for side, twin in zip(made, again):
        assert [(s.block, s.bucket) for s in side] == [(s.block, s.bucket) for s in twin]
        for a, b in zip(side, twin):
            for name in ("blocks", "first", "at", "total", "peak", "rest"):
                np.testing.assert_array_equal(getattr(a, name), getattr(b, name))


def test_a_whole_day_is_drawn_from_a_coarse_scale_and_a_minute_from_the_spans(market, monkeypatch):
    side, extent = market.sides[0], (market.begin, market.last)
    assert (
        choose(MEAN, scales(side), side, extent, np.array([extent[0], extent[1]]), np.array([0, 10**6]))
        is None
    )
    monkeypatch.setattr(choose_mipmap, "SOON", 0)  # a market this small is drawn from its spans anyway
    kept = every_scale(side, monkeypatch)
    rows = np.arange(side.levels[0] // 50, side.levels[-1] // 50 + 2) * 50
    begin = market.begin // (60 * SECOND) * 60 * SECOND
    coarse = choose(MEAN, kept, side, extent, begin + np.arange(8) * 60 * SECOND, rows)
    assert coarse is not None
    assert coarse.cells < len(side) / 20
    assert choose(MEAN, kept, side, extent, begin + np.arange(100) * SECOND // 10, rows) is None
    assert choose(MEAN, [], side, extent, begin + np.arange(8) * 60 * SECOND, rows) is None


@pytest.mark.parametrize("agg", ["mean", "peak", "last"])
def test_rasterize_uses_them_from_enough_spans_on(market, agg, monkeypatch):
    begin = market.begin // (60 * SECOND) * 60 * SECOND
    times = (begin + np.arange(8) * 60 * SECOND).view("datetime64[ns]")
    prices = np.arange(market.sides[0].levels[0] // 50, market.sides[1].levels[-1] // 50 + 2) * 5.0
    plain = lm.rasterize(market, times, prices, agg=agg)
    assert mipmap.MIPMAPS.of(market) == [[], []]
    monkeypatch.setattr(mipmap, "LEAST", 1)
    monkeypatch.setattr(choose_mipmap, "SOON", 0)
    fresh = lm.Spans(market.sides, market.windows, market.meta)
    drawn = lm.rasterize(fresh, times, prices, agg=agg)
    assert all(mipmap.MIPMAPS.of(fresh))
    np.testing.assert_array_equal(drawn["state"], plain["state"])
    assert_sizes(np.nan_to_num(drawn["liquidity"]), np.nan_to_num(plain["liquidity"]))


def test_last_is_drawn_from_buckets_that_end_at_the_edges(market, monkeypatch):
    monkeypatch.setattr(choose_mipmap, "SOON", 0)
    side, extent = market.sides[0], (market.begin, market.last)
    kept = every_scale(side, monkeypatch)
    rows = np.arange(side.levels[0] // 50, side.levels[-1] // 50 + 2) * 50
    begin = market.begin // (60 * SECOND) * 60 * SECOND
    often = choose(LAST, kept, side, extent, begin + np.arange(72) * 5 * SECOND, rows)
    assert often is not None
    assert often.bucket == 5 * SECOND
    assert choose(LAST, kept, side, extent, begin + np.arange(72) * 5 * SECOND + 1, rows) is None


def test_a_coarser_scale_is_the_finer_one_summed(market, monkeypatch):
    """The oracle of joined buckets: each scale straight from the spans."""
    side = market.sides[0]
    for scale in every_scale(side, monkeypatch):
        direct = mipmap._summed(side, scale.block, scale.bucket, 10**9)
        np.testing.assert_array_equal(scale.at, direct.at)
        np.testing.assert_array_equal(scale.rest > 0, direct.rest > 0)
        for name in ("total", "peak", "rest"):
            assert_sizes(getattr(scale, name), getattr(direct, name))


def test_a_peak_is_not_drawn_from_buckets_longer_than_its_columns(market, monkeypatch):
    """Where no cell is whole, none hides what is cut: that is the spans, and the cells for nothing."""
    monkeypatch.setattr(choose_mipmap, "SOON", 0)
    side, extent = market.sides[0], (market.begin, market.last)
    long = [s for s in every_scale(side, monkeypatch) if s.bucket >= 60 * SECOND]
    rows = np.arange(side.levels[0] // 50, side.levels[-1] // 50 + 2) * 50
    assert choose(PEAK, long, side, extent, market.begin + 1 + np.arange(20) * 17 * SECOND, rows) is None

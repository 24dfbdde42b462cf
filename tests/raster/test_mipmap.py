"""Mipmaps: what is drawn from them is what is drawn from the spans, and their cells are the spans summed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap.raster import mipmap, mipmap_plan, observed
from liqmap.raster.canvas import Canvas
from liqmap.raster.columns import LAST, MEAN, PEAK
from liqmap.raster.mipmap import Mipmap, from_arrays, mipmap_of, to_arrays
from liqmap.raster.observe_spans import side_arrays
from tests.compare import assert_sizes, span_tuples
from tests.strategies import SECOND, START, st_messages, st_raw_messages, to_depth_table

st_feeds = st.one_of(st_messages(), st_raw_messages())


@pytest.fixture(scope="module")
def market() -> lm.Spans:
    return lm.replay(lm.simulate(minutes=6, seed=5, keep_truth=False).depth)


def with_scales(side, monkeypatch, *seconds: int) -> Mipmap | None:
    """A mipmap of the wanted buckets, however little they are worth."""
    monkeypatch.setattr(mipmap, "BUCKETS", tuple(s * SECOND for s in seconds))
    monkeypatch.setattr(mipmap, "WORTH_IT", 0)
    monkeypatch.setattr(mipmap, "FINEST", 0.01)
    return mipmap_of(side)


def draw(spans: lm.Spans, times, rows, how: int, mips: list, monkeypatch) -> tuple[np.ndarray, np.ndarray]:
    """The observed part of a frame, drawn from given mipmaps (None: from the spans)."""
    monkeypatch.setattr(observed, "mipmaps", lambda _: mips)
    monkeypatch.setattr(
        observed, "choose", lambda how, mip, side, times, rows: mip and mipmap_plan.plan(how, mip, times)
    )
    made = observed._observe(spans, Canvas(times, rows, how))
    return np.where(made.lit[..., None], made.values, 0), made.bounds


@st.composite
def st_edges(draw_) -> tuple[np.ndarray, np.ndarray]:
    """Column edges on and beside the buckets, several in one bucket and far apart."""
    bucket = draw_(st.sampled_from([1, 5, 15, 60])) * SECOND
    begin = START // bucket * bucket + draw_(st.sampled_from([0, 0, 1, -7 * SECOND]))
    step = st.sampled_from([bucket, 3 * bucket, bucket // 2 + 1, 1, SECOND // 3])
    steps = draw_(st.lists(step, min_size=1, max_size=12))
    ticks = draw_(st.sets(st.integers(5, 35), min_size=2, max_size=6))
    return begin + np.concatenate([[0], np.cumsum(steps)]), np.array(sorted(ticks), np.int64)


def assert_drawn_alike(feed, edges, how: int, seconds: list[int]) -> None:
    spans = lm.replay(to_depth_table(*feed))
    with pytest.MonkeyPatch.context() as monkeypatch:
        expected, _ = draw(spans, *edges, how, [None, None], monkeypatch)
        mips = [with_scales(side, monkeypatch, *seconds) for side in spans.sides]
        values, _ = draw(spans, *edges, how, mips, monkeypatch)
        assert_sizes(values, expected)


st_scales = st.sampled_from([[1], [5], [60], [1, 5, 15], [5, 60], [15, 300]])


@given(feed=st_feeds, edges=st_edges(), how=st.sampled_from([MEAN, PEAK, LAST]), seconds=st_scales)
@settings(max_examples=60, deadline=None)
def test_a_mipmap_draws_what_the_spans_draw(feed, edges, how, seconds):
    assert_drawn_alike(feed, edges, how, seconds)


@pytest.mark.long
@given(feed=st_feeds, edges=st_edges(), how=st.sampled_from([MEAN, PEAK, LAST]), seconds=st_scales)
@settings(max_examples=1000, deadline=None)
def test_any_mipmap_draws_what_the_spans_draw(feed, edges, how, seconds):
    assert_drawn_alike(feed, edges, how, seconds)


@pytest.mark.pure
@given(feed=st_messages(), edges=st_edges(), how=st.sampled_from([MEAN, PEAK, LAST]))
@settings(max_examples=15, deadline=None)
def test_a_mipmap_draws_what_the_spans_draw__as_plain_python(feed, edges, how):
    assert_drawn_alike(feed, edges, how, [5, 15])


@pytest.mark.parametrize("how", [MEAN, PEAK, LAST])
@pytest.mark.parametrize("columns", ["aligned", "cut", "beside", "narrow"])
def test_a_market_is_drawn_alike(market, how, columns, monkeypatch):
    low, high = market.sides[0].levels[0], market.sides[1].levels[-1]
    begin = market.begin // (60 * SECOND) * 60 * SECOND
    times = {
        "aligned": begin + np.arange(8) * 60 * SECOND,
        "cut": np.linspace(market.begin, market.last, 50).astype(np.int64),
        "beside": begin + np.cumsum([0, 1, 7 * SECOND, 31 * SECOND, 90 * SECOND, 200 * SECOND]),
        "narrow": market.begin + 40 * SECOND + np.arange(90) * (SECOND // 3 + 1),
    }[columns]
    rows = np.arange(low - 3, high + 40, 37)
    expected, bounds = draw(market, times, rows, how, [None, None], monkeypatch)
    for seconds in ([1, 5, 15, 60], [5, 60], [15], [60]):
        mips = [with_scales(side, monkeypatch, *seconds) for side in market.sides]
        values, again = draw(market, times, rows, how, mips, monkeypatch)
        assert_sizes(values, expected)
        np.testing.assert_array_equal(again, bounds)


def test_rows_beside_all_levels_and_of_no_tick_stay_empty(market, monkeypatch):
    side = market.sides[0]
    times = np.linspace(market.begin, market.last, 9).astype(np.int64)
    mips = [with_scales(s, monkeypatch, 5, 15) for s in market.sides]
    inside = int(side.levels[len(side.levels) // 2])
    for rows in ([-9, -5], [10**7, 10**7 + 5], [inside, inside, inside + 40, inside + 40, inside + 41]):
        rows = np.array(rows, np.int64)
        for how in (MEAN, PEAK, LAST):
            expected, _ = draw(market, times, rows, how, [None, None], monkeypatch)
            assert_sizes(draw(market, times, rows, how, mips, monkeypatch)[0], expected)


def test_columns_are_alike_however_they_are_shared_out(market, monkeypatch):
    """The column that a thread begins with has no neighbour that added what they share."""
    rows = np.arange(market.sides[0].levels[0], market.sides[1].levels[-1] + 40, 37)
    times = np.linspace(market.begin, market.last, 40).astype(np.int64)
    mips = [with_scales(side, monkeypatch, 5) for side in market.sides]
    assert mipmap_plan.plan(MEAN, mips[0], times).shared[1:].any()
    for how in (MEAN, PEAK, LAST):
        whole, _ = draw(market, times, rows, how, mips, monkeypatch)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(observed, "blocks", lambda cost: [(j, j + 1) for j in range(len(cost))])
            assert_sizes(draw(market, times, rows, how, mips, patched)[0], whole)


@given(feed=st_feeds, seconds=st.sampled_from([1, 5, 60]))
@settings(max_examples=60)
def test_cells_are_the_spans_summed_by_hand(feed, seconds):
    spans, bucket = lm.replay(to_depth_table(*feed)), seconds * SECOND
    expected: dict = {}
    for side, tick, start, seen, _, size in span_tuples(spans):
        a = start
        while a < seen:
            at = a // bucket
            b = min(seen, (at + 1) * bucket)
            total, peak, rest = expected.get((side, at, tick), (0.0, 0.0, 0.0))
            rest += size if b == (at + 1) * bucket else 0.0
            expected[side, at, tick] = total + size * (b - a), max(peak, size), rest
            a = b
    found = {}
    with pytest.MonkeyPatch.context() as monkeypatch:
        mips = [with_scales(side, monkeypatch, seconds) for side in spans.sides]
    for name, side, mip in zip(("bid", "ask"), spans.sides, mips):
        for k in range(len(mip.at) if mip else 0):
            cells = range(mip.first[k], mip.first[k + 1])
            assert list(mip.level[cells]) == sorted(set(mip.level[cells]))
            for c in cells:
                values = mip.total[c], mip.peak[c], mip.rest[c]
                found[name, mip.at[k], side.levels[mip.level[c]]] = values
    assert found.keys() == expected.keys()
    for key, values in expected.items():
        assert found[key] == tuple(pytest.approx(value, rel=1e-6) for value in values)


def cells_of(mip: Mipmap, scale: int) -> dict:
    """The cells of a scale by bucket and level."""
    return {
        (int(mip.at[k]), int(mip.level[c])): (mip.total[c], mip.peak[c])
        for k in range(mip.scale[scale], mip.scale[scale + 1])
        for c in range(mip.first[k], mip.first[k + 1])
    }


def test_a_coarser_scale_is_the_finer_one_summed(market, monkeypatch):
    """The oracle of joined buckets: each scale straight from the spans."""
    side = market.sides[0]
    mip = with_scales(side, monkeypatch, 1, 5, 15, 60, 300)
    assert list(mip.bucket // SECOND) == [1, 5, 15, 60, 300]
    for scale, bucket in enumerate(mip.bucket // SECOND):
        direct = cells_of(with_scales(side, monkeypatch, int(bucket)), 0)
        joined = cells_of(mip, scale)
        assert joined.keys() == direct.keys()
        assert_sizes([joined[key] for key in direct], list(direct.values()))


def test_scales_are_kept_only_where_they_save_steps(market):
    for side in market.sides:
        mip = mipmap_of(side)
        cells = np.diff(mip.first[mip.scale])
        assert len(cells) > 1
        assert cells[0] * mipmap.FINEST <= len(side)
        assert (cells[1:] * mipmap.WORTH_IT <= cells[:-1]).all()
        assert len(mip.pieces.level) <= len(side) + cells[0]


def test_nothing_is_made_where_it_saves_nothing(market, monkeypatch):
    arrays = side_arrays(market.sides[0])
    assert mipmap.sum_levels(arrays, 5 * SECOND, 100) is None
    assert len(mipmap.sum_levels(arrays, 5 * SECOND, 10**9).at) > 100
    assert mipmap.sum_levels(arrays, 1000, 10**5) is None  # more buckets than there may be cells
    monkeypatch.setattr(mipmap, "FINEST", len(arrays.start) + 1)
    assert mipmap_of(market.sides[0]) is None


@pytest.mark.parametrize("size", [1e-30, 1e30])
def test_sizes_that_no_float32_can_sum_are_drawn_from_the_spans(market, size):
    side = market.sides[0]
    assert mipmap_of(side) is not None
    sizes = np.where(np.arange(len(side)) == 7, size, side.size)
    assert mipmap_of(type(side)(**{**vars(side), "size": sizes})) is None


def test_mipmaps_travel_as_arrays(market):
    made = [mipmap_of(market.sides[0]), None]
    again = from_arrays(to_arrays(made) | {"other": np.zeros(1)})
    assert again[1] is None
    for one, twin in ((made[0], again[0]), (made[0].pieces, again[0].pieces)):
        for name in one._fields:
            if name != "pieces":
                np.testing.assert_array_equal(getattr(one, name), getattr(twin, name))


@pytest.mark.parametrize("agg", ["mean", "peak", "last"])
@pytest.mark.parametrize("beside", [0, 1_234_567])
def test_rasterize_uses_them_from_enough_spans_on(market, agg, beside, monkeypatch):
    begin = market.begin // (60 * SECOND) * 60 * SECOND + beside
    times = (begin + np.arange(8) * 60 * SECOND).view("datetime64[ns]")
    prices = np.arange(market.sides[0].levels[0] // 50, market.sides[1].levels[-1] // 50 + 2) * 5.0
    plain = lm.rasterize(market, times, prices, agg=agg)
    assert mipmap.MIPMAPS.of(market) == [None, None]
    monkeypatch.setattr(mipmap, "LEAST", 1)
    monkeypatch.setattr(mipmap_plan, "SOON", 0)
    fresh = lm.Spans(market.sides, market.windows, market.meta)
    used = []
    monkeypatch.setattr(
        observed, "choose", lambda *asked: used.append(mipmap_plan.choose(*asked)) or used[-1]
    )
    drawn = lm.rasterize(fresh, times, prices, agg=agg)
    assert len(used) == 2
    assert all(plan is not None for plan in used)
    np.testing.assert_array_equal(drawn["state"], plain["state"])
    assert_sizes(np.nan_to_num(drawn["liquidity"]), np.nan_to_num(plain["liquidity"]))

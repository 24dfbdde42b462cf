"""`grid.liqmap`: registered with every grid, at home on every slice, and drawn where its cells are."""

from __future__ import annotations

import subprocess
import sys

import holoviews as hv
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap import schema
from liqmap.schema import SIDES, STATES
from liqmap.spans import touch
from tests.strategies import SECOND, START, TICK_SIZE, st_grids, to_depth_table

hv.extension("bokeh", logo=False)

MESSAGES = [
    ("snapshot", START, [("bid", 10, 4.0), ("bid", 9, 1.0), ("ask", 12, 1.0), ("ask", 13, 1.0)]),
    ("update", START + 10 * SECOND, [("bid", 9, 0.0), ("bid", 11, 1.0)]),
    ("heard", START + 60 * SECOND, []),
]
TIMES = (START + np.arange(0, 70, 5) * SECOND).view("datetime64[ns]")
PRICES = np.round(np.arange(6, 18) * 0.1, 1)


def of_before(grid):
    """As grids were before their coordinates were centres: left edges, here without their bounds."""
    for dim in ("price", "time"):
        if f"{dim}_left" in grid.coords:
            left = grid[f"{dim}_left"].variable
            grid = grid.drop_vars([f"{dim}_left", f"{dim}_right"]).assign_coords({dim: left})
            grid[dim].attrs = {}
    return grid


@pytest.fixture(scope="module")
def grid() -> xr.Dataset:
    return lm.rasterize(lm.replay(to_depth_table(MESSAGES, 2)), TIMES, PRICES, agg="last", parts=True)


def test_is_there_with_every_grid_and_costs_import_nothing():
    code = (
        "import sys, liqmap as lm\n"
        "assert 'xarray' not in sys.modules\n"
        "lm.open_grid\n"
        "import xarray as xr\n"
        "assert hasattr(xr.Dataset, 'liqmap')\n"
        "assert 'holoviews' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# ------------------------------------------------------------------ slices

MEASURES = {
    "depth": lambda g: g.liqmap.depth(bps=2_000),
    "cumulative": lambda g: g.liqmap.cumulative(),
    "mid": lambda g: g.liqmap.mid(),
    "spread": lambda g: g.liqmap.spread(),
    "touch": lambda g: g.liqmap.touch(),
    "imbalance": lambda g: g.liqmap.imbalance(),
    "notional": lambda g: g.liqmap.notional(),
    "per_tick": lambda g: g.liqmap.per_tick(),
    "coverage": lambda g: g.liqmap.coverage("price"),
    "carried_share": lambda g: g.liqmap.carried_share(("price", "side")),
}


WHOLE = MEASURES | {
    "coarsen": lambda g: g.liqmap.coarsen(time="10s", price=0.2),
    "image": lambda g: xr.DataArray(g.liqmap.image("bid").dimension_values(2, flat=False)),
}


def test_measures__are_placed_by_the_bounds_of_the_grid(grid):
    for measure in (
        grid.liqmap.touch(),
        grid.liqmap.depth(),
        grid.liqmap.cumulative(),
        grid.liqmap.notional(),
    ):
        for edge in ("time_left", "time_right"):
            xr.testing.assert_identical(measure[edge].variable, grid[edge].variable)
        assert measure.attrs["venue"] == "test"
    for edge in ("price_left", "price_right"):
        xr.testing.assert_identical(grid.liqmap.cumulative()[edge].variable, grid[edge].variable)
    assert set(grid.liqmap.touch().coords) == {"time", "time_left", "time_right"}


@pytest.mark.parametrize("measure", WHOLE.values(), ids=WHOLE)
@pytest.mark.parametrize(
    "turn",
    [
        lambda g: g.transpose("time", "side", "price", ...),
        lambda g: g.isel(time=slice(None, None, -1)),
        lambda g: g.isel(price=slice(None, None, -1)),
        lambda g: g.isel(side=[1, 0]),
        of_before,
        lambda g: g.assign(note=("time", np.arange(len(g["time"])))),
    ],
    ids=["transposed", "time falls", "price falls", "asks first", "left edges alone", "a variable more"],
)
def test_every_measure__of_a_grid_turned_around_is_the_same(grid, measure, turn):
    expected, actual = measure(grid), measure(turn(grid))
    actual, expected = of_before(actual), of_before(expected)
    sort = [d for d in ("side", "price", "time") if d in expected.dims]
    actual = actual.transpose(*sort, ...).sortby(sort) if sort else actual
    xr.testing.assert_allclose(actual, expected.sortby(sort) if sort else expected, rtol=1e-12)


@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
@pytest.mark.parametrize("t", [0, 3, -1])
def test_every_measure__of_one_time_is_that_of_the_series(grid, measure, t):
    expected = measure(grid).isel(time=t)
    xr.testing.assert_identical(measure(grid.isel(time=t)), expected)
    xr.testing.assert_identical(measure(grid.isel(time=[t])).isel(time=0), expected)


@pytest.mark.parametrize("name", ["depth", "cumulative", "notional", "per_tick", "coverage"])
@pytest.mark.parametrize("side", SIDES)
def test_a_measure__of_one_side_is_that_of_both(grid, name, side):
    bbo = pd.DataFrame({"ts": pd.to_datetime([START], utc=True), "bid": [1.0], "ask": [1.2]})
    measure = {**MEASURES, "depth": lambda g: g.liqmap.depth(bps=2_000, bbo=bbo)}[name]
    xr.testing.assert_identical(measure(grid.sel(side=side)), measure(grid).sel(side=side))


def test_of_one_side__what_needs_both_says_so(grid):
    bids = grid.sel(side="bid")
    assert bids.liqmap.touch()["ask"].isnull().all()
    with pytest.raises(schema.GridError, match="side"):
        bids.liqmap.imbalance()


@pytest.mark.parametrize(
    ("broken", "word"),
    [
        (lambda g: g.drop_vars("liquidity"), "expected `liquidity`"),
        (lambda g: g.mean("time"), "Select, do not reduce"),
        (lambda g: g.drop_vars("state"), "state: expected a variable"),
        (lambda g: g.drop_attrs(), "attrs: expected `agg`"),
        (lambda g: g.drop_vars("price_left").isel(price=[0, 1, 4]), "price: expected the edges"),
    ],
    ids=["no liquidity", "no time", "no state", "no attributes", "no bounds"],
)
def test_a_dataset_that_has_lost_what_is_needed__is_told_what(grid, broken, word):
    with pytest.raises(schema.GridError, match=word):
        broken(grid).liqmap.depth(bins=1)


def test_edges__are_those_the_grid_was_made_of(grid):
    np.testing.assert_array_equal(grid.liqmap.time_edges, TIMES)
    np.testing.assert_array_equal(grid.liqmap.price_edges, PRICES)
    with pytest.raises(schema.GridError, match="price: expected bins that follow"):
        _ = grid.isel(price=[0, 2]).liqmap.price_edges


# ------------------------------------------------------------------ frames


@given(case=st_grids(), parts=st.booleans())
@settings(max_examples=30)
def test_to_frame__has_a_row_for_every_lit_cell(case, parts):
    messages, n, times, prices = case
    grid = lm.rasterize(lm.replay(to_depth_table(messages, n)), times, prices, parts=parts)
    frame = grid.liqmap.to_frame()
    rows = []
    for s, p, t in np.ndindex(grid["liquidity"].shape):
        cell = grid.isel(side=s, price=p, time=t)
        if cell["liquidity"] > 0:
            rows.append((SIDES[s], prices[p], times[t], float(cell["liquidity"]), STATES[int(cell["state"])]))
    assert list(frame.columns[:5]) == ["side", "price", "ts", "liquidity", "state"]
    assert list(frame.columns[5:]) == (["observed", "carried", "known", "age"] if parts else ["known"])
    assert list(frame.iloc[:, :5].itertuples(index=False, name=None)) == [
        (side, price, pd.Timestamp(time, tz="UTC"), size, state) for side, price, time, size, state in rows
    ]
    if parts:
        np.testing.assert_allclose(frame["observed"] + frame["carried"], frame["liquidity"], rtol=1e-6)


# ------------------------------------------------------------------ pictures


class Drawn:
    """What a picture shows at a point, by the element's own bounds and edges."""

    def __init__(self, element: hv.Element) -> None:
        self.values = element.dimension_values(2, flat=False)
        if isinstance(element, hv.Image):  # its coordinates are middles: it is drawn by its bounds
            left, bottom, right, top = element.bounds.lbrt()
            rows, columns = self.values.shape
            ends = np.array([left, right], "datetime64[ns]").astype(np.int64)
            self.times = ends[0] + (ends[1] - ends[0]) * np.arange(columns + 1) // columns
            self.prices = np.linspace(bottom, top, rows + 1)
        else:
            self.times, self.prices = (
                element.interface.coords(element, dim, edges=True) for dim in ("time", "price")
            )
            self.times = self.times.astype("datetime64[ns]").astype(np.int64)

    def at(self, time: int, price: float) -> float:
        row = int(np.searchsorted(self.prices, price, side="right")) - 1
        column = int(np.searchsorted(self.times, time, side="right")) - 1
        return float(self.values[row, column])


@given(case=st_grids(), side=st.sampled_from(SIDES), agg=st.sampled_from(schema.AGGREGATES))
@settings(max_examples=60)
def test_image__shows_every_cell_at_every_point_of_it(case, side, agg):
    messages, n, times, prices = case
    grid = lm.rasterize(lm.replay(to_depth_table(messages, n)), times, prices, agg=agg)
    element = grid.liqmap.image(side)
    assert [d.name for d in element.kdims] == ["time", "price"]
    even = np.ptp(np.diff(times).astype(np.int64)) == 0 and np.ptp(np.diff(prices)) < 1e-9
    even &= not (times.astype(np.int64) % 1000).any()
    assert type(element) is (hv.Image if even else hv.QuadMesh)
    drawn, expected = Drawn(element), grid["liquidity"].sel(side=side).values
    for t, (left, right) in enumerate(grid["time_bounds"].values.astype(np.int64)):
        for p, (low, high) in enumerate(grid["price_bounds"].values):
            for part in (0.3, 0.7):
                at = int(left) + int(part * (right - left)), low + part * (high - low)
                np.testing.assert_array_equal(np.float32(drawn.at(*at)), expected[p, t])


@pytest.mark.long
@given(case=st_grids())
@settings(max_examples=100)
def test_image__a_step_of_the_best_bid_falls_into_its_own_lit_cell(case):
    messages, n, times, prices = case
    spans = lm.replay(to_depth_table(messages, n))
    grid = lm.rasterize(spans, times, prices, agg="peak")
    drawn = Drawn(grid.liqmap.image("bid"))
    start, tick, size = touch(spans, 0)
    for k in np.flatnonzero(size > 0):
        price, at = tick[k] * TICK_SIZE, int(start[k])
        until = int(start[k + 1]) if k + 1 < len(start) else spans.last
        column = int(np.searchsorted(times.astype(np.int64), at, side="right")) - 1
        inside = 0 <= column < len(times) - 1 and prices[0] - 1e-9 <= price < prices[-1] - 1e-9
        if inside and until > at:
            assert drawn.at(at, price + 1e-9) >= np.float32(size[k])


def test_image__is_drawn_on_its_bounds(grid):
    """What the browser is told: the corner of the image and its extent, or every corner of the cells."""
    bokeh = hv.renderer("bokeh")
    glyph = bokeh.get_plot(grid.liqmap.image("bid")).handles["glyph"]
    source = bokeh.get_plot(grid.liqmap.image("bid")).handles["source"].data
    assert (source[glyph.x][0], source[glyph.dw][0]) == (TIMES[0], TIMES[-1] - TIMES[0])
    assert (source[glyph.y][0], source[glyph.dh][0]) == pytest.approx((PRICES[0], PRICES[-1] - PRICES[0]))
    np.testing.assert_array_equal(source["image"][0], grid["liquidity"].sel(side="bid"))
    source = bokeh.get_plot(grid.isel(time=[0, 1, 4]).liqmap.image("bid")).handles["source"].data
    corners = {(left, right) for left, right in zip(source["left"], source["right"])}
    ms = [np.datetime64(t, "ns") for t in TIMES[[0, 1, 2, 4, 5]]]
    assert {(np.datetime64(a, "ns"), np.datetime64(b, "ns")) for a, b in corners} <= set(zip(ms, ms[1:]))


def test_image__leaves_bins_blank_that_a_selection_left_out(grid):
    element = grid.isel(time=[0, 1, 4], price=[3, 4, 7]).liqmap.image("bid")
    values = element.dimension_values(2, flat=False)
    whole = grid["liquidity"].sel(side="bid").values
    np.testing.assert_array_equal(values[np.ix_([0, 1, 3], [0, 1, 3])], whole[np.ix_([3, 4, 7], [0, 1, 4])])
    assert np.isnan(values[2]).all()
    assert np.isnan(values[:, 2]).all()
    with pytest.raises(schema.GridError, match="do not overlap"):
        xr.concat([grid, grid.isel(time=[0])], "time").liqmap.image("bid")


@pytest.mark.parametrize("agg", schema.AGGREGATES)
def test_image__of_both_sides(agg):
    grid = lm.rasterize(lm.replay(to_depth_table(MESSAGES, 2)), TIMES, PRICES, agg=agg)
    bid, ask = (grid["liquidity"].sel(side=side).values for side in SIDES)
    both = grid.liqmap.image().dimension_values(2, flat=False)
    net = grid.liqmap.image("net").dimension_values(2, flat=False)
    for p, t in np.ndindex(bid.shape):
        b, a = np.nan_to_num(bid[p, t]), np.nan_to_num(ask[p, t])
        if not (b or a) and np.isnan([bid[p, t], ask[p, t]]).any():
            assert np.isnan([both[p, t], net[p, t]]).all()
        else:
            assert both[p, t] == (max(b, a) if agg == "peak" else b + a)
            assert net[p, t] == b - a
    assert np.isfinite(both).any()
    assert np.isnan(both).any()


@pytest.mark.parametrize("backend", ["bokeh", "matplotlib"])
@pytest.mark.parametrize("times", [slice(None), [0, 1, 4]], ids=["even", "uneven"])
def test_image__takes_the_options_of_its_element(grid, backend, times):
    hv.extension("bokeh", "matplotlib", logo=False)
    hv.Store.set_current_backend(backend)
    try:
        element = grid.isel(time=times).liqmap.image("bid", what="age", cmap="viridis")
        assert element.vdims[0].unit == "s"
        assert hv.Store.lookup_options(backend, element, "style").kwargs["cmap"] == "viridis"
        hv.render(element, backend=backend)
    finally:
        hv.Store.set_current_backend("bokeh")


@pytest.mark.parametrize(
    ("wrong", "word"),
    [({"side": "buy"}, "side"), ({"what": "sizes"}, "sizes"), ({"what": "state"}, "only sizes")],
    ids=repr,
)
def test_image__refuses_what_is_not_in_the_grid(grid, wrong, word):
    with pytest.raises(schema.GridError, match=word):
        grid.liqmap.image(**wrong)

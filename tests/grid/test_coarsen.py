"""`grid.liqmap.coarsen` is `rasterize` on coarser edges; what xarray's own verbs leave."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap import schema
from tests.compare import assert_sizes, duration
from tests.strategies import SECOND, START, st_grids, st_half_lives, st_prunes, to_depth_table

st_aggs = st.sampled_from(schema.AGGREGATES)


def st_some(count: int):
    """Two or more of ``count`` places, rising."""
    return st.sets(st.integers(0, count - 1), min_size=2).map(sorted)


def assert_same_grid(actual: xr.Dataset, expected: xr.Dataset) -> None:
    """Two grids of one market, but for the last digit of sizes that were added in another order."""
    for name in expected.coords:
        xr.testing.assert_identical(actual[name], expected[name])
    assert actual.attrs == expected.attrs
    np.testing.assert_array_equal(actual["state"], expected["state"])
    for name in expected.data_vars:
        assert actual[name].dims == expected[name].dims
        assert actual[name].dtype == expected[name].dtype
        assert actual[name].attrs.keys() == expected[name].attrs.keys()
        ours, theirs = actual[name].to_numpy(), expected[name].to_numpy()
        np.testing.assert_array_equal(np.isnan(ours), np.isnan(theirs), err_msg=str(name))
        if name in ("liquidity", "observed", "carried"):
            assert_sizes(np.nan_to_num(ours), np.nan_to_num(theirs))
        elif name in ("known", "age"):
            np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6, err_msg=str(name))


@pytest.mark.long
@given(case=st_grids(), half_life=st_half_lives, prune=st_prunes, agg=st_aggs, data=st.data())
@settings(max_examples=150)
def test_coarsen__is_rasterize_on_the_coarser_edges(case, half_life, prune, agg, data):
    messages, n, times, prices = case
    spans = lm.replay(to_depth_table(messages, n))
    carry = {"half_life": duration(half_life), "prune": duration(prune), "agg": agg, "parts": True}
    fine = lm.rasterize(spans, times, prices, **carry)
    times = times[data.draw(st_some(len(times)), "time edges")]
    prices = prices[data.draw(st_some(len(prices)), "price edges")]
    coarse = fine.liqmap.coarsen(time=times, price=prices)
    expected = lm.rasterize(spans, times, prices, **carry)
    if agg == "last":  # a size below float32 has no weight left in the cells
        faint = (fine["liquidity"] == 0) & (fine["age"] > 0)
        if faint.any():
            coarse, expected = coarse.drop_vars("age"), expected.drop_vars("age")
    elif "age" not in coarse:
        assert len(prices) <= len(fine["price"])
        expected = expected.drop_vars("age")
    assert_same_grid(coarse, expected)


MESSAGES = [
    ("snapshot", START, [("bid", 10, 4.0), ("bid", 9, 1.0), ("ask", 12, 1.0), ("ask", 13, 1.0)]),
    ("update", START + 10 * SECOND, [("bid", 9, 0.0), ("bid", 11, 1.0)]),
    ("heard", START + 60 * SECOND, []),
]
TIMES = (START // (60 * SECOND) * 60 * SECOND + np.arange(5, 100, 5) * SECOND).view("datetime64[ns]")
PRICES = np.round(np.arange(7, 18) * 0.1, 1)


@pytest.fixture(scope="module")
def spans():
    return lm.replay(to_depth_table(MESSAGES, 2))


@pytest.fixture(scope="module")
def grid(spans) -> xr.Dataset:
    return lm.rasterize(spans, TIMES, PRICES, parts=True)


def test_coarsen__a_width_cuts_at_its_multiples_and_where_the_grid_ends(spans, grid):
    coarse = grid.liqmap.coarsen(time="1min", price=0.5)
    edges = np.array([5, 60, 95]) * SECOND + TIMES[0].astype(np.int64) - 5 * SECOND
    np.testing.assert_array_equal(coarse.liqmap.time_edges.astype(np.int64), edges)
    np.testing.assert_array_equal(coarse.liqmap.price_edges, [0.7, 1.0, 1.5, 1.7])
    expected = lm.rasterize(spans, edges.view("datetime64[ns]"), [0.7, 1.0, 1.5, 1.7], parts=True)
    assert_same_grid(coarse, expected.drop_vars("age"))


def test_coarsen__of_nothing_is_the_grid(grid):
    assert grid.liqmap.coarsen().identical(grid)
    assert grid.liqmap.coarsen(time="5s", price=0.1).identical(grid)
    assert grid.liqmap.coarsen(time=TIMES, price=PRICES).identical(grid)


def test_coarsen__of_a_slice_is_a_grid_of_the_slice(spans, grid):
    coarse = grid.isel(time=slice(2, 8), price=slice(1, 7)).liqmap.coarsen(price=PRICES[[1, 3, 7]])
    expected = lm.rasterize(spans, TIMES[2:9], PRICES[[1, 3, 7]], parts=True)
    assert_same_grid(coarse, expected.drop_vars("age"))
    side = grid.sel(side="bid").liqmap.coarsen(time="10s")
    assert_same_grid(side, grid.liqmap.coarsen(time="10s").sel(side="bid"))


@pytest.mark.parametrize(
    ("wanted", "word"),
    [
        ({"time": "7s"}, "time: expected edges of the grid's own"),
        ({"time": "2s"}, "time: expected edges of the grid's own"),
        ({"time": 0}, "time: expected a bin width"),
        ({"time": "soon"}, "time"),
        ({"time": TIMES[::-1]}, "increase"),
        ({"time": TIMES + np.timedelta64(1, "ns")}, "time: expected edges of the grid's own"),
        ({"price": 0.15}, "price: expected edges of the grid's own"),
        ({"price": -1}, "price: expected a bin height"),
        ({"price": [0.7, 3.0]}, "price: expected edges of the grid's own, got 3.0"),
    ],
    ids=repr,
)
def test_coarsen__refuses_edges_that_the_grid_does_not_have(grid, wanted, word):
    with pytest.raises(schema.GridError, match=word):
        grid.liqmap.coarsen(**wanted)


def test_coarsen__refuses_a_grid_with_holes(grid):
    with pytest.raises(schema.GridError, match="time: expected bins that follow on each other"):
        grid.isel(time=[0, 1, 3]).liqmap.coarsen(time="1min")


# ------------------------------------------------------------------ xarray's own verbs


def test_resample__keeps_sizes_and_attributes_but_no_states(grid):
    """What survives a plain resample, and that the accessor says so of what does not."""
    means = grid.resample(time="10s").mean()
    assert means.attrs == grid.attrs
    assert means["liquidity"].attrs == grid["liquidity"].attrs
    assert "time_left" not in means.coords
    with pytest.raises(schema.GridError, match="Coarsen by grid"):
        means.liqmap.time_edges  # noqa: B018
    assert means.liqmap.depth()["depth"].notnull().any()
    with pytest.raises(schema.GridError, match="states have no average"):
        means.liqmap.mid()
    last = grid.resample(time="10s").last()
    assert last.liqmap.mid().notnull().any()
    with pytest.raises(schema.GridError, match="after where"):
        grid.where(grid["liquidity"] > 1).liqmap.mid()


def test_coarsen_of_xarray__moves_the_bounds_so_that_the_accessor_sees_holes(grid):
    with pytest.raises(schema.GridError, match="follow on each other"):
        _ = grid.coarsen(time=2, boundary="trim").mean().liqmap.time_edges

"""Presence as variables of a grid: with its verbs, in its files, of a session."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

import liqmap as lm
from liqmap import schema
from liqmap.carry import HOLD, HalfLife
from liqmap.grid import open_grid, save_grid
from tests.strategies import SECOND, START, TICK_SIZE, st_grids, to_depth_table

NAMES = ["presence", "presence_low", "presence_high"]
PRESENCE = lm.Presence(HalfLife("2s", None), HalfLife("1s", None), HalfLife("5s", None))
ROWS = [("bid", 19, 1.0), ("bid", 18, 4.0), ("ask", 20, 1.0), ("ask", 21, 2.0)]
MESSAGES = [
    ("snapshot", START, ROWS),
    ("update", START + SECOND, [("bid", 21, 1.0), ("bid", 18, 0.0)]),  # which leaves the window
    ("update", START + 8 * SECOND, [("ask", 22, 3.0), ("ask", 20, 0.0)]),
]


def grid_of(agg: str, presence=PRESENCE) -> xr.Dataset:
    times = (START + np.arange(9) * SECOND).view("datetime64[ns]")
    prices = np.arange(16, 25) * TICK_SIZE
    return lm.rasterize(lm.replay(to_depth_table(MESSAGES, 2)), times, prices, agg=agg, presence=presence)


@given(case=st_grids(), half_life=st.sampled_from(["2s", None]), data=st.data())
def test_peaks_coarsen_to_the_presence_of_the_largest(case, half_life, data):
    messages, n, times, prices = case
    spans, how = lm.replay(to_depth_table(messages, n)), {"agg": "peak", "presence": PRESENCE}
    carry = {"half_life": half_life, "prune": None}
    fine = lm.rasterize(spans, times, prices, **carry, **how)
    some = [sorted(data.draw(st.sets(st.integers(0, len(e) - 1), min_size=2))) for e in (times, prices)]
    times, prices = times[some[0]], prices[some[1]]
    coarse = fine.liqmap.coarsen(time=times, price=prices)
    expected = lm.rasterize(spans, times, prices, **carry, **how)
    faint = expected["liquidity"].values == 0  # a size below float32 does not tell which was the largest
    for name in NAMES:
        ours, theirs = (np.where(faint, 0, grid[name].values) for grid in (coarse, expected))
        np.testing.assert_allclose(ours, theirs, rtol=1e-5)
        assert coarse[name].attrs == expected[name].attrs


@pytest.mark.parametrize("agg", ["mean", "last"])
def test_what_was_shown_before_it_faded_is_not_made_up(agg):
    grid = grid_of(agg)
    apart = grid.liqmap.coarsen(price=grid.liqmap.price_edges[2:])
    xr.testing.assert_equal(apart["presence"], grid["presence"][:, 2:])
    assert "presence" not in grid.liqmap.coarsen(price=4 * TICK_SIZE)
    wider = grid.liqmap.coarsen(time="2s")
    assert ("presence" in wider) == (agg == "last")
    if agg == "last":
        np.testing.assert_array_equal(wider["presence"], grid["presence"][..., 1::2])


def test_a_level_that_left_is_the_less_likely_the_older_it_is():
    grid = grid_of("last")
    bids = grid.sel(side="bid").isel(price=2)
    assert bids["presence"].values.tolist() == pytest.approx(
        [1, *(0.5 ** np.arange(0.5, 3.6, 0.5))], rel=1e-6
    )
    assert (bids["presence_low"] <= bids["presence"]).all()
    assert np.isnan(grid["presence"].isel(price=0)).all()  # nothing rests there
    assert grid["presence_high"].attrs == {"long_name": "high end of its 90 % interval", "units": "1"}
    frame = grid.liqmap.to_frame()
    assert set(NAMES) <= set(frame)
    assert frame["presence"].between(0, 1).all()


def test_grids_beside_each_other_have_one_presence():
    grid, other = grid_of("mean"), grid_of("mean", presence=HOLD)
    parts = [grid.isel(time=slice(3)), grid.isel(time=slice(3, None))]
    assert lm.concat(parts).identical(grid)
    with pytest.raises(schema.GridError, match="grids of one presence"):
        lm.concat([parts[0], other.isel(time=slice(3, None))])


def test_files_keep_presence(tmp_path):
    grid = grid_of("peak")
    assert open_grid(save_grid(grid, tmp_path / "grid.nc")).identical(grid)

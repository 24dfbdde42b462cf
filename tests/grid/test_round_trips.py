"""Grids keep everything in NetCDF and Zarr, without a warning."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import liqmap as lm


@pytest.fixture(scope="module")
def grid() -> xr.Dataset:
    spans = lm.replay(lm.simulate(minutes=0.2, seed=2, keep_truth=False).depth)
    times = np.arange(spans.begin, spans.last, 10**9).view("datetime64[ns]")
    return lm.rasterize(spans, times, np.arange(64_950, 65_051, 5.0), parts=True)


def test_netcdf(grid: xr.Dataset, tmp_path: Path) -> None:
    grid.to_netcdf(tmp_path / "grid.nc")
    with xr.open_dataset(tmp_path / "grid.nc", decode_coords=True) as back:
        for name in grid.variables:
            np.testing.assert_array_equal(back[name].values, grid[name].values, err_msg=name)
        assert {k: back.attrs[k] for k in grid.attrs} == grid.attrs
        assert back["state"].dtype == np.uint8


def test_zarr(grid: xr.Dataset, tmp_path: Path) -> None:
    grid.to_zarr(tmp_path / "grid.zarr", consolidated=False)
    with xr.open_dataset(tmp_path / "grid.zarr", engine="zarr", consolidated=False) as back:
        assert back.load().identical(grid)
        assert back["state"].dtype == np.uint8
        assert back["time_left"].dtype == np.dtype("datetime64[ns]")


def test_slices_keep_states_bounds_and_attributes(grid: xr.Dataset) -> None:
    low, high = grid["price"].values[[2, 6]]
    part = grid.sel(side="bid", price=slice(low, high)).isel(time=slice(3, 6))
    assert part.attrs == grid.attrs
    assert part["state"].dtype == np.uint8
    np.testing.assert_array_equal(part["time_bounds"], grid["time_bounds"][3:6])
    np.testing.assert_array_equal(part["price_bounds"], grid["price_bounds"][2:7])
    assert part["price"].attrs == grid["price"].attrs


def test_cells_say_in_the_words_of_cf_what_they_tell(grid: xr.Dataset) -> None:
    assert grid.attrs["Conventions"].startswith("CF-")
    assert grid["liquidity"].attrs["cell_methods"] == "price: sum time: mean"
    assert "cell_methods" not in grid["state"].attrs


def test_attributes_are_strings_and_numbers(grid: xr.Dataset) -> None:
    assert all(isinstance(v, (str, int, float)) for v in grid.attrs.values())
    assert {"venue", "symbol", "tick_size", "size_unit", "half_life", "prune", "agg"} < set(grid.attrs)
    assert grid.attrs["contract_value"] == 1.0

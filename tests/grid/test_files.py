"""Grids in files come back as they were, whatever part of them was saved, and without a warning."""

from __future__ import annotations

import errno
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import liqmap as lm
from liqmap import schema
from tests.strategies import st_grids, to_depth_table

SHAPES = {
    "whole": lambda g: g,
    "slice": lambda g: g.isel(time=slice(2, 5), price=slice(None, None, 3)),
    "one side": lambda g: g.sel(side="ask"),
    "one time": lambda g: g.isel(time=3),
    "one cell": lambda g: g.isel(time=3, price=4, side=0),
    "turned": lambda g: g.transpose("time", "side", "price", ...),
    "sizes": lambda g: g[["liquidity"]],
    "coarse": lambda g: g.liqmap.coarsen(time="2s", price=10.0),
    "money": lambda g: g.liqmap.notional(),
}


@pytest.fixture(scope="module")
def grid() -> xr.Dataset:
    spans = lm.replay(lm.simulate(minutes=0.2, seed=2, keep_truth=False).depth)
    times = np.arange(spans.begin, spans.last, 10**9).view("datetime64[ns]")
    return lm.rasterize(spans, times, np.arange(64_950, 65_051, 5.0), parts=True)


def assert_saved(back: xr.Dataset, grid: xr.Dataset) -> None:
    """Values, attributes, types, and what they will be written as the next time."""
    assert back.identical(grid)
    assert {k: type(v) for k, v in back.attrs.items()}.keys() == grid.attrs.keys()
    for name, variable in grid.variables.items():
        assert back[name].dtype == variable.dtype, name
        assert back[name].dims == variable.dims
        assert list(back[name].attrs) == list(variable.attrs)
    if "state" in grid:
        assert back["state"].attrs["flag_values"].dtype == np.uint8
    assert back["time"].encoding == {"units": "nanoseconds since 1970-01-01", "dtype": "int64"}


@pytest.mark.parametrize("suffix", [".nc", ".zarr"])
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_open_grid__gives_back_what_save_grid_was_given(grid, shape, suffix, tmp_path: Path):
    part = shape(grid)
    path = lm.save_grid(part, tmp_path / f"grid{suffix}")
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    back = lm.open_grid(path)
    assert_saved(back, part)
    for other in (".nc", ".zarr"):  # and once more, through either format
        assert_saved(lm.open_grid(lm.save_grid(back, tmp_path / f"again{other}")), part)


@given(case=st_grids(), agg=st.sampled_from(schema.AGGREGATES), parts=st.booleans())
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_grid_comes_back(case, agg, parts, tmp_path: Path):
    messages, n, times, prices = case
    grid = lm.rasterize(lm.replay(to_depth_table(messages, n)), times, prices, agg=agg, parts=parts)
    for suffix in (".nc", ".zarr"):
        assert_saved(lm.open_grid(lm.save_grid(grid, tmp_path / f"grid{suffix}")), grid)


def test_open_grid__reads_what_xarray_itself_wrote(grid, tmp_path: Path):
    grid.to_netcdf(tmp_path / "plain.nc")
    grid.to_zarr(tmp_path / "plain.zarr", consolidated=False)
    grid.to_zarr(tmp_path / "two.zarr", zarr_format=2)
    for name in ("plain.nc", "plain.zarr", "two.zarr"):
        assert_saved(lm.open_grid(tmp_path / name), grid)


def test_open_grid__alone_brings_the_accessor(grid, tmp_path: Path):
    path = lm.save_grid(grid, tmp_path / "grid.nc")
    code = "import sys, liqmap as lm; print(float(lm.open_grid(sys.argv[1]).liqmap.coverage()))"
    out = subprocess.run([sys.executable, "-c", code, str(path)], check=True, capture_output=True, text=True)
    assert float(out.stdout) == float(grid.liqmap.coverage())


@pytest.mark.parametrize("suffix", [".nc", ".zarr"])
def test_save_grid__replaces_an_older_grid_and_leaves_it_where_it_fails(grid, suffix, tmp_path: Path):
    path = tmp_path / f"grid{suffix}"
    lm.save_grid(grid.isel(time=slice(3)), path)
    lm.save_grid(grid, path)
    assert_saved(lm.open_grid(path), grid)
    with pytest.raises((TypeError, ValueError)):
        lm.save_grid(grid.assign_attrs(what=object()), path)
    assert_saved(lm.open_grid(path), grid)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_save_grid__replaces_an_older_grid_that_cannot_be_removed(grid, tmp_path: Path, monkeypatch):
    path = lm.save_grid(grid.isel(time=slice(3)), tmp_path / "grid.zarr")
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", lambda path, ignore_errors=False: None)
        lm.save_grid(grid, path)
    assert_saved(lm.open_grid(path), grid)
    lm.save_grid(grid, path)
    assert [p.name for p in tmp_path.iterdir()] == [path.name], "it is removed the next time"


@pytest.mark.parametrize("step", ["aside", "in place"])
def test_save_grid__that_cannot_rename_leaves_the_older_grid(grid, step, tmp_path: Path, monkeypatch):
    older = grid.isel(time=slice(3))
    path = lm.save_grid(older, tmp_path / "grid.zarr")
    rename = Path.rename

    def refuse(self: Path, to: Path) -> Path:
        if (self == path) == (step == "aside") and not self.name.endswith(".before"):
            raise PermissionError(errno.EACCES, "Permission denied", str(self))
        return rename(self, to)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", refuse)
        with pytest.raises(schema.GridError, match="expected a place to write a grid, got Permission denied"):
            lm.save_grid(grid, path)
    assert_saved(lm.open_grid(path), older)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("suffix", [".nc", ".zarr"])
def test_save_grid__says_that_a_directory_cannot_be_written(grid, suffix, tmp_path: Path, monkeypatch):
    def refuse(*args: object, **more: object) -> None:  # root may write anywhere
        raise PermissionError(errno.EACCES, "Permission denied")

    for name in ("to_netcdf", "to_zarr"):
        monkeypatch.setattr(xr.Dataset, name, refuse)
    with pytest.raises(schema.GridError, match="got Permission denied"):
        lm.save_grid(grid, tmp_path / f"grid{suffix}")


def test_save_grid__refuses_what_it_would_destroy_or_cannot_write(grid, tmp_path: Path):
    precious = tmp_path / "notes.zarr"
    precious.mkdir()
    (precious / "thesis.txt").write_text("...")
    (tmp_path / "folder.nc").mkdir()
    (tmp_path / "file.zarr").write_text("...")
    for name in ("notes.zarr", "folder.nc", "file.zarr"):
        with pytest.raises(schema.GridError, match="something else"):
            lm.save_grid(grid, tmp_path / name)
    assert (precious / "thesis.txt").read_text() == "..."
    for name in ("grid.csv", "grid", "nowhere/grid.nc"):
        with pytest.raises(schema.GridError, match=r"\.nc or \.zarr"):
            lm.save_grid(grid, tmp_path / name)


def test_open_grid__says_what_is_wrong_with_a_file(grid, tmp_path: Path):
    (tmp_path / "text.nc").write_text("not a grid")
    (tmp_path / "empty.zarr").mkdir()
    xr.Dataset({"depth": ("time", [1.0])}).to_netcdf(tmp_path / "other.nc")
    for name, word in {
        "none.nc": "no such file",
        "text.nc": "got neither",
        "empty.zarr": "got neither",
        "other.nc": "expected `liquidity`",
    }.items():
        with pytest.raises(schema.GridError, match=word):
            lm.open_grid(tmp_path / name)


def test_without_the_library__says_which_extra_brings_it(grid, tmp_path: Path, monkeypatch):
    monkeypatch.setattr("liqmap.grid.files.find_spec", lambda name: None)
    for suffix, extra in ((".nc", "lab"), (".zarr", "scale")):
        with pytest.raises(schema.GridError, match=rf"liqmap\[{extra}\]"):
            lm.save_grid(grid, tmp_path / f"grid{suffix}")

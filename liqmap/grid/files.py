"""Grids in files, NetCDF or Zarr: they come back as they were, types and encodings included."""

from __future__ import annotations

import shutil
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from liqmap.grid.coordinates import Grid, from_bounds, with_bounds
from liqmap.schema import GridError
from liqmap.schema.arguments import path_text

if TYPE_CHECKING:
    import xarray as xr

ENGINES = {".nc": ("netcdf4", "lab"), ".zarr": ("zarr", "scale")}
"""By suffix: xarray's name of what reads and writes it, and the extra that brings it."""


def save_grid(grid: xr.Dataset, path: str | Path) -> Path:
    """Write a grid, or a slice of one; the file appears complete or not at all.

    Parameters
    ----------
    path : ``.nc`` (NetCDF 4) or ``.zarr`` (a directory, format 3); an older one is replaced.

    Raises
    ------
    GridError : no grid; another suffix, no such directory, one that cannot be written, something else is in
        the way.

    Notes
    -----
    The file follows CF: bounds are ``time_bounds`` and ``price_bounds``. ``grid.to_netcdf(path)`` and
    ``grid.to_zarr(path, consolidated=False)`` write the edges as they are in memory; `open_grid` reads both.
    """
    path = Path(path_text(path, "path", GridError))
    if "liquidity" not in getattr(grid, "data_vars", ()):
        raise GridError(argument="grid", expected="a grid, with `liquidity`", got=type(grid).__name__)
    if path.suffix not in ENGINES or not path.parent.is_dir():
        expected = f"{' or '.join(ENGINES)} in a directory that exists"
        raise GridError(where=path, expected=expected, remedy="Make it first")
    older = path.is_file() if path.suffix == ".nc" else _is_zarr(path)
    if path.exists() and not older:
        raise GridError(
            where=path,
            expected="an older grid or nothing",
            got="something else there",
            remedy="Remove it first",
        )
    grid, engine = with_bounds(grid), _engine(path.suffix, path)
    unfinished, before = (path.with_name(f".{path.name}.{word}") for word in ("part", "before"))
    _remove(unfinished)
    try:
        if engine == "netcdf4":
            grid.to_netcdf(unfinished, engine=engine)
        else:
            grid.to_zarr(unfinished, mode="w", zarr_format=3, consolidated=False)
        _replace(unfinished, path, before)
    except OSError as error:
        raise GridError(
            where=path,
            expected="a place to write a grid",
            got=f"{error.strerror or error}",
            remedy="Choose another or mend its permissions",
        ) from error
    finally:
        _remove(unfinished)
    return path


def _replace(made: Path, path: Path, before: Path) -> None:
    """The new one in the place of the older: a directory cannot be replaced, so that it steps aside first."""
    if not path.is_dir():
        made.replace(path)
        return
    _remove(before)
    path.rename(before)
    try:
        made.rename(path)
    except OSError:
        before.rename(path)
        raise
    _remove(before)


def _remove(path: Path) -> None:
    """Remove a file or directory as far as it can be removed."""
    shutil.rmtree(path, ignore_errors=True)
    with suppress(OSError):
        path.unlink()


def open_grid(path: str | Path) -> Grid:
    """A saved grid, whole in memory, with its accessor ``grid.liqmap``.

    Parameters
    ----------
    path : what `save_grid`, ``to_netcdf`` or ``to_zarr`` wrote, also before coordinates were centres.

    Raises
    ------
    GridError : no such file, or it holds no grid.
    """
    import xarray as xr

    path = Path(path_text(path, "path", GridError))
    if not path.exists():
        raise GridError(where=path, expected="a grid in NetCDF or Zarr", got="no such file")
    engine = _engine(".zarr" if path.is_dir() else ".nc", path)
    try:
        opened = xr.open_dataset(path, engine=engine, **({"consolidated": False} if engine == "zarr" else {}))
    except (OSError, ValueError) as error:
        raise GridError(where=path, expected="a grid in NetCDF or Zarr", got=f"neither ({error})") from None
    with opened:
        grid = opened.load()
    if "liquidity" not in grid or not {"side", "price", "time"} <= set(grid.coords):
        got = ", ".join(map(str, grid))
        raise GridError(where=path, expected="`liquidity` by side, price and time", got=got)
    return _plain(grid)


def _engine(suffix: str, path: Path) -> str:
    engine, extra = ENGINES[suffix]
    if find_spec("netCDF4" if engine == "netcdf4" else engine) is None:
        raise GridError(
            where=path,
            expected=f"{engine} to be installed",
            got="none",
            remedy=f"pip install 'liqmap[{extra}]'",
        )
    return engine


def _is_zarr(path: Path) -> bool:
    return any((path / name).exists() for name in ("zarr.json", ".zgroup"))


def _plain(grid: xr.Dataset) -> Grid:
    """Coordinates and types as `rasterize` gives them, wherever the grid was in between."""
    grid = grid.drop_encoding()
    if "side" in grid.coords:
        grid = grid.assign_coords(side=grid["side"].astype("<U3"))
    if "state" in grid and "flag_values" in grid["state"].attrs:
        flags = np.asarray(grid["state"].attrs["flag_values"], np.uint8)
        grid = grid.assign(state=grid["state"].assign_attrs(flag_values=flags))
    return from_bounds(grid)

"""Where the cells of a grid are: their centres are the coordinates, as xarray's own tools take them, and
beside them stand the edges, ``time_left``, ``time_right``, ``price_left`` and ``price_right``.

Files have the bounds of CF instead, one variable with both edges: over a dimension of its own, so that in
memory it would double every row of ``to_dataframe``.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from liqmap.schema import GridError

if TYPE_CHECKING:
    from liqmap.grid.accessor import GridAccessor

BINNED = ("price", "time")
"""Dimensions whose coordinates stand for bins."""

POSITION, CENTRE = "position", "centre"
"""Attribute of a coordinate: where in its bin it is. Grids of before had left edges, and no attribute."""

NAMES = {"price": "price", "time": "time, UTC"}
TIMES = {"units": "nanoseconds since 1970-01-01", "dtype": "int64"}
"""How times are written: whole ns."""

WORDS = {"dtype": object}
"""How sides are written, of variable length: the only words that Zarr 3 specifies."""


class Grid(xr.Dataset):
    """What `rasterize` returns: a Dataset that knows the bounds of its bins, ``grid["time_bounds"]`` and
    ``grid["price_bounds"]``, both (N, 2), and that ``grid.liqmap`` is a `GridAccessor`.

    It adds nothing that must last: what xarray makes of it may be a plain Dataset, with edges and accessor.
    """

    __slots__ = ()

    if TYPE_CHECKING:

        @property
        def liqmap(self) -> GridAccessor:
            """Measures, coarser grids, units and pictures."""

    def __getitem__(self, key: Any) -> Any:
        for dim in BINNED:
            if isinstance(key, str) and key == f"{dim}_bounds" and key not in self._variables:
                return bounds(self, dim)
        return super().__getitem__(key)

    @property
    def time_bounds(self) -> xr.DataArray:
        """(T, 2) left and right edges, UTC."""
        return self["time_bounds"]

    @property
    def price_bounds(self) -> xr.DataArray:
        """(P, 2) lower and upper edges, quote currency."""
        return self["price_bounds"]


# ------------------------------------------------------------------ in memory


def coordinates(sides: np.ndarray, prices: np.ndarray, times: np.ndarray) -> dict[str, xr.Variable]:
    """Coordinates of a grid whose bins follow on each other.

    Parameters
    ----------
    sides : words; prices : (P + 1,) edges, quote currency; times : (T + 1,) edges, int64 ns.
    """
    side = xr.Variable("side", sides, {}, WORDS)
    bins = _placed("price", prices[:-1], prices[1:]) | _placed("time", times[:-1], times[1:])
    return {"side": side, **bins}


def _placed(dim: str, left: np.ndarray, right: np.ndarray) -> dict[str, xr.Variable]:
    """Centres and edges of bins (N,): int64 ns or datetime64, or quote currency."""
    if dim == "time":
        begin, end = left.astype(np.int64), right.astype(np.int64)
        left, right = begin.astype("datetime64[ns]"), end.astype("datetime64[ns]")
        centre = (begin + (end - begin) // 2).astype("datetime64[ns]")
    else:
        centre = (left + right) / 2
    name, encoding = NAMES[dim], TIMES if dim == "time" else {}
    edges = zip(edge_names(dim), (left, right), ("left", "right"))
    about = {"long_name": name, "bounds": f"{dim}_bounds", POSITION: CENTRE}
    return {dim: xr.Variable(dim, centre, about, encoding)} | {
        key: xr.Variable(dim, values, {"long_name": f"{name}, {which} edge of the bin"}, encoding)
        for key, values, which in edges
    }


def edge_names(dim: str) -> tuple[str, str]:
    """The coordinates that hold the edges."""
    return f"{dim}_left", f"{dim}_right"


def bounds(grid: xr.Dataset, dim: str) -> xr.DataArray:
    """Left and right edge of each bin (N, 2), from the coordinates that hold them.

    Raises
    ------
    KeyError : the grid has no such coordinates.
    """
    left, right = (grid[name] for name in edge_names(dim))
    values = np.stack([left.to_numpy(), right.to_numpy()], axis=-1)
    return xr.DataArray(values, dims=(*left.dims, "bounds"), coords={dim: grid[dim]}, name=f"{dim}_bounds")


def even_edges(grid: xr.Dataset, dim: str, at: np.ndarray) -> np.ndarray:
    """(N, 2) edges of bins of one width from their left edges: what a grid of before has left when its bounds
    were dropped.

    Raises
    ------
    GridError : the coordinate says that it holds centres, or is not even. A resample writes left edges over
        centres, and leaves the word there.
    """
    steps = np.diff(at)
    even = len(steps) and np.abs(steps - steps[0]).max() <= 1e-9 * np.abs(at).max() * (dim == "price")
    if grid[dim].attrs.get(POSITION) == CENTRE or not even:
        raise GridError(
            where=dim,
            expected=f"the edges of every bin, `{dim}_left` and `{dim}_right`",
            got="none",
            remedy="Coarsen by grid.liqmap.coarsen, which keeps them, or assign them",
        )
    return np.stack([at, np.append(at[1:], at[-1] + steps[-1])], axis=1)


# ------------------------------------------------------------------ in files


def with_bounds(grid: xr.Dataset) -> xr.Dataset:
    """As files have it: CF bounds, and times in whole ns."""
    grid = grid.drop_encoding()
    out = xr.Dataset(grid.data_vars, grid.coords, grid.attrs)
    for dim in BINNED:
        if set(edge_names(dim)) <= set(grid.coords):
            pair = bounds(grid, dim)
            out = out.drop_vars(edge_names(dim)).assign_coords({pair.name: pair.variable})
    return _encoded(out)


def from_bounds(grid: xr.Dataset) -> Grid:
    """As `rasterize` has it, of a grid as files have it; of before, it has left edges and no attribute."""
    found: dict[Hashable, xr.Variable] = {}
    for dim in BINNED:
        name = f"{dim}_bounds"
        if name not in grid.variables or dim not in grid.coords:
            continue
        pair = np.atleast_2d(grid[name].to_numpy().astype("M8[ns]" if dim == "time" else np.float64))
        placed = _placed(dim, pair[:, 0], pair[:, 1])
        about = {str(k): v for k, v in grid[dim].attrs.items() if k != POSITION}
        placed[dim].attrs = {**placed[dim].attrs, **about}
        found.update(placed if grid[dim].dims else {key: each.squeeze() for key, each in placed.items()})
        grid = grid.drop_vars(name)
    grid = _encoded(grid.assign_coords(found))
    return Grid(grid.data_vars, grid.coords, grid.attrs)


def _encoded(grid: xr.Dataset) -> xr.Dataset:
    """With what is said of how it is written."""
    for name in ("time", *edge_names("time"), "time_bounds"):
        if name in grid.coords:
            grid[name].encoding = dict(TIMES)
    if "side" in grid.coords:
        grid["side"].encoding = dict(WORDS)
    return grid

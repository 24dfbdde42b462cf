"""`concat`: grids of one market beside each other, in time, in price, or both."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np
import xarray as xr

from liqmap.grid.cells import DIMS, Cells
from liqmap.grid.coordinates import Grid, from_bounds
from liqmap.schema import GridError

SAME = (
    "venue", "symbol", "tick_size", "size_unit", "contract_value", "half_life", "prune", "carry", "agg",
    "over", "presence",
)  # fmt: skip
"""Attributes that all grids must have in common."""

UNKNOWN = {
    "liquidity": np.nan, "state": 0, "observed": np.nan, "carried": np.nan, "known": 0.0, "age": np.nan,
    "presence": np.nan, "presence_low": np.nan, "presence_high": np.nan,
}  # fmt: skip
"""What is in a cell that no grid has."""


def concat(grids: Iterable[xr.Dataset]) -> Grid:
    """One grid of several: every cell as it was, and unknown where none of them has one.

    Parameters
    ----------
    grids : of one market, aggregate and carry, in any order: of times that follow on each other, of other
        prices, or both. Bins are the same in all that have them, or do not touch.

    Returns
    -------
    Dataset as of `rasterize`, on all their times and prices.

    Raises
    ------
    GridError : grids of different markets, sizes, carries or variables; bins that overlap; a cell of which
        two grids say different things.

    Notes
    -----
    ``xr.concat`` makes numbers of states and loses the edges of bins, where prices differ.
    """
    if isinstance(grids, xr.Dataset) or not isinstance(grids, Iterable):
        raise GridError(argument="grids", expected="several grids", got=type(grids).__name__)
    every = list(grids)
    for grid in every:
        if not isinstance(grid, xr.Dataset):
            raise GridError(argument="grids", expected="grids of rasterize", got=type(grid).__name__)
    if not every:
        raise GridError(argument="grids", expected="one grid or more", got="none")
    cells = [Cells(grid) for grid in every]
    _check_same(every, cells)
    bins = {dim: _union(dim, [c.times if dim == "time" else c.prices for c in cells]) for dim in DIMS[1:]}
    first, sides = cells[0], cells[0].sides
    shape = len(sides), len(bins["price"]), len(bins["time"])
    joined = {name: _joined(name, cells, bins, shape) for name in every[0].variables if name in UNKNOWN}
    pairs = {
        "price_bounds": (("price", "bounds"), bins["price"]),
        "time_bounds": (("time", "bounds"), bins["time"].astype("datetime64[ns]")),
    }
    grid = from_bounds(
        xr.Dataset(
            {name: (DIMS, values, first.grid[name].attrs) for name, values in joined.items()},
            coords={
                "side": ("side", np.array(sides)),
                "price": ("price", bins["price"][:, 0]),
                "time": ("time", bins["time"][:, 0].astype("datetime64[ns]")),
                **pairs,
            },
            attrs=every[0].attrs | {"source_digest": _digest(every)},
        )
    )
    return grid.set_coords("known") if "known" in every[0].coords else grid


def _check_same(grids: list[xr.Dataset], cells: list[Cells]) -> None:
    """That they are of one market, in one form.

    Raises
    ------
    GridError : says in what they differ.
    """
    for grid, one in zip(grids, cells):
        for name in SAME:
            if grid.attrs.get(name) != grids[0].attrs.get(name):
                got = f"{grids[0].attrs.get(name)!r} and {grid.attrs.get(name)!r}"
                raise GridError(argument="grids", expected=f"grids of one {name}", got=got)
        differ = UNKNOWN.keys() & (set(grid.variables) ^ set(grids[0].variables))
        if differ:
            got = ", ".join(sorted(map(str, differ)))
            raise GridError(argument="grids", expected="grids of the same variables", got=f"{got} in some")
        if one.sides != cells[0].sides:
            got = f"{cells[0].sides} and {one.sides}"
            raise GridError(argument="grids", expected="grids of the same sides", got=got)


def _union(dim: str, bounds: list[np.ndarray]) -> np.ndarray:
    """All bins, (N, 2), in order.

    Raises
    ------
    GridError : bins that overlap.
    """
    bins: np.ndarray = np.unique(np.concatenate(bounds), axis=0)
    over = np.flatnonzero(bins[1:, 0] < bins[:-1, 1])
    if len(over):
        k = int(over[0])
        pair = bins[k : k + 2]
        shown = pair.astype("datetime64[ns]").astype(str) if dim == "time" else pair
        raise GridError(
            argument="grids",
            expected=f"bins of {dim} that are equal or apart",
            got=" and ".join(f"[{left}, {right})" for left, right in shown.tolist()),
            remedy="Rasterize them on the same bins",
        )
    return bins


def _joined(
    name: Any, cells: list[Cells], bins: dict[str, np.ndarray], shape: tuple[int, int, int]
) -> np.ndarray:
    """A variable on all bins.

    Raises
    ------
    GridError : two grids differ in a cell that both have.
    """
    dtype = np.uint8 if name == "state" else np.float32
    out, there = np.full(shape, UNKNOWN[name], dtype), np.zeros(shape[1:], np.bool_)
    for each in cells:
        row = np.searchsorted(bins["price"][:, 0], each.prices[:, 0])
        column = np.searchsorted(bins["time"][:, 0], each.times[:, 0])
        block = np.ix_(row, column)
        values = each.state if name == "state" else each.values(name)
        both = there[block]
        now = out[:, row[:, None], column[None, :]]
        if both.any() and not np.array_equal(now[:, both], values[:, both], equal_nan=True):
            raise GridError(
                argument="grids",
                expected="the same in cells that two grids have",
                got=f"different {name}",
                remedy="Cut them by sel, so that each cell is of one",
            )
        out[:, row[:, None], column[None, :]] = values
        there[block] = True
    return out


def _digest(grids: list[xr.Dataset]) -> str:
    """What tells of which sources they are: theirs where it is one."""
    every = sorted({str(grid.attrs.get("source_digest", "")) for grid in grids})
    return every[0] if len(every) == 1 else hashlib.sha256("".join(every).encode()).hexdigest()[:16]

"""A grid as xarray hands it back, whatever was sliced, transposed or dropped: checked, as bare arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import xarray as xr

from liqmap.grid.coordinates import edge_names, even_edges
from liqmap.grid.edges import row_ticks
from liqmap.schema import CARRIED, OBSERVED, SIDES, GridError, Keyword, Sentence, decimals
from liqmap.schema.arguments import is_number

DIMS = ("side", "price", "time")


class Cells:
    """The cells of a grid: arrays (S, P, T), price and time rising.

    A dimension of which one place was selected has length one here; `dataset` takes it away again.

    Parameters
    ----------
    grid : a dataset of `rasterize`, or what became of it.

    Raises
    ------
    GridError : no ``liquidity``, or a dimension of it has lost its coordinate.
    """

    def __init__(self, grid: xr.Dataset) -> None:
        if "liquidity" not in grid or not set(grid["liquidity"].dims) <= set(DIMS):
            have = ", ".join(map(str, grid.data_vars)) or "no variable"
            raise GridError(
                where="grid",
                expected=f"`liquidity` on {DIMS}",
                got=have,
                remedy="See liqmap.rasterize",
            )
        for dim in DIMS:
            if dim not in grid.coords:
                raise GridError(
                    where="grid",
                    expected=f"a coordinate `{dim}`",
                    got="none",
                    remedy="Select, do not reduce",
                )
        self.selected = [dim for dim in DIMS if dim not in grid["liquidity"].dims]
        for dim in self.selected:
            grid = _with_dimension(grid, dim)
        for dim in ("price", "time"):
            if not grid.indexes[dim].is_monotonic_increasing:
                grid = grid.sortby(dim)
        self.grid = grid

    # ------------------------------------------------------------------ what is in the cells

    def values(self, name: str) -> np.ndarray:
        """A variable, (S, P, T).

        Raises
        ------
        GridError : the grid has no such variable.
        """
        known = isinstance(name, str) and name in self.grid.variables
        if not known or set(self.grid[name].dims) != set(DIMS):
            raise GridError(where=f"{name!s:.60}", expected=f"a variable on {DIMS}", got="none of that name")
        return self.grid[name].transpose(*DIMS).to_numpy()

    @cached_property
    def liquidity(self) -> np.ndarray:
        """(S, P, T), NaN where unknown."""
        return self.values("liquidity")

    @cached_property
    def known(self) -> np.ndarray:
        """(S, P, T) bool: cells that are not unknown."""
        return ~np.isnan(self.liquidity)

    @cached_property
    def known_share(self) -> np.ndarray:
        """(S, P, T) share of a cell's ticks x time that is known, of a ``mean``; else whole cells are."""
        if self.attribute("agg") == "mean" and "known" in self.grid.variables:
            return np.nan_to_num(self.values("known"))
        return self.known

    def check_share(self, min_known: float) -> None:
        """Raise where so much shall be known of a mean that does not say for how much of its time it is.

        Raises
        ------
        GridError : it was made before means had ``known``, or has lost it; no share of 0 to 1.
        """
        if not (is_number(min_known) and 0 <= min_known <= 1):
            raise GridError(argument="min_known", expected="a share, 0 to 1", got=f"{min_known!r:.60}")
        if min_known > 0 and self.attribute("agg") == "mean" and "known" not in self.grid.variables:
            raise GridError(
                where="known",
                expected="the known share of every cell of a mean",
                got="none, in a grid of before there was one",
                remedy="Rasterize again",
            )

    @cached_property
    def state(self) -> np.ndarray:
        """(S, P, T) uint8.

        Raises
        ------
        GridError : no state, or numbers that are none: an average of states has fractions, or hides them.
        """
        state = self.values("state")
        if state.dtype.kind not in "iu" or (state > max(OBSERVED, CARRIED)).any():
            raise GridError(
                where="state",
                expected="whole numbers from 0 to 2",
                got=f"{state.dtype}: states have no average",
                remedy="Use grid.liqmap.coarsen; after where() or reindex(), state.fillna(0).astype('uint8')",
            )
        return state.astype(np.uint8, copy=False)

    @cached_property
    def sides(self) -> list[str]:
        """The sides there are, in the order of the first axis."""
        return [str(side) for side in self.grid["side"].to_numpy()]

    def row(self, side: str) -> int:
        """Where a side is on the first axis.

        Raises
        ------
        GridError : the grid does not hold it.
        """
        if side not in self.sides:
            raise GridError(argument="side", expected=f"one of {SIDES} that the grid holds", got=repr(side))
        return self.sides.index(side)

    # ------------------------------------------------------------------ where the cells are

    @cached_property
    def times(self) -> np.ndarray:
        """(T, 2) int64 ns, left and right edges."""
        return self._bounds("time", self.grid["time"].to_numpy().astype("datetime64[ns]").astype(np.int64))

    @cached_property
    def prices(self) -> np.ndarray:
        """(P, 2) quote currency, lower and upper edges."""
        return self._bounds("price", self.grid["price"].to_numpy().astype(np.float64))

    def _bounds(self, dim: str, at: np.ndarray) -> np.ndarray:
        """The edges that stand beside a coordinate, as CF bounds where a file was opened as it is."""
        if set(edge_names(dim)) <= set(self.grid.coords):
            bounds = np.stack([self._edge(name, dim) for name in edge_names(dim)], axis=1)
        elif f"{dim}_bounds" in self.grid.variables:
            bounds = self.grid.variables[f"{dim}_bounds"].transpose(dim, ...).to_numpy()
        else:
            return even_edges(self.grid, dim, at)
        return (bounds.astype("datetime64[ns]") if dim == "time" else bounds).astype(at.dtype)

    def _edge(self, name: str, dim: str) -> np.ndarray:
        """(N,) of one edge. Where grids of other bins were joined, it stands once for each of them."""
        edge = self.grid[name].transpose(dim, ...)
        values = edge.to_numpy().reshape(len(edge), -1)
        first = np.take_along_axis(values, np.argmin(np.isnan(values), axis=1)[:, None], 1)
        if np.isnan(first).any() or not ((values == first) | np.isnan(values)).all():
            raise GridError(where=name, expected="the edge of every bin", got="none, or several of one bin")
        return first[:, 0]

    def edges(self, dim: str) -> np.ndarray:
        """(N + 1,) edges of bins without a gap: int64 ns, or quote currency.

        Raises
        ------
        GridError : bins that do not follow on each other.
        """
        bounds = self.times if dim == "time" else self.prices
        apart = np.flatnonzero(bounds[1:, 0] != bounds[:-1, 1])
        if len(apart):
            left, right = bounds[apart[0], 1], bounds[apart[0] + 1, 0]
            raise GridError(
                where=dim, expected="bins that follow on each other", got=f"{left} before {right}"
            )
        return np.append(bounds[:, 0], bounds[-1, 1])

    @cached_property
    def tick_size(self) -> float:
        """Quote currency."""
        return float(self.attribute("tick_size"))

    @cached_property
    def ticks(self) -> np.ndarray:
        """(P, 2) int64: first tick of a bin, and the one after its last."""
        return row_ticks(self.prices, self.tick_size)

    @cached_property
    def heights(self) -> np.ndarray:
        """(P,) int64 ticks."""
        return self.ticks[:, 1] - self.ticks[:, 0]

    @cached_property
    def middles(self) -> np.ndarray:
        """(P,) middle of a bin's ticks, quote currency: of one tick its very price; NaN without a tick."""
        middle = (self.ticks[:, 0] + self.ticks[:, 1] - 1) / 2 * self.tick_size
        return np.where(self.heights > 0, np.round(middle, decimals(self.tick_size / 2)), np.nan)

    # ------------------------------------------------------------------ what is said of them

    def attribute(self, name: str) -> Any:
        """An attribute of the grid.

        Raises
        ------
        GridError : it was dropped.
        """
        if name not in self.grid.attrs:
            raise GridError(
                where="grid.attrs",
                expected=f"`{name}`",
                got="none",
                remedy="Work under xr.set_options(keep_attrs=True)",
            )
        return self.grid.attrs[name]

    @property
    def unit(self) -> str:
        return str(self.grid["liquidity"].attrs.get("units", self.grid.attrs.get("size_unit", "")))

    def check_sums(self) -> None:
        """Raise where sizes do not add up: the largest sizes of two bins need not have rested together."""
        if self.attribute("agg") == "peak":
            raise GridError(
                argument="agg",
                expected="mean or last",
                got="peak: peaks do not add up",
                remedy=Sentence("Rasterize with ", Keyword("agg", "mean")),
            )

    def dataset(self, variables: Mapping[str, tuple[Sequence[str], np.ndarray, dict]]) -> xr.Dataset:
        """Variables by name (dims, values, attrs) on the coordinates of the grid, with its attributes."""
        dims = {dim for its, _, _ in variables.values() for dim in its}
        kept: list[str] = [
            name
            for dim in DIMS
            if dim in dims
            for name in (dim, *edge_names(dim), f"{dim}_bounds")
            if name in self.grid.variables
        ]
        coords = {name: self.grid.coords[name] for name in kept}
        if "known" in self.grid.coords and set(DIMS) <= dims and "known" not in variables:
            coords["known"] = self.grid.coords["known"]
        out = xr.Dataset(dict(variables), coords=coords, attrs=self.grid.attrs)
        return out.squeeze([dim for dim in self.selected if dim in dims])


def _with_dimension(grid: xr.Dataset, dim: str) -> xr.Dataset:
    """Give a selected place its dimension back, of length one, its edges included."""
    names = [n for n in (*edge_names(dim), f"{dim}_bounds") if n in grid.coords]
    edges = {name: grid.variables[name].expand_dims(dim) for name in names}
    return grid.expand_dims(dim).assign_coords(edges)

"""Fewer, larger cells from the cells there are: exactly what `rasterize` paints on the coarser edges."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from liqmap.carry import nanoseconds
from liqmap.grid.cells import DIMS, Cells
from liqmap.grid.coordinates import Grid, coordinates
from liqmap.grid.edges import price_edges, time_edges
from liqmap.schema import CARRIED, OBSERVED, UNKNOWN, GridError, Keyword, Sentence
from liqmap.schema.arguments import is_number
from liqmap.schema.times import spell

RANKED = np.array([UNKNOWN, CARRIED, OBSERVED], np.uint8)
"""States, each of which prevails over those before it."""


def coarsen(cells: Cells, time: Any, price: Any) -> Grid:
    """The grid on coarser edges, or on multiples of a width; None keeps a dimension.

    Units stay, unknown sizes count as 0, and variables that `rasterize` does not make are left out.

    Raises
    ------
    GridError : an edge that the grid does not have, bins that do not follow on each other.
    """
    times, columns = _coarse_times(cells.edges("time"), time)
    prices, rows = _coarse_prices(cells.edges("price"), price, cells)
    agg, grid = cells.attribute("agg"), cells.grid
    state = _combine_states(cells.state, rows, columns, agg)
    out = {"state": state}
    if grid.attrs.get("over") == "known" and len(columns) != len(cells.edges("time")):
        raise GridError(
            argument="time",
            expected="the bins of the grid",
            got="wider ones: means over known time do not add up over time",
            remedy=Sentence("Rasterize on them with ", Keyword("over", "known")),
        )
    for name in ("liquidity", "observed", "carried"):
        if name in grid:
            out[name] = _combine_sizes(cells.values(name), cells, rows, columns, agg)
            out[name][state == UNKNOWN] = np.nan
    if "known" in grid:
        out["known"] = _combine_known(cells, rows, columns)
    out |= _combine_presence(cells, rows, columns, agg)
    if "age" in grid and (agg == "last" or (np.diff(rows) == 1).all()):
        out["age"] = _combine_ages(cells, rows, columns)
    names = [name for name in grid.data_vars if name in out]
    variables = {name: (DIMS, out[name], grid[name].attrs) for name in names}
    places: dict[str, Any] = dict(coordinates(grid["side"].to_numpy(), prices, times))
    if "known" in grid.coords:
        places["known"] = DIMS, out["known"], grid["known"].attrs
    coarse = Grid(variables, places, grid.attrs)
    return coarse.squeeze([dim for dim in cells.selected if coarse.sizes[dim] == 1])


# ------------------------------------------------------------------ edges


def _coarse_times(fine: np.ndarray, wanted: Any) -> tuple[np.ndarray, np.ndarray]:
    """Coarse edges, and where each is among the fine ones."""
    if wanted is None:
        return fine, np.arange(len(fine))
    if isinstance(wanted, str) or np.ndim(wanted) == 0:
        width = nanoseconds(wanted, "time")
        if width is None or width <= 0:
            raise GridError(
                argument="time", expected="a bin width such as '1min', or edges", got=repr(wanted)
            )
        inner = np.arange(fine[0] // width + 1, -(-fine[-1] // width)) * width
        edges = np.concatenate([fine[:1], inner, fine[-1:]])
    else:
        edges = time_edges(wanted)
    return edges, _places(fine, edges, 0, "time")


def _coarse_prices(fine: np.ndarray, wanted: Any, cells: Cells) -> tuple[np.ndarray, np.ndarray]:
    if wanted is None:
        return fine, np.arange(len(fine))
    tolerance = 1e-6 * cells.tick_size
    if np.ndim(wanted) == 0:
        if not (is_number(wanted) and 0 < wanted < np.inf):
            raise GridError(argument="price", expected="a bin height above zero, or edges", got=repr(wanted))
        first = np.floor((fine[0] + tolerance) / wanted) + 1
        inner = np.arange(first, np.ceil((fine[-1] - tolerance) / wanted)) * wanted
        edges = np.concatenate([fine[:1], inner, fine[-1:]])
    else:
        edges = price_edges(wanted)
    places = _places(fine, edges, tolerance, "price")
    return fine[places], places


def _places(fine: np.ndarray, edges: np.ndarray, tolerance: float, dim: str) -> np.ndarray:
    right = np.clip(np.searchsorted(fine, edges), 0, len(fine) - 1)
    left = np.maximum(right - 1, 0)
    places = np.where(np.abs(fine[left] - edges) <= tolerance, left, right)
    off = np.flatnonzero(np.abs(fine[places] - edges) > tolerance)
    if len(off):
        raise GridError(
            argument=dim,
            expected="edges of the grid's own",
            got=spell(int(edges[off[0]])) if dim == "time" else str(edges[off[0]]),
            remedy="Rasterize on these",
        )
    return places


# ------------------------------------------------------------------ values


def _combine_states(state: np.ndarray, rows: np.ndarray, columns: np.ndarray, agg: str) -> np.ndarray:
    rank = np.argsort(RANKED).astype(np.uint8)[state]
    rank = rank[..., columns[1:] - 1] if agg == "last" else _reduce(np.maximum, rank, columns, 2)
    return RANKED[_reduce(np.maximum, rank, rows, 1)]


def _combine_sizes(
    values: np.ndarray, cells: Cells, rows: np.ndarray, columns: np.ndarray, agg: str
) -> np.ndarray:
    """Row by row: a whole grid in float64 would take twice its own memory."""
    out = np.empty((len(values), len(rows) - 1, len(columns) - 1), np.float32)
    width = np.diff(cells.edges("time")).astype(np.float64)
    whole = _reduce(np.add, width, columns, 0)
    for r, (first, stop) in enumerate(pairwise(rows)):
        row = np.nan_to_num(values[:, first:stop])
        if agg == "peak":
            out[:, r] = _reduce(np.maximum, row.max(axis=1), columns, 1)
        elif agg == "last":
            out[:, r] = row[..., columns[1:] - 1].sum(axis=1, dtype=np.float64)
        else:
            out[:, r] = _reduce(np.add, row.sum(axis=1, dtype=np.float64) * width, columns, 1) / whole
    return out


def _combine_known(cells: Cells, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Known share of ticks x time."""
    values = cells.values("known")
    out = np.zeros((len(values), len(rows) - 1, len(columns) - 1), np.float32)
    width = np.diff(cells.edges("time")).astype(np.float64)
    whole = _reduce(np.add, width, columns, 0)
    for r, (first, stop) in enumerate(pairwise(rows)):
        height = cells.heights[first:stop].astype(np.float64)
        if height.any():
            row = np.einsum("spt,p->st", values[:, first:stop], height / height.sum())
            out[:, r] = _reduce(np.add, row * width, columns, 1) / whole
    return out


def _combine_presence(cells: Cells, rows: np.ndarray, columns: np.ndarray, agg: str) -> dict[str, np.ndarray]:
    """Presence of a ``peak`` grid, that of the largest size; of others where no two cells are joined, as
    they weigh by sizes before they faded, which the grid does not have.
    """
    names = [name for name in ("presence", "presence_low", "presence_high") if name in cells.grid]
    within, places = slice(columns[0], columns[-1]), columns - columns[0]
    if agg != "peak":
        apart = (np.diff(rows) == 1).all() and (agg == "last" or (np.diff(columns) == 1).all())
        kept = slice(rows[0], rows[-1])
        return {name: cells.values(name)[:, kept, columns[1:] - 1] for name in names} if apart else {}
    out = {name: np.empty((len(cells.sides), len(rows) - 1, len(places) - 1), np.float32) for name in names}
    for r, (first, stop) in enumerate(pairwise(rows)) if names else ():
        size = cells.liquidity[:, first:stop, within]
        largest = np.fmax.reduceat(np.fmax.reduce(size, axis=1), places[:-1], axis=1)
        among = size == np.repeat(largest, np.diff(places), axis=1)[:, None]
        for name in names:
            found = np.where(among, cells.values(name)[:, first:stop, within], np.float32(np.nan))
            out[name][:, r] = np.fmax.reduceat(np.fmax.reduce(found, axis=1), places[:-1], axis=1)
    return out


def _combine_ages(cells: Cells, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Ages at the right edge weighed by size there; of sizes too faint for float32, the youngest."""
    age = cells.values("age")[..., columns[1:] - 1]
    if (np.diff(rows) == 1).all():
        return age[:, rows[0] : rows[-1]]
    size = np.nan_to_num(cells.liquidity[..., columns[1:] - 1]).astype(np.float64)
    total = _reduce(np.add, size, rows, 1)
    weighed = _reduce(np.add, size * np.nan_to_num(age), rows, 1)
    faint = -_reduce(np.maximum, np.where(age > 0, -age, -np.inf), rows, 1)  # inf: nothing carried
    empty = np.where(_reduce(np.maximum, ~np.isnan(age), rows, 1), 0.0, np.nan)
    bare = np.where(np.isinf(faint), empty, faint).astype(np.float64)
    return np.divide(weighed, total, out=bare, where=total > 0).astype(np.float32)


def _reduce(ufunc: np.ufunc, values: np.ndarray, places: np.ndarray, axis: int) -> np.ndarray:
    """Sums or maxima from each place to the next along an axis."""
    within = values[(slice(None),) * axis + (slice(places[0], places[-1]),)]
    return ufunc.reduceat(within, places[:-1] - places[0], axis=axis)

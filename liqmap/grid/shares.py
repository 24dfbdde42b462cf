"""How much of a grid is carried, and how much is known.

Pure functions on `Cells`, as the other measures; sums are in float64.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import xarray as xr

from liqmap.grid.cells import DIMS, Cells
from liqmap.schema import CARRIED, GridError


def carried_share(cells: Cells, dim: str | Iterable[str] | None) -> xr.DataArray:
    """Carried part of size x time, 0 to 1, summed over ``dim`` (None: all); NaN where nothing rests.

    Of the variable ``carried``, in a ``peak`` grid where it is the larger; else of the cells of that state.

    Raises
    ------
    GridError : ``dim`` is none of the grid's.
    """
    size = np.where(cells.known, cells.liquidity, 0.0)
    if "carried" not in cells.grid:
        carried = np.where(cells.state == CARRIED, size, 0.0)
    elif cells.attribute("agg") == "peak":
        carried = np.where(cells.values("carried") > cells.values("observed"), size, 0.0)
    else:
        carried = np.nan_to_num(cells.values("carried"))
    level = np.ones(len(cells.grid["price"]))
    return _share(cells, "carried_share", carried, size, level, dim)


def coverage(cells: Cells, dim: str | Iterable[str] | None) -> xr.DataArray:
    """Known part of ticks x time, 0 to 1, summed over ``dim`` (None: all); NaN where there is no tick.

    Of the variable ``known`` if the grid has it, else a cell is known or not.

    Raises
    ------
    GridError : ``dim`` is none of the grid's.
    """
    known = np.nan_to_num(cells.values("known")) if "known" in cells.grid else cells.known
    return _share(cells, "coverage", known, np.ones_like(known), cells.heights, dim)


def _share(
    cells: Cells,
    name: str,
    part: np.ndarray,
    whole: np.ndarray,
    level: np.ndarray,
    dim: str | Iterable[str] | None,
) -> xr.DataArray:
    """Sums over ``dim`` of part / whole, weighed by ``level`` (P,) and by the width of the time bins."""
    try:
        over = set(DIMS if dim is None else [dim] if isinstance(dim, str) else dim)
    except TypeError:
        over = {"none of them"}
    if not over <= set(DIMS):
        raise GridError(argument="dim", expected=f"some of {DIMS}", got=f"{dim!r:.60}")
    left = tuple(d for d in DIMS if d not in over)
    width = (cells.times[:, 1] - cells.times[:, 0]).astype(np.float64)
    sums = f"spt,p,t->{''.join(d[0] for d in left)}"
    of = [np.einsum(sums, a, level.astype(np.float64), width) for a in (part, whole)]
    share = np.divide(of[0], of[1], out=np.full_like(of[1], np.nan), where=of[1] > 0)
    return cells.dataset({name: (left, share, {"units": "1"})})[name]

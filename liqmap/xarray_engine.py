"""The engine ``liqmap`` of ``xarray.open_dataset``: grids that `save_grid` wrote.

xarray loads it, as it does all engines, when it first opens a file. So it is light, and it sees to it that
every dataset has ``.liqmap``, whichever engine opens it.
"""

from __future__ import annotations

from typing import Any, ClassVar

import xarray as xr
from xarray.backends import BackendEntrypoint

from liqmap.xarray_accessor import register

register()


class GridEngine(BackendEntrypoint):
    """``xr.open_dataset("grid.nc", engine="liqmap")`` is `open_grid`: whole in memory, and checked."""

    description = "Grids of order-book liquidity that liqmap saved (NetCDF, Zarr)"
    open_dataset_parameters: ClassVar[tuple[str, ...]] = ("filename_or_obj", "drop_variables")

    def open_dataset(self, filename_or_obj: Any, *, drop_variables: Any = None) -> xr.Dataset:
        from liqmap.grid import open_grid

        found = open_grid(filename_or_obj)
        names = [drop_variables] if isinstance(drop_variables, str) else drop_variables or []
        return found.drop_vars(names, errors="ignore")

    def guess_can_open(self, filename_or_obj: Any) -> bool:
        """Never by itself: files of others are not ours to open."""
        return False

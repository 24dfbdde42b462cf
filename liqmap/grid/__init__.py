"""Grids: `rasterize` and its Dataset, and what people do with one next: measure, coarsen, keep, draw."""

from .accessor import GridAccessor
from .concat import concat
from .coordinates import Grid
from .edges import lattice, price_edges, time_edges
from .files import open_grid, save_grid
from .rasterize import Over, rasterize

__all__ = [
    "Grid",
    "GridAccessor",
    "Over",
    "concat",
    "lattice",
    "open_grid",
    "price_edges",
    "rasterize",
    "save_grid",
    "time_edges",
]

"""Grids: `rasterize` and its Dataset, and what people do with one next: measure, coarsen, keep, draw."""

from .edges import lattice, price_edges, time_edges
from .files import open_grid, save_grid
from .rasterize import rasterize

__all__ = ["lattice", "open_grid", "price_edges", "rasterize", "save_grid", "time_edges"]

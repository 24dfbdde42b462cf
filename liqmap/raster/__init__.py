"""Spans x edges -> grid: any resolution, computed from the spans, with no dense array in between."""

from .edges import lattice, price_edges, time_edges
from .rasterize import rasterize

__all__ = ["lattice", "price_edges", "rasterize", "time_edges"]

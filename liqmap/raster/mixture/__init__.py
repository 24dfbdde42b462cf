"""Frames under a sum of exponentials by size and distance: as fast as a half-life's, part by part."""

from liqmap.raster.mixture.frame import as_mixture, carry_by_mixture

__all__ = ["as_mixture", "carry_by_mixture"]

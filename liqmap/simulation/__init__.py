"""A seeded market whose truth is known, in memory and in a venue's raw files."""

from liqmap.simulation.bybit import write_bybit
from liqmap.simulation.market import Truth, simulate

__all__ = ["Truth", "simulate", "write_bybit"]

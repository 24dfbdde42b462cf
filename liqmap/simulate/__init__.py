"""A seeded market whose truth is known, in memory and in a venue's raw files."""

from .market import Truth, simulate

__all__ = ["Truth", "simulate"]

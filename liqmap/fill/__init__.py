"""The algorithm that liqmap succeeds, exact and fast, for plain frames of snapshots; and how it compares."""

from liqmap.fill.compare import compare_fill
from liqmap.fill.comparison import FillComparison
from liqmap.fill.fill_forward import fill_forward
from liqmap.fill.snapshots import snapshots

__all__ = ["FillComparison", "compare_fill", "fill_forward", "snapshots"]

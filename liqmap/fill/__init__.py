"""The algorithm that liqmap succeeds, exact and fast, for plain frames of snapshots; and how it compares."""

from .compare import compare_fill
from .comparison import FillComparison
from .fill_forward import fill_forward
from .snapshots import snapshots

__all__ = ["FillComparison", "compare_fill", "fill_forward", "snapshots"]

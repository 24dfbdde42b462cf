"""The algorithm that liqmap succeeds, exact and fast, for plain frames of snapshots."""

from .fill_forward import fill_forward
from .snapshots import snapshots

__all__ = ["fill_forward", "snapshots"]

"""What users hold: a `Store`, and a `Session`, one market over one time range."""

from .grid_file import open_grid, save_grid
from .session import Session
from .store import Store, open_store

__all__ = ["Session", "Store", "open_grid", "open_store", "save_grid"]

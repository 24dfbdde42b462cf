"""What users hold: a `Store`, and a `Session`, one market over one time range."""

from .ladder import ladder
from .session import Session
from .store import Store, open_store

__all__ = ["Session", "Store", "ladder", "open_store"]

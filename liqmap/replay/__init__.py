"""Messages -> spans and window: the book as levels resting through time (numpy, numba; no disk)."""

from .replayer import Replayer, replay
from .spans import Spans
from .touch import touch
from .truncate import truncate

__all__ = ["Replayer", "Spans", "replay", "touch", "truncate"]

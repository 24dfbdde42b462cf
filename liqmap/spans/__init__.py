"""Messages -> spans and window: the book as levels resting through time (numpy, numba; no disk)."""

from liqmap.spans.growing import Growing
from liqmap.spans.kept import Derivation, Recent
from liqmap.spans.replayer import Replayer, replay
from liqmap.spans.spans import Spans
from liqmap.spans.touch import touch
from liqmap.spans.truncate import truncate

__all__ = ["Derivation", "Growing", "Recent", "Replayer", "Spans", "replay", "touch", "truncate"]

"""How far the local clock is from the venue's."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from statistics import median
from time import time_ns

KEPT = 5


class Clock:
    """The median of the last few round trips: a slow one says little, and is outvoted.

    offset_ms : the local clock minus the venue's; None where nothing is known of it.
    """

    def __init__(self) -> None:
        self._samples: deque[float] = deque(maxlen=KEPT)
        self.offset_ms: float | None = None

    def add(self, sample_ms: float) -> None:
        """One more round trip."""
        self._samples.append(sample_ms)
        self.offset_ms = median(self._samples)


async def round_trip(
    ask: Callable[[], Awaitable[bytes]], time_ms: Callable[[bytes], float | None]
) -> float | None:
    """The local clock minus the venue's, ms: the venue is taken to answer half way between question and
    answer. None where the answer has no time."""
    begun = time_ns()
    body = await ask()
    ended = time_ns()
    told = time_ms(body)
    return None if told is None else (begun + ended) / 2e6 - told

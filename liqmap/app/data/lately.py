"""What was read a moment ago, for all who ask in that moment."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import Any

MOMENT_S = 1.0
"""How old may be what a page is opened with."""


class Lately:
    """Values by key, each as old as `seconds` at most; what cannot be made is not kept.

    Many who come at once so wait for one reading of a store, which on object storage is a request, and who
    comes later gets what is there then. Threads may share it; two who ask at the same time may both make one.

    Parameters
    ----------
    clock : seconds that do not go back.
    """

    def __init__(self, seconds: float = MOMENT_S, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds, self._clock = seconds, clock
        self._made: dict[Hashable, tuple[float, Any]] = {}

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """The value of a key, by ``make`` where there is none of this moment; raises what that raises."""
        made = self._made.get(key)
        if made is not None and self._clock() - made[0] < self._seconds:
            return made[1]
        self._made.pop(key, None)
        begun = self._clock()
        value = make()
        self._made[key] = begun, value
        return value

    def forget(self) -> None:
        """Make all anew: something has changed."""
        self._made.clear()

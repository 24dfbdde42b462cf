"""The numbers that Advanced Trade gives to the messages of a connection, whatever they are of."""

from __future__ import annotations

from typing import Any

REMEMBERED = 1_000
"""Messages that later ones may repeat."""


class Connection:
    """Whether messages follow each other. ``broken``: one was lost since `mend` was called last."""

    def __init__(self) -> None:
        self.broken = False
        self._last: int | None = None
        self._told: dict[int, tuple[Any, Any]] = {}

    def follow(self, number: int, timestamp: Any, channel: Any) -> bool:
        """Take a message by its number; False where it was told before."""
        what = timestamp, channel
        if self._last is not None and number != self._last + 1:
            if self._told.get(number) == what:
                return False
            self.broken = True
        self._last = number
        self._told.pop(number, None)
        self._told[number] = what
        if len(self._told) > REMEMBERED:
            del self._told[next(iter(self._told))]
        return True

    def mend(self) -> bool:
        """Whether a message was lost since the last call."""
        was, self.broken = self.broken, False
        return was

"""The one clock of an exchange: times of the recording, at so many times their speed."""

from __future__ import annotations

import asyncio
import math
import time


class Clock:
    """Stands at ``begin`` (ns) until it is started; ``speed`` may be infinite: then nothing is waited for."""

    def __init__(self, begin: int, speed: float) -> None:
        self.speed = speed
        self._base = self._reached = begin
        self._since: float | None = None

    def start(self) -> None:
        """Go, or go on."""
        if self._since is None:
            self._since = time.monotonic()

    def stop(self) -> None:
        """Stand still at the time that is."""
        self._base = self.now()
        self._since = None

    def now(self) -> int:
        """ns, of the recording; where nothing is waited for, the last time that was reached."""
        if self._since is None or math.isinf(self.speed):
            return max(self._base, self._reached)
        return self._base + int((time.monotonic() - self._since) * self.speed * 1e9)

    async def until(self, ts: int) -> None:
        """Sleep until it is so late; not at all if it is."""
        self._reached = max(self._reached, ts)
        if math.isinf(self.speed):
            return
        while (left := ts - self.now()) > 0:
            await asyncio.sleep(left / self.speed / 1e9)

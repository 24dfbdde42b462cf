"""What is known of a market while it is listened to: counters that streams and recorders write, and that
terminals, notebooks and the app show."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from typing import Literal

from liqmap.live.market import Market

OVER_S = 5.0
"""Messages a second are those of the last seconds, so many."""

Condition = Literal["connecting", "live", "silent", "waiting", "stopped"]


@dataclass
class MarketStatus:
    """One market.

    state : ``silent``: the stream is open, and says nothing; ``waiting``: for the next attempt.
    messages, bytes : heard so far. last_ns : local time of the last message, ns since the epoch; 0 before it.
    lag_ms : local time minus the venue's of the last message that has one, less the clocks' offset.
    clock_offset_ms : local clock minus the venue's, as measured; None where it is not known.
    checksums, verified : messages that had one, and those that it agreed with.
    error : what went wrong last, a line; empty where nothing did.
    """

    market: Market
    state: Condition = "connecting"
    messages: int = 0
    bytes: int = 0
    last_ns: int = 0
    lag_ms: float | None = None
    clock_offset_ms: float | None = None
    reconnects: int = 0
    gaps: int = 0
    checksums: int = 0
    verified: int = 0
    error: str = ""


class Rate:
    """Messages a second of a counter that is looked at now and then.

    It is that of the last `OVER_S` seconds; where there was no look for so long, that since the last one.
    """

    def __init__(self) -> None:
        self._looks: deque[tuple[float, int]] = deque()

    def of(self, count: int, now: float | None = None) -> float | None:
        """Messages a second; None until there are two looks, and after the counter began anew.

        Parameters
        ----------
        count : messages so far. now : seconds, of a clock that is not set; default: that of the system.
        """
        now = time.monotonic() if now is None else now
        looks = self._looks
        if looks and (count < looks[-1][1] or now < looks[-1][0]):
            looks.clear()
        looks.append((now, count))
        while len(looks) > 2 and looks[1][0] <= now - OVER_S:
            looks.popleft()
        began, first = looks[0]
        return (count - first) / (now - began) if now > began else None

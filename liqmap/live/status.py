"""What is known of a market while it is listened to: counters that streams and recorders write, and that
terminals, notebooks and the app show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from liqmap.live.market import Market

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

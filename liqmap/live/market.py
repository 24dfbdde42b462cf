"""A market that is listened to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Market:
    """Where it trades, what trades, and which depth of it: None for the deepest that is told in full."""

    venue: str
    symbol: str
    feed: str | None = None

"""What is in view: a part of a market's time, its prices, and the pixels that show it."""

from __future__ import annotations

from math import isfinite
from typing import Any, NamedTuple

from liqmap.render.frames.frame import Range, instant_ns, visible

SHORTEST = 10_000
"""Shortest time drawn, ns: HoloViews counts in microseconds."""


class View(NamedTuple):
    """A view of a market.

    begin, end : ns since the epoch. prices : low and high, quote currency. width, height : pixels.
    until : the time up to which a session is played, ns; None where it is not.
    """

    begin: int
    end: int
    prices: tuple[float, float]
    width: int
    height: int
    until: int | None = None

    def within(self, time_range: Range, price_range: tuple[float, float]) -> View:
        """What of it a session has, at least `SHORTEST`; of prices that are none, its own."""
        whole = visible(time_range)
        begin = instant_ns(whole[0])
        begin, end = clip((self.begin, self.end), whole, time=True) or (begin, begin + 1)
        low, high = sorted(self.prices)
        prices = (low, high) if isfinite(low) and isfinite(high) and low != high else price_range
        return self._replace(begin=begin, end=max(end, begin + SHORTEST), prices=prices)


def clip(view: Range | None, whole: Range, time: bool) -> tuple[Any, Any] | None:
    """What of a view lies within the whole; that where there is no view, None where nothing does."""
    low, high = (instant_ns(v) if time else float(v) for v in whole)
    if view is not None and not any(v is None or v != v for v in view):
        ends = [instant_ns(v) if time else float(v) for v in view]
        low, high = max(low, min(ends)), min(high, max(ends))
    return (low, high) if low < high else None

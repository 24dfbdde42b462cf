"""`price_range`: the prices of a session where nobody names some; grids, pictures, page and app have them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liqmap.schema import BID
from liqmap.spans import Spans, touch
from liqmap.spans.levels import BOUNDED

RARE, FAR = 0.001, 3.0
"""Share of the best prices at either end that decide nothing where they lie far beyond the others: so many
times as far as those lie apart. They are of moments in which the book was all but empty."""

LEAST_TICKS = 20
"""Of a margin, where the best prices hardly moved."""

WIDEST = 0.03
"""Of a window, as a share of the price."""


class Bests(NamedTuple):
    """The best prices of a side: lowest and highest, ticks; how far its book reaches beyond, at most."""

    low: int
    high: int
    reach: int
    bounded: bool


def price_range(spans: Spans, begin: int, end: int) -> tuple[float, float] | None:
    """Where the touch went between two instants (ns), plus one window on either side; quote currency.

    What rests far away decides nothing: a window counts as wide as the way of the touch, or 3 % of the price,
    at most; of a book without a window the way of the touch is the margin, of 20 ticks at least. Nor do best
    prices of moments in which the sides crossed, as before an auction, or the book was all but empty.

    Where no side was observed, all levels; None where there are none.
    """
    sides = [_bests(spans, side, apart, begin, end) for side, apart in enumerate(_apart(spans))]
    seen = [found for found in sides if found is not None]
    if not seen:
        ticks = [t for s in spans.sides if len(s) for t in (s.levels[0], s.levels[-1])]
        return _prices(spans, int(min(ticks)), int(max(ticks))) if ticks else None
    low, high = min(s.low for s in seen), max(s.high for s in seen)
    way = max(high - low, LEAST_TICKS)
    wide = max(way, round(WIDEST * abs(low + high) / 2))
    ends = [low, high]
    for side, found in enumerate(sides):
        if found is not None:
            margin = min(found.reach, wide if found.bounded else way)
            ends.append(found.low - margin if side == BID else found.high + margin)
    return _prices(spans, min(ends), max(ends))


def _prices(spans: Spans, low: int, high: int) -> tuple[float, float]:
    """From the lowest tick to the end of the highest."""
    return float(spans.prices(np.array(low))), float(spans.prices(np.array(high + 1)))


def _apart(spans: Spans) -> tuple[np.ndarray, np.ndarray]:
    """Whether each best price of the bids, and of the asks, stood at an instant at which no two crossed."""
    (bids, bid, bid_size), (asks, ask, ask_size) = (touch(spans, side) for side in (0, 1))
    ts = np.concatenate([bids, asks])  # an instant of both counts twice, and says the same
    k, j = (np.searchsorted(times, ts, side="right") - 1 for times in (bids, asks))
    both = (k >= 0) & (j >= 0)
    both[both] = (bid_size[k[both]] > 0) & (ask_size[j[both]] > 0)
    both[both] = bid[k[both]] >= ask[j[both]]
    found = np.zeros(len(bids), np.bool_), np.zeros(len(asks), np.bool_)
    for one, place in zip(found, (k, j)):
        one[place[~both & (place >= 0)]] = True
    return found


def _bests(spans: Spans, side: int, apart: np.ndarray, begin: int, end: int) -> Bests | None:
    """The best prices of a side between two instants; None where it was not observed."""
    start, tick, size = touch(spans, side)
    until = np.append(start[1:], spans.last)
    now = (size > 0) & (until > begin) & (start <= end)
    if not now.any():
        return None
    low, high = _ends(tick[now & apart] if (now & apart).any() else tick[now])
    return Bests(low, high, *_reach(spans, side, start, tick))


def _ends(ticks: np.ndarray) -> tuple[int, int]:
    """Lowest and highest, without the few that lie far beyond all others."""
    low, high = int(ticks.min()), int(ticks.max())
    common = np.quantile(ticks, (RARE, 1 - RARE), method="nearest")
    room = int(FAR * max(common[1] - common[0], LEAST_TICKS))
    return max(low, int(common[0]) - room), min(high, int(common[1]) + room)


def _reach(spans: Spans, side: int, start: np.ndarray, tick: np.ndarray) -> tuple[int, bool]:
    """Median distance in ticks from the touch to the bound of the window, without a bound to the levels; and
    whether the feed has a window (of a whole book, the first snapshot may be shown as one)."""
    window = spans.windows[side]
    bounded = np.flatnonzero(window.kind == BOUNDED)
    if not len(bounded):
        levels = spans.sides[side].levels
        return int(np.median(np.abs(levels - np.median(tick)))) if len(levels) else 0, False
    k = np.searchsorted(start, window.start[bounded], side="right") - 1
    ok = k >= 0
    distance = np.abs(tick[k[ok]] - window.worst[bounded[ok]])
    return int(np.median(distance)) if ok.any() else 0, spans.meta.window_policy != "full"

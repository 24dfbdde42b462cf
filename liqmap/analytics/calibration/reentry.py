"""Re-entry: what left the window and came back into it, from the spans of one feed alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from liqmap.raster.pieces import distances
from liqmap.schema import OPEN, SIDES
from liqmap.schema.times import TimeRange, interval
from liqmap.spans import Spans
from liqmap.spans.levels import NO_WINDOW

if TYPE_CHECKING:
    import pandas as pd


class Exits(NamedTuple):
    """E levels that left the window, bids then asks.

    side : (E,) int8; tick : (E,) int32. left, back : (E,) int64 ns; ``back`` is `OPEN` while out of sight.
    size, after : (E,) float64, before it left, and as it came back: 0 where the window then shows nothing.
    distance : (E,) bps of the touch when it left; NaN without a touch.
    """

    side: np.ndarray
    tick: np.ndarray
    left: np.ndarray
    back: np.ndarray
    size: np.ndarray
    after: np.ndarray
    distance: np.ndarray

    def chosen(self, which: np.ndarray) -> Exits:
        return Exits(*(column[which] for column in self))


def exits(spans: Spans, time_range: TimeRange | None = None) -> Exits:
    """Levels that left the window while it was known, in the range.

    Those that a gap took out of sight are not among them, nor those whose return nobody saw for a gap.
    """
    begin, end = spans.begin, spans.last
    if time_range is not None:
        begin, end = interval(time_range, "time_range", (begin, max(end, begin + 1)))
    parts = []
    for code, (s, w) in enumerate(zip(spans.sides, spans.windows)):
        carried = np.flatnonzero(s.seen < s.end)
        follows = np.append((s.tick[1:] == s.tick[:-1]) & (s.start[1:] == s.end[:-1]), False)[: len(s)]
        after = np.where(follows, np.append(s.size[1:], 0.0)[: len(s)], 0.0)
        known = np.append(w.kind != NO_WINDOW, False)

        def watched(t: np.ndarray, start: np.ndarray = w.start, known: np.ndarray = known) -> np.ndarray:
            return known[np.searchsorted(start, t, side="right") - 1]

        far = distances(spans)[code]
        left, back = s.seen[carried], s.end[carried]
        which = (left > s.start[carried]) & (left >= begin) & (left < min(end, spans.last)) & watched(left)
        which &= (back == OPEN) | watched(back)
        k = carried[which]
        side = np.full(len(k), code, np.int8)
        parts.append(Exits(side, s.tick[k], left[which], back[which], s.size[k], after[k], far[which]))
    return Exits(*(np.concatenate(columns) for columns in zip(*parts)))


def reentries(spans: Spans, time_range: TimeRange | None = None) -> pd.DataFrame:
    """Every level that left the window and came back into it, by when it came back.

    Returns
    -------
    ``side``, ``price``, ``left``, ``back`` (UTC), ``gap`` (s, out of sight), ``distance`` (bps of the touch,
    when it left), ``size`` before, ``size_after`` (0: the window then shows nothing there), ``unchanged``.
    """
    import pandas as pd

    out = exits(spans, time_range)
    out = out.chosen(out.back < OPEN)
    out = out.chosen(np.lexsort((out.tick, out.side, out.back)))
    times = {name: pd.DatetimeIndex(ns.view("datetime64[ns]"), tz="UTC")
             for name, ns in (("left", out.left), ("back", out.back))}  # fmt: skip
    return pd.DataFrame(
        {
            "side": pd.Index(SIDES, dtype="str").take(out.side),
            "price": spans.prices(out.tick),
            **times,
            "gap": (out.back - out.left) * 1e-9,
            "distance": out.distance,
            "size": out.size,
            "size_after": out.after,
            "unchanged": out.size == out.after,
        }
    )

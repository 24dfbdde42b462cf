"""The quiet ends of a session: time at its beginning and end in which hardly a best price changed."""

from __future__ import annotations

import numpy as np

from liqmap.render.frames.frame import Range, instant_ns, visible
from liqmap.render.frames.market import Market
from liqmap.schema.times import TimeRange, interval
from liqmap.spans import Spans, touch

RARE = 0.002
"""Share of the changes of the best prices that a quiet end has at most."""

FEWEST = 100
"""Changes of a side without which nothing is called quiet."""

LONGEST = 0.1
"""Share of the session up to which an end is shown however quiet it is."""

ROOM = 0.02
"""Of the time shown, before and after what is not quiet."""


def times_in_view(session: Market, asked: TimeRange | None = None) -> tuple[np.datetime64, np.datetime64]:
    """The times that a picture shows: those asked for, else the session without its quiet ends.

    An end that a session was opened with, its ``start`` or ``end``, has been asked for too. Of several
    sessions as one, all that is worth looking at in any.

    Raises
    ------
    GridError : no two times that rise, or none of the session.
    """
    if asked is not None:
        first, last = session.time_range
        return visible(interval(asked, "time_range", (instant_ns(first), instant_ns(last))))
    if several := getattr(session, "sessions", ()):
        begins, ends = zip(*map(times_in_view, several))
        return min(begins), max(ends)
    first, last = visible(session.time_range)
    begin, end = without_quiet_ends(session.spans(), session.time_range)
    is_begin_asked, is_end_asked = (getattr(session, name, None) is not None for name in ("start", "end"))
    return first if is_begin_asked else begin, last if is_end_asked else end


def without_quiet_ends(spans: Spans, time_range: Range) -> tuple[np.datetime64, np.datetime64]:
    """The part of a session that is worth looking at first, whole ms; all of it, where neither end is quiet.

    An end is quiet that is longer than a tenth of the session and has fewer than 0.2 % of the changes of each
    side's best price: the hours before a market opens, the book that a capture began with.
    """
    whole = visible(time_range)
    begin, end = (instant_ns(t) for t in whole)
    first, last = end, begin
    for side in (0, 1):
        start = touch(spans, side)[0]
        start = start[np.searchsorted(start, begin) : np.searchsorted(start, end, side="right")]
        if len(start) < FEWEST:
            return whole
        few = int(RARE * len(start))
        first, last = min(first, int(start[few])), max(last, int(start[-1 - few]))
    room, longest = ROOM * (last - first), LONGEST * (end - begin)
    return (
        np.datetime64(_floor(first - room), "ns") if first - begin > longest else whole[0],
        np.datetime64(_floor(last + room), "ns") if end - last > longest else whole[1],
    )


def _floor(time: float) -> int:
    """Down to a millisecond: what a link can say shortly."""
    return int(time) // 10**6 * 10**6

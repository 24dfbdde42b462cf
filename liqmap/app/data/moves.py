"""Moves of the view through time: jump, the whole, the last hour, the play. Choices only, no UI."""

from __future__ import annotations

from typing import Any

import numpy as np

from liqmap.app.data.data import Data
from liqmap.app.data.watched import is_live
from liqmap.app.state.clock import find_time
from liqmap.render.frames.frame import instant_ns, visible
from liqmap.render.marks.overlays import Quotes

HOUR_S = 3_600.0
HOUR = np.timedelta64(3_600, "s")
PART = 10
"""Of a session shown whole, a jump and the play show one part in so many."""

SHORTEST = np.timedelta64(10, "s")
"""The shortest time that the play shows, where the session has as much."""

BORDER = 0.15
"""Share of the prices in view: a mid so near to the lowest or highest of them is brought to the middle."""


def show_whole(data: Data) -> None:
    """The session from its beginning to its end, no longer played."""
    state, times = data.state, visible(data.session.time_range)
    start, end = (None, None) if times == data.first_times else times
    whole = {"start": start, "end": end, "low": None, "high": None, "at": None, "playing": False}
    if whole == {name: getattr(state, name) for name in whole}:  # the charts may have strayed all the same
        state.param.trigger("start")
    else:
        state.param.update(**whole)


def show_last_hour(data: Data) -> None:
    """The last hour in which something happened, or all of the session; of a live one it goes on with it."""
    if is_live(data.session):
        data.state.param.update(start=None, end=None, at=None, playing=False, last_s=HOUR_S)
        return
    begin, end = data.first_times
    start = end - HOUR
    data.state.param.update(start=start if start > begin else None, end=None, at=None, playing=False)


def jump(data: Data, text: str) -> None:
    """The view about a time, as wide as it was; of a session shown whole a part of it.

    Raises
    ------
    LiqmapError : no time, or none of the session.
    """
    begin, end = data.time_range
    whole = visible(data.session.time_range)
    at = find_time(text, data.state.time_zone, whole, begin + (end - begin) // 2)
    width = _width(data)
    start = _whole_ms(min(max(at - width // 2, whole[0]), whole[1] - width))
    data.state.param.update(start=start, end=start + width, at=None, playing=False, **_about(data, at))


def show_instant(data: Data, at: np.datetime64) -> None:
    """The view about an instant, as wide as it was; of a play, which rests then, no further than its time."""
    s = data.state
    first, last = visible(data.session.time_range)
    last = last if s.at is None else min(s.at, last)
    width = min(_width(data), last - first)
    start = _whole_ms(max(min(at - width // 2, last - width), first))
    s.param.update(start=start, end=start + width, playing=False, **_about(data, at))


def play(data: Data) -> None:
    """Let time go on from where it was stopped, or from the left of the view."""
    s = data.state
    if data.busy:  # another session is on its way
        return
    begin, end = visible(data.session.time_range)
    if s.at is None or s.at >= end:
        width = _width(data)
        start = data.time_range[0]
        start = _whole_ms(start if start + width < end else begin)
        at = start + width
        s.param.update(at=at, start=start, end=at, **_about(data, at))
    s.playing = True


def go_on(data: Data, seconds: float) -> None:
    """So many seconds of ours have passed: the right edge advances, at most to the end; prices follow."""
    s = data.state
    if not s.playing or data.session is None or s.at is None:
        return
    end = visible(data.session.time_range)[1]
    start, right = data.time_range
    at = min(s.at + np.timedelta64(round(seconds * s.speed * 1e3), "ms"), end)
    s.param.update(at=at, start=at - (right - start), end=at, playing=bool(at < end), **_about(data, at))


def _about(data: Data, at: np.datetime64) -> dict[str, float]:
    """As many prices as in view, with the mid of an instant in their middle; none where it is in view."""
    s = data.state
    if s.low is None and s.high is None:
        return {}
    spans, (low, high) = data.session.spans(), data.price_range
    mid = Quotes.of(spans).mid.at(instant_ns(at))
    border = BORDER * (high - low)
    if np.isnan(mid) or low + border <= mid <= high - border:
        return {}
    moved = round((mid - (low + high) / 2) / spans.tick_size) * spans.tick_size
    return {"low": low + moved, "high": high + moved}


def _width(data: Data) -> np.timedelta64:
    """As wide as the view; of a session shown whole a part of it."""
    begin, end = data.time_range
    whole = visible(data.session.time_range)
    if data.is_following or (begin, end) not in (whole, data.first_times):
        return min(end - begin, whole[1] - whole[0])
    return min(max(_whole_ms((end - begin) // PART), SHORTEST), end - begin)


def _whole_ms(time: Any) -> Any:
    """An instant or a duration down to a millisecond: what a link can say shortly."""
    kind = type(time).__name__
    return time.astype(f"{kind}[ms]").astype(f"{kind}[ns]")

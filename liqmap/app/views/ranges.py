"""The view of the charts and the view of the state, kept the same."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any

import holoviews as hv
import numpy as np
import panel as pn
from holoviews.plotting.util import get_nested_streams
from holoviews.streams import RangeX, RangeXY, RangeY
from panel.io import unlocked

from liqmap.app.data.data import Data
from liqmap.app.views.figure import Hook, weakly
from liqmap.render.frames.frame import instant_ns, visible
from liqmap.render.frames.zoom_limits import zoom_limits

WHOLE = 1e-3
"""A view that misses less than this share at either end is the first view: nobody has chosen it."""

TOGETHER_MS = 4
"""Times and prices are told one after the other: a picture of new times and old prices is of no use."""

ALONG = ("start", "end", "low", "high")


class Ranges:
    """Follows pan and zoom of linked charts, and moves them when the state says so.

    All figures share the ranges of the first one. Of a view the state keeps milliseconds and hundredths of a
    tick (microseconds and less, where little is shown): what a link holds.
    """

    def __init__(self, data: Data) -> None:
        self.data = data
        self._charts: list[Any] = []
        self._figures: list[Any] = []
        self._painting: list[Callable[[Any, Any], None]] = []
        self._reported: Any = None
        self._moving = self._changing = False
        data.state.param.watch(self._move, list(ALONG))
        data.state.param.watch(self._bound, "at")

    def forget(self) -> None:
        """Other charts follow."""
        self._charts, self._figures, self._painting = [], [], []

    def add(self, chart: Any) -> Any:
        """Follow a chart."""
        self._charts.append(chart)
        return chart

    def follow(self, stream: RangeXY) -> None:
        """Take the views that a user makes from this stream."""
        stream.add_subscriber(self._seen)

    def paint_with(self, move: Callable[[Any, Any], None]) -> None:
        """Tell this of the times and prices in view while a user still moves them."""
        self._painting.append(move)

    def link(self, x: bool = True, y: bool = True) -> Hook:
        """A hook that gives a figure the ranges of the first."""
        return weakly(self._link, x=x, y=y)

    def _link(self, plot: Any, element: Any, x: bool, y: bool) -> None:
        figure = plot.state
        if any(figure is f for f in self._figures):
            return
        if self._figures:
            first = self._figures[0]
            for name, shared in (("x_range", x), ("y_range", y)):
                if shared:
                    setattr(figure, name, getattr(first, name))
                    for part in plot.traverse(lambda p: p):  # streams ask the parts of a chart of layers
                        part.handles[name] = getattr(first, name)
        self._figures.append(figure)
        if len(self._figures) == 1:
            self._limit(figure)
            for along in (figure.x_range, figure.y_range):
                for name in ("start", "end"):
                    along.on_change(name, self._changed)
            self._bound()

    def _limit(self, figure: Any) -> None:
        session = self.data.session
        begin, end = visible(session.time_range)
        low, high = session.price_range
        zoom_limits(figure, session.spans().tick_size, _ms(end) - _ms(begin), high - low)

    def _seen(self, x_range: Any = None, y_range: Any = None, **_: Any) -> None:
        """A user has panned or zoomed."""
        if self.data.session is None or self._played or not (_is_range(x_range) and _is_range(y_range)):
            return
        choice = self._choice(x_range, y_range)
        now = {name: getattr(self.data.state, name) for name in ALONG}
        if choice != now:
            self._reported = choice
            self.data.state.param.update(**choice)

    @property
    def _played(self) -> bool:
        return bool(self.data.state.playing and self.data.state.at is not None)

    def _changed(self, attr: str, old: Any, new: Any) -> None:
        """The browser has changed a range; its other end follows."""
        document = pn.state.curdoc
        if self._moving or self._changing or document is None:
            return
        self._changing = True
        if self._played:
            document.add_next_tick_callback(self._zoomed)
        else:
            document.add_timeout_callback(self._followed, TOGETHER_MS)

    def _followed(self) -> None:
        """A user pans or zooms: the picture follows at once, all else when HoloViews tells of it."""
        self._changing = False
        ranges = self._on_screen()
        if ranges is not None and not self._played:
            for move in self._painting:
                move(*ranges)

    def _zoomed(self) -> None:
        """A user has zoomed while the session is played: the width counts, the right edge goes on.

        From the range itself: HoloViews tells of it half a second later, when the play has set it anew.
        """
        self._changing = False
        ranges = self._on_screen()
        if ranges is None or not self._played:
            return
        (begin, end), prices = ranges
        choice, at = self._choice((begin, end), prices), self.data.state.at
        width = np.timedelta64(round(float(end - begin) / 1e6), "ms")
        self.data.state.param.update(**choice | {"start": at - width, "end": at})

    def _on_screen(self) -> tuple[Any, Any] | None:
        """Times and prices between which the browser's axes are; None where there are none."""
        if self.data.session is None or not self._figures:
            return None
        x, y = self._figures[0].x_range, self._figures[0].y_range
        if not (_is_range((x.start, x.end)) and _is_range((y.start, y.end))):
            return None
        begin, end = (np.datetime64(round(float(ms) * 1e6), "ns") for ms in (x.start, x.end))
        return (begin, end), (y.start, y.end)

    def _choice(self, x_range: Any, y_range: Any) -> dict[str, Any]:
        """Ranges as the state has them: None for the whole, rounded else."""
        session = self.data.session
        begin, end = (instant_ns(t) for t in self.data.first_times)
        low, high = session.price_range
        a, b = (instant_ns(t) for t in x_range)
        c, d = map(float, y_range)
        unit = 10**6 if b - a > 5 * 10**9 else 10**3
        tick = session.spans().tick_size
        fine = tick / (100 if d - c > 10 * tick else 10_000)
        choice: dict[str, Any] = dict.fromkeys(ALONG)
        if abs(a - begin) > WHOLE * (end - begin) or abs(b - end) > WHOLE * (end - begin):
            choice |= {"start": np.datetime64(a // unit * unit, "ns"),
                       "end": np.datetime64(-(-b // unit) * unit, "ns")}  # fmt: skip
        if abs(c - low) > WHOLE * (high - low) or abs(d - high) > WHOLE * (high - low):
            choice |= {"low": _rounded(c, fine), "high": _rounded(d, fine)}
        return choice

    def _move(self, *_: Any) -> None:
        """The state has been given another view, perhaps by a user's own pan."""
        reported, self._reported = self._reported, None
        if self.data.session is None or not self._figures:
            return
        if reported == {name: getattr(self.data.state, name) for name in ALONG}:
            return
        if self._changing and self._played:  # a move of the play comes before the zoom: it would be lost
            self._zoomed()
        with unlocked():  # Panel calls without the document's lock; all is sent at the end, as one
            self._bound()  # first: the browser holds a range to the bounds it has
            self._show(self.data.time_range, self.data.price_range)

    def _show(self, times: Any, prices: Any) -> None:
        """Move axes and what is drawn on them: were axes sent first, they would run ahead of a slow draw."""
        figure = self._figures[0]
        self._moving = True
        figure.x_range.update(start=_ms(times[0]), end=_ms(times[1]))
        figure.y_range.update(start=prices[0], end=prices[1])
        self._moving = False
        streams = [s for chart in self._charts for s in get_nested_streams(chart)]
        moved = []
        for stream in dict.fromkeys(streams):
            if isinstance(stream, (RangeXY, RangeX, RangeY)):
                known = {"x_range": times, "y_range": prices}
                stream.update(**{k: v for k, v in known.items() if k in stream.contents})
                moved.append(stream)
        hv.streams.Stream.trigger(moved)

    def _bound(self, *_: Any) -> None:
        """While the session is played, nobody pans beyond the time it has come to."""
        if not self._figures:
            return
        at = self.data.state.at
        with unlocked():
            self._figures[0].x_range.bounds = None if at is None else (None, _ms(at))


def _is_range(ends: Any) -> bool:
    """Whether both ends are times or numbers, and finite."""
    return ends is not None and all(
        e is not None and e == e and (not isinstance(e, float) or isfinite(e)) for e in ends
    )


def _rounded(price: float, fine: float) -> float:
    return float(f"{round(price / fine) * fine:.12g}")


def _ms(t: Any) -> float:
    return instant_ns(t) / 1e6

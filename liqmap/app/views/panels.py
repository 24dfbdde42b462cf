"""Panels that share an axis with the heatmap: ladder and profile beside it, delta below."""

from __future__ import annotations

from functools import partial
from typing import Any

import holoviews as hv
import numpy as np
import panel as pn
from bokeh.events import MouseLeave, MouseMove
from bokeh.models import LinearAxis, Range1d
from holoviews.streams import RangeXY, Stream

from liqmap.app.data.carry import CurrentCarry, left_to_view
from liqmap.app.data.data import Data
from liqmap.app.state.state import State
from liqmap.app.style import NOTHING
from liqmap.app.views.figure import BOTTOM, RIGHT, left_border, top_border
from liqmap.app.views.traded import NO_TRADES
from liqmap.render.charts.ladder import DEPTH, ladder_panel
from liqmap.render.charts.panels import delta_panel, profile_panel, with_hooks
from liqmap.render.charts.theme import size_axis
from liqmap.render.frames import words as labels
from liqmap.render.frames.frame import instant_ns
from liqmap.render.marks.panels import PANELS

LADDER, PROFILE, DELTA = (PANELS[name].pixels for name in ("ladder", "profile", "delta"))
"""Width of the ladder and the profile, height of the delta; pixels."""

REDRAW = ["half_life_s", "prune_s", "view", "palette"]
"""Choices that change the ladder where it stands."""

WAIT_MS = 40
"""A pointer tells of many places; of those that come within this time the last counts."""


Where = Stream.define("Where", x=None, count=0)
"""An instant, None for the right edge of the view; with another count the book there is drawn anew."""


class Cursor:
    """Where the ladder stands: at the pointer over the heatmap, else, and while the session is played, at the
    right edge of the view."""

    def __init__(self, data: Data) -> None:
        self.stream: Any = None
        self._data = data
        self._figure: Any = None
        self._wanted: np.datetime64 | None = None
        self._waiting = False
        data.state.param.watch(self._again, REDRAW)
        data.state.param.watch(self._viewed, ["start", "end"])
        data.state.param.watch(self._played, ["at", "playing"])

    def begin(self) -> Any:
        """The stream of a ladder."""
        self.stream, self._wanted = Where(), None
        return self.stream

    def forget(self) -> None:
        """There is no ladder."""
        self.stream = self._figure = None

    def hook(self, plot: Any, element: Any) -> None:
        """A hook of the heatmap: the pointer over its figure is followed.

        HoloViews' streams of a move and of a leave do not keep their order, and the ladder would stay.
        """
        if self.stream is not None and plot.state is not self._figure:
            self._figure = plot.state
            self._figure.on_event(MouseMove, self._moved)
            self._figure.on_event(MouseLeave, self._left)

    def _moved(self, event: Any) -> None:
        place = None if event.x is None else np.datetime64(round(event.x * 1e6), "ns")
        self._want(place if self._in_view(place) and not self._data.state.playing else None)

    def _left(self, event: Any) -> None:
        self._want(None)

    def _want(self, place: np.datetime64 | None) -> None:
        self._wanted = place
        document = None if self._figure is None else self._figure.document
        if document is None or document.session_context is None:
            self._go()
        elif not self._waiting:
            self._waiting = True
            document.add_timeout_callback(self._go, WAIT_MS)

    def _go(self) -> None:
        """To where it is wanted."""
        self._waiting = False
        if self.stream is not None and self.stream.x != self._wanted:
            self.stream.event(x=self._wanted)

    def _in_view(self, place: np.datetime64 | None) -> bool:
        if place is None or self._data.session is None:
            return False
        begin, end = (instant_ns(t) for t in self._data.time_range)
        return begin <= instant_ns(place) <= end

    def _viewed(self, *_: Any) -> None:
        """Another view: a place that is not in it is none."""
        if not self._in_view(self._wanted):
            self._played()
        if left_to_view(self._data.state):
            self._again()

    def _played(self, *_: Any) -> None:
        self._wanted = None
        self._go()

    def _again(self, *_: Any) -> None:
        if self.stream is not None:
            self.stream.event(count=self.stream.count + 1)


def ladder(data: Data, view: RangeXY, cursor: Any, link: Any) -> Any:
    """The book at the cursor; another half-life, prune or palette draws it anew."""
    state = data.state
    chart = ladder_panel(
        data.session, at=cursor, carry=CurrentCarry(lambda: data.carry), theme=state.theme,
        palette=lambda: state.palette, view=view, price_range=data.price_range, time_zone=state.time_zone,
    )  # fmt: skip
    unit = labels.size_unit(data.session.spans().meta)
    return _beside(chart, link, LADDER, state, partial(_depth_axis, unit=unit))


def profile(data: Data, view: RangeXY, link: Any) -> Any:
    """Volume by price of the time in view."""
    chart = profile_panel(data.session, theme=data.state.theme, view=view, price_range=data.price_range)
    return _beside(chart, link, PROFILE, data.state)


def delta(data: Data, link: Any) -> Any:
    """Buys less sells, and their sum."""
    state = data.state
    left = left_border(state)
    chart = delta_panel(data.session, theme=state.theme, time_zone=state.time_zone, until=data.played_to)

    def borders(plot: Any, element: Any) -> None:
        figure = plot.state
        figure.update(min_border_left=left, min_border_right=RIGHT, min_border_bottom=24, min_border_top=6)
        figure.xaxis.axis_label = None  # the heatmap above has it
        figure.yaxis.axis_label_text_font_size = "11.5px"
        figure.yaxis.ticker.desired_num_ticks = 4

    chart = with_hooks(chart, borders, link)
    return chart.opts(hv.opts.Overlay(xlim=data.time_range, height=None, backend="bokeh"))


def no_trades(what: str, **size: Any) -> pn.pane.HTML:
    """Words in the place of a panel that counts trades, where none are stored: no zeros, which nobody saw."""
    words = f'<div class="nothing">{what}: {NO_TRADES}</div>'
    return pn.pane.HTML(words, margin=0, stylesheets=[NOTHING], **size)


def _depth_axis(plot: Any, element: Any, unit: str) -> None:
    """A hook of the ladder: the lines of depth have an axis of their own, above."""
    figure = plot.state
    lines = element.traverse(lambda e: e, [hv.Curve])
    place, depth = (max((float(line.dimension_values(k).max(initial=0.0)) for line in lines), default=0.0)
                    for k in ("resting", DEPTH))  # fmt: skip
    if DEPTH not in figure.extra_x_ranges:
        figure.extra_x_ranges = {**figure.extra_x_ranges, DEPTH: Range1d(0, 1)}
        axis = LinearAxis(x_range_name=DEPTH, name=DEPTH, axis_line_color=None, major_label_standoff=1)
        like = figure.xaxis[0]
        same = (
            "axis_label_text_color",
            "axis_label_text_font_style",
            "major_label_text_color",
            "major_label_text_font",
            "major_tick_line_color",
        )
        axis.update(**{name: getattr(like, name) for name in same})
        axis.update(major_tick_in=0, major_tick_out=4, minor_tick_line_color=None)
        axis.major_label_text_font_size = axis.axis_label_text_font_size = "11px"
        axis.axis_label, axis.axis_label_standoff = f"depth (lines), {unit}", 1
        axis.ticker.desired_num_ticks = 2
        size_axis(axis)
        figure.add_layout(axis, "above")
    figure.extra_x_ranges[DEPTH].end = figure.x_range.end * depth / place if place > 0 else 1.0


def _beside(chart: Any, link: Any, width: int, state: State, *hooks: Any) -> Any:
    def borders(plot: Any, element: Any) -> None:
        size = {"width": width, "height": None, "sizing_mode": "stretch_height"}
        plot.state.update(min_border_bottom=BOTTOM, min_border_top=top, **size)
        plot.state.xaxis.ticker.desired_num_ticks = 2  # words of four letters have no room for more

    top = top_border(state)
    return with_hooks(chart, borders, link, *hooks)

"""Panels that share an axis with the heatmap: ladder and profile beside it, delta below."""

from __future__ import annotations

from typing import Any

import holoviews as hv
import numpy as np
from holoviews.streams import PointerX, RangeXY, Stream

from liqmap.carry import HalfLife
from liqmap.render.panels import delta_panel, ladder_panel, profile_panel

from ..data import Data, prune_s, seconds_as_duration
from .figure import BOTTOM, RIGHT, TOP, left_border, with_hooks

LADDER, PROFILE, DELTA = 150, 130, 140
"""Width of the ladder and the profile, height of the delta; pixels."""

CARRY = ["half_life_s", "prune_s", "view"]


class Ruling:
    """The carry model that rules: the state's half-life and prune, whenever it is asked."""

    by_distance = False

    def __init__(self, data: Data) -> None:
        self._data = data

    @property
    def _now(self) -> HalfLife:
        state = self._data.state
        return HalfLife(seconds_as_duration(state.half_life_s), seconds_as_duration(prune_s(state)))

    def weight(self, age: np.ndarray, distance: np.ndarray | None = None) -> np.ndarray:
        """Weight of an age."""
        return self._now.weight(age, distance)

    def integral(self, young: np.ndarray, old: np.ndarray, distance: np.ndarray | None = None) -> np.ndarray:
        """Integral of the weight from one age to another."""
        return self._now.integral(young, old, distance)

    def reach(self, distance: np.ndarray | None = None) -> np.ndarray | int:
        """The age from which the weight is 0."""
        return self._now.reach(distance)

    def attrs(self) -> dict[str, str]:
        """Half-life and prune in words."""
        return self._now.attrs()


Where = Stream.define("Where", x=None, turn=0)
"""An instant, None for the right edge of the view; with another turn the book there is drawn anew."""


class Cursor:
    """Where the ladder stands: at the pointer over the heatmap, else at the right edge of the view."""

    def __init__(self, data: Data) -> None:
        self.stream: Any = None
        self._pointer: PointerX | None = None
        data.state.param.watch(self._again, CARRY)

    def over(self, image: Any) -> Any:
        """The stream of a heatmap."""
        self.stream, self._pointer = Where(), PointerX(source=image)
        self._pointer.add_subscriber(self._moved)
        return self.stream

    def forget(self) -> None:
        """There is no ladder."""
        self.stream = self._pointer = None

    def _moved(self, x: Any = None) -> None:
        if self.stream is not None and x is not None:
            self.stream.event(x=x)

    def _again(self, *_: Any) -> None:
        if self.stream is not None:
            self.stream.event(turn=self.stream.turn + 1)


def ladder(data: Data, view: RangeXY, cursor: Any, link: Any) -> Any:
    """The book at the cursor; another half-life or prune draws it anew."""
    state = data.state
    chart = ladder_panel(
        data.session, at=cursor, carry=Ruling(data), theme=state.theme, palette=state.palette, view=view,
        price_range=data.price_range,
    )  # fmt: skip
    return _beside(chart, link, LADDER)


def profile(data: Data, view: RangeXY, link: Any) -> Any:
    """Volume by price of the time in view."""
    chart = profile_panel(data.session, theme=data.state.theme, view=view, price_range=data.price_range)
    return _beside(chart, link, PROFILE)


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


def _beside(chart: Any, link: Any, width: int) -> Any:
    def borders(plot: Any, element: Any) -> None:
        size = {"width": width, "height": None, "sizing_mode": "stretch_height"}
        plot.state.update(min_border_bottom=BOTTOM, min_border_top=TOP, **size)

    return with_hooks(chart, borders, link)

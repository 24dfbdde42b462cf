"""The chart of the session, with what lies over it, beside and below it."""

from __future__ import annotations

from typing import Any

import panel as pn
import param

from liqmap.render import liquidity
from liqmap.render.chart import picture_options
from liqmap.render.layers import bubble_points, candle_bars, mid_line, touch_lines
from liqmap.render.panels import view_of

from ..data import Data, duration, opacity, prune_s
from . import panels
from .figure import main_options, pane
from .measure import measure
from .ranges import Ranges

REBUILD = ["layers", "panels", "view", "theme", "time_zone"]
"""Choices that need other charts; all else is painted anew in those there are."""

LOOK = ["cutoffs", "limits", "scaling", "carried", "carried_shown", "min_size", "palette", "theme", "bids",
        "asks"]  # fmt: skip

ORDER = ("candles", "bbo", "mid", "bubbles")
"""Of the layers, from below to above."""


class Heatmap(pn.viewable.Viewer):
    """The picture of a session; a choice paints it anew, another session builds it anew."""

    data = param.ClassSelector(class_=Data)

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._body = pn.Column(sizing_mode="stretch_both", margin=0)
        self.ranges = Ranges(self.data)
        self._cursor = panels.Cursor(self.data)
        self._image: Any = None
        self.data.state.param.watch(self.build, REBUILD)

    def build(self, *_: Any) -> None:
        """Make the charts anew."""
        if self.data.session is None:
            return
        self.ranges.forget()
        self._cursor.forget()
        both = {"sizing_mode": "stretch_both", "margin": 0}
        if self.data.state.view == "before and after":
            before, after = self.chart(prune=0.0, title="as transmitted"), self.chart(title="carried")
            self._body[:] = [pn.Row(pane(before), pane(after), **both)]
            return
        chosen = self.data.state.panels
        main = pane(self.chart())
        view = view_of(self._image)
        beside, add = [], self.ranges.add
        if "ladder" in chosen:
            cursor = self._cursor.over(self._image)
            chart = panels.ladder(self.data, view, cursor, self.ranges.link(x=False))
            beside.append(pane(add(chart), width=panels.LADDER, sizing_mode="stretch_height"))
        if "profile" in chosen:
            chart = panels.profile(self.data, view, self.ranges.link(x=False))
            beside.append(pane(add(chart), width=panels.PROFILE, sizing_mode="stretch_height"))
        rows = [pn.Row(main, *beside, **both) if beside else main]
        if "delta" in chosen:
            chart = panels.delta(self.data, self.ranges.link(y=False))
            below = pane(add(chart), height=panels.DELTA, sizing_mode="stretch_width")
            gap = pn.Spacer(width=sum(p.width for p in beside), height=panels.DELTA, margin=0)
            rows.append(pn.Row(below, gap, sizing_mode="stretch_width", margin=0) if beside else below)
        self._body[:] = rows

    def chart(self, prune: float | None = None, title: str = "") -> Any:
        """The heatmap with its layers, linked to the state.

        Parameters
        ----------
        prune : s; instead of the state's. The numbers on the page are of the chart that follows the state.
        """
        data, state = self.data, self.data.state
        spans, p = data.session.spans(), state.param
        following = prune is None
        image = liquidity(
            data.element,
            x_range=data.time_range,
            y_range=data.price_range,
            half_life=param.bind(duration, p.half_life_s),
            prune=param.bind(lambda *_: duration(prune_s(state)), p.prune_s, p.view)
            if following
            else duration(prune),
            agg=p.agg,
            row_ticks=p.row_ticks,
            stable=p.stable,
            opacity=param.bind(lambda *_: opacity(state), p.opacity, p.layers),
            time_zone=state.time_zone,
            seen=data.seen if following else None,
            **{name: p[name] for name in LOOK},
        )
        chart = picture_options(image, spans.meta)
        if following:
            self._image = image
            self.ranges.follow(view_of(image))
        for name in ORDER:
            if name in state.layers:
                chart = chart * self._layer(name)
        hooks = [self.ranges.link(), measure(spans.meta, state.theme)]
        return self.ranges.add(main_options(chart, spans.meta, state, data, title, hooks))

    def _layer(self, name: str) -> Any:
        session, theme = self.data.session, self.data.state.theme
        if name in ("candles", "bubbles"):
            return (candle_bars if name == "candles" else bubble_points)(session, theme=theme)
        lines = touch_lines if name == "bbo" else mid_line
        return lines(session.spans(), session.time_range, theme=theme, price_range=session.price_range)

    def __panel__(self) -> pn.viewable.Viewable:
        return self._body

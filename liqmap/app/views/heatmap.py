"""The chart of the session, with what stands beside and below it."""

from __future__ import annotations

from typing import Any

import panel as pn
import param
from holoviews.streams import RangeXY

from liqmap.render import liquidity
from liqmap.render.chart import bubble_points, picture_options, touch_lines

from ..data import Data, duration, prune_s
from .figure import main_options, pane
from .measure import measure
from .ranges import Ranges

REBUILD = ["layers", "panels", "view", "theme", "time_zone"]
"""Choices that need other charts; all else is painted anew in those there are."""

LOOK = ["cutoffs", "limits", "scaling", "carried", "carried_shown", "opacity", "min_size", "palette",
        "theme", "bids", "asks"]  # fmt: skip


class Heatmap(pn.viewable.Viewer):
    """The picture of a session; a choice paints it anew, another session builds it anew."""

    data = param.ClassSelector(class_=Data)

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._body = pn.Column(sizing_mode="stretch_both", margin=0)
        self.ranges = Ranges(self.data)
        self.data.state.param.watch(self.build, REBUILD)

    def build(self, *_: Any) -> None:
        """Make the charts anew."""
        if self.data.session is None:
            return
        self.ranges.forget()
        if self.data.state.view == "before and after":
            before, after = self.chart(prune=0.0, title="as transmitted"), self.chart(title="carried")
            self._body[:] = [pn.Row(pane(before), pane(after), sizing_mode="stretch_both", margin=0)]
        else:
            self._body[:] = [pane(self.chart())]

    def chart(self, prune: float | None = None, title: str = "") -> Any:
        """The heatmap with its layers, linked to the state.

        Parameters
        ----------
        prune : s; instead of the state's. The numbers on the page are of the chart that follows the state.
        """
        data, state, session = self.data, self.data.state, self.data.session
        spans, times = session.spans(), session.time_range
        p = state.param
        following = prune is None
        image = liquidity(
            data.element,
            x_range=data.time_range,
            y_range=data.price_range,
            half_life=param.bind(duration, p.half_life_s),
            prune=param.bind(lambda *_: duration(prune_s(state)), p.prune_s, p.view) if following
            else duration(prune),
            agg=p.agg,
            row_ticks=p.row_ticks,
            stable=p.stable,
            seen=data.seen if following else None,
            **{name: p[name] for name in LOOK},
        )  # fmt: skip
        chart = picture_options(image, spans.meta)
        if following:
            self.ranges.follow(RangeXY(source=image))
        if "bbo" in state.layers:
            chart = chart * touch_lines(spans, times, theme=state.theme)
        if "bubbles" in state.layers:
            chart = chart * bubble_points(session, theme=state.theme)
        hooks = [self.ranges.link(), measure(spans.meta, state.theme)]
        chart = main_options(chart, spans.meta, state, data, title, hooks)
        return self.ranges.add(chart)

    def __panel__(self) -> pn.viewable.Viewable:
        return self._body

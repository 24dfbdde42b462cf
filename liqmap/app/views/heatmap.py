"""The chart of the session, with what lies over it, beside and below it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import holoviews as hv
import panel as pn
import param

from liqmap.app.data.carry import left_to_view
from liqmap.app.data.data import Data, opacity
from liqmap.app.state.options import BOTH, LOOK_CHOICES, VIEWS
from liqmap.app.views import panels
from liqmap.app.views.figure import main_options, pane, weakly
from liqmap.app.views.measure import Measure
from liqmap.app.views.painter import Painter
from liqmap.app.views.ranges import Ranges
from liqmap.app.views.traded import Traded
from liqmap.carry import DROP, CarryModel
from liqmap.render.charts.heatmap import picture_options
from liqmap.render.charts.layers import scene

REBUILD = ["layers", "panels", "theme", "time_zone"]
"""Choices that need other charts; all else is painted anew in those there are."""

SAME = ["agg", "row_ticks", "stable", "time_zone", *(name for name in LOOK_CHOICES if name != "opacity")]
"""Choices that `liquidity` has by the same names."""

REPAINT = [*(name for name in SAME if name not in REBUILD), "half_life_s", "prune_s", "opacity"]
"""Choices that change nothing but the pixels."""


NOTHING = 34
"""Pixels of the height of a panel that has nothing to show."""


class Heatmap(pn.viewable.Viewer):
    """The picture of a session; a choice paints it anew, another session builds it anew."""

    data = param.ClassSelector(class_=Data)

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._body = pn.Column(sizing_mode="stretch_both", margin=0)
        self.ranges = Ranges(self.data)
        self._cursor = panels.Cursor(self.data)
        self._traded = Traded(data=self.data)
        self._measure = Measure(self.data)
        self._painters: list[Painter] = []
        self._size: Mapping[str, int | None] = {}
        self._view: Any = None
        self.data.state.param.watch(self.build, REBUILD)
        self.data.state.param.watch(self.paint, REPAINT)
        self.data.state.param.watch(self._viewed, "view")
        self.data.state.param.watch(self._moved, ["start", "end"])

    def build(self, *_: Any) -> None:
        """Make the charts anew."""
        if self.data.session is None:
            return
        if self._painters:  # the next will have about the size of these, and need not be drawn twice
            self._size = self._painters[0].size
        self._painters.clear()
        self.ranges.forget()
        self._cursor.forget()
        both = {"sizing_mode": "stretch_both", "margin": 0}
        if self.data.state.view == BOTH:
            before, after = self.chart(carry=DROP, title=VIEWS[1]), self.chart(title=VIEWS[0])
            self._body[:] = [pn.Row(pane(before), pane(after), **both)]
            return
        chosen = self.data.state.panels
        cursor = self._cursor.begin() if "ladder" in chosen else None
        main = pane(self.chart())
        view = self._view
        beside, add, has_trades = [], self.ranges.add, self.data.has_trades
        if "ladder" in chosen:
            chart = panels.ladder(self.data, view, cursor, self.ranges.link(x=False))
            beside.append(pane(add(chart), width=panels.LADDER, sizing_mode="stretch_height"))
        if "profile" in chosen and not has_trades:
            beside.append(panels.no_trades("volume", width=panels.PROFILE, sizing_mode="stretch_height"))
        elif "profile" in chosen:
            chart = panels.profile(self.data, view, self.ranges.link(x=False))
            beside.append(pane(add(chart), width=panels.PROFILE, sizing_mode="stretch_height"))
        rows = [pn.Row(main, *beside, **both) if beside else main]
        if "delta" in chosen and not has_trades:
            rows.append(panels.no_trades("delta", height=NOTHING, sizing_mode="stretch_width"))
        elif "delta" in chosen:
            chart = panels.delta(self.data, self.ranges.link(y=False))
            below = pane(add(chart), height=panels.DELTA, sizing_mode="stretch_width")
            if beside:
                corner = self._traded.pane(sum(p.width for p in beside), panels.DELTA)
                below = pn.Row(below, corner, sizing_mode="stretch_width", margin=0)
            rows.append(below)
        self._body[:] = rows

    def _viewed(self, event: Any) -> None:
        """As transmitted and carried are pictures in one chart; both together are two."""
        (self.build if BOTH in (event.old, event.new) else self.paint)()

    def _moved(self, *_: Any) -> None:
        """The view has moved. HoloViews has drawn it, before the state knew: what goes by it may be other."""
        if left_to_view(self.data.state) and self.data.session is not None:
            self.paint()

    def paint(self, *_: Any) -> None:
        """Draw what the charts show anew."""
        for painter in self._painters:
            painter.ask()

    def chart(self, carry: CarryModel | None = None, title: str = "") -> Any:
        """The heatmap with its layers, linked to the state.

        Parameters
        ----------
        carry : instead of the state's. The numbers on the page are of the chart that follows the state.
        """
        data, state = self.data, self.data.state
        spans, following = data.session.spans(), carry is None

        def choices() -> dict[str, Any]:
            now = {name: getattr(state, name) for name in SAME}
            return now | {"carry": data.carry if carry is None else carry, "opacity": opacity(state)}

        seen = data.seen if following else None
        painter = Painter(data.element, choices, data.time_range, data.price_range, self._size, seen)
        self._painters.append(painter)
        self.ranges.paint_with(painter.move)
        paints = weakly(painter.hook)
        # Its limits, though the layers have them too: else HoloViews tells the bounds of the image, which
        # reaches beyond them by part of a row, as a view that somebody has chosen.
        limits = hv.opts.RGB(xlim=data.time_range, ylim=data.price_range, backend="bokeh")
        chart = picture_options(painter.chart, spans.meta, paints).opts(limits)
        if following:
            self._view = painter.view
            self.ranges.follow(painter.view)
        whole, until = data.session.price_range, data.played_to
        over = scene(data.session, whole, theme=state.theme, until=until, view=painter.streams)
        for overlay in data.overlays:
            chart = chart * overlay.on_chart(over)
        hooks = [self.ranges.link(), weakly(self._measure.hook)]
        if following:
            hooks.append(weakly(self._cursor.hook))
        if not data.overlays:  # the picture is the whole chart, and has but one list of hooks
            hooks.append(paints)
        return self.ranges.add(main_options(chart, spans.meta, state, data, title, hooks))

    def __panel__(self) -> pn.viewable.Viewable:
        return self._body

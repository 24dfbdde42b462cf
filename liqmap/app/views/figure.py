"""What the figures of the app have in common: axes, borders, tools, colours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakMethod

import holoviews as hv
import panel as pn

from liqmap.app.state.options import BOTH
from liqmap.app.state.state import State
from liqmap.app.views.hover import fresh_words
from liqmap.render.charts.theme import readable_axes, style
from liqmap.render.frames import palettes
from liqmap.render.frames import words as labels

RIGHT, BOTTOM, TOP = 92, 46, 30
"""Pixels about the frame of every chart, so that those of one time or one price stand in line."""

TOOLBAR = ":host { min-width: 290px; }"
"""Else the toolbar folds tools away although there is room."""


Hook = Callable[[Any, Any], None]


def weakly(method: Callable[..., None], **given: Any) -> Hook:
    """A hook that calls a method, and does not keep its object alive.

    HoloViews holds the options of a chart as long as there is the chart. A page that hung on a hook would
    keep its charts, they their options, and these the page: for ever.
    """
    reference = WeakMethod(method)

    def hook(plot: Any, element: Any) -> None:
        found = reference()
        if found is not None:
            found(plot, element, **given)

    return hook


def top_border(state: State) -> int:
    """Pixels above the frame: the ladder has an axis there."""
    return TOP + 34 if "ladder" in state.panels and state.view != BOTH else TOP


def left_border(state: State) -> int:
    """Pixels left of the frame: the delta has an axis there."""
    return 72 if "delta" in state.panels and state.view != BOTH else 34


def main_options(chart: Any, meta: Any, state: State, data: Any, title: str, hooks: list[Hook]) -> Any:
    """Options of a heatmap with or without layers over it."""
    theme, time_zone = palettes.theme(state.theme), state.time_zone
    left, top = left_border(state), top_border(state)

    def finish(plot: Any, element: Any) -> None:
        figure = plot.state
        style(figure, theme)
        readable_axes(figure, meta.tick_size or 1.0, time_zone)
        figure.update(
            min_border_left=left, min_border_right=RIGHT, min_border_bottom=BOTTOM, min_border_top=top
        )
        figure.title.text_font_size = "13px"
        figure.toolbar.stylesheets = [TOOLBAR]

    price = labels.with_unit("price", labels.price_unit(meta))
    options = {
        "title": title, "xlabel": f"time, {state.time_zone}", "ylabel": price,
        "xlim": data.time_range, "ylim": data.price_range, "padding": 0, "toolbar": "above",
        "yaxis": "right", "active_tools": ["pan", "wheel_zoom"], "show_grid": True, "show_legend": False,
        "responsive": True, "hooks": [finish, fresh_words, *hooks], "backend": "bokeh",
    }  # fmt: skip
    kind = hv.opts.Overlay if data.overlays else hv.opts.RGB
    return chart.opts(kind(**options))


def pane(chart: Any, **size: Any) -> pn.pane.HoloViews:
    """A chart as a part of the page."""
    size = size or {"sizing_mode": "stretch_both"}
    return pn.pane.HoloViews(chart, linked_axes=False, margin=0, **size)

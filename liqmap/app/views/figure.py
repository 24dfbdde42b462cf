"""What the figures of the app have in common: axes, borders, tools, colours."""

from __future__ import annotations

from typing import Any

import holoviews as hv
import panel as pn

from liqmap.render import labels, palettes
from liqmap.render.theme import readable_axes, style

from ..state import State

BORDERS = {"min_border_left": 34, "min_border_right": 92, "min_border_bottom": 46, "min_border_top": 30}
"""Pixels about the frame of every chart, so that those of one time or one price stand in line."""

TOOLBAR = ":host { min-width: 290px; }"
"""Else the toolbar folds tools away although there is room."""


def main_options(chart: Any, meta: Any, state: State, data: Any, title: str, hooks: list[Any]) -> Any:
    """Options of a heatmap with or without layers over it."""

    def finish(plot: Any, element: Any) -> None:
        style(plot.state, palettes.theme(state.theme))
        readable_axes(plot.state, meta.tick_size or 1.0)
        plot.state.update(**BORDERS)
        plot.state.title.text_font_size = "13px"
        plot.state.toolbar.stylesheets = [TOOLBAR]

    options = {
        "title": title, "xlabel": f"time, {state.time_zone}", "ylabel": f"price, {labels.price_unit(meta)}",
        "xlim": data.time_range, "ylim": data.price_range, "padding": 0, "toolbar": "above",
        "yaxis": "right", "active_tools": ["pan", "wheel_zoom"], "show_grid": True, "show_legend": False,
        "responsive": True, "hooks": [finish, *hooks], "backend": "bokeh",
    }  # fmt: skip
    kind = hv.opts.Overlay if state.layers else hv.opts.RGB
    return chart.opts(kind(**options))


def pane(chart: Any, **size: Any) -> pn.pane.HoloViews:
    """A chart as a part of the page."""
    size = size or {"sizing_mode": "stretch_both"}
    return pn.pane.HoloViews(chart, linked_axes=False, margin=0, **size)

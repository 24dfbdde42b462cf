"""What these charts use of HoloViews that HoloViews does not promise to keep; each in one place.

``tests/render/charts/test_internals.py`` says which of them a new version has broken.
"""

from __future__ import annotations

from typing import Any

SELECTOR_COLUMNS = "selector_columns"
"""Attribute of an image's dataset: names of the variables whose cell under the pointer a live plot tells."""


def pixel_ratio(operation: Any) -> float:
    """Pixels of the screen to one of the plot, as a resampling operation knows them from the browser."""
    return float(operation._get_pixel_ratio())


def hover_of(plot: Any) -> Any:
    """The tool of a live plot that asks Python for the cell under the pointer, by a callback that moves its
    argument ``position``; None where it has none."""
    tool = plot.handles.get("hover")
    return tool if tool is not None and tool.callback is not None else None


def tooltip_source(plot: Any) -> Any:
    """The bokeh source in which a live plot keeps the cell under the pointer; None where it has none."""
    tool = hover_of(plot)
    return None if tool is None else tool.callback.args["position"]


def hear_ranges_at_once(plot: Any) -> bool:
    """Let streams of a plot's ranges follow each event, of many that wait the last, and not only once nothing
    has come for a tenth of a second; whether the plot has such streams."""
    callbacks = plot.traverse(lambda one: getattr(one, "callbacks", []))
    of_ranges = [one for some in callbacks for one in some if "rangesupdate" in one.on_events]
    for one in of_ranges:
        one.debounce = None
    return bool(of_ranges)


def picture_source(plot: Any, group: str) -> Any:
    """The bokeh source of the image of a group within a plot; None where it has none."""
    parts = plot.traverse(lambda one: one)
    found = (one for one in parts if getattr(one.current_frame, "group", None) == group)
    return next((one.handles["source"] for one in found if "source" in one.handles), None)

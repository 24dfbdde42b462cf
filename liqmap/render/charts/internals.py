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


def tooltip_source(plot: Any) -> Any:
    """The bokeh source in which a live plot keeps the cell under the pointer; None where it has none."""
    tool = plot.handles.get("hover")
    return tool.callback.args["position"] if tool is not None and tool.callback is not None else None

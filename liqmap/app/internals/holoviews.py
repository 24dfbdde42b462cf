"""Private parts of HoloViews' plots: what lets a picture be replaced without HoloViews drawing it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bokeh.models import CustomJS, HoverTool


def shows(plot: Any, image: Any) -> bool:
    """Whether this image is the one that a plot has drawn last."""
    return bool(plot.handles["previous_id"] == image._plot_id)


def set_shown(plot: Any, image: Any) -> None:
    """Let HoloViews take an image as drawn, and look the words of the tooltip up in it."""
    plot.handles["previous_id"] = image._plot_id
    plot._hover_data = image.data


def asking_tooltips(figure: Any) -> Iterator[tuple[HoverTool, Any]]:
    """Tooltips whose words Python is asked for, and for each the data source that holds place and words."""
    for tool in figure.tools:
        asks = isinstance(tool, HoverTool) and isinstance(tool.callback, CustomJS)
        if asks and set(tool.callback.args) == {"position"}:
            yield tool, tool.callback.args["position"]

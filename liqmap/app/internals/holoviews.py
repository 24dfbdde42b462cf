"""Private parts of HoloViews' plots: what lets a picture be replaced without HoloViews drawing it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from bokeh.models import CustomJS, HoverTool


def set_shown(plot: Any, image: Any) -> None:
    """Let HoloViews take an image as drawn, and look the words of the tooltip up in it."""
    plot.handles["previous_id"] = image._plot_id
    plot._hover_data = image.data


def tell_later(plot: Any, make: Callable[[], Any]) -> None:
    """Let the tooltip of a plot look its words up in a dataset that is made when they are asked for."""
    plot._hover_data = _Later(make)


class _Later:
    """An object that is made when something of it is asked for."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    def __getattr__(self, name: str) -> Any:
        return getattr(self._make(), name)


def asking_tooltips(figure: Any) -> Iterator[tuple[HoverTool, Any]]:
    """Tooltips whose words Python is asked for, and for each the data source that holds place and words."""
    for tool in figure.tools:
        asks = isinstance(tool, HoverTool) and isinstance(tool.callback, CustomJS)
        if asks and set(tool.callback.args) == {"position"}:
            yield tool, tool.callback.args["position"]

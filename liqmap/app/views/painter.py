"""Paints the heatmap anew where nothing but its pixels changes.

HoloViews answers a change by making every chart of an overlay again: lines, bubbles, ranges, tools, several
times the cost of the picture itself. A step of a slider changes one array, so here that array alone is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any
from weakref import WeakSet

import holoviews as hv
from holoviews.streams import PlotSize, RangeXY, Stream
from panel.io import unlocked

from liqmap.app.internals.holoviews import set_shown, shows
from liqmap.render import SpansElement, liquidity
from liqmap.render.frames.frame import instant_ns

Redraw = Stream.define("Redraw", count=0)
"""Tells HoloViews, when it next draws for its own reasons, that what it drew before no longer holds."""


class Painter:
    """One heatmap: a DynamicMap that other charts are laid over, and `paint`, which sends its pixels alone.

    Parameters
    ----------
    element : what is drawn.
    choices : parameters of `liquidity` as they are now.
    x_range, y_range : the view it begins with.
    size : ``width`` and ``height`` in pixels drawn until the page sends its own; default a guess.
    """

    def __init__(
        self,
        element: SpansElement,
        choices: Callable[[], dict[str, Any]],
        x_range: Any,
        y_range: Any,
        size: Mapping[str, int | None] = MappingProxyType({}),
    ) -> None:
        self._element, self._choices = element, choices
        self._plots: WeakSet[Any] = WeakSet()
        self._last: tuple[Any, hv.RGB] | None = None
        self.view = RangeXY(x_range=x_range, y_range=y_range)
        self.view.add_subscriber(self.paint)  # HoloViews' own comes after it
        self._size, self._redraw = PlotSize(**size), Redraw()
        self.chart = hv.DynamicMap(self._draw, streams=[self.view, self._size, self._redraw])

    @property
    def size(self) -> Mapping[str, int | None]:
        """Pixels of the plot; None until the page has sent them."""
        return self._size.contents

    def hook(self, plot: Any, element: Any) -> None:
        """A hook of the image: its plots are those that `paint` paints."""
        self._plots.add(plot)

    def paint(self, *_: Any, **view: Any) -> None:
        """Show the view as the choices now are, before any other chart is made anew."""
        if not self._plots:
            return
        self._redraw.update(count=self._redraw.count + 1)
        rgb = self._draw(**self.view.contents, **self._size.contents)
        for plot in list(self._plots):
            if not shows(plot, rgb):
                _show(plot, rgb)

    def _draw(self, x_range: Any, y_range: Any, width: Any, height: Any, **_: Any) -> hv.RGB:
        """The picture of a view; where nothing has changed the same one, which is not sent again."""
        choices = self._choices()
        key = x_range, y_range, width, height, {k: v for k, v in choices.items() if k != "seen"}
        if self._last is None or self._last[0] != key:
            size = {"width": width, "height": height} if width and height else {}
            view = {"x_range": x_range, "y_range": y_range}
            self._last = key, liquidity(self._element, dynamic=False, **view, **size, **choices)
        return self._last[1]


def _show(plot: Any, rgb: hv.RGB) -> None:
    """Put a picture in the place of the one that a plot shows."""
    left, bottom, right, top = rgb.bounds.lbrt()
    x, to = (instant_ns(t) / 1e6 for t in (left, right))
    place = {"x": [x], "y": [bottom], "dw": [to - x], "dh": [top - bottom]}
    with unlocked():  # sent at once
        plot.handles["source"].data = {"image": [rgb.data.attrs["pixels"]], **place}
    set_shown(plot, rgb)
    if plot.comm:
        plot.push()

"""Paints the heatmap anew where nothing but its pixels changes.

HoloViews answers a change by making every chart of an overlay again: lines, bubbles, ranges, tools, several
times the cost of the picture itself, and tells of a zoom a tenth to half a second after it. A step of a
slider and a move of the view change one array, so here that array alone is made and sent, at once; what else
follows from it (words, tooltips, what HoloViews thinks is shown) waits until nothing is left to be painted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any
from weakref import WeakKeyDictionary

import holoviews as hv
import param
from holoviews.streams import PlotSize, RangeXY, Stream
from panel.io import unlocked

from liqmap.app.internals.holoviews import set_shown, tell_later
from liqmap.app.views.pace import Pace
from liqmap.render import SpansElement, liquidity
from liqmap.render.charts.drawn import Drawn, draw_view
from liqmap.render.frames.frame import instant_ns

Redraw = Stream.define("Redraw", count=0)
"""Tells HoloViews, when it next draws for its own reasons, that what it drew before no longer holds."""


class Painter:
    """One heatmap: a DynamicMap that other charts are laid over, and what sends its pixels alone.

    Parameters
    ----------
    element : what is drawn.
    choices : parameters of `liquidity` as they are now.
    x_range, y_range : the view it begins with.
    size : ``width`` and ``height`` in pixels drawn until the page sends its own; default a guess.
    seen : told frame, scale and view of a picture, once there is none to be painted after it.
    """

    def __init__(
        self,
        element: SpansElement,
        choices: Callable[[], dict[str, Any]],
        x_range: Any,
        y_range: Any,
        size: Mapping[str, int | None] = MappingProxyType({}),
        seen: Callable[..., None] | None = None,
    ) -> None:
        self._element, self._choices, self._seen = element, choices, seen
        self._operation = liquidity.instance()
        self._shown: WeakKeyDictionary[Any, Drawn | None] = WeakKeyDictionary()
        self._last: tuple[Any, Drawn] | None = None
        self._told: Drawn | None = None
        self._rgb: tuple[Drawn, hv.RGB] | None = None
        self._pace = Pace(self.paint, self._settle)
        self.view = RangeXY(x_range=x_range, y_range=y_range)
        self.view.add_subscriber(self.paint)  # HoloViews' own comes after it
        self._size, self._redraw = PlotSize(**size), Redraw()
        self.chart = hv.DynamicMap(self._draw, streams=[self.view, self._size, self._redraw])

    @property
    def streams(self) -> tuple[RangeXY, PlotSize]:
        """Of the view and of the pixels: what is drawn over the picture moves with them."""
        return self.view, self._size

    @property
    def size(self) -> Mapping[str, int | None]:
        """Pixels of the plot; None until the page has sent them."""
        return self._size.contents

    def hook(self, plot: Any, element: Any) -> None:
        """A hook of the image: its plots are those that `paint` paints."""
        if plot not in self._shown:
            self._shown[plot] = None if self._last is None else self._last[1]
            self._pace.watch(plot.handles["source"])

    def ask(self, *_: Any) -> None:
        """Paint as soon as the browser has painted what it was sent before: of many asks the last counts."""
        self._pace.ask()

    def move(self, x_range: Any, y_range: Any) -> None:
        """The same for another view, of which HoloViews will tell the other charts when it comes to rest."""
        self.view.update(x_range=x_range, y_range=y_range)
        self.ask()

    def paint(self, *_: Any, **view: Any) -> None:
        """Show the view as the choices now are, before any other chart is made anew."""
        if not self._shown:
            return
        self._redraw.update(count=self._redraw.count + 1)
        drawn = self._drawn(**self.view.contents, **self._size.contents)
        stale = [plot for plot, shown in self._shown.items() if shown is not drawn]
        for plot in stale:
            self._show(plot, drawn)
        if stale:
            self._pace.sent()

    def _drawn(self, x_range: Any, y_range: Any, width: Any, height: Any, **_: Any) -> Drawn:
        """The picture of a view; where nothing has changed the same one, which is not sent again."""
        choices = self._choices()
        key = _ends(x_range, _microseconds), _ends(y_range, float), width, height, choices
        if self._last is None or self._last[0] != key:
            size = {"width": width, "height": height} if width and height else {}
            all_choices = param.ParamOverrides(self._operation, choices | size)
            self._last = key, draw_view(self._element, all_choices, x_range, y_range)
        return self._last[1]

    def _draw(self, x_range: Any, y_range: Any, width: Any, height: Any, **_: Any) -> hv.RGB:
        """The picture as HoloViews has it; it sends none that is there already."""
        drawn = self._drawn(x_range, y_range, width, height)
        rgb = self._rgb_of(drawn)
        for plot, shown in self._shown.items():
            if shown is drawn:
                set_shown(plot, rgb)
            else:  # HoloViews is about to send it
                self._shown[plot] = drawn
        self._tell(drawn)
        return rgb

    def _rgb_of(self, drawn: Drawn) -> hv.RGB:
        if self._rgb is None or self._rgb[0] is not drawn:
            self._rgb = drawn, drawn.rgb(self._element.kdims)
        return self._rgb[1]

    def _settle(self) -> None:
        """Nothing is left to be painted: say what is shown."""
        if self._last is not None:
            self._tell(self._last[1])

    def _tell(self, drawn: Drawn) -> None:
        if self._seen is not None and self._told is not drawn:
            self._told = drawn
            self._seen(drawn.frame, drawn.scale, drawn.view)

    def _show(self, plot: Any, drawn: Drawn) -> None:
        """Put a picture in the place of the one that a plot shows."""
        frame = drawn.frame
        left, right = (int(t) / 1e6 for t in frame.times[[0, -1]])
        bottom, top = frame.prices[[0, -1]]
        place = {"x": [left], "y": [bottom], "dw": [right - left], "dh": [top - bottom]}
        with unlocked():  # sent at once
            plot.handles["source"].data = {"image": [drawn.pixels], **place}
        self._shown[plot] = drawn
        tell_later(plot, lambda: self._rgb_of(drawn).data)
        if plot.comm:
            plot.push()


def _ends(view: Any, number: Callable[[Any], float]) -> tuple[float, ...] | None:
    """Both ends of a view as they are compared; None where it is the whole."""
    return None if view is None else tuple(map(number, view))


def _microseconds(time: Any) -> int:
    """HoloViews tells no more than these of a time in view."""
    return round(instant_ns(time) / 1000)

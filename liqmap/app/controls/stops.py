"""A slider over named stops: durations on a log scale with "none" at the end."""

from __future__ import annotations

from typing import Any

import panel as pn
import param
from bokeh.models import CustomJSTickFormatter

from liqmap.app.style import SLIDER
from liqmap.render.frames.stops import stop_words

LABEL = "return labels[Math.round(tick)]"


class StopSlider(pn.viewable.Viewer):
    """Choose one of ``options``, seconds.

    The browser spells the stop that its handle is at. (Panel's own discrete slider has its label sent by the
    server: with quick moves the label of an earlier stop can arrive last, and stays.)
    """

    value = param.Parameter(None, doc="The value of a stop, s; None is the last.")
    options = param.Dict({}, doc="Values by label, in the order of the stops.")

    def __init__(self, label: str, **params: Any) -> None:
        super().__init__(**params)
        self._slider: Any = None
        self._offer()
        self._slider = pn.widgets.IntSlider(
            label=label, stylesheets=[SLIDER], sizing_mode="stretch_width", margin=(3, 12), **self._stops()
        )
        self._slider.param.watch(self._moved, "value")

    def _stops(self) -> dict[str, Any]:
        ns = [None if value is None else round(value * 1e9) for value in self.options.values()]
        names = CustomJSTickFormatter(args={"labels": list(self.options), "stops": ns}, code=LABEL)
        return {"start": 0, "end": len(self.options) - 1, "value": self._place(), "format": names}

    def _place(self) -> int:
        return list(self.options.values()).index(self.value)

    def _moved(self, event: Any) -> None:
        self.value = list(self.options.values())[event.new]

    @param.depends("value", watch=True)
    def _follow(self) -> None:
        self._offer()
        self._slider.value = self._place()

    def _offer(self) -> None:
        """Add a stop for a value that code, not the slider, has chosen."""
        if self.value in self.options.values():
            return
        options = self.options | {stop_words(round(self.value * 1e9)): self.value}
        none = [(k, v) for k, v in options.items() if v is None]
        numbers = sorted(((k, v) for k, v in options.items() if v is not None), key=lambda item: item[1])
        self.options = dict(numbers + none)
        if self._slider is not None:
            self._slider.param.update(**self._stops())

    @property
    def slider(self) -> Any:
        """The widget itself."""
        return self._slider

    def __panel__(self) -> pn.viewable.Viewable:
        return self._slider

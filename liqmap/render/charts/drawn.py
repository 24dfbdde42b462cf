"""A view of spans as drawn: its cells, its colours, and how HoloViews has both."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import holoviews as hv
import numpy as np
import xarray as xr

from liqmap.carry.presence import rates_of
from liqmap.render.charts.element import SpansElement
from liqmap.render.charts.internals import SELECTOR_COLUMNS
from liqmap.render.frames.colour import Look, Scale, pixels_of, scale_of, scale_of_session
from liqmap.render.frames.frame import Frame, draw, instant_ns, price_rows, time_columns
from liqmap.render.frames.readout import Cells
from liqmap.render.frames.there import shows_presence
from liqmap.render.marks.view import SHORTEST, clip
from liqmap.spans import Spans


@dataclass(frozen=True)
class Drawn:
    """A view as drawn.

    pixels : (P, T) uint32, little-endian RGBA, lowest price first.
    view : times (ns) and prices of the element that are in view.
    words : what a tooltip says of the cells.
    """

    frame: Frame
    look: Look
    scale: Scale
    view: tuple[tuple[int, int], tuple[float, float]]
    words: Cells | None

    @cached_property
    def pixels(self) -> np.ndarray:
        return pixels_of(self.frame, self.look, self.scale)

    def rgb(self, kdims: Any = ("time", "price")) -> hv.RGB:
        """The same as HoloViews has it, with the exact bounds of its cells."""
        return _rgb(self, kdims)


def draw_view(element: SpansElement, choices: Any, x_range: Any, y_range: Any, ratio: float = 1.0) -> Drawn:
    """Draw a view of spans.

    Parameters
    ----------
    choices : the parameters of `liquidity` by attribute, with ``width`` and ``height`` in pixels of the plot.
    x_range, y_range : the view; None: all of the element.
    ratio : pixels of the screen to one of the plot.
    """
    spans: Spans = element.data
    times = clip(x_range, element.range(0), time=True)
    prices = clip(y_range, element.range(1), time=False)
    if times is None or prices is None:  # all of the element is out of view
        times, prices = (spans.begin - SHORTEST, spans.begin), (0.0, spans.tick_size)
    if times[1] - times[0] < SHORTEST:
        times = times[0], times[0] + SHORTEST
    whole = [clip(None, element.range(i), time=i == 0) for i in (0, 1)]
    columns = _share(int(choices.width * ratio), times, x_range, whole[0])
    rows = _share(int(choices.height * ratio), prices, y_range, whole[1])
    frame = draw(
        spans,
        time_columns(times[0], times[1], min(columns, (times[1] - times[0]) // 1000)),
        price_rows(prices[0], prices[1], rows, spans.tick_size, choices.row_ticks),
        choices.carry,
        choices.agg,
        choices.others,
        None if choices.presence is None else rates_of(choices.presence)["presence"],
    )
    look = Look(**{field.name: getattr(choices, field.name) for field in fields(Look)})
    if choices.stable:
        ranges = choices.whole or (element.range(0), element.range(1))
        scale = scale_of_session(spans, ranges, choices.agg, look, choices.others)
    else:
        scale = scale_of(frame, look)
    alone = None if choices.others else spans
    words = None
    if choices.hover:
        words = Cells(frame, look, scale, alone, choices.carry, choices.time_zone, choices.presence)
    return Drawn(frame, look, scale, (times, prices), words)


def _share(pixels: int, shown: Any, view: Any, whole: Any) -> int:
    """Pixels of the part of the view that is shown."""
    if view is None or whole is None or any(v is None or v != v for v in view):
        return max(pixels, 1)
    spread = _plain(view[1]) - _plain(view[0])
    return max(1, round(pixels * min(1.0, (shown[1] - shown[0]) / spread))) if spread > 0 else max(pixels, 1)


def _plain(value: Any) -> float:
    return float(value) if isinstance(value, (int, float, np.number)) else float(instant_ns(value))


def _rgb(drawn: Drawn, kdims: Any) -> hv.RGB:
    frame, pixels = drawn.frame, drawn.pixels
    x, y = (d.name if isinstance(d, hv.Dimension) else d for d in kdims)
    channels = pixels.view(np.uint8).reshape(*pixels.shape, 4)
    dims = (y, x)
    data: dict[str, Any] = {name: (dims, channels[..., i]) for i, name in enumerate("RGBA")}
    attrs: dict[str, Any] = {"scale": drawn.scale, "look": drawn.look, "per": frame.per, "pixels": pixels}
    attrs["by_presence"] = shows_presence(frame, drawn.look)
    if drawn.words is not None:
        columns = drawn.words.variables(dims)
        attrs[SELECTOR_COLUMNS] = list(columns)
        data |= columns
    left, right = frame.times[[0, -1]].astype("datetime64[ns]")
    bottom, top = frame.prices[[0, -1]]
    return hv.RGB(
        xr.Dataset(data, coords={x: frame.middles[0], y: frame.middles[1]}, attrs=attrs),
        kdims=list(kdims),
        vdims=list("RGBA"),
        bounds=(left, bottom, right, top),
        group="Liquidity",
    )

"""`liquidity`: the HoloViews operation that draws spans for whatever view the plot has."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import holoviews as hv
import numpy as np
import param
import xarray as xr
from holoviews.operation.resample import ResampleOperation2D

from liqmap.render.charts.element import SHORTEST, SpansElement, clip
from liqmap.render.charts.internals import SELECTOR_COLUMNS, pixel_ratio
from liqmap.render.frames.colour import Look, Scale, scale_of, scale_of_session, shade
from liqmap.render.frames.frame import CARRY, Frame, draw, instant_ns, price_rows, time_columns
from liqmap.render.frames.look import CARRIED_SHOWN, DEFAULT, SCALINGS
from liqmap.render.frames.readout import Cells
from liqmap.schema import AGGREGATES
from liqmap.spans import Spans


class liquidity(ResampleOperation2D):  # noqa: N801 (HoloViews' own operations are named so)
    """Draw a `SpansElement` as an `RGB` with one cell a pixel, painted straight from the spans.

    As with HoloViews' ``rasterize``, ``dynamic=True`` follows zoom and pan, and any parameter may be given as
    a reference to another object's. The image keeps the exact bounds of its lattice of whole ticks and nice
    time steps, which reaches a little beyond the view.
    """

    carry = param.Parameter(CARRY, doc="How sizes are carried: a carry model.")
    agg = param.Selector(default="peak", objects=list(AGGREGATES), doc="What a cell tells.")
    row_ticks = param.Integer(None, bounds=(1, None), doc="Ticks a row; None: as few as the pixels can show.")
    cutoffs = param.Range(
        DEFAULT.cutoffs, allow_None=True, bounds=(0, 100),
        doc="Percentiles of the session's sizes where colour begins and saturates; None: by themselves.",
    )  # fmt: skip
    limits = param.Range(
        DEFAULT.limits, allow_None=True, doc="Sizes where colour begins and saturates, not percentiles."
    )
    scaling = param.Selector(default=DEFAULT.scaling, objects=list(SCALINGS), doc="Scale of sizes.")
    carried = param.Magnitude(DEFAULT.carried, doc="Strength of carried liquidity beside observed.")
    carried_shown = param.Selector(
        default=DEFAULT.carried_shown, objects=list(CARRIED_SHOWN), doc="How it looks."
    )
    opacity = param.Magnitude(DEFAULT.opacity, doc="Opacity of what is known.")
    min_size = param.Number(
        DEFAULT.min_size, bounds=(0, None), doc="Smaller levels, or sizes per tick, are not drawn."
    )
    bids = param.Boolean(DEFAULT.bids, doc="Whether bids are drawn.")
    asks = param.Boolean(DEFAULT.asks, doc="Whether asks are drawn.")
    palette = param.String(DEFAULT.palette, doc="Colours of the sides, by name.")
    theme = param.Parameter(DEFAULT.theme, doc="`dark`, `light`, or a `Theme`.")
    stable = param.Boolean(True, doc="Cut the scale from the whole session, not from what is in view.")
    whole = param.Parameter(None, doc="Time and price range of the session; None: those of the element.")
    others = param.List(default=[], doc="Spans of other markets, of finer or equal ticks, that are added.")
    hover = param.Boolean(True, doc="Whether the image tells a live plot what each cell holds.")
    time_zone = param.String("UTC", doc="Zone of the time that a tooltip tells.")
    seen = param.Callable(None, allow_None=True, doc="Called with frame, scale and view of each picture.")

    width = param.Integer(1200, doc="Pixels, until the plot tells its own.")
    height = param.Integer(600, doc="Pixels, until the plot tells its own.")
    expand = param.Boolean(False, doc="Kept from the base class: the picture never exceeds the element.")

    def _process(self, element: SpansElement, key: Any = None) -> hv.RGB:
        spans: Spans = element.data
        times = clip(self.p.x_range, element.range(0), time=True)
        prices = clip(self.p.y_range, element.range(1), time=False)
        if times is None or prices is None:  # all of the element is out of view
            times, prices = (spans.begin - SHORTEST, spans.begin), (0.0, spans.tick_size)
        if times[1] - times[0] < SHORTEST:
            times = times[0], times[0] + SHORTEST
        ratio = pixel_ratio(self)
        columns, rows = int(self.p.width * ratio), int(self.p.height * ratio)
        whole = [clip(None, element.range(i), time=i == 0) for i in (0, 1)]
        columns = _share(columns, times, self.p.x_range, whole[0])
        rows = _share(rows, prices, self.p.y_range, whole[1])
        frame = draw(
            spans,
            time_columns(times[0], times[1], min(columns, (times[1] - times[0]) // 1000)),
            price_rows(prices[0], prices[1], rows, spans.tick_size, self.p.row_ticks),
            self.p.carry,
            self.p.agg,
            self.p.others,
        )
        look = Look(**{field.name: self.p[field.name] for field in fields(Look)})
        if self.p.stable:
            ranges = self.p.whole or (element.range(0), element.range(1))
            scale = scale_of_session(spans, ranges, self.p.agg, look, self.p.others)
        else:
            scale = scale_of(frame, look)
        if self.p.seen is not None:
            self.p.seen(frame, scale, (times, prices))
        alone = None if self.p.others else spans
        cells = Cells(frame, look, scale, alone, self.p.carry, self.p.time_zone) if self.p.hover else None
        return to_rgb(frame, look, scale, cells, element.kdims)


def _share(pixels: int, shown: Any, view: Any, whole: Any) -> int:
    """Pixels of the part of the view that is shown."""
    if view is None or whole is None or any(v is None or v != v for v in view):
        return max(pixels, 1)
    spread = _plain(view[1]) - _plain(view[0])
    return max(1, round(pixels * min(1.0, (shown[1] - shown[0]) / spread))) if spread > 0 else max(pixels, 1)


def _plain(value: Any) -> float:
    return float(value) if isinstance(value, (int, float, np.number)) else float(instant_ns(value))


def to_rgb(
    frame: Frame, look: Look, scale: Scale, cells: Cells | None = None, kdims: Any = ("time", "price")
) -> hv.RGB:
    """A frame as an `hv.RGB` with the exact bounds of its cells; ``cells``: what a tooltip says of them."""
    x, y = (d.name if isinstance(d, hv.Dimension) else d for d in kdims)
    image = shade(frame, look, scale)
    pixels = np.ascontiguousarray(image.data)
    channels = pixels.view(np.uint8).reshape(*image.shape, 4)
    dims = (y, x)
    data: dict[str, Any] = {name: (dims, channels[..., i]) for i, name in enumerate("RGBA")}
    attrs: dict[str, Any] = {"scale": scale, "look": look, "per": frame.per, "pixels": pixels}
    if cells is not None:
        columns = cells.variables(dims)
        attrs[SELECTOR_COLUMNS] = list(columns)
        data |= columns
    coords = {x: image.time.to_numpy(), y: image.price.to_numpy()}
    left, right = frame.times[[0, -1]].astype("datetime64[ns]")
    bottom, top = frame.prices[[0, -1]]
    return hv.RGB(
        xr.Dataset(data, coords=coords, attrs=attrs),
        kdims=list(kdims),
        vdims=list("RGBA"),
        bounds=(left, bottom, right, top),
        group="Liquidity",
    )

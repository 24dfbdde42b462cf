"""Spans as a HoloViews element."""

from __future__ import annotations

from typing import Any

import holoviews as hv
import numpy as np
import param
from holoviews.core import Element2D

from liqmap.render.frames.frame import Range, visible
from liqmap.spans import Spans


class SpansElement(Element2D):
    """The spans of a market over time and price: what `liquidity` draws.

    It has no picture of its own, as there is no size at which all spans could be drawn; rasterize it.

    Parameters
    ----------
    data : Spans.
    time_range : first and last instant; default from the first span to the last message. A range of no
        length is drawn as `visible` has it.
    price_range : low and high, quote currency; default all levels.
    """

    kdims = param.List(default=[hv.Dimension("time"), hv.Dimension("price")], bounds=(2, 2), constant=True)
    vdims = param.List(default=[hv.Dimension("size")], bounds=(1, 1), constant=True)
    group = param.String(default="Spans", constant=True)

    def __init__(
        self,
        data: Spans,
        kdims: Any = None,
        vdims: Any = None,
        time_range: Range | None = None,
        price_range: tuple[float, float] | None = None,
        **params: Any,
    ) -> None:
        self._ranges = (visible(time_range or _times(data)), price_range or _prices(data))
        super().__init__(data, kdims=kdims, vdims=vdims, **params)

    def __len__(self) -> int:
        return len(self.data)

    def clone(
        self, data: Any = None, shared_data: bool = True, new_type: Any = None, *args: Any, **overrides: Any
    ) -> Any:
        """A copy; it keeps the ranges unless the spans are others."""
        if data is None and shared_data and new_type is None:
            overrides = {"time_range": self._ranges[0], "price_range": self._ranges[1]} | overrides
        return super().clone(data, shared_data, new_type, *args, **overrides)

    def range(
        self, dimension: Any, data_range: bool = True, dimension_range: bool = True, *args: Any, **kwargs: Any
    ) -> tuple[Any, Any]:
        """Low and high of a dimension: the ranges given, or those of the spans."""
        place = self.get_dimension_index(dimension)
        if place < 2:
            return self._ranges[place]
        sizes = self.dimension_values(dimension)
        return (sizes.min(), sizes.max()) if len(sizes) else (np.nan, np.nan)

    def dimension_values(self, dimension: Any, expanded: bool = True, flat: bool = True) -> np.ndarray:
        """A value per span, bids first: where it begins, its price, its size."""
        name = self.get_dimension(dimension, strict=True).name
        bids, asks = self.data.sides
        column = {self.kdims[0].name: "start", self.kdims[1].name: "tick", self.vdims[0].name: "size"}[name]
        values = np.concatenate([getattr(bids, column), getattr(asks, column)])
        if column == "start":
            values = values.astype("datetime64[ns]")
        elif column == "tick":
            values = self.data.prices(values)
        return values if expanded else np.unique(values)

    def get_dimension_type(self, dimension: Any) -> type:
        """datetime64 for time, float else."""
        return np.datetime64 if self.get_dimension_index(dimension) == 0 else np.float64


def _times(spans: Spans) -> tuple[np.datetime64, np.datetime64]:
    last = max(spans.last, spans.begin + 1)
    return np.datetime64(spans.begin, "ns"), np.datetime64(last, "ns")


def _prices(spans: Spans) -> tuple[float, float]:
    ticks = [t for s in spans.sides if len(s) for t in (s.levels[0], s.levels[-1] + 1)]
    if not ticks:
        return 0.0, spans.tick_size
    return float(min(ticks) * spans.tick_size), float(max(ticks) * spans.tick_size)

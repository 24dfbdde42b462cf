"""`liquidity`: the HoloViews operation that draws spans for whatever view the plot has."""

from __future__ import annotations

from typing import Any

import holoviews as hv
import param
from holoviews.operation.resample import ResampleOperation2D

from liqmap.render.charts.drawn import draw_view
from liqmap.render.charts.element import SpansElement
from liqmap.render.charts.internals import pixel_ratio
from liqmap.render.frames.frame import CARRY
from liqmap.render.frames.look import CARRIED_SHOWN, DEFAULT, SCALINGS
from liqmap.schema import AGGREGATES


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
    presence = param.Parameter(
        None, doc="How likely a level is still there: a `Presence`, or its rate alone."
    )
    others = param.List(default=[], doc="Spans of other markets, of finer or equal ticks, that are added.")
    hover = param.Boolean(True, doc="Whether the image tells a live plot what each cell holds.")
    time_zone = param.String("UTC", doc="Zone of the time that a tooltip tells.")
    seen = param.Callable(None, allow_None=True, doc="Called with frame, scale and view of each picture.")

    width = param.Integer(1200, doc="Pixels, until the plot tells its own.")
    height = param.Integer(600, doc="Pixels, until the plot tells its own.")
    expand = param.Boolean(False, doc="Kept from the base class: the picture never exceeds the element.")

    def _process(self, element: SpansElement, key: Any = None) -> hv.RGB:
        drawn = draw_view(element, self.p, self.p.x_range, self.p.y_range, pixel_ratio(self))
        if self.p.seen is not None:
            self.p.seen(drawn.frame, drawn.scale, drawn.view)
        return drawn.rgb(element.kdims)

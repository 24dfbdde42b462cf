"""What lies over the heatmap of a picture file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from liqmap.analytics.flow.bars import Bars
from liqmap.render.frames.palettes import RGB, Theme, bubble_colours
from liqmap.render.frames.palettes import unit_rgb as _rgb
from liqmap.render.marks.overlays import (
    CANDLE_SHARE,
    FACE_ALPHA,
    NARROW_PIXELS,
    TOUCH_WIDTH,
    Bubbles,
    Quotes,
    Steps,
    candle_colours,
    radii,
)
from liqmap.render.png.layout import Layout

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class View:
    """Ranges of the axes: ns and quote currency."""

    begin: int
    end: int
    low: float
    high: float


def days(ns: Any) -> Any:
    """ns since the epoch as matplotlib's dates (days)."""
    return np.asarray(ns, np.float64) / 86_400e9


def place_pixels(figure: Figure, left: int, bottom: int, image: np.ndarray, above: float) -> None:
    """An image (height, width, 4), lowest row first, at the figure's own pixels: no smoothing, no resampling.

    matplotlib's own images pass through a resampler, which takes sixty bytes a pixel to change nothing.
    """
    from matplotlib.artist import Artist

    class Pixels(Artist):
        def draw(self, renderer: Any) -> None:
            renderer.draw_image(renderer.new_gc(), left, bottom, image)

    figure.add_artist(Pixels()).set_zorder(above)


def touch(axes: Axes, quotes: Quotes, view: View, layout: Layout, theme: Theme) -> tuple[bool, bool]:
    """Best bid and ask, or the mid where they are too close; whether each of the two is drawn somewhere."""
    pixel = (view.high - view.low) / layout.height
    bid, ask, one = quotes.between(view.begin, view.end, layout.width).lines(NARROW_PIXELS * pixel)
    for steps, colour in ((ask, theme.best_ask), (bid, theme.best_bid), (one, theme.mid)):
        line(axes, steps, colour, layout)
    return bool(np.isfinite(bid.price).any()), bool(np.isfinite(one.price).any())


def line(axes: Axes, steps: Steps, colour: RGB, layout: Layout) -> None:
    """A price as steps."""
    axes.step(
        days(steps.time), steps.price, where="post", color=_rgb(colour), linewidth=layout.points(TOUCH_WIDTH),
        zorder=3,
    )  # fmt: skip


def candles(axes: Axes, bars: Bars, half: float, layout: Layout, theme: Theme) -> None:
    """Wicks and bodies, ``half`` a tick up: in the middle of their cells."""
    from matplotlib.collections import LineCollection, PolyCollection

    colours = candle_colours(bars, theme)
    middle, inset = days(bars.time + bars.step // 2), bars.step * (1 - CANDLE_SHARE) / 2
    left, right = days(bars.time + inset), days(bars.time + bars.step - inset)
    low, high = np.minimum(bars.open, bars.close) + half, np.maximum(bars.open, bars.close) + half
    wicks = np.stack([np.stack([middle, bars.low + half], 1), np.stack([middle, bars.high + half], 1)], 1)
    corners = ((left, low), (right, low), (right, high), (left, high))
    bodies = np.stack([np.stack(corner, 1) for corner in corners], 1)
    width = layout.points(1.3)
    axes.add_collection(LineCollection(list(wicks), colors=list(colours), linewidths=width, zorder=2.5))
    axes.add_collection(
        PolyCollection(
            list(bodies), facecolors=list(colours), edgecolors=list(colours), linewidths=width, zorder=2.6
        )
    )


def bubbles(axes: Axes, found: Bubbles, largest: float, layout: Layout, theme: Theme) -> None:
    """Discs, area by size, the ``largest`` so many pixels in radius at 1600 x 900."""
    if len(found) == 0:
        return
    faces, rims = bubble_colours(found.aggressor, theme)
    axes.scatter(
        days(found.time),
        found.price,
        s=layout.points(2 * radii(found.size, largest)) ** 2,
        linewidths=layout.points(1.1),
        facecolors=[(*_rgb(c), FACE_ALPHA) for c in faces],
        edgecolors=[(*_rgb(c), 0.9) for c in rims],
        zorder=4,
    )

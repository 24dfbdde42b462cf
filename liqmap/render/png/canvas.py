"""The canvas of a picture file: what its heatmap, overlays and panels are drawn on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from liqmap.render.frames.palettes import RGB, Theme
from liqmap.render.frames.palettes import unit_rgb as _rgb
from liqmap.render.marks.overlays import TOUCH_WIDTH, Steps
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


@dataclass(frozen=True)
class Canvas:
    """A figure of matplotlib with the axes of its heatmap, and what is in view there.

    Overlays draw with its methods, or with matplotlib on its axes; they need no import from here.

    axes : of the heatmap; times as `days`, prices in quote currency.
    view : what is in view; ``begin``, ``end`` ns, ``low``, ``high`` quote currency.
    theme : the colours; ``layout.points(pixels)`` gives widths and font sizes as matplotlib takes them.

    Notes
    -----
    From below to above, ``zorder``: the heatmap 0.5, candles and specks 2.5, lines 3, bubbles 4.
    """

    figure: Figure
    axes: Axes
    layout: Layout
    view: View
    theme: Theme

    def days(self, times: Any) -> Any:
        """Times (ns since the epoch, or datetime64) as the axes count them: matplotlib's dates, in days."""
        return days(times)

    def line(self, steps: Steps, colour: RGB, width: float = TOUCH_WIDTH, zorder: float = 3) -> None:
        """A price as steps, ``width`` pixels at 1600 x 900; nothing where it is NaN."""
        self.axes.step(
            days(steps.time), steps.price, where="post", color=_rgb(colour),
            linewidth=self.layout.points(width), zorder=zorder,
        )  # fmt: skip

    def text(self, time: Any, price: float, words: str, colour: RGB, size: float = 13) -> None:
        """Words that begin at a time and are centred at a price, ``size`` pixels at 1600 x 900; above all
        marks, and cut where the heatmap ends."""
        self.axes.text(
            days(time), price, words, color=_rgb(colour), fontsize=self.layout.points(size), va="center",
            zorder=5, clip_on=True,
        )  # fmt: skip

    def place_pixels(self, image: np.ndarray, above: float) -> None:
        """An image (height, width, 4), lowest row first, at the figure's own pixels: no smoothing, no
        resampling.

        matplotlib's own images pass through a resampler, which takes sixty bytes a pixel to change nothing.
        """
        from matplotlib.artist import Artist

        left, bottom = self.layout.left, self.layout.bottom

        class Pixels(Artist):
            def draw(self, renderer: Any) -> None:
                renderer.draw_image(renderer.new_gc(), left, bottom, image)

        self.figure.add_artist(Pixels()).set_zorder(above)


def days(times: Any) -> Any:
    """Times (ns since the epoch, or datetime64) as matplotlib's dates (days)."""
    times = np.asarray(times)
    if times.dtype.kind == "M":
        times = times.astype("datetime64[ns]").astype(np.int64)
    return np.asarray(times, np.float64) / 86_400e9

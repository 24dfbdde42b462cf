"""The canvas of a picture file: what its heatmap, overlays and panels are drawn on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from liqmap.render.frames.palettes import Theme
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

    axes : times as matplotlib's dates, see `days`; prices in quote currency.
    """

    figure: Figure
    axes: Axes
    layout: Layout
    view: View
    theme: Theme

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


def days(ns: Any) -> Any:
    """ns since the epoch as matplotlib's dates (days)."""
    return np.asarray(ns, np.float64) / 86_400e9

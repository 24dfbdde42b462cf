"""A sheet of several plots in the dark, by matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import palettes
from .layout import DPI

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class Sheet:
    """A figure laid out as 1600 x 1000 pixels from the upper left; ``unit`` scales fonts and lines."""

    def __init__(self, figure: Figure, unit: float) -> None:
        self.figure, self.unit = figure, unit

    def points(self, pixels: float) -> float:
        """So many pixels at 1600 x 1000, in points of this figure."""
        return pixels * self.unit * 72 / DPI

    def write(self, x: float, y: float, words: str, size: float, colour: palettes.RGB, **style: Any) -> None:
        """Text with its baseline at ``y``."""
        place = x / 1600, 1 - y / 1000
        self.figure.text(*place, words, fontsize=self.points(size), color=palettes.css(colour), **style)

    def axes(self, x: float, y: float, width: float, height: float) -> Axes:
        """Dark axes whose upper left corner is at x, y."""
        box = (x / 1600, 1 - (y + height) / 1000, width / 1600, height / 1000)
        axes: Axes = self.figure.add_axes(box, facecolor=palettes.css(palettes.BACKGROUND))
        axes.tick_params(
            colors=palettes.css(palettes.MUTED), labelsize=self.points(13.5), width=self.points(1),
            length=self.points(4), pad=self.points(5), which="major",
        )  # fmt: skip
        axes.tick_params(which="minor", length=0)
        axes.grid(True, color="white", alpha=0.055, linewidth=self.points(1))
        for spine in axes.spines.values():
            spine.set_color(palettes.css(palettes.GRID))
            spine.set_linewidth(self.points(1))
        return axes

    def label(self, axes: Axes, x: str, y: str) -> None:
        style: dict[str, Any] = {"color": palettes.css(palettes.MUTED), "fontsize": self.points(13.5)}
        axes.set_xlabel(x, labelpad=self.points(5), **style)
        axes.set_ylabel(y, labelpad=self.points(6), **style)

    def legend(self, axes: Axes, where: str) -> None:
        style: dict[str, Any] = {"loc": where, "fontsize": self.points(13.5), "framealpha": 1.0}
        background = palettes.css(palettes.BACKGROUND)
        axes.legend(
            labelcolor=palettes.css(palettes.TEXT), facecolor=background, edgecolor=background, **style
        )

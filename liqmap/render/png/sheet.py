"""A sheet of several plots, by matplotlib."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from liqmap.files import whole
from liqmap.render.frames.palettes import RGB, Theme, css
from liqmap.render.png.layout import DPI
from liqmap.render.png.writing import write_picture

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes


class Sheet:
    """A figure laid out as 1600 x 1000 pixels from the upper left, or as 1600 x ``high``.

    Parameters
    ----------
    width, height : pixels of the file.
    theme : the colours.
    """

    def __init__(self, width: float, height: float, theme: Theme, high: float = 1000) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self.theme, self.high, self.unit = theme, high, min(width / 1600, height / high)
        self.figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI, facecolor=css(theme.background))
        FigureCanvasAgg(self.figure)

    def save(self, path: Path) -> None:
        """Write it as its name says; it appears complete or not at all."""
        with whole(path) as unfinished:
            write_picture(self.figure, unfinished, path)

    def points(self, pixels: float) -> float:
        """So many pixels as it is laid out, in points of this figure."""
        return pixels * self.unit * 72 / DPI

    def write(self, x: float, y: float, words: str, size: float, colour: RGB, **style: Any) -> None:
        """Text with its baseline at ``y``."""
        place = x / 1600, 1 - y / self.high
        self.figure.text(*place, words, fontsize=self.points(size), color=css(colour), **style)

    def axes(self, x: float, y: float, width: float, height: float) -> Axes:
        """Axes whose upper left corner is at x, y."""
        box = (x / 1600, 1 - (y + height) / self.high, width / 1600, height / self.high)
        axes: Axes = self.figure.add_axes(box, facecolor=css(self.theme.background))
        axes.tick_params(
            colors=css(self.theme.muted), labelsize=self.points(13.5), width=self.points(1),
            length=self.points(4), pad=self.points(5), which="major",
        )  # fmt: skip
        axes.tick_params(which="minor", length=0)
        axes.grid(True, color=css(self.theme.lines), alpha=self.theme.lines_alpha, linewidth=self.points(1))
        for spine in axes.spines.values():
            spine.set_color(css(self.theme.grid))
            spine.set_linewidth(self.points(1))
        return axes

    def label(self, axes: Axes, x: str, y: str) -> None:
        style: dict[str, Any] = {"color": css(self.theme.muted), "fontsize": self.points(13.5)}
        axes.set_xlabel(x, labelpad=self.points(5), **style)
        axes.set_ylabel(y, labelpad=self.points(6), **style)

    def legend(self, axes: Axes, where: str) -> None:
        style: dict[str, Any] = {"loc": where, "fontsize": self.points(13.5), "framealpha": 1.0}
        background = css(self.theme.background)
        axes.legend(labelcolor=css(self.theme.text), facecolor=background, edgecolor=background, **style)

"""Axes of a picture file: prices on the right, times below the lowest of them, the same lines through all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from liqmap.render.frames.palettes import Theme
from liqmap.render.png.canvas import View, days
from liqmap.render.png.layout import Layout
from liqmap.render.png.panels import panel

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def heatmap_axes(figure: Figure, layout: Layout, view: View, theme: Theme) -> Axes:
    """The axes of the heatmap, without times."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes = panel(figure, layout, (layout.left, layout.bottom, layout.width, layout.height), theme)
    axes.set_zorder(2)
    axes.patch.set_visible(False)
    axes.set_xlim(days(view.begin), days(view.end))
    axes.set_ylim(view.low, view.high)
    axes.yaxis.tick_right()
    prices = MaxNLocator(nbins=max(3, round(layout.height / layout.unit / 75)), steps=[1, 2, 2.5, 5, 10])
    step = float(np.diff(prices.tick_values(view.low, view.high))[0])
    decimals = next((d for d in range(9) if abs(step - round(step, d)) < 1e-6 * step), 9)
    axes.yaxis.set_major_locator(prices)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda price, _: f"{price:,.{decimals}f}"))
    axes.tick_params(labelsize=layout.points(15), length=layout.points(5), pad=layout.points(6))
    axes.xaxis.set_major_locator(_locator(layout, "UTC"))
    axes.tick_params(axis="x", labelbottom=False, length=0)
    return axes


def _locator(layout: Layout, time_zone: str) -> Any:
    from zoneinfo import ZoneInfo

    from matplotlib.dates import AutoDateLocator

    return AutoDateLocator(
        ZoneInfo(time_zone), minticks=4, maxticks=max(5, round(layout.width / layout.unit / 120))
    )


def label_times(lowest: Axes, layout: Layout, time_zone: str) -> None:
    """Times under the lowest axes, and lines at the same times through all that share them."""
    from matplotlib.dates import ConciseDateFormatter

    spelled = ["%Y", "%b", "%d", "%H:%M", "%H:%M", "%H:%M:%S.%f"]  # a bare second says nothing
    at_zero = ["", "%Y", "%b", "%b %d", "%H:%M", "%H:%M"]
    figure = lowest.figure
    for axes in figure.axes if figure is not None else []:
        if axes.get_xlim() != lowest.get_xlim():
            continue
        axes.xaxis.set_major_locator(_locator(layout, time_zone))
        axes.tick_params(axis="x", labelbottom=False, length=0)
    locator = _locator(layout, time_zone)
    lowest.xaxis.set_major_locator(locator)
    lowest.xaxis.set_major_formatter(
        ConciseDateFormatter(locator, locator.tz, formats=spelled, zero_formats=at_zero, show_offset=False)
    )
    lowest.tick_params(
        axis="x", labelbottom=True, labelsize=layout.points(15), length=layout.points(5), pad=layout.points(6)
    )

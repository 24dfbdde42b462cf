"""Panels of a picture file: delta below the heatmap, ladder and profile beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from liqmap.analytics.book.ladder import Ladder
from liqmap.analytics.flow.bars import Bars
from liqmap.analytics.flow.profile import Profile
from liqmap.render.frames import words as labels
from liqmap.render.frames.palettes import Theme
from liqmap.render.frames.palettes import unit_rgb as _rgb
from liqmap.render.marks.bars import CAP, cut_sizes, ladder_bands, ladder_lines, profile_bands
from liqmap.render.marks.panel_shapes import DEPTH_WIDTH, LONGEST, depth_axis
from liqmap.render.png.canvas import View, days
from liqmap.render.png.layout import Box, Layout

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


WORDS_HEIGHT = 14
"""Least distance of two sizes written beside their bars, pixels at 1600 x 900."""


def panel(figure: Figure, layout: Layout, box: Box, theme: Theme) -> Axes:
    """Axes of a panel, in the theme."""
    axes: Axes = figure.add_axes(layout.box(*box), facecolor=_rgb(theme.background))
    ticks(axes, layout, theme)
    axes.grid(True, color=_rgb(theme.lines), alpha=theme.lines_alpha, linewidth=layout.points(1))
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_color(_rgb(theme.grid))
        spine.set_linewidth(layout.points(1))
    return axes


def delta(figure: Figure, layout: Layout, bars: Bars, view: View, unit: str, theme: Theme) -> Axes:
    """Signed bars on the left axis, their sum on the right one; the time axis is the caller's to label."""
    axes = panel(figure, layout, layout.panels["delta"], theme)
    axes.set_xlim(days(view.begin), days(view.end))
    colours = np.where(bars.delta < 0, 1, 0)
    faces = [_rgb((theme.buy, theme.sell)[k]) for k in colours]
    axes.bar(days(bars.time), bars.delta, days(bars.step) * 0.9, align="edge", color=faces, zorder=2)
    axes.axhline(0, color=_rgb(theme.grid), linewidth=layout.points(1), zorder=1)
    other = axes.twinx()
    time, total = bars.total(view.begin, view.end)
    other.step(
        days(time), total, where="post", color=_rgb(theme.delta), linewidth=layout.points(1.5), zorder=3
    )
    for one in (axes, other):
        few_sizes(one.yaxis, 4)
    ticks(other, layout, theme)
    for spine in other.spines.values():
        spine.set_visible(False)
    name_axis(axes, layout, f"delta, {unit}", 0.006, "left", theme)
    name_axis(axes, layout, "cumulative (line)", 0.994, "right", theme)
    return axes


def ladder(figure: Figure, layout: Layout, found: Ladder, tick_size: float, view: View, unit: str,
           palette: str, theme: Theme) -> None:  # fmt: skip
    """Observed and carried sizes by price, and the depth to each, which has an axis of its own above."""
    axes = panel(figure, layout, layout.panels["ladder"], theme)
    bands, most = ladder_bands(found, palette, theme)
    _bars(axes, found.rows * tick_size, bands, view)
    lines = ladder_lines(found, tick_size, most)
    for (size, price, _), colour in zip(lines, (theme.best_bid, theme.best_ask)):
        axes.plot(size, price, color=_rgb(colour), linewidth=layout.points(DEPTH_WIDTH), zorder=3)
    axes.set_xlim(0, LONGEST * most)
    depth = depth_axis(lines, LONGEST * most, unit)
    above = axes.twiny()
    above.set_xlim(depth.low, depth.high)
    ticks(above, layout, theme)
    above.tick_params(pad=layout.points(2))
    for spine in above.spines.values():
        spine.set_visible(False)
    least = WORDS_HEIGHT * layout.unit * (view.high - view.low) / layout.height / tick_size
    for row, cut in cut_sizes(found, most, least):
        axes.annotate(
            labels.short(cut), (CAP * most, found.rows[row : row + 2].mean() * tick_size),
            xytext=(-layout.points(4), 0), textcoords="offset points", ha="right", va="center",
            fontsize=layout.points(11), color=_rgb(theme.text), zorder=5, annotation_clip=True,
            bbox={"facecolor": _rgb(theme.background), "edgecolor": "none", "alpha": 0.6, "pad": 0.5},
        )  # fmt: skip
    for one in (axes, above):
        few_sizes(one.xaxis, 3)
    name_above(above, layout, depth.label, theme)
    name_axis(axes, layout, f"book, {unit}", 0.96, "right", theme)


def profile(
    figure: Figure, layout: Layout, found: Profile, tick_size: float, view: View, unit: str, theme: Theme
) -> None:
    """Volume by price, buys and sells stacked."""
    axes = panel(figure, layout, layout.panels["profile"], theme)
    _bars(axes, found.rows * tick_size, profile_bands(found, theme), view)
    axes.set_xlim(0, 1.06 * float(found.volume.max(initial=0.0)) or 1.0)
    few_sizes(axes.xaxis, 3)
    name_axis(axes, layout, f"volume, {unit}", 0.96, "right", theme)


def _bars(axes: Axes, prices: np.ndarray, bands: list[Any], view: View) -> None:
    heights = np.diff(prices)
    for begin, end, colour in bands:
        lit = np.flatnonzero(end > begin)
        axes.barh(
            prices[:-1][lit], (end - begin)[lit], heights[lit], left=begin[lit], align="edge",
            color=_rgb(colour), linewidth=0, zorder=2,
        )  # fmt: skip
    axes.set_ylim(view.low, view.high)
    axes.tick_params(axis="y", labelleft=False, length=0)


def ticks(axes: Axes, layout: Layout, theme: Theme) -> None:
    axes.tick_params(
        colors=_rgb(theme.muted), labelsize=layout.points(13), length=layout.points(4),
        width=layout.points(1), pad=layout.points(5),
    )  # fmt: skip


def few_sizes(axis: Any, count: int) -> None:
    from matplotlib.ticker import Formatter, MaxNLocator

    class Sizes(Formatter):
        """Short words, or where two ticks would have the same ones words of more digits."""

        def __call__(self, size: float, place: int | None = None) -> str:
            return labels.short(size) if size else "0"

        def format_ticks(self, values: Any) -> list[str]:
            words = [self(size) for size in values]
            return words if len(set(words)) == len(words) else [f"{size:,.9g}" for size in values]

    axis.set_major_locator(MaxNLocator(nbins=count, steps=[1, 2, 2.5, 5, 10], prune="upper"))
    axis.set_major_formatter(Sizes())


def name_above(axes: Axes, layout: Layout, words: str, theme: Theme) -> None:
    """What the axis above a panel counts."""
    axes.set_xlabel(words, color=_rgb(theme.muted), fontsize=layout.points(12), labelpad=layout.points(3))


def name_axis(
    axes: Axes, layout: Layout, words: str, x: float, where: str, theme: Theme, line: int = 0
) -> None:
    """What an axis of a panel counts, inside its upper edge, on a ground of its own; below other lines."""
    axes.annotate(
        words, (x, 1.0), xycoords="axes fraction", xytext=(0, -layout.points(6 + 19 * line)),
        textcoords="offset points",
        ha=where, va="top", fontsize=layout.points(13), color=_rgb(theme.muted), zorder=6,
        bbox={"facecolor": _rgb(theme.background), "edgecolor": "none", "alpha": 0.75, "pad": 1.0},
    )  # fmt: skip

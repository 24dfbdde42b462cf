"""The key of a picture: colour bars with sizes, observed beside carried, touch and bubbles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from liqmap.schema import Meta

from . import labels
from .colour import Look, Scale, shades
from .frame import Frame
from .overlays import Bubbles
from .palettes import RGB, Theme
from .palettes import unit_rgb as _rgb

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from .layout import Layout

BAR, STRIP, PITCH = 190, 11, 236
"""Pixels at 1600 x 900: length of a colour bar, height of its strips, from one bar to the next."""


def legend(
    figure: Figure,
    layout: Layout,
    meta: Meta,
    frame: Frame,
    scale: Scale,
    look: Look,
    bbo: bool,
    bubbles: Bubbles | None,
) -> None:
    """Draw the key into the head of the picture, from the right."""
    w, h = layout.figure
    if w / layout.unit < 1100:  # no room beside the title
        return
    unit, theme = layout.unit, look.colours
    right, top = layout.left + layout.width, h - 26 * unit
    for place, side in enumerate((1, 0)):
        left = right - BAR * unit - place * PITCH * unit
        _bar(figure, layout, left, top, side, meta, scale, look)
    _states(figure, layout, right - (PITCH + BAR + 12) * unit, top, theme)
    _marks(figure, layout, right - (PITCH + BAR + 110) * unit, top, meta, bbo, bubbles, theme)


def _bar(
    figure: Figure, layout: Layout, left: float, top: float, side: int, meta: Meta, scale: Scale, look: Look
) -> None:
    w, h = layout.figure
    unit, theme = layout.unit, look.colours
    name = ("bids", "asks")[side]
    box = layout.box(round(left), round(top - 40 * unit), round(BAR * unit), round(2 * STRIP * unit))
    axes = figure.add_axes(box)
    table = shades(look)[side].view(np.uint8).reshape(2, -1, 4)
    axes.imshow(table, aspect="auto", extent=(0, 1, 0, 1), interpolation="nearest")
    axes.set_yticks([])
    places = np.array([0.0, 0.5, 1.0])
    axes.set_xticks(places, [labels.short(s) for s in scale.size(places)])
    axes.tick_params(colors=_rgb(theme.muted), labelsize=layout.points(13), length=0, pad=layout.points(4))
    first, _, last = axes.get_xticklabels()
    first.set_horizontalalignment("left")
    last.set_horizontalalignment("right")
    for spine in axes.spines.values():
        spine.set_visible(False)
    name = f"{name}, {labels.size_unit(meta)}"
    figure.text(left / w, (top - 11 * unit) / h, name, color=_rgb(theme.text), fontsize=layout.points(14))


def _states(figure: Figure, layout: Layout, right: float, top: float, theme: Theme) -> None:
    w, h = layout.figure
    for line, word in enumerate(("observed", "carried")):
        figure.text(right / w, (top - (27.5 + line * 13) * layout.unit) / h, word, ha="right",
                    color=_rgb(theme.muted), fontsize=layout.points(12.5))  # fmt: skip


def _marks(
    figure: Figure,
    layout: Layout,
    right: float,
    top: float,
    meta: Meta,
    bbo: bool,
    bubbles: Bubbles | None,
    theme: Theme,
) -> None:
    columns: list[list[tuple[str, RGB | None]]] = []
    if bubbles is not None and len(bubbles):
        largest = f"{labels.short(float(bubbles.size.max()))} {labels.size_unit(meta)}"
        columns.append([("buys", theme.buy), ("sells", theme.sell), (f"largest {largest}", None)])
    if bbo:
        columns.append([("best bid", theme.best_bid), ("best ask", theme.best_ask)])
    for place, entries in enumerate(columns):
        x = right - (110 + place * 120) * layout.unit
        for row, (word, colour) in enumerate(entries):
            _mark(
                figure,
                layout,
                x,
                top - (11 + row * 22) * layout.unit,
                word,
                colour,
                {"best bid": (0, (4, 2)), "best ask": "solid"}.get(word),
                theme,
            )


def _mark(
    figure: Figure,
    layout: Layout,
    x: float,
    y: float,
    word: str,
    colour: RGB | None,
    line: Any,
    theme: Theme,
) -> None:
    """A word after its mark: a disc, or a line of a style of matplotlib's."""
    from matplotlib.lines import Line2D

    w, h = layout.figure
    unit = layout.unit
    if colour is not None and line is not None:
        ends = [(x - 26 * unit) / w, (x - 6 * unit) / w]
        width = layout.points(2)
        mark = Line2D(ends, [(y + 5 * unit) / h] * 2, color=_rgb(colour), linewidth=width, linestyle=line)
        mark.set_dash_capstyle("butt")
        figure.add_artist(mark)
    elif colour is not None:
        disc = Line2D([(x - 15 * unit) / w], [(y + 5 * unit) / h], linewidth=0, marker="o")
        disc.set_markersize(layout.points(14))
        disc.set_markerfacecolor((*_rgb(colour), 0.47))
        disc.set_markeredgecolor(_rgb(colour))
        disc.set_markeredgewidth(layout.points(1.1))
        figure.add_artist(disc)
    left = x if colour is not None else x - 22 * unit
    figure.text(left / w, y / h, word, color=_rgb(theme.muted), fontsize=layout.points(13.5))

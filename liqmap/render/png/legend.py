"""The key of a picture: colour bars with sizes, observed beside carried, touch and bubbles."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from liqmap.render.frames import words as labels
from liqmap.render.frames.colour import Look, Scale, presence_shades, shades
from liqmap.render.frames.palettes import RGB, Theme
from liqmap.render.frames.palettes import unit_rgb as _rgb
from liqmap.render.frames.there import ENDS, LEVELS
from liqmap.render.marks.overlays import FACE_ALPHA, RIM_WIDTH
from liqmap.render.marks.registry import Entry
from liqmap.schema import Meta

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    from liqmap.render.png.layout import Layout

BAR, STRIP, PITCH = 190, 11, 236
"""Pixels at 1600 x 900: length of a colour bar, height of its strips, from one bar to the next."""

ROWS, FEWER = 4, 3
"""Entries that a column has room for above the heatmap, and where so many columns reach the title."""

COLUMN, MARK, LETTER, APART, TWO = 140, 34, 7.7, 12, 300
"""Pixels of a column at least, of a mark before its words, of a letter of those, after them, and of two
columns."""

GROUND_ORDER, MARK_ORDER = 3, 4
"""Of what stands within the heatmap: above its axes, whose lines would cross the words else."""

LINE, HEAD, GROUND = 22, 80, 0.85
"""Pixels of a line of entries, and of the title with its times; opacity of the ground of entries within the
heatmap."""


@dataclass
class Key:
    """What the key of a picture explains.

    per : what sizes are per, see `Frame.per`; columns : entries by their key, by column, see `add`.
    by_presence : whether colours tell how likely levels are still there, instead of whether they are carried.
    """

    meta: Meta
    scale: Scale
    look: Look
    per: str = ""
    by_presence: bool = False
    columns: dict[str, dict[str, Entry]] = field(default_factory=dict)

    def add(self, overlay: str, entries: list[Entry]) -> None:
        """Entries of an overlay, above those before: lines share a column, others have one of their own."""
        for entry in entries:
            column = self.columns.setdefault("lines" if entry.line else overlay, {})
            column[entry.key or entry.word] = entry


def legend(figure: Figure, layout: Layout, key: Key) -> None:
    """Draw the key into the head of the picture, from the right."""
    w, h = layout.figure
    if w / layout.unit < 1100:  # no room beside the title
        return
    unit = layout.unit
    right, top = w - 104 * unit, h - 26 * unit
    for place, side in enumerate(reversed(key.look.sides)):
        left = right - BAR * unit - place * PITCH * unit
        _bar(figure, layout, left, top, side, key)
    if sides := len(key.look.sides):
        _states(figure, layout, right - ((sides - 1) * PITCH + BAR + 12) * unit, top, key)
    _marks(figure, layout, right - (PITCH + BAR + 110) * unit, top, key)


def _bar(figure: Figure, layout: Layout, left: float, top: float, side: int, key: Key) -> None:
    w, h = layout.figure
    unit, theme = layout.unit, key.look.colours
    box = layout.box(round(left), round(top - 40 * unit), round(BAR * unit), round(2 * STRIP * unit))
    axes = figure.add_axes(box, facecolor=_rgb(theme.background))
    if key.by_presence:
        table = presence_shades(key.look)[side, ::-1].view(np.uint8).reshape(LEVELS, -1, 4)
    else:
        table = shades(key.look)[side].view(np.uint8).reshape(2, -1, 4)[: len(key.look.states)]
    axes.imshow(table, aspect="auto", extent=(0, 1, 0, 1), interpolation="nearest")
    axes.set_yticks([])
    places = np.array([0.0, 0.5, 1.0])
    axes.set_xticks(places, [labels.short(s) for s in key.scale.size(places)])
    axes.tick_params(colors=_rgb(theme.muted), labelsize=layout.points(13), length=0, pad=layout.points(4))
    first, _, last = axes.get_xticklabels()
    first.set_horizontalalignment("left")
    last.set_horizontalalignment("right")
    for spine in axes.spines.values():
        spine.set_visible(False)
    name = f"{('bids', 'asks')[side]}, {labels.size_unit(key.meta)}{key.per}"
    figure.text(left / w, (top - 11 * unit) / h, name, color=_rgb(theme.text), fontsize=layout.points(14))


def _states(figure: Figure, layout: Layout, right: float, top: float, key: Key) -> None:
    """What the strips of a bar are, or its upper and its lower end."""
    (w, h), look = layout.figure, key.look
    for line, word in enumerate(ENDS if key.by_presence else look.states):
        figure.text(right / w, (top - (27.5 + line * 13) * layout.unit) / h, word, ha="right",
                    color=_rgb(look.colours.muted), fontsize=layout.points(12.5))  # fmt: skip


def _marks(figure: Figure, layout: Layout, right: float, top: float, key: Key) -> None:
    """The columns of overlays, the topmost overlay's on the right, but the one with sizes, whose discs reach
    lower than words, farthest from what is written below the title. A long one goes on in the next, and those
    of overlays that would reach the title stand within the heatmap."""
    entries = [list(column.values()) for column in key.columns.values()]
    entries.sort(key=lambda column: any(entry.sizes for entry in column))
    rows = ROWS if sum(map(_width, _together(entries, ROWS))) <= TWO else FEWER
    room = (right - _written(figure, layout)) / layout.unit - MARK
    first = 0
    while first < len(entries) and sum(map(_width, _together(entries[first:], rows))) > room:
        first += 1
    within, columns = _together(entries[:first], rows), _together(entries[first:], rows)
    _row(figure, layout, right - sum(map(_width, columns)) * layout.unit, top, columns, key.look.colours)
    if within:
        _within(figure, layout, within, key.look.colours)


def _row(
    figure: Figure, layout: Layout, left: float, top: float, columns: list[list[Entry]], theme: Theme
) -> None:
    """Columns of entries beside each other, from a corner."""
    unit = layout.unit
    for column in columns:
        for row, entry in enumerate(column):
            _mark(figure, layout, left + 30 * unit, top - (11 + row * LINE) * unit, entry, theme)
        left += _width(column) * unit


def _written(figure: Figure, layout: Layout) -> float:
    """How far to the right title and times reach, pixels."""
    head = layout.figure[1] - HEAD * layout.unit
    edges = (text.get_window_extent() for text in figure.texts)
    return max((edge.x1 for edge in edges if edge.y0 > head and edge.x0 < layout.figure[0] / 4), default=0.0)


def _within(figure: Figure, layout: Layout, columns: list[list[Entry]], theme: Theme) -> None:
    """Columns of entries in the upper left corner of the heatmap, on a ground of their own."""
    from matplotlib.patches import Rectangle

    unit = layout.unit
    wide, high = (sum(map(_width, columns)) + 10) * unit, (max(map(len, columns)) * LINE + 12) * unit
    left, top = layout.left + 10 * unit, layout.bottom + layout.height - 10 * unit
    x, y, width, height = layout.box(left, top - high, wide, high)
    ground = Rectangle((x, y), width, height, transform=figure.transFigure, alpha=GROUND, zorder=GROUND_ORDER)
    ground.set(facecolor=_rgb(theme.background), edgecolor=_rgb(theme.grid), linewidth=layout.points(1))
    figure.add_artist(ground)
    _row(figure, layout, left + 6 * unit, top - 8 * unit, columns, theme)


def _width(column: list[Entry]) -> float:
    """Pixels of a column with its words."""
    return max(COLUMN, MARK + max(map(_entry_width, column)) + APART)


def _entry_width(entry: Entry) -> float:
    """Pixels of the words of an entry, and of the discs before them."""
    discs = sum(2 * radius + 15 + LETTER * len(word) for radius, word in entry.sizes)
    return discs + LETTER * len(entry.word)


def _together(entries: list[list[Entry]], rows: int) -> list[list[Entry]]:
    """Columns of so many entries at most: a long one goes on in the next, about as long."""
    return [part for column in entries for part in _parts(column, rows)]


def _parts(column: list[Entry], rows: int) -> list[list[Entry]]:
    """A column in as few parts as rows allow, of about one length."""
    length = -(-len(column) // max(-(-len(column) // rows), 1)) or 1
    return [column[at : at + length] for at in range(0, len(column), length)]


def _mark(figure: Figure, layout: Layout, x: float, y: float, entry: Entry, theme: Theme) -> None:
    """A word after its mark: a disc, or a line."""
    from matplotlib.lines import Line2D

    w, h = layout.figure
    unit, colour = layout.unit, entry.colour
    if entry.sizes:
        x, y = _sizes(figure, layout, x - 26 * unit, y - 6 * unit, entry, theme), y - 6 * unit
    elif colour is not None and entry.line:
        ends = [(x - 26 * unit) / w, (x - 6 * unit) / w]
        style: dict[str, Any] = {"color": _rgb(colour), "linewidth": layout.points(2), "zorder": MARK_ORDER}
        mark = Line2D(ends, [(y + 5 * unit) / h] * 2, **style)
        mark.set_solid_capstyle("butt")
        figure.add_artist(mark)
    elif colour is not None:
        disc = _disc(layout, (x - 15 * unit) / w, (y + 5 * unit) / h, 7, colour)
        disc.set_markerfacecolor((*_rgb(colour), FACE_ALPHA))
        figure.add_artist(disc)
    left = x if colour is not None or entry.sizes else x - 22 * unit
    said = {"color": _rgb(theme.muted), "fontsize": layout.points(13.5), "zorder": MARK_ORDER}
    figure.text(left / w, y / h, entry.word, **said)


def _disc(layout: Layout, x: float, y: float, radius: float, rim: RGB) -> Line2D:
    """A ring of a colour, so many pixels in radius at 1600 x 900."""
    from matplotlib.lines import Line2D

    look: dict[str, Any] = {"markerfacecolor": "none", "markeredgecolor": _rgb(rim), "zorder": MARK_ORDER}
    disc = Line2D([x], [y], linewidth=0, marker="o", **look)
    disc.set_markersize(layout.points(2 * radius))
    disc.set_markeredgewidth(layout.points(RIM_WIDTH))
    return disc


def _sizes(figure: Figure, layout: Layout, x: float, y: float, entry: Entry, theme: Theme) -> float:
    """Discs from the left, each before its size; where the next thing begins."""
    (w, h), unit = layout.figure, layout.unit
    for radius, word in entry.sizes:
        x += radius * unit
        figure.add_artist(_disc(layout, x / w, (y + 5 * unit) / h, radius, theme.muted))
        x += (radius + 6) * unit
        style = {"color": _rgb(theme.muted), "fontsize": layout.points(13.5), "zorder": MARK_ORDER}
        text = figure.text(x / w, y / h, word, **style)
        x += text.get_window_extent().width + 9 * unit
    return x

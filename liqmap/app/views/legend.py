"""The key of the colours: a bar a side with the sizes of the picture in view, and the marks over it."""

from __future__ import annotations

from html import escape
from typing import Any

import panel as pn
import param

from liqmap.app.data.data import Data
from liqmap.app.state.options import FITTED
from liqmap.app.style import LEGEND
from liqmap.carry import Mixture
from liqmap.render.frames import words as labels
from liqmap.render.frames.colour import css_gradient, presence_gradients
from liqmap.render.frames.frame import instant_ns
from liqmap.render.frames.palettes import css
from liqmap.render.frames.there import ENDS
from liqmap.render.marks.registry import Entry, Scene
from liqmap.render.marks.view import View

ROWS = 3
"""Entries in a column."""

THERE = 6
"""Strips of a bar that tells presence, of 3 pixels each."""


class Legend(pn.viewable.Viewer):
    """Colours of observed and carried liquidity, by side."""

    data = param.ClassSelector(class_=Data)

    def words(self, view: Any, *_: Any) -> str:
        """The legend, as HTML."""
        if view is None or self.data.session is None:
            return ""
        look, unit = self.data.look, labels.size_unit(self.data.session.spans().meta) + view.per
        named = self._states(view, look.states)
        sizes = "".join(f"<span>{labels.short(s)}</span>" for s in view.scale.size([0.0, 0.5, 1.0]))
        bars = "".join(
            f'<div class="bar">{("bids", "asks")[side]}, {escape(unit)}'
            + self._strips(side)
            + f"<p>{sizes}</p></div>"
            for side in look.sides
        )
        marks = "".join(map(_column, self._marks()))
        states = f'<div class="states">{"<br>".join(named)}</div>' if bars else ""
        return f'<div class="legend"><div class="over">{marks}</div>{states}{bars}</div>'

    @property
    def _by_presence(self) -> bool:
        """Whether colours tell how likely it is that a level is still there."""
        return self.data.presence is not None and self.data.look.carried_shown == "fade"

    def _strips(self, side: int) -> str:
        """The colours of a side: observed over carried, or from surely there down to surely gone."""
        look = self.data.look
        if self._by_presence:
            gradients, kind = presence_gradients(look, side, THERE), ' class="there"'
        else:
            carried = (False, True)[: len(look.states)]
            gradients, kind = [css_gradient(look, side, c) for c in carried], ""
        return "".join(f'<div{kind} style="background: {one}"></div>' for one in gradients)

    def _states(self, view: Any, states: tuple[str, ...]) -> list[str]:
        """What the strips of a bar are, and by what a size is carried that is no half-life."""
        if self._by_presence:
            return list(ENDS)
        by = f"carried: {FITTED}"
        return [by if state == "carried" and isinstance(view.carry, Mixture) else state for state in states]

    def _marks(self) -> list[list[Entry]]:
        """Columns of entries of the layers shown: lines, and discs with what is said of them. The last are
        not shown where there is no room for them."""
        data, session = self.data, self.data.session
        scene = Scene(
            session, session.price_range, theme=data.state.theme, until=data.played_to, alerts=data.conditions
        )
        begin, end = (instant_ns(time) for time in data.time_range)
        width, height = data.size
        view = View(begin, end, data.price_range, width, height, data.played_to())
        found: dict[str, Entry] = {}
        for overlay in data.overlays:
            found |= {entry.key or entry.word: entry for entry in overlay.entries_in(scene, view)}
        kinds = ([e for e in found.values() if e.line is line] for line in (True, False))
        return [kind[at : at + ROWS] for kind in kinds for at in range(0, len(kind), ROWS)]

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.pane.HTML(
            pn.bind(
                self.words, self.data.param.shown, self.data.state.param.layers, self.data.state.param.alerts
            ),
            margin=(2, 16, 0, 8),
            stylesheets=[LEGEND],
            height=46,
        )


def _column(entries: list[Entry]) -> str:
    """Words, each after its mark."""
    lines = (f"<div>{_mark(entry)}{escape(entry.word)}</div>" for entry in entries)
    return f'<div class="marks">{"".join(lines)}</div>'


def _mark(entry: Entry) -> str:
    """A line or a disc of its colour; nothing where it has none."""
    if entry.colour is None:
        return ""
    return f'<i class="{"line" if entry.line else "disc"}" style="background: {css(entry.colour)}"></i>'

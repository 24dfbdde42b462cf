"""All sections, one below the other."""

from __future__ import annotations

from typing import Any

import panel as pn
import param

from liqmap.app.controls.bound import Bound, Maker
from liqmap.app.controls.carry import CARRY, follow_carry
from liqmap.app.controls.colour import COLOUR
from liqmap.app.controls.cutoffs import follow_picture
from liqmap.app.controls.grid import GRID
from liqmap.app.controls.layers import LAYERS
from liqmap.app.controls.presets import Presets
from liqmap.app.data.shown import Shown
from liqmap.app.internals.panel import explain
from liqmap.app.state.options import BOTH
from liqmap.app.state.state import State
from liqmap.app.style import CONTROLS, HEADING

DELAY_MS = 120
"""A drag sends many values. The first is applied at once; of those that come within this time after one
that was applied only the last counts: the picture follows the slider by itself, before the state does."""

SECTIONS = {"Carry": CARRY, "Grid": GRID, "Colour": COLOUR, "Layers": LAYERS}


class Controls(pn.viewable.Viewer):
    """Widgets over a `State`, both ways."""

    state = param.ClassSelector(class_=State)
    below = param.List([], doc="What else stands below the sections.")
    keep = param.Boolean(True, doc="Whether the user's own presets may be kept on this machine.")
    say = param.Callable(lambda words: None, doc="Tells the user what was wrong with what was typed in.")

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._pending: dict[str, Any] = {}
        self._waiting = self._setting = False
        self._sections = {title: _made(makers, self.state) for title, makers in SECTIONS.items()}
        self.bound: dict[str, Bound] = {b.name: b for bs in self._sections.values() for b in bs}
        for b in self.bound.values():
            b.widget.param.watch(lambda event, b=b: self._later(b, event.new), "value")
            explain(b.explained, str(State.param[b.name].doc))
        self.presets = Presets(state=self.state, keep=self.keep)
        self.state.param.watch(self._show, list(self.bound))
        self.state.param.watch(self._offer_panels, "view")
        self._offer_panels()

    def _later(self, bound: Bound, value: Any) -> None:
        if self._setting:
            return
        try:
            chosen = bound.of_widget(value)
        except ValueError as error:
            self.say(str(error))
            return
        self._pending |= {**bound.also, bound.name: chosen}
        doc = pn.state.curdoc
        if doc is None or doc.session_context is None:
            self._apply()
        elif not self._waiting:
            self._apply()
            self._wait(doc)

    def _wait(self, doc: Any) -> None:
        self._waiting = True
        doc.add_timeout_callback(lambda: self._waited(doc), DELAY_MS)

    def _waited(self, doc: Any) -> None:
        self._waiting = False
        if self._pending:
            self._apply()
            self._wait(doc)

    def _apply(self) -> None:
        pending, self._pending = self._pending, {}
        self.state.param.update(**pending)

    def _show(self, *events: Any) -> None:
        """The state has changed: the widgets follow, without telling it again."""
        self._setting = True
        try:
            for event in events:
                bound = self.bound[event.name]
                value = bound.to_widget(event.new)
                if event.name in self._pending or bound.widget.value == value:
                    continue
                bound.offer(bound.widget, value)
                bound.widget.value = value
        finally:
            self._setting = False

    def follow(self, shown: Shown | None) -> None:
        """A picture has been drawn: handles stand, and say, what it has."""
        if shown is None:
            return
        self._setting = True
        try:
            follow_picture(self.bound["cutoffs"], self.state, shown)
            follow_carry(self.bound, self.state, shown)
        finally:
            self._setting = False

    @property
    def sliders(self) -> dict[str, Any]:
        """Sliders over durations, by the choice that each is of."""
        return {name: self.bound[name].widget for name in ("half_life_s", "prune_s")}

    def _offer_panels(self, *_: Any) -> None:
        """Two pictures leave no room for panels: what is chosen of them stands again in the other views."""
        both = self.state.view == BOTH
        words = f"Not in the view {BOTH}" if both else None
        self.bound["panels"].widget.param.update(disabled=both, description=words)

    def __panel__(self) -> pn.viewable.Viewable:
        parts: list[Any] = []
        for title, bounds in self._sections.items():
            parts.append(heading(title))
            if title == "Carry":
                parts.append(self.presets)
            parts += [b.show for b in bounds if b.show is not None]
        return pn.Column(
            *parts, *self.below, pn.Spacer(height=8), width=272, sizing_mode="stretch_height",
            scroll="y-auto", css_classes=["liqmap-controls"], stylesheets=[CONTROLS],
        )  # fmt: skip


def _made(makers: list[Maker], state: State) -> list[Bound]:
    made = [make(state) for make in makers]
    return [b for one in made for b in (one if isinstance(one, list) else [one])]


def heading(words: str) -> pn.pane.HTML:
    """The name of a section."""
    return pn.pane.HTML(f"<b>{words}</b>", margin=(8, 12, 1, 12), css_classes=["liqmap-heading"],
                        stylesheets=[HEADING], sizing_mode="stretch_width")  # fmt: skip

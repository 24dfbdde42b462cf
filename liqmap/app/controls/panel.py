"""All sections, one below the other."""

from __future__ import annotations

from typing import Any

import panel as pn
import param

from liqmap.app.component import Hear
from liqmap.app.controls.carry import CALIBRATION, Carry
from liqmap.app.controls.colour import COLOUR, strength
from liqmap.app.controls.control import Control, Maker, Part, refuse
from liqmap.app.controls.cutoffs import Cutoffs
from liqmap.app.controls.form import Form
from liqmap.app.controls.grid import GRID
from liqmap.app.controls.layers import LAYERS
from liqmap.app.controls.presets import Presets
from liqmap.app.data.shown import Shown
from liqmap.app.state.state import State
from liqmap.app.style import CONTROLS

WIDTH = 272


class Controls(pn.viewable.Viewer):
    """What there is to choose of a `State`, both ways, in one component."""

    state = param.ClassSelector(class_=State)
    keep = param.Boolean(True, doc="Whether the user's own presets may be kept on this machine.")
    say = param.Callable(lambda words: None, doc="Tells the user what was wrong with what was typed in.")
    has_trades = param.Callable(lambda: True, doc="Whether the session has trades, of which candles are.")
    below = param.List([], doc="Parts that stand below the sections.")
    answer = param.Callable(None, allow_None=True, doc="Answers what these ask.")
    page = param.String("", doc="Which picture follows the sliders: that of the same name.")
    calibration = param.Callable(None, allow_None=True, doc="How the buttons to and of a calibration look.")
    calibrated = param.Callable(lambda: None, doc="Gives the market's calibration, for what it may offer.")

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        state = self.state
        self._carry, self._cutoffs = Carry(state, lambda: self.calibrated()), Cutoffs(state)
        sections: dict[str, list[Control]] = {
            "Carry": [*self._calibration(), *Presets(state, self.keep).controls, *self._carry.controls],
            "Grid": _made(GRID, state),
            "Colour": [
                *_made(COLOUR, state),
                *self._cutoffs.controls,
                *_made(strength(self.has_trades, lambda: self.calibrated()), state),
            ],
            "Layers": _made(LAYERS, state),
        }
        parts = [part for title, controls in sections.items() for part in _section(title, controls)]
        answer: Hear | None = self.answer
        self.form = Form(
            [*parts, *self.below], [c for controls in sections.values() for c in controls], self._choose,
            self.say, answer, page=self.page, width=WIDTH, sizing_mode="stretch_height",
            margin=0, css_classes=["liqmap-controls"], stylesheets=[CONTROLS], styles={"order": "-1"},
        )  # fmt: skip
        state.param.watch(self._show, [name for name in state.param if name not in UNSEEN])

    def _calibration(self) -> list[Control]:
        """Buttons, where there is an app around that has a calibration."""
        if self.calibration is None:
            return []
        return [
            Control("calibration", CALIBRATION, self.calibration, lambda v: refuse("carry", "a button", v))
        ]

    def _choose(self, choices: dict[str, Any]) -> None:
        self.state.param.update(**choices)

    def _show(self, *_: Any) -> None:
        self.show()

    def show(self) -> None:
        """Show what there is now."""
        self.form.show()

    def follow(self, shown: Shown | None) -> None:
        """A picture has been drawn: handles stand, and say, what it has."""
        if shown is not None:
            self._carry.follow(shown)
            self._cutoffs.follow(shown)
            self.form.show()

    def __panel__(self) -> pn.viewable.Viewable:
        return self.form


UNSEEN = ("name", "market", "dates", "start", "end", "low", "high", "last_s", "at", "speed",
          "playing", "page", "levels", "over")  # fmt: skip
"""Parameters of a state that no control shows or hangs on, but for presets, which follow by themselves."""


def heading(words: str) -> Part:
    """The name of a section."""
    return {"kind": "heading", "label": words}


def _section(title: str, controls: list[Control]) -> list[Part]:
    return [heading(title), *(control.part for control in controls if control.part is not None)]


def _made(makers: list[Maker], state: State) -> list[Control]:
    made = [make(state) for make in makers]
    return [control for one in made for control in (one if isinstance(one, list) else [one])]

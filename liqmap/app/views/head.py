"""The head of the page: which market and days, which part of them, in which zone and theme."""

from __future__ import annotations

from typing import Any

import panel as pn
import param

from liqmap.app.controls.control import Choices, Control, Part, one_of, refuse, title_of
from liqmap.app.controls.form import Form
from liqmap.app.data.data import Data
from liqmap.app.data.moves import jump, show_last_hour, show_whole
from liqmap.app.internals.panel import explain
from liqmap.app.state.clock import FIELD as JUMP
from liqmap.app.state.clock import ZONES
from liqmap.app.state.options import THEMES
from liqmap.app.style import FIELD, HEAD
from liqmap.schema import GridError, LiqmapError

LEFT: list[Part] = [
    {"kind": "words", "name": "liqmap", "label": "liqmap", "title": "Liquidity of order books as a heatmap."},
    {"kind": "select", "name": "market", "label": "market", "bare": True, "options": [],
     "title": "market: Venue, symbol and feed shown; opened as a whole."},
]  # fmt: skip
"""Before the days."""

RIGHT: list[Part] = [
    {"kind": "text", "name": "jump", "label": JUMP, "bare": True, "wide": 124, "placeholder": f"{JUMP} 14:30",
     "title": f"{JUMP}: Go to a time such as 14:30 or 2025-11-28 14:30, in the zone chosen; then Enter."},
    {"kind": "button", "name": "whole", "label": "whole",
     "title": "Show all of the session, its quiet ends too; stops the play."},
    {"kind": "button", "name": "last hour", "label": "last hour",
     "title": "Show the last hour in which something happened."},
    {"kind": "gap"},
    {"kind": "select", "name": "time_zone", "label": "time zone", "bare": True, "wide": 132, "options": [],
     "title": f"time zone: {title_of('time_zone')}"},
    {"kind": "choice", "name": "theme", "label": "theme", "bare": True,
     "title": f"theme: {title_of('theme')}", "options": [[name, name] for name in THEMES]},
]  # fmt: skip
"""After them."""

DOES = {"whole": show_whole, "last hour": show_last_hour}
"""What buttons do with what is shown."""


class Head(pn.viewable.Viewer):
    """Name, pickers of market and days, jump to a time, zone, theme."""

    data = param.ClassSelector(class_=Data)

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        data, state = self.data, self.data.state
        self.dates = pn.widgets.DateRangePicker(stylesheets=[FIELD], width=176, margin=(10, 5))
        explain(self.dates, "UTC days shown: first and last.", "days")
        left, right = self._controls()
        fit: dict[str, Any] = {"kind": "row", "margin": 0, "height": 46}
        self.left = Form(LEFT, left, self._choose, data.warn, self._hear, **fit)
        self.right = Form(
            RIGHT, right, self._choose, data.warn, self._hear, sizing_mode="stretch_width", **fit
        )
        self._follow()
        self.dates.param.watch(lambda e: e.new and e.new != state.dates and data.choose(dates=e.new), "value")
        state.param.watch(self._follow, ["market", "dates", "time_zone", "theme"])
        data.param.watch(self._follow, ["markets", "session"])

    def _controls(self) -> tuple[list[Control], list[Control]]:
        data, state = self.data, self.data.state
        left = [
            Control("liqmap", None, lambda: "liqmap", _no),
            Control(
                "market", None, lambda: state.market, self._open,
                lambda: {"options": [list(pair) for pair in data.markets.items()]},
            ),
        ]  # fmt: skip
        right = [
            Control("jump", None, lambda: "", self._jump),
            Control("whole", None, lambda: "whole", _no),
            Control("last hour", None, lambda: "last hour", _no),
            Control(
                "time_zone", None, lambda: state.time_zone, self._zone,
                lambda: {"options": [[zone, zone] for zone in self._zones()]},
            ),
            Control("theme", None, lambda: state.theme, lambda value: {"theme": one_of("theme", value)}),
        ]  # fmt: skip
        return left, right

    def _follow(self, *_: Any) -> None:
        """The controls say what is shown."""
        data, state = self.data, self.data.state
        self.left.show()
        self.right.show()
        days = data.days
        self.dates.visible = bool(days)
        if days and state.dates is not None:
            covered = days[0] <= state.dates[0] <= state.dates[1] <= days[-1]
            self.dates.param.update(value=None)  # else it may lie outside of the new bounds
            self.dates.param.update(start=days[0], end=days[-1], enabled_dates=list(days))
            # After its bounds, or it is held to the old ones.
            self.dates.value = state.dates if covered else None

    def _choose(self, choices: Choices) -> None:
        self.data.state.param.update(**choices)

    def _open(self, market: Any) -> Choices:
        known = self.data.markets
        if not (isinstance(market, str) and market in known.values()):
            refuse("market", f"one of {', '.join(known)}", market)
        if market != self.data.state.market:
            self.data.choose(market)
        return {}

    def _zones(self) -> list[str]:
        return list(dict.fromkeys((*ZONES, self.data.state.time_zone)))

    def _zone(self, zone: Any) -> Choices:
        if not (isinstance(zone, str) and zone in self._zones()):
            refuse("time zone", f"one of {', '.join(self._zones())}", zone)
        return {"time_zone": zone}

    def _hear(self, kind: str, said: dict[str, Any]) -> None:
        """A button is pressed.

        Raises
        ------
        LiqmapError : there is none of that name.
        """
        name = said.get("name")
        if kind != "press" or not (isinstance(name, str) and name in DOES):
            raise GridError(argument="press", expected=f"one of {', '.join(DOES)}", got=f"{name!r:.60}")
        self._when_shown(lambda: DOES[name](self.data))

    def _jump(self, text: Any) -> Choices:
        if isinstance(text, str) and text:
            self._when_shown(lambda: jump(self.data, text))
        return {}

    def _when_shown(self, do: Any) -> None:
        """Do something with the session shown; what cannot be done is said beside the picture."""
        if self.data.session is None or self.data.busy:
            return
        try:
            do()
        except LiqmapError as error:
            self.data.warn(self.data.tell(error))
        else:
            self.data.warnings = []  # they were about what was asked before

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Row(
            self.left, self.dates, self.right, sizing_mode="stretch_width", height=46, margin=0,
            stylesheets=[HEAD],
        )  # fmt: skip


def _no(value: Any) -> Choices:
    refuse("head", "something that can be chosen", value)

"""The head of the page: which market and days, which part of them, in which zone and theme."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import panel as pn
import param

from liqmap.app.data.data import Data
from liqmap.app.data.moves import jump, show_last_hour, show_whole
from liqmap.app.internals.panel import explain
from liqmap.app.state.clock import FIELD as JUMP
from liqmap.app.state.clock import ZONES
from liqmap.app.state.options import THEMES
from liqmap.app.state.wording import notice_of
from liqmap.app.style import BUTTONS, FIELD, HEAD, SELECT, WORDS
from liqmap.schema import LiqmapError

FIT = {"margin": (9, 5)}

LETTER, ARROW, NARROWEST, WIDEST = 7.2, 38, 150, 380
"""Pixels of a letter of a name, of what else the select holds, and of its width."""


class Head(pn.viewable.Viewer):
    """Name, pickers of market and days, jump to a time, zone, theme."""

    data = param.ClassSelector(class_=Data)

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        data, state = self.data, self.data.state
        self.market = pn.widgets.Select(options=data.markets, stylesheets=[SELECT], **FIT)
        self.dates = pn.widgets.DateRangePicker(stylesheets=[FIELD], width=176, **FIT)
        self.jump = pn.widgets.TextInput(placeholder=f"{JUMP} 14:30", stylesheets=[FIELD], width=124, **FIT)
        self.zone = pn.widgets.Select(stylesheets=[SELECT], width=132, **FIT)
        self.theme = pn.widgets.RadioButtonGroup(
            options=list(THEMES), value=state.theme, stylesheets=[BUTTONS], **FIT
        )
        for widget, label, words in (
            (self.market, "market", "Venue, symbol and feed shown; opened as a whole."),
            (self.dates, "days", "UTC days shown: first and last."),
            (
                self.jump,
                JUMP,
                "Go to a time such as 14:30 or 2025-11-28 14:30, in the zone chosen; then Enter.",
            ),
            (self.zone, "time zone", str(state.param.time_zone.doc)),
            (self.theme, "theme", str(state.param.theme.doc)),
        ):
            explain(widget, words, label)
        self._follow()
        self.market.param.watch(lambda e: e.new and e.new != state.market and data.choose(e.new), "value")
        self.dates.param.watch(lambda e: e.new and e.new != state.dates and data.choose(dates=e.new), "value")
        self.jump.param.watch(self._jump, "value")
        self.zone.param.watch(lambda e: state.param.update(time_zone=e.new), "value")
        self.theme.param.watch(lambda e: state.param.update(theme=e.new), "value")
        state.param.watch(self._follow, ["market", "dates", "time_zone", "theme"])
        data.param.watch(self._follow, ["markets", "session"])

    def _follow(self, *_: Any) -> None:
        """The widgets say what is shown."""
        data, state = self.data, self.data.state
        self.market.param.update(options=data.markets, width=_width(data.markets))
        if state.market in data.markets.values():
            self.market.value = state.market
        days = data.days
        self.dates.visible = bool(days)
        if days and state.dates is not None:
            covered = days[0] <= state.dates[0] <= state.dates[1] <= days[-1]
            self.dates.param.update(value=None)  # else it may lie outside of the new bounds
            self.dates.param.update(start=days[0], end=days[-1], enabled_dates=list(days))
            # After its bounds, or it is held to the old ones.
            self.dates.value = state.dates if covered else None
        zones = dict.fromkeys((*ZONES, state.time_zone))
        self.zone.param.update(options=list(zones), value=state.time_zone)
        self.theme.value = state.theme

    def _jump(self, event: Any) -> None:
        if not event.new:
            return
        self._when_shown(lambda: jump(self.data, event.new))
        self.jump.value = ""

    def _when_shown(self, do: Any) -> None:
        """Do something with the session shown; what cannot be done is said beside the picture."""
        if self.data.session is None or self.data.busy:
            return
        try:
            do()
        except LiqmapError as error:
            self.data.warn(notice_of(error))
        else:
            self.data.warnings = []  # they were about what was asked before

    def __panel__(self) -> pn.viewable.Viewable:
        name = '<span style="font-size:19px;font-weight:700;letter-spacing:.3px">liqmap</span>'
        whole, hour = (
            pn.widgets.Button(label=label, stylesheets=[BUTTONS], margin=(9, 3))
            for label in ("whole", "last hour")
        )
        explain(whole, "Show all of the session, its quiet ends too; stops the play.")
        explain(hour, "Show the last hour in which something happened.")
        whole.on_click(lambda _: self._when_shown(lambda: show_whole(self.data)))
        hour.on_click(lambda _: self._when_shown(lambda: show_last_hour(self.data)))
        return pn.Row(
            pn.pane.HTML(name, margin=(11, 10, 8, 14), width=66, stylesheets=[WORDS]),
            self.market, self.dates, self.jump, whole, hour, pn.layout.HSpacer(), self.zone, self.theme,
            sizing_mode="stretch_width", height=46, margin=0, stylesheets=[HEAD],
        )  # fmt: skip


def _width(names: Iterable[str]) -> int:
    """Of a select that clips none of these names."""
    longest = max(map(len, names), default=0)
    return round(min(max(LETTER * longest + ARROW, NARROWEST), WIDEST))

"""The list of alerts below the picture, there as long as there are conditions."""

from __future__ import annotations

from concurrent.futures import Future
from functools import partial
from typing import Any

import numpy as np
import panel as pn
import param

from liqmap.analytics.alerts import Condition
from liqmap.app.controls.control import Choices, Control, Part, refuse
from liqmap.app.controls.form import Form
from liqmap.app.data.alerted import Row, counts, listed
from liqmap.app.data.data import Data
from liqmap.app.data.moves import show_instant
from liqmap.app.data.watched import is_live
from liqmap.app.state.address import served
from liqmap.app.state.wording import notice_of
from liqmap.app.style import STATUS
from liqmap.render.frames.palettes import css, theme
from liqmap.render.marks.alerted import Fired, fired_in
from liqmap.render.marks.overlays.alerts import colour_of
from liqmap.schema import GridError, LiqmapError

PERIOD_MS = 500
"""A market that grows is looked at anew so often."""

HEIGHT = 32

PARTS: list[Part] = [
    {"kind": "list", "name": "alerts", "label": "alerts",
     "title": "When conditions came to hold, the latest first; a press on one brings it into view."},
]  # fmt: skip

LOOKING, NONE = "looking …", "none so far"

Asked = tuple[Any, tuple[Condition, ...]]


class Alerts(pn.viewable.Viewer):
    """A line with an alert after the other: when, what, the value then, and for how long it held.

    What is found is of all of the session, and kept; of a play its time alone says what of it is shown.
    """

    data = param.ClassSelector(class_=Data)

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._found: list[Fired] | None = None
        self._note = ""
        self._asked: Asked | None = None
        self._looking: Future[Any] | None = None
        self._ticking: Any = None
        self._rows: dict[str, Row] = {}
        self._shown: Any = None
        control = Control("alerts", None, self._value, _no)
        self.form = Form(
            PARTS, [control], self._choose, self.data.warn, self._hear, kind="row", height=HEIGHT, margin=0,
            sizing_mode="stretch_width", stylesheets=[STATUS], visible=False,
        )  # fmt: skip
        self.data.param.watch(self._open, ["session", "busy"])
        self.data.state.param.watch(self._open, "alerts")
        self.data.state.param.watch(self.show, ["at", "time_zone", "theme"])
        if not served():  # in a notebook nothing is called now and then, but its page asks for news
            self.data.param.watch(self._grown, "asked_at")
        self._open()

    def _open(self, *_: Any) -> None:
        """Other conditions, or another session."""
        session, conditions = self.data.session, self.data.conditions
        asked = None if session is None or self.data.busy or not conditions else (session, conditions)
        if asked is not None and asked == self._asked:
            return
        self._asked, self._found, self._note, self._looking = asked, None, LOOKING, None
        self.show()
        if asked is not None:
            look = self.data.worker.submit(partial(fired_in, *asked))
            self.data.worker.hand_on(look, partial(self._take, asked))
        self._tick(asked is not None and is_live(session) and served())

    def _tick(self, wanted: bool) -> None:
        if wanted and self._ticking is None:
            self._ticking = pn.state.add_periodic_callback(self._grown, PERIOD_MS)
        elif not wanted and self._ticking is not None:
            self._ticking.stop()
            self._ticking = None

    def _grown(self, *_: Any) -> None:
        """Look at what a market has grown by, in a thread: what the last look found is shown now."""
        asked, look = self._asked, self._looking
        if asked is None or self._found is None or not is_live(asked[0]) or (look and not look.done()):
            return
        if look is not None:
            self._take(asked, look)
        self._looking = self.data.worker.submit(partial(fired_in, *asked))
        if self._looking.done():
            look, self._looking = self._looking, None
            self._take(asked, look)

    def _take(self, asked: Asked, look: Future[Any]) -> None:
        """What a look has found; unless something else is asked for by now."""
        if asked != self._asked:
            return
        try:
            self._found, self._note = look.result(), ""
        except LiqmapError as error:
            self._found, self._note = [], notice_of(error)
        else:
            if self.data.alerted != asked:  # marks are drawn from now on
                self.data.alerted = asked
        self.show()

    def show(self, *_: Any) -> None:
        """Say what there is now; while a play goes on, only where that is something else."""
        s, found = self.data.state, self._found or []
        now = (self._asked, self._note, counts(found, self.data), s.time_zone, s.theme)
        if now != self._shown:
            self._shown = now
            self.form.show()
            self.form.visible = self._asked is not None

    def _value(self) -> dict[str, Any]:
        found = listed(self._found or [], self.data)
        self._rows = {row.key: row for row in found.rows}
        colours = theme(self.data.state.theme)
        rows = [_part(row, css(colour_of(row.place, colours))) for row in found.rows]
        notes = [self._note] if self._note else found.notes or ([] if rows else [NONE])
        of = f"{id(self._asked[0])} {self.data.state.alerts} {bool(self._note)}" if self._asked else ""
        return {"of": of, "count": found.total, "note": "; ".join(notes), "rows": rows}

    def _hear(self, kind: str, said: dict[str, Any]) -> None:
        """A press on one.

        Raises
        ------
        GridError : none of those that are listed.
        """
        row = self._rows.get(str(said.get("name")))
        if kind != "press" or row is None:
            raise GridError(argument="press", expected="an alert that is listed", got=f"{said!r:.60}")
        show_instant(self.data, np.datetime64(row.time, "ns"))

    def _choose(self, choices: Choices) -> None:
        """Nothing of it is chosen."""

    def __panel__(self) -> pn.viewable.Viewable:
        return self.form


def _part(row: Row, colour: str) -> dict[str, Any]:
    """A row as the page has it."""
    words = [row.clock, row.condition, row.value, row.held]
    return {"key": row.key, "colour": colour, "title": f"Bring {row.clock} into view.", "words": words}


def _no(value: Any) -> Choices:
    refuse("alerts", "one of the list pressed", value)

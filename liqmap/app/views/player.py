"""The play: time goes on at a chosen speed."""

from __future__ import annotations

import time
from typing import Any

import panel as pn
import param

from liqmap.app.controls.control import Choices, Control, Part, one_of, refuse, title_of
from liqmap.app.controls.form import Form
from liqmap.app.data.data import Data
from liqmap.app.data.moves import go_on, play
from liqmap.app.data.watched import is_live
from liqmap.app.state.clock import words
from liqmap.app.state.options import SPEEDS
from liqmap.app.style import STATUS
from liqmap.schema import GridError, LiqmapError

PERIOD_MS = 45
"""The play goes on so often, where the browser keeps up."""

AHEAD = 1
"""Pictures that may be on their way to the browser when the next one is sent."""

PATIENCE_S = 5.0
"""How long a browser may take for a picture before the next one is sent all the same."""

PARTS: list[Part] = [
    {"kind": "button", "name": "play", "wide": 72, "label": "play",
     "title": "Let time go on from the picture's right edge; nothing later is shown."},
    {"kind": "select", "name": "speed", "wide": 76, "label": "speed", "bare": True,
     "title": f"speed: {title_of('speed')}", "options": [[f"{s}×", s] for s in SPEEDS]},
    {"kind": "words", "name": "at", "label": "time played to", "title": "The time played up to."},
    {"kind": "echo", "name": "sent", "label": "painted", "title": "What the page has painted."},
]  # fmt: skip


class Player(pn.viewable.Viewer):
    """A button and a speed; it goes on as long as the visitor is there."""

    data = param.ClassSelector(class_=Data)

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        state = self.data.state
        self._ticking: Any = None
        self._since = 0.0
        self._sent = self._painted = 0
        self.form = Form(
            PARTS, self._controls(), self._choose, self.data.warn, self._hear, kind="row", height=34,
            margin=0, stylesheets=[STATUS],
        )  # fmt: skip
        state.param.watch(self._follow, ["playing", "at", "end", "speed", "time_zone"])
        self.data.param.watch(self._follow, "session")
        self._follow()

    def _controls(self) -> list[Control]:
        state = self.data.state
        return [
            Control("play", None, lambda: "❚❚ pause" if state.playing else "▶ play", _no),
            Control("speed", None, lambda: state.speed, lambda value: {"speed": one_of("speed", value)}),
            Control("at", None, self._at, _no),
            Control("sent", None, lambda: self._sent, _no),
        ]

    def _choose(self, choices: Choices) -> None:
        self.data.state.param.update(**choices)

    def _hear(self, kind: str, said: dict[str, Any]) -> None:
        """The button, or what the page has painted.

        Raises
        ------
        LiqmapError : what no page says.
        """
        count = said.get("count")
        if kind == "press" and said.get("name") == "play":
            self._clicked()
        elif kind == "painted" and type(count) is int and 0 <= count <= self._sent:
            self._painted = count
        else:
            raise GridError(argument="kind", expected="play, or what is painted", got=f"{kind!r:.60}")

    def _clicked(self) -> None:
        state = self.data.state
        if state.playing:
            state.playing = False
        elif self.data.session is not None:
            try:
                play(self.data)
            except LiqmapError as error:
                self.data.warn(self.data.tell(error))

    def _at(self) -> str:
        """The right edge of the picture while it is played, wherever that has been panned to."""
        state = self.data.state
        played = state.at is not None and self.data.session is not None
        return words(self.data.time_range[1], state.time_zone)[11:] if played else ""

    def _follow(self, *_: Any) -> None:
        state = self.data.state
        self.form.show()
        self.form.visible = not is_live(self.data.session)  # of which time goes on by itself
        if state.playing and self._ticking is None and pn.state.curdoc is not None:
            self._since = time.monotonic()
            self._painted = self._sent
            self._ticking = pn.state.add_periodic_callback(self._tick, PERIOD_MS)
        elif not state.playing and self._ticking is not None:
            self._ticking.stop()
            self._ticking = None

    def _tick(self) -> None:
        """Go on, once the browser has painted the picture before the last.

        Else a slow browser would be ever further behind, and its button to pause with it.
        """
        now = time.monotonic()
        passed = now - self._since
        if self._sent - self._painted > AHEAD and passed < PATIENCE_S:
            return
        self._since = now
        self._sent += 1  # shown with what follows of the step
        go_on(self.data, passed)
        self.form.show()

    def __panel__(self) -> pn.viewable.Viewable:
        return self.form


def _no(value: Any) -> Choices:
    refuse("play", "speed alone chosen", value)

"""The play: time goes on at a chosen speed."""

from __future__ import annotations

import time
from typing import Any

import panel as pn
import param

from liqmap.app.data.data import Data
from liqmap.app.data.moves import go_on, play
from liqmap.app.internals.panel import explain
from liqmap.app.state.clock import words
from liqmap.app.state.options import SPEEDS
from liqmap.app.state.wording import notice_of
from liqmap.app.style import BUTTONS, SELECT, STATUS, WORDS
from liqmap.schema import LiqmapError

PERIOD_MS = 45
"""The play goes on so often, where the browser keeps up."""

AHEAD = 1
"""Pictures that may be on their way to the browser when the next one is sent."""

PATIENCE_S = 5.0
"""How long a browser may take for a picture before the next one is sent all the same."""

PAINTED = "requestAnimationFrame(() => requestAnimationFrame(() => { painted.value = cb_obj.value }))"
"""Messages come in their order: who has this one and has painted since, has painted the picture before it."""


class Player(pn.viewable.Viewer):
    """A button and a speed; it goes on as long as the visitor is there."""

    data = param.ClassSelector(class_=Data)

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        state = self.data.state
        self._ticking: Any = None
        self._since = 0.0
        self._sent, self._painted = (pn.widgets.IntInput(value=0, visible=False) for _ in range(2))
        self._sent.jscallback(args={"painted": self._painted}, value=PAINTED)
        self.button = pn.widgets.Button(label="▶ play", stylesheets=[BUTTONS], margin=(4, 4), width=72)
        self.button.on_click(self._clicked)
        self.speed = pn.widgets.Select(
            options={f"{s}×": s for s in SPEEDS},
            value=state.speed,
            stylesheets=[SELECT],
            width=76,
            margin=(4, 4),
        )
        explain(self.button, "Let time go on from the picture's right edge; nothing later is shown.")
        explain(self.speed, str(state.param.speed.doc), "speed")
        self.speed.param.watch(lambda event: state.param.update(speed=event.new), "value")
        self.at = pn.pane.HTML("", margin=(8, 8), stylesheets=[WORDS])
        state.param.watch(self._follow, ["playing", "at", "end", "speed", "time_zone"])
        self.data.param.watch(self._follow, "session")
        self._follow()

    def _clicked(self, _: Any) -> None:
        state = self.data.state
        if state.playing:
            state.playing = False
        elif self.data.session is not None:
            try:
                play(self.data)
            except LiqmapError as error:
                self.data.warn(notice_of(error))

    def _follow(self, *_: Any) -> None:
        state = self.data.state
        self.button.label = "❚❚ pause" if state.playing else "▶ play"
        self.speed.value = state.speed
        played = state.at is not None and self.data.session is not None
        # What it says is the right edge of the picture, wherever that has been panned to.
        at = words(self.data.time_range[1], state.time_zone)[11:] if played else ""
        self.at.object = f'<span class="at">{at}</span>'
        if state.playing and self._ticking is None and pn.state.curdoc is not None:
            self._since = time.monotonic()
            self._painted.value = self._sent.value
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
        if self._sent.value - self._painted.value > AHEAD and passed < PATIENCE_S:
            return
        self._since = now
        go_on(self.data, passed)
        self._sent.value += 1

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Row(
            self.button, self.speed, self.at, self._sent, self._painted,
            height=34, margin=0, stylesheets=[STATUS],
        )  # fmt: skip

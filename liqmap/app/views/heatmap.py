"""The picture of the session, as the choices have it: keeps the component as data and state are."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

import panel as pn
import param

from liqmap.app.component import Later
from liqmap.app.data.background import draw
from liqmap.app.data.data import Data
from liqmap.app.data.watched import is_live
from liqmap.app.picture.answers import Answers
from liqmap.app.picture.asked import seconds_of
from liqmap.app.picture.choice import FOLLOWED, choice_of, models_of
from liqmap.app.picture.grown import have_of
from liqmap.app.picture.looking import ALONG, Looking
from liqmap.app.picture.scene import is_drawn_in_page, scene_of
from liqmap.app.state.options import BOTH, HALF_LIFE
from liqmap.app.views.picture import Picture
from liqmap.browser.themes import themes
from liqmap.render.frames.look import DEFAULT
from liqmap.render.marks.panels import chosen as panels_of
from liqmap.schema import GridError

QUIET_MS, LONGEST_S = 120, 1.0
"""Nothing drawn for so long: what is said of the picture is worked out. While pictures do not end it is so
often; of a play always, whose next picture would wait for it."""


SLOW = ("spans", "shapes", "measure")
"""Questions that are answered in threads: pictures are drawn meanwhile."""


class Heatmap(pn.viewable.Viewer):
    """The picture of a session; a choice is told to it, another session is opened in it."""

    data = param.ClassSelector(class_=Data)
    page = param.String("", doc="Which sliders the picture follows: those of the same name.")

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self.answers = Answers(self.data, self._drew)
        self.looking = Looking(self.data)
        self._waiting, self._settled = False, 0.0
        self._scenes, self._in_page = 0, True
        self.picture = Picture(self._hear, page=self.page, sizing_mode="stretch_both", margin=0)
        state = self.data.state
        state.param.watch(self._choose, list(FOLLOWED))
        state.param.watch(self._look, [*ALONG, "at"])
        state.param.watch(self._lay_out, ["panels", "view"])
        state.param.watch(self._shade, "presence")
        self.data.param.watch(self._model, "calibration")
        self.data.param.watch(self._choose, "alerted")
        self.build()

    def build(self, *_: Any) -> None:
        """Open the session."""
        if self.data.session is None:
            return
        self.answers.forget()
        self._scenes += 1
        self.looking.moved()
        self._in_page = is_drawn_in_page(self.data.session)
        parts = {
            "scene": self._scene(),
            "themes": _themes(self.data.state.palette), "models": models_of(self.data),
            "choice": choice_of(self.data), "looking": self.looking.message(), "layout": self._layout(),
        }  # fmt: skip
        self.picture.param.update(**parts)

    def _choose(self, *_: Any) -> None:
        if self.data.session is None:
            return
        parts = {"choice": choice_of(self.data)}
        tables = _themes(self.data.state.palette)
        if self.picture.themes is not tables:  # param would compare all of them, a millisecond a step
            parts["themes"] = tables
        self.picture.param.update(**parts)

    def _model(self, *_: Any) -> None:
        """Another calibration, of the session that is shown or of one that is being opened."""
        if self.data.session is None or self.data.busy:
            return
        if self.data.presence is not None:
            self.build()  # of the same choices it is another picture
        else:
            self.picture.param.update(models=models_of(self.data), choice=choice_of(self.data))

    def _scene(self) -> dict[str, Any]:
        by_python = self.data.presence is not None
        return scene_of(self.data.session, str(self._scenes), by_python)

    def _shade(self, *_: Any) -> None:
        """By presence Python draws, else the page, if it can: of the same session, whose spans it keeps."""
        if self.data.session is not None and not self.data.busy:
            self.picture.param.update(scene=self._scene(), choice=choice_of(self.data))

    def _look(self, *_: Any) -> None:
        if self.data.session is not None and self.looking.moved():
            self.picture.looking = self.looking.message()

    def _lay_out(self, *_: Any) -> None:
        if self.data.session is not None:
            self.picture.layout = self._layout()

    def _layout(self) -> dict[str, Any]:
        both = self.data.state.view == BOTH
        panels = [] if both else panels_of(self.data.state.panels)
        return {
            "both": both,
            "panels": [{"name": p.name, "shares": p.shares, "pixels": p.pixels} for p in panels],
        }

    def _hear(self, kind: str, said: Any) -> Any:
        """What the page says or asks.

        Raises
        ------
        LiqmapError : what no page says or asks.
        """
        if not isinstance(said, dict):
            raise GridError(argument="ask", expected="what is asked, by name", got=f"{said!r:.60}")
        if kind == "view":
            self.looking.take(said)
        elif kind == "choice":
            self._take(said)
        elif kind == "shown":
            self.answers.told(said)
        elif kind == "growth":
            return self._grown(said)
        elif kind in SLOW:
            return Later(partial(self.answers.answer, kind, said), draw)
        else:
            return self.answers.answer(kind, said)
        return None

    def _grown(self, said: dict[str, Any]) -> Any:
        """News of a live session: once there is some, or a moment later."""
        session = self.data.session
        if not is_live(session):
            return self.answers.answer("growth", said)  # which says so
        self.data.asked_at = time.monotonic()
        if self._in_page and not is_drawn_in_page(session):
            self.build()  # it has outgrown what a page draws
        have, growth = have_of(said), session.growth
        return Later(partial(self.answers.answer, "growth", said), lambda work: growth.when_newer(have, work))

    def _take(self, said: dict[str, Any]) -> None:
        """A key of the page has chosen."""
        if "halfLife" in said:
            self.data.state.param.update(half_life_s=seconds_of(said, "halfLife"), carry_by=HALF_LIFE)

    def _drew(self) -> None:
        """Python has made a picture: say what it shows, once no other comes."""
        document = pn.state.curdoc
        if document is None or document.session_context is None:
            self.answers.settle()
        elif not self._waiting:
            self._waiting = True
            document.add_timeout_callback(self._rest, QUIET_MS)

    def _rest(self) -> None:
        self._waiting = False
        now = time.monotonic()
        quiet = not self.data.state.playing and self.answers.is_quiet(QUIET_MS / 1e3)
        if quiet or now - self._settled >= LONGEST_S:
            self._settled = now
            self.answers.settle()
        else:
            self._drew()

    def __panel__(self) -> pn.viewable.Viewable:
        return self.picture


@lru_cache(maxsize=16)
def _themes(palette: str) -> dict[str, Any]:
    return themes(replace(DEFAULT, palette=palette))

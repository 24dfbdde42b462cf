"""The component that shows a session in the browser: the engine, and the messages between it and Python."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

import panel as pn
import param

from liqmap.app.data.background import draw
from liqmap.app.internals.panel import Bundled
from liqmap.browser.sources import component
from liqmap.schema import LiqmapError

log = logging.getLogger("liqmap.app")

Hear = Callable[[str, Any], Any]
"""Takes the kind of a message and what it holds; gives the answer to a question."""

SLOW = ("spans", "shapes", "measure")
"""Questions that are answered in threads: pictures are drawn meanwhile."""


class Picture(Bundled):
    """What the engine shows (`liqmap/browser/engine/host/stage.js`); each parameter is a part of it.

    ``hear`` answers what the page asks and takes what it tells; an error it raises is told to the page.
    """

    scene = param.Dict({}, doc="A session as it is opened; empty where there is none.")
    themes = param.Dict({}, doc="Colours.")
    choice = param.Dict({}, doc="Choices, by the engine's names.")
    looking = param.Dict({}, doc="Where to look.")
    layout = param.Dict({}, doc="Panels, and whether before and after stand beside each other.")
    local = param.Dict({}, doc="Choices of the page's own sliders, which Python hears of by itself.")

    def __init__(self, hear: Hear, **params: Any) -> None:
        self._hear = hear
        super().__init__(**params)

    def _handle_msg(self, data: Any) -> None:
        if not isinstance(data, dict):
            return
        number, kind, document = data.get("id"), str(data.get("kind")), pn.state.curdoc
        served = document is not None and document.session_context is not None
        if not (kind in SLOW and served):
            self._say(number, self._answered(kind, data.get("ask")))
            return

        def say(future: Any) -> None:
            if not future.cancelled():
                words = future.result()
                document.add_next_tick_callback(lambda: self._say(number, words))

        draw(partial(self._answered, kind, data.get("ask"))).add_done_callback(say)

    def _answered(self, kind: str, ask: Any) -> dict[str, Any]:
        """The answer, or what stands in its way."""
        try:
            return {"answer": self._hear(kind, ask)}
        except LiqmapError as error:
            return {"error": str(error)}
        except Exception as error:
            log.exception("cannot answer %r of a page", kind)
            return {"error": f"{type(error).__name__}: {error}"}

    def _say(self, number: Any, words: dict[str, Any]) -> None:
        if number:  # else nothing was asked
            self._send_msg({"id": number, **words})

    @classmethod
    def script(cls) -> str:
        return component()

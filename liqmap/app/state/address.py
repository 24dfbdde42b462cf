"""The state in the address of the page: a link reopens the same picture."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from typing import Any
from urllib.parse import parse_qs
from weakref import ref

import panel as pn
import param

from liqmap.app.state.link import NOT_SHARED, query_of
from liqmap.app.state.options import PAGES
from liqmap.app.state.state import State

DELAY_MS = 300
"""Of quick changes the last is written."""

WRITE = """
const query = cb_obj.value, page = text => new URLSearchParams(text).get("page")
const put = page(query) == page(location.search) ? "replaceState" : "pushState"
history[put](history.state, "", location.pathname + (query ? "?" + query : "") + location.hash)
if (!window.liqmapHears) {
  window.liqmapHears = true
  window.addEventListener("popstate", () => { went.value = location.search || "?" })
}
"""
"""In place: a drag of a slider is no page to go back to. Another page of the app is one: of what lies behind
"back" that page alone is taken, and all else stays as it has been chosen since."""


class Address(pn.viewable.Viewer):
    """Keeps the address of the page to the query of the state. Nothing of it is seen."""

    state = param.ClassSelector(class_=State)
    said = param.Callable(tuple, doc="Parameters of the state that are said though they are the defaults.")

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._waiting = False
        self._query = pn.widgets.TextInput(value="", visible=False)
        self._went = pn.widgets.TextInput(value="", visible=False)
        self._query.jscallback(args={"went": self._went}, value=WRITE)
        # Panel keeps what a script is given for as long as its source is known: it must not know the page.
        self._went.param.watch(partial(_go, ref(self.state)), "value")
        shared = [name for name in self.state.param if name not in NOT_SHARED]
        self.state.param.watch(self._later, [*shared, "playing"])
        if served():
            pn.state.onload(self._write)

    def _later(self, *_: Any) -> None:
        if served() and not self._waiting:
            self._waiting = True
            pn.state.curdoc.add_timeout_callback(self._write, DELAY_MS)

    def _write(self) -> None:
        self._waiting = False
        if not self.state.playing:
            said: Collection[str] = self.said()
            self._query.value = query_of(self.state, said)

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(self._query, self._went, visible=False, margin=0)


def _go(state: ref[State], event: Any) -> None:
    """The browser has gone back, or forth, to another page of the app."""
    there = state()
    if event.new and there is not None:
        page = parse_qs(event.new.removeprefix("?")).get("page", [PAGES[0]])[0]
        there.page = page if page in PAGES else PAGES[0]
        event.obj.value = ""  # the next time may say the same


def served() -> bool:
    """Whether this is a page of a server; the address of a notebook is not ours."""
    doc = pn.state.curdoc
    return doc is not None and doc.session_context is not None


def asked() -> str:
    """The query that the page was opened with; none outside of a server."""
    location = pn.state.location if served() else None
    return location.search.removeprefix("?") if location is not None else ""

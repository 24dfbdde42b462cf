"""The state in the address of the page: a link reopens the same picture."""

from __future__ import annotations

from typing import Any

import panel as pn
import param

from liqmap.app.state.link import NOT_SHARED, query_of
from liqmap.app.state.state import State

DELAY_MS = 300
"""Of quick changes the last is written."""

REPLACE = """
const query = cb_obj.value
history.replaceState(history.state, "", location.pathname + (query ? "?" + query : "") + location.hash)
"""
"""In place: a drag of a slider is no page to go back to, and back leaves the app as it does any page."""


class Address(pn.viewable.Viewer):
    """Keeps the address of the page to the query of the state. Nothing of it is seen."""

    state = param.ClassSelector(class_=State)

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._waiting = False
        self._query = pn.widgets.TextInput(value="", visible=False)
        self._query.jscallback(value=REPLACE)
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
            self._query.value = query_of(self.state)

    def __panel__(self) -> pn.viewable.Viewable:
        return self._query


def served() -> bool:
    """Whether this is a page of a server; the address of a notebook is not ours."""
    doc = pn.state.curdoc
    return doc is not None and doc.session_context is not None


def asked() -> str:
    """The query that the page was opened with; none outside of a server."""
    location = pn.state.location if served() else None
    return location.search.removeprefix("?") if location is not None else ""

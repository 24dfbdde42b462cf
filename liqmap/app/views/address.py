"""The state in the address of the page: a link reopens the same picture."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import panel as pn
import param

from liqmap.app.component import Component
from liqmap.app.state.address import served
from liqmap.app.state.link import NOT_SHARED, query_of
from liqmap.app.state.options import PAGES
from liqmap.app.state.state import State
from liqmap.browser.sources import ADDRESS, component

DELAY_MS = 300
"""Of quick changes the last is written."""


class Query(Component):
    """Writes the address in the browser, and says when one goes back (`engine/host/address.js`)."""

    query = param.String("", doc="Without the question mark.")

    @classmethod
    def script(cls) -> str:
        return component(ADDRESS)


class Address(pn.viewable.Viewer):
    """Keeps the address of the page to the query of the state. Nothing of it is seen."""

    state = param.ClassSelector(class_=State)
    said = param.Callable(tuple, doc="Parameters of the state that are said though they are the defaults.")

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self._waiting = False
        self._query = Query(self._hear, width=0, height=0, margin=0, visible=False)
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
            self._query.query = query_of(self.state, said)

    def _hear(self, kind: str, said: Any) -> None:
        """The browser has gone back, or forth, to another page of the app."""
        page = said.get("page") if kind == "went" and isinstance(said, dict) else None
        self.state.page = page if page in PAGES else PAGES[0]

    def __panel__(self) -> pn.viewable.Viewable:
        return self._query

"""How many visitors at one time: the limit, the page of a server that is full, and its health."""

from __future__ import annotations

from typing import Any

from liqmap.app.internals.bokeh import last_left
from liqmap.app.publish.gate.errors import Plain
from liqmap.app.style import FONT
from liqmap.render.frames.palettes import DARK, css

RETRY_S = 10
"""After which the page of a full server asks again."""

FULL = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="refresh" content="{RETRY_S}">
<title>liqmap: no room just now</title>
<style>
  body {{ margin: 0; min-height: 100vh; display: grid; place-items: center;
    background: {css(DARK.background)}; color: {css(DARK.text)}; font: 16px/1.6 {FONT}; color-scheme: dark; }}
  main {{ max-width: 30em; padding: 2em; }}
</style>
</head>
<body><main><h1>No room just now</h1>
<p>{{places}} at this liqmap server. This page asks again every {RETRY_S} seconds and opens as soon as
somebody leaves.</p></main></body>
</html>
"""


class Visitors:
    """Counts who is there: open connections, and pages that have been handed out and not yet connected.

    A session outlives its visitor for some seconds, so sessions alone would refuse who reloads a page.
    """

    def __init__(self, limit: int | None = None) -> None:
        self.limit = limit
        self.sessions: Any = list
        self._arriving: set[int] = set()
        self._birth: dict[str, float] = {}

    def __len__(self) -> int:
        there = list(self.sessions())
        self._birth = {s.id: self._birth[s.id] for s in there if s.id in self._birth}
        return len(self._arriving) + sum(s.connection_count > 0 or self._unconnected(s) for s in there)

    def _unconnected(self, session: Any) -> bool:
        """Whether nobody has yet connected to it: then its clock still runs from its birth."""
        return bool(self._birth.get(session.id) == last_left(session))

    @property
    def full(self) -> bool:
        return self.limit is not None and len(self) >= self.limit

    def enter(self, request: Any) -> None:
        """A request that will become a session."""
        self._arriving.add(id(request))

    def leave(self, request: Any) -> None:
        """The request is over, or has become a session."""
        self._arriving.discard(id(request))

    def arrive(self, request: Any, session: Any) -> None:
        """The request has become a session."""
        self.leave(request)
        self._birth[session.id] = last_left(session)


class Health(Plain):
    """Whether the server answers, and how many look at it: JSON, for whoever watches over it; no login."""

    def initialize(self, visitors: Visitors) -> None:
        self.visitors = visitors

    def get(self) -> None:
        self.set_header("Cache-Control", "no-store")
        self.write({"status": "full" if self.visitors.full else "ok", "visitors": len(self.visitors)})

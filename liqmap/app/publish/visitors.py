"""How many visitors at one time: the limit, the page of a server that is full, and its health."""

from __future__ import annotations

from collections.abc import Callable
from secrets import token_urlsafe
from typing import Any

from tornado.ioloop import IOLoop

from liqmap.app.internals.bokeh import end_connections, last_left
from liqmap.app.publish.gate.errors import Plain
from liqmap.app.style import FONT
from liqmap.render.frames.palettes import DARK, css

RETRY_S = 10
"""After which the page of a full server asks again."""

SEAT = "liqmap_seat"
"""A cookie: which browser has which seat, where these are counted."""

RELOAD_S = 5.0
"""Within which a browser has left the page that it reloads."""

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

    A session outlives its visitor for some seconds, so sessions alone would refuse who reloads a page. And a
    browser asks for a page anew before it leaves the old one: by a cookie of its seat it is let in though no
    seat is free, and if it then has one page too many, the oldest is closed.
    """

    def __init__(self, limit: int | None = None) -> None:
        self.limit = limit
        self.sessions: Any = list
        self._arriving: set[int] = set()
        self._birth: dict[str, float] = {}
        self._seats: dict[str, str] = {}
        self.later: Callable[[float, Callable[[], None]], Any] = _later

    def __len__(self) -> int:
        there = list(self.sessions())
        self._birth = {s.id: self._birth[s.id] for s in there if s.id in self._birth}
        return len(self._arriving) + sum(map(self._is_there, there))

    def _is_there(self, session: Any) -> bool:
        return session.connection_count > 0 or self._unconnected(session)

    def _unconnected(self, session: Any) -> bool:
        """Whether nobody has yet connected to it: then its clock still runs from its birth."""
        return bool(self._birth.get(session.id) == last_left(session))

    @property
    def full(self) -> bool:
        return self.limit is not None and len(self) >= self.limit

    def admits(self, request: Any) -> bool:
        """Whether there is a seat: a free one, or that of a page which the same browser is about to leave."""
        if not self.full:
            return True
        return len(self) == self.limit and self._pages_of(request.get_cookie(SEAT)) != []

    def admits_socket(self, session_id: str) -> bool:
        """Whether the page of a socket is counted already, or there is a free seat: a page that was left
        keeps its token, and would come back, with all others of its kind, beside those who came meanwhile."""
        return not self.full or any(s.id == session_id and self._is_there(s) for s in self.sessions())

    def _pages_of(self, seat: str | None) -> list[Any]:
        """Sessions of a browser that has a seat, the oldest first."""
        there = {s.id: s for s in self.sessions()}
        self._seats = {id_: of for id_, of in self._seats.items() if id_ in there}
        return [there[id_] for id_, of in self._seats.items() if of == seat]

    def _make_room(self, seat: str) -> None:
        """Close pages of a browser that has more than there is room for."""
        for page in self._pages_of(seat)[:-1]:
            if self.limit is None or len(self) <= self.limit:
                return
            self._birth.pop(page.id, None)  # else one that never connected would count on
            end_connections(page)

    def enter(self, request: Any) -> None:
        """A request that will become a session."""
        self._arriving.add(id(request))

    def leave(self, request: Any) -> None:
        """The request is over, or has become a session."""
        self._arriving.discard(id(request))

    def arrive(self, request: Any, session: Any) -> None:
        """The request has become a session, whose browser is told its seat where these are counted."""
        self.leave(request)
        self._birth[session.id] = last_left(session)
        if self.limit is None:
            return
        said = request.get_cookie(SEAT)
        seat = said if said and self._pages_of(said) else token_urlsafe(16)
        self._seats[session.id] = seat
        path, secure = f"{request.application.prefix}/", request.request.protocol == "https"
        request.set_cookie(SEAT, seat, httponly=True, samesite="Lax", path=path, secure=secure)
        if len(self) > self.limit:
            self.later(RELOAD_S, lambda: self._make_room(seat))


def _later(seconds: float, do: Callable[[], None]) -> None:
    IOLoop.current().call_later(seconds, do)


class Health(Plain):
    """Whether the server answers, and how many look at it: JSON, for whoever watches over it; no login."""

    def initialize(self, visitors: Visitors) -> None:
        self.visitors = visitors

    def get(self) -> None:
        self.set_header("Cache-Control", "no-store")
        self.write({"status": "full" if self.visitors.full else "ok", "visitors": len(self.visitors)})

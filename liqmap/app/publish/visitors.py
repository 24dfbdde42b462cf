"""How many visitors at one time: the limit, the page of a server that is full, and its health."""

from __future__ import annotations

from typing import Any

from panel.io.server import AutoloadJsHandler, DocHandler
from tornado.web import RequestHandler

from liqmap.app.internals.bokeh import application_of, last_left
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


class _Limited:
    """A handler of bokeh's that lets in as many visitors as the limit allows."""

    def initialize(self, visitors: Visitors, **rest: Any) -> None:
        self.visitors = visitors
        super().initialize(**rest)  # type: ignore[misc]

    async def prepare(self: Any) -> None:
        await super().prepare()  # type: ignore[misc]
        if self.current_user is None:
            self.refuse_unknown()
            return
        if self.visitors.full:
            limit = self.visitors.limit
            places = "The only seat is taken" if limit == 1 else f"All {limit} seats are taken"
            self.set_status(503)
            self.set_header("Retry-After", str(RETRY_S))
            self.finish(FULL.replace("{places}", places))
            return
        self.visitors.enter(self)

    async def get_session(self: Any) -> Any:
        session = await super().get_session()  # type: ignore[misc]
        self.visitors.arrive(self, session)
        return session

    def on_finish(self) -> None:
        self.visitors.leave(self)
        super().on_finish()  # type: ignore[misc]


class AppPage(_Limited, DocHandler):
    """The page of the app; who has not logged in is sent to the login."""

    def refuse_unknown(self) -> None:
        """Panel's own handler does that."""


class EmbeddedApp(_Limited, AutoloadJsHandler):
    """The app within another page, which is no place for a login."""

    def refuse_unknown(self) -> None:
        """With a status instead of a login."""
        self.send_error(401)


class EmbeddingRefused(RequestHandler):
    """In place of `EmbeddedApp` where not all who log in may enter: Panel asks who they are on pages only."""

    def get(self) -> None:
        self.send_error(403, reason="This app is not shown within other pages")


class Health(RequestHandler):
    """Whether the server answers, and how many look at it: JSON, for whoever watches over it; no login."""

    def initialize(self, visitors: Visitors) -> None:
        self.visitors = visitors

    def get(self) -> None:
        self.set_header("Cache-Control", "no-store")
        self.write({"status": "full" if self.visitors.full else "ok", "visitors": len(self.visitors)})


def limit_visitors(server: Any, visitors: Visitors, embed: bool = True) -> None:
    """Put handlers that count visitors before bokeh's own of the app at ``/``, and one that tells of health.

    Parameters
    ----------
    embed : whether other pages may show the app.
    """
    application = application_of(server)
    (context,) = application.applications.values()
    visitors.sessions = lambda: context.sessions
    prefix = application.prefix
    given = {"application_context": context, "bokeh_websocket_path": f"{prefix}/ws", "visitors": visitors}
    application.add_handlers(
        ".*",
        [
            (f"{prefix}/healthz", Health, {"visitors": visitors}),
            (f"{prefix}/autoload.js", *((EmbeddedApp, given) if embed else (EmbeddingRefused, {}))),
            (f"{prefix}/?", AppPage, given),
        ],
    )

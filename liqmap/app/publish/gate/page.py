"""The pages of the app: whole, and within other pages."""

from __future__ import annotations

from typing import Any

from bokeh.util.token import get_session_id
from panel.io.server import AutoloadJsHandler, DocHandler
from tornado.web import RequestHandler

from liqmap.app.publish.gate.gate import Gate
from liqmap.app.publish.gate.token import make_token
from liqmap.app.publish.visitors import FULL, RETRY_S, Health, Visitors


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
        """A new one, whatever session the address names: nobody walks into that of another."""
        application = self.application
        gate: Gate = application.liqmap_gate
        gate.enter(self)
        token = make_token(application, gate.holder_of(self))
        session_id = get_session_id(token)
        session = await self.application_context.create_session_if_needed(session_id, self.request, token)
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


def put_pages(application: Any, visitors: Visitors, embed: bool = True) -> None:
    """Put handlers that count visitors before bokeh's own of the app at ``/``, and one that tells of health.

    Parameters
    ----------
    embed : whether other pages may show the app.
    """
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

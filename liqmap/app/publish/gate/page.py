"""The pages of the app: whole, and within other pages."""

from __future__ import annotations

from typing import Any

from bokeh.util.token import get_session_id
from panel.io.server import AutoloadJsHandler, DocHandler
from tornado.web import HTTPError, authenticated

from liqmap.app.publish.gate.errors import Plain
from liqmap.app.publish.gate.gate import SCRIPTS_AT, Gate
from liqmap.app.publish.gate.headers import new_nonce
from liqmap.app.publish.gate.markup import markup
from liqmap.app.publish.gate.proxy import visitor_of
from liqmap.app.publish.gate.token import make_token
from liqmap.app.publish.visitors import FULL, RETRY_S, Health, Visitors


class _Limited(Plain):
    """A handler of bokeh's that lets in as many visitors as the limit allows."""

    application: Any
    is_embedded = False

    def initialize(self, visitors: Visitors, **rest: Any) -> None:
        self.visitors = visitors
        super().initialize(**rest)

    @property
    def gate(self) -> Gate:
        gate: Gate = self.application.liqmap_gate
        return gate

    def get_current_user(self) -> str | None:
        """Who has logged in."""
        return self.gate.user_of(self)

    async def prepare(self) -> None:
        """Refuse who may not enter, and whom there is no room for."""
        self.set_header("Cache-Control", "no-store")  # the page is of this visitor, and soon too old
        if self.current_user is None:
            self.refuse_unknown()
        elif not self.visitors.admits(self):
            limit = self.visitors.limit
            places = "The only seat is taken" if limit == 1 else f"All {limit} seats are taken"
            self.set_status(503)
            self.set_header("Retry-After", str(RETRY_S))
            self.finish(FULL.replace("{places}", places))
        else:
            self.visitors.enter(self)

    def refuse_unknown(self) -> None:
        """What is answered who has not logged in."""
        raise NotImplementedError

    async def get_session(self: Any) -> Any:
        """A new one, whatever session the address names: nobody walks into that of another."""
        application = self.application
        self.gate.enter(self, self.is_embedded)
        token = make_token(application, self.gate.holder_of(self))
        session_id = get_session_id(token)
        session = await self.application_context.create_session_if_needed(session_id, self.request, token)
        self.visitors.arrive(self, session)
        return session

    def on_finish(self) -> None:
        """The request is over."""
        self.visitors.leave(self)
        super().on_finish()


class AppPage(_Limited, DocHandler):
    """The page of the app; who has not logged in is sent to the login."""

    async def prepare(self) -> None:
        """Lead to the folder of the app first: addresses of a page, that of the login too, begin there."""
        prefix, query = self.application.prefix, self.request.query
        if prefix and self.request.path == prefix and self.request.method == "GET":
            self.redirect(f"{prefix}/" + (f"?{query}" if query else ""))
        else:
            await super().prepare()

    def refuse_unknown(self) -> None:
        """`get` does that."""

    @authenticated
    async def get(self, *_: Any, **__: Any) -> None:
        """The page, whose scripts show a nonce, and whose token is no credential."""
        session = await self.get_session()
        nonce = new_nonce()
        page = markup(session, self.application.resources(), session.token, nonce)
        policy = self.gate.policy.page(nonce, self.request.host, visitor_of(self.request).https)
        self.set_header("Content-Security-Policy", policy)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.write(page)


class EmbeddedApp(_Limited, AutoloadJsHandler):
    """The app within another page that may show it, which is no place for a login."""

    is_embedded = True

    def set_default_headers(self) -> None:
        """Bokeh's own lets pages of any origin read the answer."""

    async def prepare(self) -> None:
        """Refuse pages that are not named."""
        origin = self.request.headers.get("Origin", "")
        if not self.gate.policy.may_show(origin):
            raise HTTPError(403, "the app within a page of the origin %r", origin[:200])
        self.get_query_argument(SCRIPTS_AT, "")  # refuses what is no text
        self.set_header("Access-Control-Allow-Origin", origin)
        self.set_header("Access-Control-Allow-Credentials", "true")
        self.set_header("Vary", "Origin")
        if self.request.method != "OPTIONS":
            await super().prepare()

    def refuse_unknown(self) -> None:
        """With a status instead of a login."""
        raise HTTPError(401)

    async def options(self, *_: Any, **__: Any) -> None:
        """What browsers ask before they ask."""
        self.set_header("Access-Control-Allow-Methods", "GET")
        self.set_header("Access-Control-Allow-Headers", "Bokeh-Session-Id")
        self.set_status(204)


class EmbeddingRefused(Plain):
    """In place of `EmbeddedApp` where no page may show the app, or not all who log in may enter."""

    def get(self) -> None:
        """Refuse."""
        raise HTTPError(403)


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

"""`AppSocket`: the socket of a page, open to whoever the page was handed to, for as long as he may enter."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlsplit

from bokeh.protocol import Protocol
from bokeh.protocol.receiver import Receiver
from bokeh.server.protocol_handler import ProtocolHandler
from bokeh.server.util import check_allowlist
from bokeh.server.views.ws import WSHandler

from liqmap.app.publish.gate.gate import Gate
from liqmap.app.publish.gate.token import session_of

log = logging.getLogger(__name__)

REFUSED = 1008
"""The code by which a socket is closed that breaks a rule, as the standard has it."""


class AppSocket(WSHandler):
    """In place of bokeh's: asks who is there when it opens and at each message.

    Bokeh's own asks once, takes a page from whoever has found it, and writes a traceback of what it refuses.
    """

    @property
    def gate(self) -> Gate:
        gate: Gate = self.application.liqmap_gate
        return gate

    async def prepare(self) -> None:
        """Refuse by a status, before there is a socket: browsers tell a page no more than that it failed."""
        self._over = False
        origin = self.request.headers.get("Origin")
        if origin is None and self.gate.closed:
            self._refuse_handshake("it says no origin")
        elif origin is not None and not self.check_origin(origin):
            self._refuse_handshake(f"the origin {origin[:200]!r} is not among those that are allowed")
        elif self.gate.user_of(self) is None:
            self._refuse_handshake("its visitor has not logged in")

    def _refuse_handshake(self, why: str) -> None:
        log.warning("refused a socket of %s: %s", self.request.remote_ip, why)
        self.set_status(403)
        self.finish()

    def check_origin(self, origin: str) -> bool:
        """Whether pages of an origin may connect. Tornado would let in whatever a visitor's browser was told
        to call this server by: a page elsewhere could have its own name lead here."""
        try:
            host = urlsplit(origin).netloc.lower()
        except ValueError:
            return False
        return bool(host) and check_allowlist(host, list(self.application.websocket_origins))

    def open(self) -> None:
        """Connect to the session of the page."""
        self.gate.sockets.add(self)
        if self.selected_subprotocol != "bokeh" or self._token is None:
            self.end("it says no page")
            return
        try:
            session_id = session_of(self.application, self._token, self.gate.holder_of(self))
        except ValueError as error:
            self.end(str(error))
            return
        self.application.io_loop.add_callback(self._connect, session_id)

    async def _connect(self, session_id: Any) -> None:
        """Take the session, made anew if it is gone, and say so."""
        self.gate.enter(self)
        context = self.application_context
        session = await context.create_session_if_needed(session_id, self.request, self._token)
        if self._over or self.ws_connection is None or session.destroyed:
            return  # it was closed meanwhile
        protocol = Protocol()
        self.receiver, self.handler = Receiver(protocol), ProtocolHandler()
        self.connection = self.application.new_connection(protocol, self, context, session)
        await self.send_message(protocol.create("ACK"))

    async def on_message(self, fragment: str | bytes) -> None:
        """Hear who may still enter."""
        if self.still_welcome():
            if self.connection is None:
                self.end("it spoke before it was connected")
                return
            await super().on_message(fragment)

    def still_welcome(self) -> bool:
        """Whether the login is not over; else the socket is."""
        if self._over:
            return False
        if self.gate.user_of(self) is not None:
            return True
        self.end("the login is over")
        return False

    def end(self, why: str) -> None:
        """Close it: nothing more is heard or said, whether or not the other side closes too."""
        if self._over:
            return
        self._over = True
        log.warning("closed a socket of %s: %s", self.request.remote_ip, why)
        self._leave()
        self.close(REFUSED, why[:100])

    def on_close(self) -> None:
        """The other side has closed it, or is gone."""
        self._over = True
        self._leave()

    def _leave(self) -> None:
        self.gate.sockets.discard(self)
        connection, self.connection = self.connection, None
        if connection is not None:
            connection.session.notify_connection_lost()
            self.application.client_lost(connection)


def put_sockets(application: Any, gate: Gate) -> None:
    """Put the handler of sockets before bokeh's own of the app at ``/``."""
    application.liqmap_gate = gate
    (context,) = application.applications.values()
    path = f"{application.prefix}/ws"
    given = {"application_context": context, "bokeh_websocket_path": path}
    application.add_handlers(".*", [(path, AppSocket, given)])

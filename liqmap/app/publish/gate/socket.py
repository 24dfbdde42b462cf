"""`AppSocket`: the socket of a page, open to whoever the page was handed to, for as long as he may enter."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any
from urllib.parse import urlsplit

from bokeh.protocol import Protocol
from bokeh.protocol.receiver import Receiver
from bokeh.server.protocol_handler import ProtocolHandler
from bokeh.server.util import check_allowlist
from bokeh.server.views.ws import WSHandler

from liqmap.app.internals.tornado import unsent
from liqmap.app.publish.gate.bounds import BURST, PER_SECOND, PING_S, PULL_S, SILENCE_S, SOCKETS
from liqmap.app.publish.gate.errors import Plain, one_line
from liqmap.app.publish.gate.gate import Gate
from liqmap.app.publish.gate.messages import UnreadableError, asked_for, taken
from liqmap.app.publish.gate.token import session_of
from liqmap.app.publish.visitors import Visitors

log = logging.getLogger(__name__)

WHOLE = 3
"""Parts of a message: header, metadata, content."""

LINES = 20
"""Of the log that one socket gets for what is left out of what it says."""

REFUSED = 1008
"""The code by which a socket is closed that breaks a rule, as the standard has it."""


class AppSocket(Plain, WSHandler):
    """In place of bokeh's: asks who is there when it opens and at each message.

    Bokeh's own asks once, takes a page from whoever has found it, and writes a traceback of what it refuses.
    """

    application: Any

    @property
    def gate(self) -> Gate:
        gate: Gate = self.application.liqmap_gate
        return gate

    def initialize(self, visitors: Visitors, **rest: Any) -> None:
        self.visitors = visitors
        super().initialize(**rest)

    async def prepare(self) -> None:
        """Refuse by a status, before there is a socket: browsers tell a page no more than that it failed."""
        self._over = self._has_pulled = False
        self._opened = self._heard = self._asked = self._free_at = time.monotonic()
        self._unsent = self._parts = 0
        self._told: set[str] = set()
        origin = self.request.headers.get("Origin")
        if origin is None and self.gate.closed:
            self._refuse_handshake("it says no origin")
        elif origin is not None and not self.check_origin(origin):
            self._refuse_handshake(f"the origin {origin[:200]!r} is not among those that are allowed")
        elif self.gate.user_of(self) is None:
            self._refuse_handshake("its visitor has not logged in")
        elif not self.gate.closed and self.gate.sockets.of(str(self.request.remote_ip)) >= SOCKETS:
            self._refuse_handshake("too many are open", 429)

    def _refuse_handshake(self, why: str, status: int = 403) -> None:
        log.warning("refused a socket of %s: %s", self.request.remote_ip, why)
        self.send_error(status)

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
        if not self.visitors.admits_socket(session_id):
            self.end("its page has been left, and all seats are taken")
            return
        self.visitors.enter(self)
        try:
            session = await context.create_session_if_needed(session_id, self.request, self._token)
        finally:
            self.visitors.leave(self)
        if self._over or self.ws_connection is None or session.destroyed:
            return  # it was closed meanwhile
        protocol = Protocol()
        self.receiver, self.handler = Receiver(protocol), ProtocolHandler()
        self.connection = self.application.new_connection(protocol, self, context, session)
        await self.send_message(protocol.create("ACK"))

    async def on_message(self, fragment: str | bytes) -> None:
        """Hear who may still enter, of what pages say."""
        self._heard = time.monotonic()
        if not self.still_welcome():
            return
        if self.connection is None:
            self.end("it spoke before it was connected")
            return
        await self._pace()
        try:
            message = await self.receiver.consume(fragment)
        except Exception:  # of JSON, bokeh, and the types within: there are many ways to be no message
            self.end("it sent what cannot be read")
            return
        self._parts += 1
        if message is None and self._parts == WHOLE:
            self.end("it announced buffers, which pages do not send")
        elif message is not None and not self._over:
            self._parts = 0
            await self._answer(message)

    async def _answer(self, message: Any) -> None:
        """Do what a whole message asks, as far as it is taken."""
        connection = self.connection
        try:
            kind = asked_for(message)
            if kind == "PATCH-DOC":
                kept, left_out = taken(message.content, connection.session.document)
                for about in sorted(set(left_out) - self._told)[: LINES - len(self._told)]:
                    self._told.add(about)
                    log.warning("left out of what %s sent: %s", self.request.remote_ip, one_line(about))
                message.content["events"] = kept
                if not kept:
                    return
        except UnreadableError as error:
            self.end(str(error))
            return
        self._has_pulled = True
        work = await self.handler.handle(message, connection)
        if work is not None and work.msgtype == "ERROR":  # bokeh's own holds the traceback, paths and all
            work = connection.error(message, "This could not be done. The log of the server says why.")
        if work is not None and not self._over:
            await self.send_message(work)

    async def _pace(self) -> None:
        """Let others have their turn: who speaks faster than any page is heard later."""
        now = time.monotonic()
        self._free_at = max(self._free_at, now - BURST / PER_SECOND) + 1 / PER_SECOND
        if self._free_at > now:
            await asyncio.sleep(self._free_at - now)

    def on_pong(self, data: bytes) -> None:
        """A sign of life."""
        self._heard = time.monotonic()

    def still_there(self, now: float) -> None:
        """Ask for a sign of life now and then, and close what gives none, or never asks for its document."""
        if self._over or self.ws_connection is None:
            return
        if not self._has_pulled and now - self._opened > PULL_S:
            self.end("it has not asked for its page")
            return
        stream = self.ws_connection.stream
        waiting = unsent(stream)
        if waiting < self._unsent:
            self._heard = now  # slowly, it takes what is sent: a sign of life is behind that
        self._unsent = waiting
        if now - self._heard > SILENCE_S:
            self.end("it gave no sign of life")
            stream.close()
        elif not waiting and now - max(self._heard, self._asked) > PING_S:
            self._asked = now
            self.ping(b"")

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


def put_sockets(application: Any, gate: Gate, visitors: Visitors) -> None:
    """Put the handler of sockets before bokeh's own of the app at ``/``."""
    application.liqmap_gate = gate
    (context,) = application.applications.values()
    path = f"{application.prefix}/ws"
    given = {"application_context": context, "bokeh_websocket_path": path, "visitors": visitors}
    application.add_handlers(".*", [(path, AppSocket, given)])

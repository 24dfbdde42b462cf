"""`Front`: what every request passes before a handler sees it, and every answer before it leaves."""

from __future__ import annotations

import logging
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

from tornado.httputil import (
    HTTPHeaders,
    HTTPMessageDelegate,
    HTTPServerConnectionDelegate,
    RequestStartLine,
    ResponseStartLine,
)
from tornado.ioloop import IOLoop

from liqmap.app.publish.gate.answering import Answering
from liqmap.app.publish.gate.bounds import REQUEST_S, Waiting, refusal
from liqmap.app.publish.gate.errors import error_page, one_line
from liqmap.app.publish.gate.gate import Gate
from liqmap.app.publish.login.attempts import network

log = logging.getLogger(__name__)


@dataclass
class _Context:
    """What tornado knows of a connection, with the visitor in place of a proxy."""

    remote_ip: str
    protocol: str

    def __str__(self) -> str:
        return self.remote_ip


class _Connection:
    """A connection whose answers have all headers."""

    def __init__(self, connection: Any, gate: Gate) -> None:
        self._connection, self._gate = connection, gate
        context = connection.context
        self.context = _Context(context.remote_ip, context.protocol)

    def write_headers(self, start_line: Any, headers: HTTPHeaders, chunk: bytes | None = None) -> Any:
        """Say them, and what they lack."""
        self._gate.policy.complete(headers, self.context.protocol == "https")
        return self._connection.write_headers(start_line, headers, chunk)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


class Front(HTTPServerConnectionDelegate):
    """Between tornado's HTTP server and an application."""

    def __init__(self, application: Any, gate: Gate, waiting: Waiting | None = None) -> None:
        self.application, self.gate = application, gate
        self.waiting = Waiting() if waiting is None else waiting
        self.answering = Answering()
        self._first: dict[Any, Any] = {}

    def start_request(self, server_conn: Any, request_conn: Any) -> HTTPMessageDelegate:
        """A connection waits for its next request."""
        peer = request_conn.context.remote_ip
        self.answering.end(server_conn)
        if server_conn not in self._first:
            self._first[server_conn] = IOLoop.current().call_later(REQUEST_S, server_conn.stream.close)
        if peer not in self.gate.proxies:  # theirs are many, and of others
            last = self.waiting.begin(network(peer), server_conn)
            if last is not None:
                log.info("closed a connection of %s: too many wait for a request", peer)
                last.stream.close()
        return _Request(self, server_conn, request_conn)

    def is_answered(self, server_conn: Any, peer: str) -> None:
        """The request that a connection waited for has come, and is answered from now on."""
        self.has_come(server_conn)
        if peer not in self.gate.proxies:
            last = self.answering.begin(network(peer), server_conn)
            if last is not None:
                log.info("closed a connection of %s: too many do not take their answers", peer)
                last.stream.close()

    def has_come(self, server_conn: Any) -> None:
        """A connection waits for no request any more."""
        self.waiting.end(server_conn)
        timer, self._first[server_conn] = self._first.get(server_conn), None
        if timer is not None:
            IOLoop.current().remove_timeout(timer)

    def on_close(self, server_conn: Any) -> None:
        """A connection is over, or has become a socket."""
        self.has_come(server_conn)
        self.answering.end(server_conn)
        self._first.pop(server_conn, None)


class _Request(HTTPMessageDelegate):
    """One request, from the wait for it to the end of its body."""

    def __init__(self, front: Front, server_conn: Any, request_conn: Any) -> None:
        self._front, self._server_conn = front, server_conn
        self._connection = _Connection(request_conn, front.gate)
        self._peer = self._connection.context.remote_ip
        self._inner: HTTPMessageDelegate | None = None
        self._refused = 0
        self._is_head = False

    def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> Awaitable[None] | None:
        """Look through the proxies, and refuse what is too long before anybody reads it."""
        assert isinstance(start_line, RequestStartLine)
        self._is_head = start_line.method == "HEAD"
        context = self._connection.context
        context.remote_ip, https = self._front.gate.proxies.visitor(
            context.remote_ip, context.protocol == "https", headers
        )
        context.protocol = "https" if https else "http"
        self._refused = refusal(start_line.path)
        if self._refused:
            return None
        self._inner = self._front.application.start_request(self._server_conn, self._connection)
        return self._inner.headers_received(start_line, headers)

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        """A part of the body."""
        return None if self._inner is None else self._inner.data_received(chunk)

    def finish(self) -> None:
        """The request is complete."""
        self._front.is_answered(self._server_conn, self._peer)
        if self._inner is not None:
            self._inner.finish()
        else:
            log.info("refused %s: status %d", one_line(self._connection.context.remote_ip), self._refused)
            self._answer(self._refused)

    def _answer(self, status: int) -> None:
        body = error_page(status)
        headers = HTTPHeaders(
            {
                "Content-Type": "text/html; charset=utf-8",
                "Content-Length": str(len(body)),
                "Cache-Control": "no-store",
            }
        )
        said = None if self._is_head else body
        self._connection.write_headers(ResponseStartLine("HTTP/1.1", status, "Refused"), headers, said)
        self._connection.finish()

    def on_connection_close(self) -> None:
        """The connection is over before the request was complete."""
        if self._inner is not None:
            self._inner.on_connection_close()

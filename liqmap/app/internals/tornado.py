"""Private parts of tornado."""

from __future__ import annotations

from typing import Any


def unsent(stream: Any) -> int:
    """Bytes that were written to a stream, and that the other side has not yet taken."""
    return len(stream._write_buffer)


def put_before(server: Any, front: Any) -> None:
    """Let all requests to a server of bokeh's pass ``front`` first, which also hears of connections that end;
    of those, tornado tells nobody but its own server."""
    http = server._http
    http.request_callback = front
    own = http.on_close

    def on_close(server_conn: Any) -> None:
        front.on_close(server_conn)
        own(server_conn)

    http.on_close = on_close

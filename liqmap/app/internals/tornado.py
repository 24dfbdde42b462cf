"""Private parts of tornado."""

from __future__ import annotations

from typing import Any

from tornado import httputil

MOST = 40_000
"""Parameters of an address: more do not fit into the 64 kB of a request's head."""


def unsent(stream: Any) -> int:
    """Bytes that were written to a stream, that the other side has not yet taken; none once it is closed."""
    return 0 if stream.closed() else len(stream._write_buffer)


def taken(stream: Any) -> int:
    """Bytes that the other side has taken since the connection began."""
    return int(stream._total_write_done_index)


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


def let_long_links_in() -> None:
    """Let links of many parameters come to the app, which says what of them it cannot take: tornado refuses
    more than 1,000 by an empty page, since 6.5.8."""
    config, limit = (getattr(httputil, name, None) for name in ("ParseBodyConfig", "ParseUrlEncodedConfig"))
    if config is not None and limit is not None:
        httputil.set_parse_body_config(config(urlencoded=limit(max_arguments=MOST)))

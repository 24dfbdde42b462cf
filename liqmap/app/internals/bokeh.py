"""Private parts of bokeh's server."""

from __future__ import annotations

from typing import Any


def application_of(server: Any) -> Any:
    """The tornado application that a server runs: handlers can be added to it."""
    return server._tornado


def sign_pages_with(application: Any, key: bytes) -> None:
    """Sign the pages handed out from now on with another key; the sockets of those before are refused."""
    application._secret_key = key


def last_left(session: Any) -> float:
    """When somebody last left a session, ms on bokeh's clock; its birth before that.

    What is public is the time since, which is never twice the same.
    """
    return float(session._last_unsubscribe_time)


def end_connections(session: Any) -> None:
    """Close the sockets of a session: its page is told that the server is gone."""
    for connection in list(session._subscribed_connections):
        connection._socket.close()

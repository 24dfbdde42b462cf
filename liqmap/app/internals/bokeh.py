"""Private parts of bokeh's server."""

from __future__ import annotations

from typing import Any


def application_of(server: Any) -> Any:
    """The tornado application that a server runs: handlers can be added to it."""
    return server._tornado


def last_left(session: Any) -> float:
    """When somebody last left a session, ms on bokeh's clock; its birth before that.

    What is public is the time since, which is never twice the same.
    """
    return float(session._last_unsubscribe_time)

"""Who is looking: known while a page is made, and to nobody's page but his own.

A handler sets `visitor` before it makes a session, so in the task that serves this one request; the app asks
`current_user` while it builds the document. Nothing of it is written into the page or its token.
"""

from __future__ import annotations

from contextvars import ContextVar

visitor: ContextVar[str | None] = ContextVar("visitor", default=None)
"""The user whose page is being made; None where nobody had to log in."""


def current_user() -> str | None:
    """Who has logged in and is getting a page just now, None where nobody had to."""
    return visitor.get()

"""The address that a page of a server was opened with."""

from __future__ import annotations

import panel as pn


def served() -> bool:
    """Whether this is a page of a server; the address of a notebook is not ours."""
    doc = pn.state.curdoc
    return doc is not None and doc.session_context is not None


def asked() -> str:
    """The query that the page was opened with; none outside of a server."""
    location = pn.state.location if served() else None
    return location.search.removeprefix("?") if location is not None else ""

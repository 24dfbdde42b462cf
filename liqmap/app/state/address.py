"""The address that a page of a server was opened with."""

from __future__ import annotations

import panel as pn


def served() -> bool:
    """Whether this is a page of a server; the address of a notebook is not ours."""
    doc = pn.state.curdoc
    return doc is not None and doc.session_context is not None


def asked() -> str:
    """The query that the page was opened with; none outside of a server.

    As the request has it: Panel's own location makes numbers of what looks like one, and fails over some.
    """
    request = getattr(pn.state.curdoc.session_context, "request", None) if served() else None
    address = getattr(request, "uri", None)
    return address.partition("?")[2] if isinstance(address, str) else ""

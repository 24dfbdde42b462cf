"""Private parts of bokeh's server: without them nobody counts visitors, and a full server lets in all."""

from __future__ import annotations

import asyncio
from typing import Any

from bokeh.application import Application
from bokeh.document import Document
from bokeh.server.server import Server
from bokeh.server.session import ServerSession

from liqmap.app.internals.bokeh import application_of, last_left, sign_pages_with


def test_server__has_an_application_that_takes_handlers() -> None:
    async def look() -> None:  # in a loop that is closed again
        server = Server({"/": Application()}, port=0, address="127.0.0.1")
        try:
            application = application_of(server)
            assert callable(application.add_handlers)
            (context,) = application.applications.values()
            assert list(context.sessions) == []
            assert application.prefix == ""
            sign_pages_with(application, b"another key")
            assert application.secret_key == b"another key"
        finally:
            server.stop()

    asyncio.run(look())


def test_session__tells_when_somebody_left() -> None:
    session: Any = ServerSession("id", Document())  # type: ignore[arg-type]
    born = last_left(session)
    assert last_left(session) == born  # the time itself, not the time since
    browser: Any = object()
    session.subscribe(browser)
    assert last_left(session) == born
    session.unsubscribe(browser)
    assert last_left(session) > born or session.milliseconds_since_last_unsubscribe < 1_000

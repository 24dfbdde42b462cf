"""`open_gate`: put what stands before the app into its server."""

from __future__ import annotations

from typing import Any

from tornado.ioloop import PeriodicCallback

from liqmap.app.internals.bokeh import application_of
from liqmap.app.internals.tornado import put_before
from liqmap.app.publish.access import Access
from liqmap.app.publish.gate.errors import NoSuchPage, log_request
from liqmap.app.publish.gate.front import Front
from liqmap.app.publish.gate.gate import Gate
from liqmap.app.publish.gate.headers import Policy
from liqmap.app.publish.gate.page import put_pages
from liqmap.app.publish.gate.proxy import Proxies
from liqmap.app.publish.gate.socket import put_sockets
from liqmap.app.publish.gate.sockets import RECHECK_MS
from liqmap.app.publish.visitors import Visitors


def open_gate(server: Any, access: Access) -> Gate:
    """Put handlers of pages and sockets before bokeh's own.

    Returns
    -------
    Gate : who logs in sets its ``user_of`` and ``login_of``.
    """
    application = application_of(server)
    gate = Gate(closed=access.closed, policy=Policy(access.frames), proxies=Proxies(access.proxies))
    put_before(server, Front(application, gate))
    visitors = Visitors(access.max_sessions)
    put_sockets(application, gate, visitors)
    put_pages(application, visitors, embed=bool(access.frames) and not access.users)
    rest = f"{application.prefix}/(?:metadata|components/.*|static/.*)"  # which bokeh and Panel have beside
    application.add_handlers(".*", [(rest, NoSuchPage)])
    application.settings |= {"default_handler_class": NoSuchPage, "log_function": log_request}
    server.io_loop.add_callback(PeriodicCallback(gate.sockets.recheck, RECHECK_MS).start)
    return gate

"""`serve`: the app on a port of this machine."""

from __future__ import annotations

import errno
import os
import signal
import socket
from pathlib import Path
from typing import Any

import holoviews as hv
import panel as pn

from liqmap.schema import LiqmapError
from liqmap.session import Store, open_store

from .main import Explorer, explore
from .opened import Opened
from .style import PAGE


def serve(store: str | Path | Store, address: str = "127.0.0.1", port: int = 0, show: bool = False) -> None:
    """Serve the app and block until interrupted (Ctrl-C) or terminated.

    Parameters
    ----------
    store : its directory, or a Store.
    address : interface to listen on; the default serves this machine only.
    port : 0 takes a free one.
    show : open a browser.

    Notes
    -----
    The address is printed on standard output. Visitors who reach the server under another name than
    ``address`` or ``localhost`` need that name in BOKEH_ALLOW_WS_ORIGIN.
    """
    server = start(store, address, port)
    url = f"http://{_host(address)}:{server.port}"
    print(f"liqmap app at {url} (Ctrl-C stops it)", flush=True)
    if show:
        server.io_loop.call_later(0.1, server.show, "/")
    previous = signal.signal(
        signal.SIGTERM, lambda *_: server.io_loop.add_callback_from_signal(server.io_loop.stop)
    )
    try:
        server.io_loop.start()
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, previous)
        server.stop()


def start(store: str | Path | Store, address: str = "127.0.0.1", port: int = 0) -> Any:
    """A server that listens but does not yet answer: start its ``io_loop``.

    Its visitors share the sessions that are open.

    Raises
    ------
    LiqmapError : the port is in use, or the address not of this machine.
    """
    source = store if isinstance(store, Store) else open_store(store)
    hv.extension("bokeh", logo=False)
    pn.extension(theme="dark", raw_css=[PAGE])
    port = _port(address, port)
    opened = Opened()
    hosts = {_host(address), address, "localhost", "127.0.0.1"} - {"", "0.0.0.0", "::"}

    def app() -> Explorer:
        return explore(source, height=None, opened=opened)

    return pn.serve(
        app, port=port, address=address, websocket_origin=sorted(f"{h}:{port}" for h in hosts), show=False,
        start=False, verbose=False, title="liqmap",
    )  # fmt: skip


def _port(address: str, port: int) -> int:
    """The port, or a free one for 0; asked of the system before anything listens on it."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        if os.name == "posix":  # as the server itself does: a port just given up is free
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise LiqmapError(
                    f"{_host(address)}:{port}: the port is in use. Choose another, or 0 for a free one"
                ) from None
            raise LiqmapError(
                f"{address}: cannot listen on port {port} there: {error.strerror or error}"
            ) from None
        return int(probe.getsockname()[1])


def _host(address: str) -> str:
    """The name to type into a browser."""
    return "127.0.0.1" if address in ("", "0.0.0.0") else f"[{address}]" if ":" in address else address

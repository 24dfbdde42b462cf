"""`serve`: the endpoints on a port of this machine, until interrupted."""

from __future__ import annotations

import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from liqmap.app.publish.access import loopback
from liqmap.app.publish.ports import bound, host_of
from liqmap.schema import Keyword, LiqmapError, Sentence
from liqmap.server.api import make_api
from liqmap.server.limits import Limits
from liqmap.server.tokens import Token
from liqmap.session import Store
from liqmap.terminal import say

BACKLOG = 1024
KEEP_ALIVE_S = 10
HEADER_BYTES = 32_768


def serve(
    store: str | Path | Store,
    *,
    address: str = "127.0.0.1",
    port: int = 0,
    tokens: Iterable[Token] = (),
    no_auth: bool = False,
    origins: Iterable[str] = (),
    limits: Limits | None = None,
) -> None:
    """Serve a store over HTTP and block until interrupted (Ctrl-C) or terminated.

    Parameters
    ----------
    store : its directory or address, or a Store.
    address : interface to listen on; the default serves this machine only.
    port : 0 takes a free one.
    tokens, origins, limits : see `make_api`.
    no_auth : a word of consent that anybody who reaches the address may ask.

    Raises
    ------
    LiqmapError : the port is in use, the address not of this machine, or open to others without tokens.
    """
    tokens = tuple(tokens)
    if not (tokens or no_auth or loopback(address)):
        raise LiqmapError(
            where=address or "every interface",
            expected=Sentence(Keyword("tokens"), " to listen beyond this machine"),
            got="none",
            remedy=Sentence(
                "`liqmap token FILE NAME` makes a file of tokens; ",
                Keyword("no_auth", True),
                " lets everybody ask",
            ),
        )
    app = make_api(store, tokens=tokens, origins=origins, limits=limits)
    listening = bound(address, port)
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        h11_max_incomplete_event_size=HEADER_BYTES,
        backlog=BACKLOG,
    )
    with listening:
        say(
            f"liqmap API at http://{host_of(address)}:{listening.getsockname()[1]} (Ctrl-C stops it)",
            flush=True,
        )
        _Server(config).run(sockets=[listening])


class _Server(uvicorn.Server):
    """A server that a signal ends as it should end, and is not told once more when it has ended."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        before = {one: signal.signal(one, self.handle_exit) for one in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)

"""`make_api`: the endpoints of the registry as a web application."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.middleware.cors import CORSMiddleware

from liqmap import __version__
from liqmap.app.state.whereabouts import Whereabouts
from liqmap.server import endpoints as _endpoints
from liqmap.server.answering import Answering
from liqmap.server.limits import Limits
from liqmap.server.metrics import Metrics, add_metrics
from liqmap.server.openapi import described
from liqmap.server.problems import add_problems
from liqmap.server.registry import ENDPOINTS, Endpoint
from liqmap.server.served import Served
from liqmap.server.tokens import Token, add_tokens
from liqmap.session import Store, open_store

log = logging.getLogger("liqmap.server")

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
"""Of every answer: nothing that is sent is a page."""

LONGEST_QUERY = 8_000
"""Characters of the query of an address."""


def make_api(
    store: str | Path | Store,
    *,
    tokens: Iterable[Token] = (),
    origins: Iterable[str] = (),
    limits: Limits | None = None,
) -> FastAPI:
    """The endpoints over a store, to be run by any ASGI server, or mounted in another application.

    Parameters
    ----------
    store : its directory or address, or a Store.
    tokens : of those who may ask; none: whoever reaches it.
    origins : of pages in browsers that may read the answers (CORS), such as ``https://charts.example.org``.
    limits : how much one question may ask for.

    Raises
    ------
    StoreError : there is no store.
    """
    served = Served(store if isinstance(store, Store) else open_store(store), limits or Limits())
    app = FastAPI(
        title="liqmap",
        version=__version__,
        summary="Order-book liquidity as grids, books, flow and pictures",
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
    )
    metrics, answering = Metrics(served), Answering(served)
    for one in _endpoints.all_of(ENDPOINTS):
        _route(app, one, answering)
    add_metrics(app, metrics)
    add_problems(app, Whereabouts(served.store))
    add_tokens(app, tuple(tokens))
    if allowed := list(origins):
        app.add_middleware(
            CORSMiddleware,
            allow_origins=allowed,
            allow_methods=["GET"],
            allow_headers=["Authorization", "Accept", "If-None-Match"],
            expose_headers=["ETag"],
        )

    @app.middleware("http")
    async def dress(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await metrics.timed(request, answer)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return app


def _route(app: FastAPI, one: Endpoint, answering: Answering) -> None:
    async def handle(request: Request) -> Response:
        return await answering.answer(one, request)

    app.add_api_route(
        one.path,
        handle,
        methods=["GET"],
        name=one.name,
        operation_id=one.name,
        summary=one.summary,
        description=one.description,
        response_class=Response,
        **described(one),
    )

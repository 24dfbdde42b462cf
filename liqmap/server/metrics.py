"""What is counted of the server, as Prometheus reads it, and whether it answers at all."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request
from fastapi.responses import Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)

from liqmap.server.answers.encoding import as_json
from liqmap.server.problems import unexpected
from liqmap.server.served import Served

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """Requests by endpoint and status, how long they took, and what sessions hold; of one application."""

    def __init__(self, served: Served) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "liqmap_requests", "Requests answered.", ["endpoint", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "liqmap_request_seconds",
            "Time to an answer.",
            ["endpoint"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        memory = Gauge("liqmap_sessions_bytes", "Bytes that open sessions hold.", registry=self.registry)
        memory.set_function(lambda: served.opened.memory_used)

    async def timed(self, request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
        """An answer, counted by the endpoint it is of: of other paths there is one count for all."""
        begin = time.perf_counter()
        try:
            response = await answer(request)
        except Exception as error:
            response = unexpected(request, error)
        route = request.scope.get("route")
        name = getattr(route, "name", None) or "none"
        self.requests.labels(name, str(response.status_code)).inc()
        self.seconds.labels(name).observe(time.perf_counter() - begin)
        return response


def add_metrics(app: FastAPI, metrics: Metrics) -> None:
    """``/metrics`` and ``/healthz``."""

    @app.get("/healthz", name="health", operation_id="health", summary="Whether the server answers")
    async def health() -> Response:
        return Response(
            as_json({"status": "ok"}), media_type="application/json", headers={"Cache-Control": "no-store"}
        )

    @app.get(
        "/metrics",
        response_class=Response,
        responses={200: {"content": {"text/plain": {}}}},
        name="metrics",
        operation_id="metrics",
        summary="Counts and times, as Prometheus reads them",
    )
    async def read() -> Response:
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

"""Errors as answers: one JSON object that says where, expected, got and remedy (RFC 9457), and no path."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from liqmap.app.state.whereabouts import Whereabouts
from liqmap.printable import printable
from liqmap.schema import GridError, LiqmapError, SessionError, StoreError, Wording, one_line
from liqmap.schema.wording import Keyword
from liqmap.server.answers.encoding import as_json
from liqmap.server.limits import Missing, Slow, TooMuch

log = logging.getLogger("liqmap.server")

PROBLEM = "application/problem+json"

MOST = 500
"""Characters of a part of a problem: what was asked may be long."""

PARAMETERS = {
    "half_life": "half_life_sec", "prune": "prune_sec", "time": "time_bucket_sec", "price": "price_bucket",
    "time_range": "start_ts and end_ts", "price_range": "price_min and price_max",
}  # fmt: skip
"""Parameters of the endpoints by the keywords of Python."""

STATUS: tuple[tuple[type[LiqmapError], int], ...] = (
    (Missing, 404),
    (TooMuch, 413),
    (Slow, 503),
    (StoreError, 500),
    (LiqmapError, 422),
)


OWN = (Missing, TooMuch, Slow)
"""What the server says of its own, in which ``/api/sessions`` is no file."""


class ParameterWording(Wording):
    """``half_life_sec`` for ``half_life``."""

    def subject(self, name: str) -> str:
        return PARAMETERS.get(name, name)

    def mention(self, keyword: Keyword) -> str:
        return self.subject(keyword.name) + ("" if keyword.value is None else f"={keyword.value}")


WORDING = ParameterWording()


def problem(status: int, title: str, headers: dict[str, str] | None = None, **parts: str) -> Response:
    """An answer that says what was wrong."""
    told = {name: one_line(text, MOST) for name, text in parts.items() if text}
    body = as_json({"type": "about:blank", "title": title, "status": status, **told})
    return Response(body, status, headers, media_type=PROBLEM)


def problem_of(error: LiqmapError, whereabouts: Whereabouts) -> Response:
    """What an error of liqmap says, in the words of the endpoints; of the server itself nothing is told.

    Parameters
    ----------
    whereabouts : what is hidden of the machine, as on the pages of the app.
    """
    status = next(status for kind, status in STATUS if isinstance(error, kind))
    if "more than" in error.message or (
        "at most" in str(error.expected) and isinstance(error, GridError | SessionError)
    ):
        status = 413
    if status == 500:
        log.error("%s", error)
        return problem(status, "the store cannot be read", detail="the server's log says why")
    parts = {"detail": error.message, "expected": error.expected, "got": error.got, "remedy": error.remedy}
    said = {name: WORDING.spell(part) for name, part in parts.items()}
    if not isinstance(error, OWN):
        said = {name: whereabouts.hide(part) for name, part in said.items()}
    said["where"] = WORDING.subject(error.argument) or whereabouts.hide_place(error.where)
    headers = {"Retry-After": "5"} if status == 503 else None
    return problem(status, _TITLES.get(status, "this cannot be answered"), headers, **said)


_TITLES = {404: "there is no such thing", 413: "too much is asked for", 503: "this takes too long"}


def _invalid(error: RequestValidationError) -> Response:
    """The first parameter that is wrong, and how many others are."""
    all_of = error.errors()
    first = all_of[0]
    name = ".".join(str(part) for part in first["loc"][1:] if isinstance(part, str)) or "parameters"
    more = f" (and {len(all_of) - 1} more)" if len(all_of) > 1 else ""
    if first["type"] == "extra_forbidden":
        return problem(422, "no such parameter", where=one_line(name, 100), got=f"a value for it{more}")
    got = "" if first["type"] in ("missing", "value_error") else one_line(repr(first.get("input")), 100)
    expected = first["msg"].removeprefix("Value error, ")
    return problem(422, "a parameter is wrong", where=one_line(name, 100), expected=expected + more, got=got)


def add_problems(app: FastAPI, whereabouts: Whereabouts) -> None:
    """Answer every error that is meant by a problem."""

    @app.exception_handler(LiqmapError)
    async def of_liqmap(request: Request, error: LiqmapError) -> Response:
        return problem_of(error, whereabouts)

    @app.exception_handler(RequestValidationError)
    async def of_parameters(request: Request, error: RequestValidationError) -> Response:
        return _invalid(error)

    @app.exception_handler(HTTPException)
    async def of_http(request: Request, error: HTTPException) -> Response:
        return problem(error.status_code, str(error.detail).lower(), dict(error.headers or {}))


def unexpected(request: Request, error: Exception) -> Response:
    """What is answered where nobody expected an error: it stands in the log, in one line."""
    log.error("%s %s failed: %r", request.method, printable(request.url.path[:200]), error)
    return problem(500, "this should not have happened", detail="the server's log says why")


SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string", "description": "what is wrong"},
        "status": {"type": "integer"},
        **{
            name: {"type": "string", "description": text}
            for name, text in {
                "where": "a parameter, or a market",
                "detail": "all of it, where it has no parts",
                "expected": "what would have been right",
                "got": "what came",
                "remedy": "what to ask instead",
            }.items()
        },
    },
}
"""Of a problem, for the OpenAPI document."""

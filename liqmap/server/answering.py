"""From a request to an answer: what is asked, in which format, computed off the loop, kept and tagged."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any, NamedTuple

import anyio
import xxhash
from anyio import CapacityLimiter
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from liqmap import __version__
from liqmap.schema import LiqmapError
from liqmap.server.answers.encoding import ENCODINGS, PNG, wanted
from liqmap.server.answers.packing import packed
from liqmap.server.asked import Asked, OfMarket
from liqmap.server.limits import Slow
from liqmap.server.registry import Endpoint
from liqmap.server.served import Served

MOST_PARAMETERS = 50
WAIT_S = 10.0
"""How long a question waits for others to be answered."""


class Kept:
    """Bodies by tag, the least recently asked for forgotten first; bounded in bytes. Threads may share it."""

    def __init__(self, most: int) -> None:
        self._most, self._bytes = most, 0
        self._bodies: OrderedDict[str, bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, tag: str) -> bytes | None:
        """A body, if it is still there."""
        with self._lock:
            if tag in self._bodies:
                self._bodies.move_to_end(tag)
            return self._bodies.get(tag)

    def put(self, tag: str, body: bytes) -> None:
        """Keep a body, unless it is larger than a quarter of all that may be kept."""
        if len(body) > self._most // 4:
            return
        with self._lock:
            self._bytes += len(body) - len(self._bodies.pop(tag, b""))
            self._bodies[tag] = body
            while self._bytes > self._most:
                self._bytes -= len(self._bodies.popitem(last=False)[1])


class Answering:
    """Answers questions, so many at one time."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.kept = Kept(served.limits.answers)
        self._places: CapacityLimiter | None = None

    async def answer(self, one: Endpoint, request: Request) -> Response:
        """The response to a request for an endpoint."""
        asked = read(one.asked, request)
        form = asked.format or wanted(request.headers.get("accept", "*/*"), one.picture is not None)
        made = making(one, form)
        tag = await self._run(lambda: self._tag(one, asked, made.form))
        headers = {
            "ETag": f'W/"{tag}"',
            "Vary": "Accept, Accept-Encoding",
            "Cache-Control": "private, no-cache",
        }
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        body = self.kept.get(tag)
        if body is None:
            body = await self._run(lambda: made.body(self.served, asked))
            self.kept.put(tag, body)
        takes = request.headers.get("accept-encoding", "")
        if made.packs and takes:
            body, how = await self._run(lambda: packed(body, takes))
            headers |= {"Content-Encoding": how} if how else {}
        return Response(body, headers=headers, media_type=made.media)

    def _tag(self, one: Endpoint, asked: Asked, form: str) -> str:
        """Differs whenever the answer may: by what is asked, and by what the store has of the market."""
        version: Any = self.served.version(asked) if isinstance(asked, OfMarket) else self.served.versions()
        return xxhash.xxh3_128_hexdigest(repr((__version__, one.path, asked, form, version)).encode())

    async def _run(self, work: Any) -> Any:
        """Work in a thread, once there is a place; given up when it takes too long.

        Raises
        ------
        Slow : no place, or no end, in time.
        """
        if self._places is None:
            self._places = CapacityLimiter(self.served.limits.at_once)
        with anyio.move_on_after(WAIT_S + self.served.limits.seconds):
            return await anyio.to_thread.run_sync(work, limiter=self._places, abandon_on_cancel=True)
        raise Slow(
            expected=f"an answer within {self.served.limits.seconds:g} s",
            got="none",
            remedy="Ask for less, or again in a moment",
        )


class Making(NamedTuple):
    """How the body of an answer is made. packs : whether it is worth compressing."""

    form: str
    media: str
    body: Callable[[Served, Any], bytes]
    packs: bool


def making(one: Endpoint, form: str | None) -> Making:
    """Of an endpoint in a format.

    Raises
    ------
    HTTPException : 406, there is no such format of it.
    """
    if form == "png" and one.picture is not None:
        return Making(form, PNG, one.picture, False)
    if form is None or form not in ENCODINGS:
        media = sorted({e.media for e in ENCODINGS.values()} | ({PNG} if one.picture else set()))
        raise HTTPException(406, f"there is no such format: {', '.join(media)}")
    encoding = ENCODINGS[form]
    return Making(
        form, encoding.media, lambda served, asked: encoding.encode(one.answer(served, asked)), encoding.packs
    )


def read(model: type[Asked], request: Request) -> Asked:
    """What is asked, of the path and the query.

    Raises
    ------
    RequestValidationError : it is something else.
    """
    pairs = request.query_params.multi_items()
    if len(pairs) > MOST_PARAMETERS:
        raise LiqmapError(expected=f"at most {MOST_PARAMETERS} parameters", got=str(len(pairs)))
    lists = {name for name, field in model.model_fields.items() if _is_list(field.annotation)}
    given: dict[str, Any] = {}
    for name, value in pairs:
        if name in lists:
            given.setdefault(name, []).append(value)
        elif name in given or name in request.path_params:
            raise LiqmapError(where=name[:100], expected="one value", got="several")
        else:
            given[name] = value
    try:
        return model.model_validate({**given, **request.path_params})
    except ValidationError as error:
        told = [
            {**e, "loc": ("query", *e["loc"])} for e in error.errors(include_url=False, include_context=False)
        ]
        raise RequestValidationError(told) from None


def _is_list(annotation: Any) -> bool:
    return getattr(annotation, "__origin__", None) is list

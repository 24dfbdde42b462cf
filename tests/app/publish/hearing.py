"""A visitor who keeps all that a server sends him, and does all that a page can do, and more than that."""

from __future__ import annotations

import asyncio
import gc
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bokeh.settings import settings
from tornado.httpclient import HTTPRequest, HTTPResponse
from tornado.simple_httpclient import SimpleAsyncHTTPClient
from tornado.websocket import websocket_connect

import liqmap as lm
from benchmarks.visitor import PATIENCE_S, Part, Visitor, _event, _given, _objects
from liqmap.app.publish.access import Access
from liqmap.app.publish.server import start

ACTIONS = ("picture", "run", "cancel", "use", "default", "keep", "calibrate", "calibrated", "whole",
           "last hour", "play", "sample", "demo", "save", "remove", "delete")  # fmt: skip
FORGED: tuple[Any, ...] = (None, -1, "../../etc/passwd", [])
BUSY = "class=&quot;busy&quot;"
"""In the document of a page that waits for something."""

TYPED = (
    ("preset_to_save", "forged"), ("preset", "default"), ("preset_to_remove", "forged"),
    ("preset_to_save", "kept"), ("jump", "00:00:03"), ("jump", "/etc/passwd"),
)  # fmt: skip

TOKEN = re.compile(r'"token":"([^"]+)"')


@asynccontextmanager
async def served(store: Path | lm.Store, access: Access | None = None) -> AsyncIterator[str]:
    """The address of a server of a store, in this loop."""
    validates = settings.perform_document_validation()
    server = start(store, access=access)
    try:
        yield f"http://127.0.0.1:{server.port}{server.prefix}"
    finally:
        await asyncio.sleep(0)  # for what it has begun
        server.stop()
        settings.perform_document_validation = validates
        gc.unfreeze()


class Hearing(Visitor):
    """``sent``: whatever came over HTTP and the socket, headers included; ``buffers``: its bytes."""

    def __init__(self, url: str, cookies: str = "") -> None:
        super().__init__(url)
        self.sent: list[bytes] = []
        self.buffers: list[bytes] = []
        self._headers = {"Cookie": cookies} if cookies else {}

    async def fetch(self, path: str = "/", **rest: Any) -> HTTPResponse:
        """An answer of the server, whatever its status."""
        client = SimpleAsyncHTTPClient(force_instance=True, max_header_size=10**6)
        request = HTTPRequest(
            self.url + path, connect_timeout=PATIENCE_S, request_timeout=PATIENCE_S, headers=self._headers,
            follow_redirects=False, **rest,
        )  # fmt: skip
        answer = await client.fetch(request, raise_error=False)
        client.close()
        self.sent += [str(answer.headers).encode(), answer.body or b""]
        return answer

    async def open(self, query: str = "") -> None:
        """Ask for the page and pull its document."""
        answer = await self.fetch(f"/{query}")
        found = TOKEN.search(answer.body.decode())
        assert found is not None, (answer.code, answer.body[:500])
        address, headers = self.url.replace("http", "ws", 1) + "/ws", self._headers | {"Origin": self.origin}
        self._socket = await websocket_connect(
            HTTPRequest(address, headers=headers),
            subprotocols=["bokeh", found[1]], max_message_size=10**9,
        )  # fmt: skip
        await self.hear("ACK")
        await self.pull()
        await self.say(_event("document_ready", {}))

    @property
    def origin(self) -> str:
        return "/".join(self.url.split("/")[:3])

    async def pull(self) -> Part:
        """The document as it is now; what was said before is heard by then."""
        await self._send("PULL-DOC-REQ", {})
        self.document = (await self.hear("PULL-DOC-REPLY")).content["doc"]
        return self.document

    async def settle(self, patience_s: float = 20.0) -> Part:
        """The document once nothing more is being done."""
        for _ in range(round(patience_s / 0.05)):
            if BUSY not in json.dumps(await self.pull()):
                break
            await asyncio.sleep(0.05)
        return self.document

    async def hear(self, kind: str = "PATCH-DOC") -> Any:
        while True:
            fragment = await asyncio.wait_for(self._socket.read_message(), PATIENCE_S)
            assert fragment is not None, "expected a message, the server has hung up"
            self.sent.append(fragment if isinstance(fragment, bytes) else fragment.encode())
            self.buffers += [fragment] if isinstance(fragment, bytes) else []
            message = await self._receiver.consume(fragment)
            if message is not None and message.msgtype == kind:
                return message

    async def drive(self, forged: tuple[Any, ...] = FORGED) -> int:
        """Say everything that a page can say, and what no page says; gives how many messages that were."""
        count = 0
        for component, kind, said in list(messages(self.document, forged)):
            count += 1
            await self._message(component, {"id": 0, "kind": kind, "ask": said})
        for button in list(_objects(self.document)):
            if button.get("name", "").endswith("Button"):
                count += 1
                await self.say(_event("button_click", {"model": {"id": button["id"]}}))
        return count

    @property
    def words(self) -> str:
        """All that was sent, as text."""
        return "\n".join(one.decode("utf-8", "replace") for one in self.sent)


def messages(document: Part, forged: tuple[Any, ...] = FORGED) -> Iterator[tuple[Part, str, Any]]:
    """Component, kind and content of messages: of every control its values and forged ones, presses of
    buttons that there are and of others, files, and what the picture asks."""
    for component in _objects(document):
        given = _given(component)
        if "parts" in given:
            yield from _of_form(component, json.loads(given["parts"]), forged)
        elif "scene" in given:
            yield from _of_picture(component)


def _of_form(component: Part, parts: list[Part], forged: tuple[Any, ...]) -> Iterator[tuple[Part, str, Any]]:
    count = 0
    for part in parts:
        for one in [part, *part.get("of", [])]:
            name = one.get("name")
            if name is None:
                continue
            yield component, "press", {"name": name}
            for value in [*_values(one), *forged]:
                count += 1
                yield component, "choose", {"count": count, "values": {name: value}}
    for name, value in TYPED:
        count += 1
        yield component, "choose", {"count": count, "values": {name: value}}
    for name in ACTIONS:
        yield component, "press", {"name": name}
    for kind in ("HTML", "PNG", "forged", None):
        yield component, "file", {"kind": kind}
    yield component, "forged", {"name": "keep"}


def _values(part: Part) -> list[Any]:
    """Some values that a control offers."""
    if "options" in part:
        return [one[1] for one in part["options"]][:3] if part["kind"] != "several" else [
            [one[0]] for one in part["options"]
        ]  # fmt: skip
    return [part[name] for name in ("min", "max") if name in part] or [True, False]


def _of_picture(component: Part) -> Iterator[tuple[Part, str, Any]]:
    view = {"view": [0, 10**9, 1.0, 200.0], "size": [64, 48]}
    at = {"at": [10**9, 100.0], "box": [0, 10**9, 1.0, 200.0]}
    for kind in ("spans", "frame", "cell", "shapes", "measure", "growth", "view", "choice", "shown", "keep"):
        for said in ({}, view, view | at, {"halfLife": 10**9}):
            yield component, kind, said

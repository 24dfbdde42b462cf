"""A small app behind the gate, and how to knock at it: all in one loop, on this machine."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import panel as pn
from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse
from tornado.websocket import WebSocketClientConnection, websocket_connect

from liqmap.app.component import Component
from liqmap.app.publish.access import Access
from liqmap.app.publish.assets import pack_assets
from liqmap.app.publish.gate.bounds import APPLICATION, SERVER
from liqmap.app.publish.gate.opening import open_gate

TOKEN = re.compile(rb'"token":"([^"]+)"')


class Own(Component):
    """Answers twice what is asked."""

    @classmethod
    def script(cls) -> str:
        return "export function render() {}"


class Gated:
    """The app, and those who know it: cookies ``who`` of users who have logged in."""

    def __init__(self, server: Any, gate: Any, closed: bool) -> None:
        self.server, self.gate, self.closed = server, gate, closed
        self.users = {"ann", "bob"}
        self.heard: list[Any] = []
        self.opened: list[WebSocketClientConnection] = []
        if closed:
            gate.user_of = self._user_of
            gate.login_of = lambda handler: f"login of {self._user_of(handler)}"

    def _user_of(self, handler: Any) -> str | None:
        user = handler.get_cookie("who")
        return user if user in self.users else None

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    async def ask(self, path: str, user: str = "", method: str = "GET", **headers: str) -> HTTPResponse:
        """The answer to a request."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if user:
            named["Cookie"] = f"who={user}; other=secret"
        request = HTTPRequest(
            self.origin + path, method, headers=named, follow_redirects=False, request_timeout=20,
            allow_nonstandard_methods=True,
        )  # fmt: skip
        return await AsyncHTTPClient(force_instance=True).fetch(request, raise_error=False)

    async def token(self, user: str = "") -> str:
        """Of a page."""
        page = await self.ask(f"{self.server.prefix}/", user)
        assert page.code == 200, page.body
        return TOKEN.search(page.body)[1].decode()

    async def connect(
        self, token: str, user: str = "", origin: str | None = "own", **headers: str
    ) -> WebSocketClientConnection:
        """A socket; `HTTPClientError` where there is none."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if origin is not None:
            named["Origin"] = self.origin if origin == "own" else origin
        if user:
            named["Cookie"] = f"who={user}"
        address = self.origin.replace("http", "ws", 1) + f"{self.server.prefix}/ws"
        request = HTTPRequest(address, headers=named, request_timeout=20)
        self.opened.append(await websocket_connect(request, subprotocols=["bokeh", token]))
        return self.opened[-1]


def run(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a test in a loop of its own."""
    asyncio.run(asyncio.wait_for(test(), 60))


@asynccontextmanager
async def gated(closed: bool = False, **options: Any) -> AsyncIterator[Gated]:
    """The app, with these options of `Access`."""
    access = Access(**({"basic_auth": "nobody reads it"} if closed else {}), **options)
    made: list[Gated] = []

    def app() -> Any:
        button = pn.widgets.Button(label="press")
        button.on_click(lambda _: made[0].heard.append("pressed"))
        days = pn.widgets.DateRangePicker()
        return pn.Column(Own(lambda kind, ask: made[0].heard.append((kind, ask)) or 2), button, days)

    def listen(port: int) -> Any:
        return pn.serve(
            app, port=port, address="127.0.0.1", show=False, start=False, location=False,
            prefix=access.prefix, websocket_origin=[f"127.0.0.1:{port}", *access.origins], verbose=False,
            sign_sessions=access.signed, secret_key=b"of pages alone",
            http_server_kwargs=dict(SERVER), **APPLICATION,
        )  # fmt: skip

    server = listen(_free())
    pack_assets(server)
    made.append(Gated(server, open_gate(server, access), closed))
    try:
        yield made[0]
    finally:
        for socket in made[0].opened:
            socket.close()
        while made[0].gate.sockets:
            await asyncio.sleep(0.01)
        server.stop()


def _free() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Page:
    """What a page does on its socket."""

    def __init__(self, socket: WebSocketClientConnection) -> None:
        self.socket = socket
        self._count = 0

    async def begin(self) -> dict[str, Any]:
        """Wait until it is connected, and ask for the document; gives its models by number."""
        assert (await self.hear())[0]["msgtype"] == "ACK"
        await self.say("PULL-DOC-REQ", {})
        header, content = await self.hear()
        assert header["msgtype"] == "PULL-DOC-REPLY"
        return {model["id"]: model for model in _models(content["doc"])}

    async def say(self, kind: str, content: Any, **header: Any) -> None:
        """A whole message."""
        self._count += 1
        head = json.dumps({"msgid": str(self._count), "msgtype": kind} | header)
        await self.parts(head, "{}", json.dumps(content))

    async def parts(self, *parts: str | bytes) -> None:
        """Parts of a message, or of none."""
        for part in parts:
            await self.socket.write_message(part, binary=isinstance(part, bytes))

    async def hear(self) -> tuple[dict[str, Any], Any]:
        """Header and content of the next message; ``ConnectionError`` where the socket is closed."""
        texts = []
        for _ in range(3):
            texts.append(await asyncio.wait_for(self.socket.read_message(), 20))
            if texts[-1] is None:
                raise ConnectionError(self.socket.close_reason)
        header = json.loads(texts[0])
        for _ in range(2 * header.get("num_buffers", 0)):
            await self.socket.read_message()
        return header, json.loads(texts[2])

    async def event(self, name: str, model: str, **values: Any) -> None:
        """Something has happened to a model."""
        entries = [["model", {"id": model}], *map(list, values.items())] if model else []
        said = {"type": "event", "name": name, "values": {"type": "map", "entries": entries}}
        await self.say(
            "PATCH-DOC", {"events": [{"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": said}]}
        )

    async def change(self, model: str, attribute: Any, value: Any) -> None:
        """A property of a model has changed."""
        event = {"kind": "ModelChanged", "model": {"id": model}, "attr": attribute, "new": value}
        await self.say("PATCH-DOC", {"events": [event]})


def _models(said: Any) -> list[dict[str, Any]]:
    """All models of a document as it is sent."""
    if isinstance(said, list):
        return [model for one in said for model in _models(one)]
    if not isinstance(said, dict):
        return []
    own = [said] if said.get("type") == "object" and "id" in said else []
    return own + [model for one in said.values() for model in _models(one)]

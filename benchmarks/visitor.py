"""A visitor without a browser: asks for the page, pulls its document, and does what a browser would say."""

from __future__ import annotations

import json
import re
import time
from typing import Any

from bokeh.protocol import Protocol
from bokeh.protocol.receiver import Receiver
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

Part = dict[str, Any]

PATIENCE_S = 60.0


class Visitor:
    """One page of an app: `come`, then `ask` and `tell`, then `leave`.

    ``document`` is the JSON of the document, as a browser gets it; nothing is made of it.
    ``headers`` go with the page and its socket, such as the cookies of who has logged in.
    """

    def __init__(self, url: str, headers: dict[str, str] | None = None) -> None:
        self.url, self._headers = url.rstrip("/"), headers or {}
        self.document: Part = {}
        self._asked = 0
        self._receiver = Receiver(Protocol())
        self._socket: WebSocketClientConnection

    async def come(self) -> float:
        """Ask for the page and pull its document; gives seconds from the request until it is there."""
        begin = time.perf_counter()
        client = AsyncHTTPClient(force_instance=True)  # a shared one asks for ten pages at a time
        how: Part = {"connect_timeout": PATIENCE_S, "request_timeout": PATIENCE_S, "headers": self._headers}
        answer = await client.fetch(f"{self.url}/", **how)
        client.close()
        found = re.search(r'"token":"([^"]+)"', answer.body.decode())
        assert found is not None, "expected a page with a token"
        address = self.url.replace("http", "ws", 1) + "/ws"
        self._socket = await websocket_connect(
            HTTPRequest(address, **how),
            subprotocols=["bokeh", found[1]],
            max_message_size=10**9,
        )
        await self.hear("ACK")
        await self._send("PULL-DOC-REQ", {})
        self.document = (await self.hear("PULL-DOC-REPLY")).content["doc"]
        seconds = time.perf_counter() - begin
        await self.say(_event("document_ready", {}))
        return seconds

    async def say(self, *events: Part) -> None:
        """Tell the server of events of the document."""
        await self._send("PATCH-DOC", {"events": list(events)})

    async def ask(self, kind: str, what: Part) -> Part:
        """What the server answers to a question of the component that shows the picture; as JSON has it.

        Raises
        ------
        ValueError : it says what stands in the way.
        """
        self._asked += 1
        await self._message(self._component("scene"), {"id": self._asked, "kind": kind, "ask": what})
        while True:
            for event in (await self.hear()).content["events"]:
                values = plain(event.get("msg_data", {}).get("values", {}))
                answer = values.get("data") if isinstance(values, dict) else None
                if isinstance(answer, dict) and answer.get("id") == self._asked:
                    if "error" in answer:
                        raise ValueError(answer["error"])
                    return answer

    async def tell(self, name: str, kind: str, what: Part) -> None:
        """Tell the component that has a control of this name something, as what hands choose."""
        await self._message(
            self._component("parts", f'"name": "{name}"'), {"id": 0, "kind": kind, "ask": what}
        )

    async def _message(self, component: Part, message: Part) -> None:
        await self.say(_event("data_event", {"model": {"id": component["id"]}, "data": message}))

    def knows(self, name: str) -> bool:
        """Whether a component has been given something of this name."""
        try:
            self._component(name)
        except LookupError:
            return False
        return True

    def part(self, name: str) -> Any:
        """What the component of such a part has been given of it."""
        return plain(_given(self._component(name))[name])

    def _component(self, name: str, has: str = "") -> Part:
        """The component that has been given something of this name, in which this is: of the picture
        ``scene``, of controls ``parts``.

        Raises
        ------
        LookupError : there is none.
        """
        for model in _objects(self.document):
            if name in (given := _given(model)) and has in str(given[name]):
                return model
        raise LookupError(f"no component that has {name}")

    async def hear(self, kind: str = "PATCH-DOC") -> Any:
        """The next message of a kind; those of others are passed over."""
        while True:
            fragment = await self._socket.read_message()
            assert fragment is not None, "expected a message, the server has hung up"
            message = await self._receiver.consume(fragment)
            if message is not None and message.msgtype == kind:
                return message

    async def _send(self, kind: str, content: Part) -> None:
        header = {"msgid": str(time.monotonic_ns()), "msgtype": kind}
        for part in (header, {}, content):
            await self._socket.write_message(json.dumps(part))

    def leave(self) -> None:
        """Close the page."""
        self._socket.close()


def _given(model: Part) -> Part:
    """What a component has been given, by name; of other models nothing."""
    data = model.get("attributes", {}).get("data")
    return data.get("attributes", {}) if isinstance(data, dict) else {}


def plain(part: Any) -> Any:
    """JSON of bokeh without its maps."""
    if isinstance(part, dict) and part.get("type") == "map":
        return {key: plain(value) for key, value in part.get("entries", [])}
    return [plain(one) for one in part] if isinstance(part, list) else part


def _mapped(part: Any) -> Any:
    """The same with maps, as the browser says it, but for models."""
    if isinstance(part, dict) and set(part) != {"id"}:
        return {"type": "map", "entries": [[key, _mapped(value)] for key, value in part.items()]}
    return part


def _event(name: str, values: Part) -> Part:
    """An event of the document."""
    data = {"type": "event", "name": name, "values": _mapped(values)}
    return {"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": data}


def _objects(part: Any) -> Any:
    """All models in the JSON of a document."""
    if isinstance(part, dict):
        if part.get("type") == "object" and "id" in part:
            yield part
        for below in part.values():
            yield from _objects(below)
    elif isinstance(part, list):
        for below in part:
            yield from _objects(below)

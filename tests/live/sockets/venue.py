"""A venue on loopback: a WebSocket whose every connection runs a script, and REST answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import WSMsgType, web

Script = Callable[["Socket"], Awaitable[None]]


class Socket:
    """One connection as the venue sees it. ``heard`` are the messages of the client, as they come."""

    def __init__(self, socket: web.WebSocketResponse, number: int, path: str) -> None:
        self._socket, self.number, self.path = socket, number, path
        self.heard: list[str] = []
        self._came = asyncio.Event()

    async def send(self, *messages: str | bytes) -> None:
        for message in messages:
            if isinstance(message, bytes):
                await self._socket.send_bytes(message)
            else:
                await self._socket.send_str(message)

    async def until(self, part: str, times: int = 1) -> None:
        """Wait for a message that has this part, or for so many of them."""
        while sum(part in message for message in self.heard) < times:
            self._came.clear()
            await self._came.wait()

    async def forever(self) -> None:
        await asyncio.Event().wait()

    async def listen(self) -> None:
        async for message in self._socket:
            if message.type is WSMsgType.TEXT:
                self.heard.append(message.data)
                self._came.set()


class Venue:
    """``scripts`` of the connections in their order, the last one for all that follow; a connection is closed
    when its script ends. ``rest`` gives the answer to a path and query."""

    def __init__(self, *scripts: Script, rest: Callable[[str], web.Response] | None = None) -> None:
        self._scripts, self._rest = scripts, rest
        self.sockets: list[Socket] = []
        self.calls: list[str] = []

    async def __aenter__(self) -> Venue:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"ws://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() != "websocket":
            self.calls.append(request.path_qs)
            return self._rest(request.path_qs) if self._rest else web.Response(status=404)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        one = Socket(socket, len(self.sockets), request.path_qs)
        self.sockets.append(one)
        script = self._scripts[min(one.number, len(self._scripts) - 1)]
        parts: list[Any] = [asyncio.ensure_future(one.listen()), asyncio.ensure_future(script(one))]
        try:
            await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for part in parts:
                part.cancel()
            await asyncio.gather(*parts, return_exceptions=True)
        await socket.close()
        return socket

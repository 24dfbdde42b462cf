"""Who comes to an exchange, on one host and port: sockets, what was sent to them, and calls over HTTP."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from liqmap.live.play.connection import Connection, Sent
from liqmap.live.play.venues.venue import Venue
from liqmap.schema import LiqmapError

REMEMBERED = 1_000_000
"""Entries of the log of what was sent."""


class Server:
    """Takes connections for a protocol.

    Parameters
    ----------
    port : 0 takes a free one, once it is opened. left : told of each connection that has ended.

    Attributes
    ----------
    connections : all that ever were. sent : the last `REMEMBERED` messages. count : of all.
    """

    def __init__(self, host: str, port: int, protocol: Venue, left: Callable[[Connection], None]) -> None:
        self.host, self.port = host, port
        self._protocol, self._left = protocol, left
        self.connections: list[Connection] = []
        self.sent: deque[Sent] = deque(maxlen=REMEMBERED)
        self.count = 0
        self._refusing_until = 0.0
        self._tasks: set[asyncio.Task[Any]] = set()
        self._runner: Any = None

    @property
    def place(self) -> str:
        """Host and port, as addresses have them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    async def open(self) -> None:
        """Listen.

        Raises
        ------
        LiqmapError : the port is taken, or the address not of this machine.
        """
        from aiohttp import web

        app = web.Application()
        app.add_routes(self._protocol.rest())
        app.add_routes([web.get(path, self._serve) for path in self._protocol.sockets])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self.host, self.port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise LiqmapError(
                argument="port",
                expected="an address that can be listened on",
                got=f"{self.place}: {error.strerror}",
            ) from error
        self.port = self._runner.addresses[0][1]

    async def close(self) -> None:
        """Close all connections, and end what was started."""
        self.close_all(1001, "going away")
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._runner.cleanup()

    def start(self, work: Any) -> asyncio.Task[Any]:
        """Do something beside, until `close` at most."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def close_all(self, code: int, words: str) -> None:
        """Close every connection once what waits for it is sent."""
        for connection in self.connections:
            if not connection.ended:
                connection.close(code, words)

    def refuse(self, seconds: float) -> None:
        """Take no connection for so many real seconds."""
        self._refusing_until = time.monotonic() + seconds

    async def _serve(self, request: Any) -> Any:
        from aiohttp import WSMsgType, web

        if time.monotonic() < self._refusing_until:
            raise web.HTTPServiceUnavailable(text="service restart")
        socket = web.WebSocketResponse(autoping=False, compress=False, max_msg_size=1 << 20)
        await socket.prepare(request)
        number = len(self.connections) + 1
        connection = Connection(number, request.path, socket, request.transport, self._remember)
        self.connections.append(connection)
        work = [self.start(connection.write()), self.start(self._protocol.beat(connection))]
        try:
            self._protocol.opened(
                connection, request.match_info.get("streams") or request.query.get("streams", "")
            )
            async for message in socket:
                if message.type == WSMsgType.TEXT:
                    self._protocol.hear(connection, message.data)
                elif message.type == WSMsgType.PING:
                    await connection.pong(message.data)
                elif message.type == WSMsgType.PONG:
                    connection.answered = time.monotonic()
        finally:
            connection.gone()
            self._left(connection)
            work[1].cancel()
            await asyncio.gather(*work, return_exceptions=True)
        return socket

    def _remember(self, sent: Sent) -> None:
        self.sent.append(sent)
        self.count += 1

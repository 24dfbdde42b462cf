"""One client's WebSocket: what waits to be sent to it, in bounded memory."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

MOST_BYTES = 64 * 1024 * 1024
"""That wait for one client. A venue breaks off the connection of one that does not read; so does this."""

ENOUGH_BYTES = 1024 * 1024
"""That wait for a client when one who waits for clients waits."""

TOO_SLOW = "too slow"


class Label(NamedTuple):
    """What a text that is sent is about: the market, the channel, which depth message (0: none of them), its
    id at the venue (-1: it has none)."""

    symbol: str
    channel: str
    number: int
    seq: int


class Sent(NamedTuple):
    """What was sent, and when: ``ns`` since the epoch, just before it went to the socket."""

    connection: int
    label: Label
    ns: int


class Connection:
    """A client, from its request to its end.

    Parameters
    ----------
    socket : `aiohttp.web.WebSocketResponse`, prepared. transport : below it. log : told of all that is sent.

    Attributes
    ----------
    channels : what it is subscribed to. ended : why this side broke it off; empty where it did not.
    silent_until, pace : set by faults: `time.monotonic` until when nothing is sent; seconds a message.
    """

    def __init__(
        self, number: int, path: str, socket: Any, transport: Any, log: Callable[[Sent], None]
    ) -> None:
        self.number, self.path = number, path
        self.channels: dict[str, Any] = {}
        self.ended = ""
        self.silent_until = 0.0
        self.pace = 0.0
        self.answered = time.monotonic()
        """When the last pong came."""
        self.envelope: Callable[[str, str], str] | None = None
        """What a venue puts around a message: of its channel and the text."""
        self._socket, self._transport, self._log = socket, transport, log
        self._queue: deque[tuple[str, Label | None]] = deque()
        self.waiting_bytes = 0
        self._more = asyncio.Event()
        self._less = asyncio.Event()
        self._less.set()
        self._closing: tuple[int, bytes] | None = None

    def send(self, text: str, label: Label | None = None) -> None:
        """Put a text behind those that wait. ``label`` None: an answer, which is not logged."""
        if self.ended or self._closing or self._is_silent:
            return
        if label is not None and self.envelope is not None:
            text = self.envelope(label.channel, text)
        self._queue.append((text, label))
        self.waiting_bytes += len(text)
        self._more.set()
        if self.waiting_bytes > ENOUGH_BYTES:
            self._less.clear()
        if self.waiting_bytes > MOST_BYTES:
            self.drop(TOO_SLOW)

    async def ping(self) -> None:
        """Send a ping frame."""
        if not self._is_silent:
            with contextlib.suppress(ConnectionError):
                await self._socket.ping()

    async def pong(self, data: bytes) -> None:
        """Answer a ping frame."""
        if not self._is_silent:
            await self._socket.pong(data)

    def drop(self, why: str) -> None:
        """Break off, without a close."""
        self.ended = self.ended or why
        self._forget()
        if self._transport is not None:
            self._transport.abort()

    def close(self, code: int, words: str) -> None:
        """Close it once all that waits is sent."""
        self._closing = self._closing or (code, words.encode())
        self._more.set()

    async def drained(self) -> None:
        """Until little waits for it, or it is gone."""
        await self._less.wait()

    async def flushed(self) -> None:
        """Until nothing waits for it, or it is gone."""
        while self._queue and not self.ended:
            self._less.clear()
            await self._less.wait()

    async def write(self) -> None:
        """Send what waits, until the end of the connection."""
        with contextlib.suppress(ConnectionError):
            while not self.ended:
                if not self._queue:
                    self._less.set()
                    if self._closing:
                        await self._socket.close(code=self._closing[0], message=self._closing[1])
                        return
                    self._more.clear()
                    await self._more.wait()
                    continue
                if self.pace:
                    await asyncio.sleep(self.pace)
                    if not self._queue:
                        continue
                text, label = self._queue[0]
                if label is not None:
                    self._log(Sent(self.number, label, time.time_ns()))
                await self._socket.send_str(text)
                if self._queue:
                    self._queue.popleft()
                    self.waiting_bytes -= len(text)
                if self.waiting_bytes <= ENOUGH_BYTES // 2 and not (self.pace and self._queue):
                    self._less.set()
        self.gone()

    def gone(self) -> None:
        """The client left."""
        self.ended = self.ended or "left"
        self._forget()

    def _forget(self) -> None:
        self._queue.clear()
        self.waiting_bytes = 0
        self._less.set()
        self._more.set()

    @property
    def _is_silent(self) -> bool:
        return time.monotonic() < self.silent_until

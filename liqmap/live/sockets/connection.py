"""One connection: opened, subscribed, kept alive, read until it ends, its book kept known."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from time import time_ns
from typing import Any, NoReturn, Protocol

from liqmap.live.feeds import DirectFeed, Heard
from liqmap.live.sockets.backoff import Backoff
from liqmap.live.sockets.limits import Limits
from liqmap.live.sockets.rest import CallFailed, Rest, seconds_after
from liqmap.schema import words_of

MOST_BYTES = 64 << 20
"""Of one message."""

NOT_HERE = 451
"""The status of a venue that does not serve the place where one is."""

_SPACES = bytes.maketrans(b"\r\n", b"  ")


class Lost(Exception):
    """The connection ended, or is of no use any more."""


class Refused(Exception):
    """The venue does not give what was asked for. lasting : nor will it when it is asked again."""

    def __init__(self, why: str, lasting: bool) -> None:
        super().__init__(why)
        self.lasting = lasting


class Owner(Protocol):
    """Who is told what a connection hears."""

    def take(self, connection: Connection, ns: int, line: bytes, heard: Heard) -> None:
        """A message that came at local time ``ns``, as one line."""

    def silent(self, connection: Connection) -> None:
        """Nothing came for a while."""

    def clock(self, sample_ms: float) -> None:
        """The local clock minus the venue's, as one round trip has it."""


class Way:
    """How the venue is reached: a session of aiohttp, perhaps a proxy, and ``place``, which says where an
    address really is."""

    def __init__(self, session: Any, proxy: str | None, place: Callable[[str], str], rest: Rest) -> None:
        self.session, self.proxy, self.place, self.rest = session, proxy, place, rest


class Connection:
    """One connection of a feed.

    Attributes
    ----------
    listener : what its messages were so far.
    waiting : another connection is heard, whose place this one will take: it asks for no snapshot meanwhile.
    updates : changes of the book that came. ends_soon : the venue says that it is about to close.
    """

    def __init__(
        self,
        feed: DirectFeed,
        way: Way,
        owner: Owner,
        limits: Limits,
        silence_s: float,
        patience: float,
        backoff: Backoff,
    ) -> None:
        self.feed, self.listener = feed, feed.listener()
        self.waiting, self.updates = False, 0
        self.was_silent, self.ends_soon = False, asyncio.Event()
        self._way, self._owner, self._limits = way, owner, limits
        self._silence_s, self._patience, self._backoff = silence_s, patience, backoff
        self._changed, self._depth_came = asyncio.Event(), asyncio.Event()
        self._knew, self._pinged_ns = False, 0
        self._tries = 0  # to get a snapshot, since the book was known last
        self._any_at = self._data_at = asyncio.get_running_loop().time()

    async def run(self) -> NoReturn:
        """Listen until the connection ends.

        Raises
        ------
        Lost : it did. Refused : the venue does not give this market.
        """
        socket = await self._open()
        try:
            for text in self.feed.subscribe():
                await socket.send_str(text)
            await _first(self._read(socket), self._watch(), self._keep_book(socket), self._keep_alive(socket))
        except ConnectionError as error:
            raise Lost(words_of(error) or "the connection broke") from error
        finally:
            await socket.close()
        raise Lost("the connection was closed")

    def wake(self) -> None:
        """Look again at whether a snapshot is needed."""
        self._changed.set()

    async def _open(self) -> Any:
        import aiohttp

        way, url = self._way, self._way.place(self.feed.url)
        await way.rest.wait()
        try:
            async with asyncio.timeout(self._limits.open_s):
                return await way.session.ws_connect(
                    url,
                    proxy=way.proxy,
                    max_msg_size=MOST_BYTES,
                    timeout=aiohttp.ClientWSTimeout(ws_close=1.0),
                )
        except aiohttp.WSServerHandshakeError as error:
            after = seconds_after((error.headers or {}).get("Retry-After", ""))
            if after is not None:
                way.rest.hold(after)
            why = f"{url}: status {error.status}"
            raise (Refused(why, lasting=True) if error.status == NOT_HERE else Lost(why)) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Lost(f"{url}: {words_of(error) or 'no answer'}") from error

    async def _read(self, socket: Any) -> None:
        """Take messages until there are no more."""
        from aiohttp import WSMsgType

        text, binary, receive, loop = (
            WSMsgType.TEXT,
            WSMsgType.BINARY,
            socket.receive,
            asyncio.get_running_loop(),
        )
        while True:
            message = await receive()
            if message.type is text:
                line = message.data.encode()
            elif message.type is binary:
                line = bytes(message.data)
            else:
                raise Lost(_ended(message, socket))
            ns = time_ns()
            self._any_at = loop.time()
            self._take(ns, line, self.listener.hear(line))

    def _take(self, ns: int, line: bytes, heard: Heard) -> None:
        kind = heard.kind
        if kind == "depth":
            self._data_at = self._any_at
            self.updates += not heard.snapshot
            self._depth_came.set()
        elif kind == "trades":
            self._data_at = self._any_at
        if self.listener.known is not self._knew:
            self._knew = self.listener.known
            self._tries = 0
            self._changed.set()
        if kind == "pong" and heard.ts_ms is not None and self._pinged_ns:
            self._owner.clock((self._pinged_ns + ns) / 2e6 - heard.ts_ms)
        self._owner.take(self, ns, line.translate(_SPACES) if b"\n" in line or b"\r" in line else line, heard)
        if heard.ends_soon:
            self.ends_soon.set()
        if kind == "refused":
            raise Refused(heard.why, heard.lasting)

    async def _watch(self) -> NoReturn:
        """Give up a connection that says nothing: at once if not even the heartbeat is answered, later and
        later if it was quiet before."""
        loop = asyncio.get_running_loop()
        while True:
            now = loop.time()
            quiet = now - self._data_at
            if quiet >= self._silence_s:
                self._owner.silent(self)
                dead = now - self._any_at >= self._silence_s
                if dead or quiet >= self._silence_s * self._patience:
                    self.was_silent = True
                    raise Lost(f"nothing came for {quiet:.0f} s")
                await asyncio.sleep(self._silence_s / 4)
            else:
                await asyncio.sleep(self._silence_s - quiet)

    async def _keep_alive(self, socket: Any) -> None:
        while self.feed.ping is not None:
            self._pinged_ns = time_ns()
            await socket.send_str(self.feed.ping)
            await asyncio.sleep(self.feed.ping_s)
        await asyncio.Event().wait()

    async def _keep_book(self, socket: Any) -> NoReturn:
        """Ask for a snapshot whenever the book is not known; by the subscription it was asked for once."""
        by_rest = self.feed.snapshot_url is not None
        if by_rest:
            await self._within(self._limits.quiet_s, self._depth_came)
        else:
            await self._within(self._limits.snapshot_s, self._changed)
        while True:
            self._changed.clear()
            if self.listener.known or self.waiting:
                self._tries = 0
                await self._changed.wait()
                continue
            if self._tries == self._limits.snapshot_tries:
                raise Lost(f"no snapshot of the book, asked for {self._tries} times")
            self._tries += 1
            if by_rest:
                await self._snapshot_by_rest()
            else:
                for text in self.listener.refresh():
                    await socket.send_str(text)
                await self._within(self._limits.snapshot_s, self._changed)
            await asyncio.sleep(self._limits.again_s)

    @staticmethod
    async def _within(seconds: float, event: asyncio.Event) -> None:
        """Until an event, but no longer than so many seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await event.wait()

    async def _snapshot_by_rest(self) -> None:
        url = self._way.place(self.feed.snapshot_url or "")
        try:
            body = await self._way.rest.get(url, self._backoff)
        except CallFailed as error:
            why = self.feed.refusal(error.status, error.body)
            raise (Refused(why, lasting=True) if why else Lost(str(error))) from error
        self._take(time_ns(), body, self.listener.snapshot(body))


def _ended(message: Any, socket: Any) -> str:
    """Why there are no more messages."""
    if isinstance(message.data, BaseException):
        return words_of(message.data) or type(message.data).__name__  # type: ignore[arg-type]
    code = socket.close_code
    said = " ".join(
        str(part) for part in (code if code not in (None, 1000, 1006) else "", message.extra or "") if part
    )
    return f"the venue closed the connection{f' ({said})' if said else ''}"


async def _first(*parts: Coroutine[Any, Any, Any]) -> None:
    """Run all until the first ends, or raises what is then raised here; the others are cancelled."""
    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

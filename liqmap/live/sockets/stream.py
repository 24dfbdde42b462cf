"""A stream: one market, listened to until it is cancelled, whatever happens to its connections."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Hashable
from contextlib import AsyncExitStack, suppress
from functools import partial
from importlib.util import find_spec
from time import time_ns
from typing import Any, NoReturn

from liqmap.live.feeds import DirectFeed, Feed, Heard
from liqmap.live.feeds.library import CcxtFeed
from liqmap.live.sockets.address import moved
from liqmap.live.sockets.backoff import Backoff
from liqmap.live.sockets.clock import Clock, round_trip
from liqmap.live.sockets.connection import Connection, Lost, Refused, Way
from liqmap.live.sockets.handover import Handover, Line
from liqmap.live.sockets.library import listen_by_ccxt
from liqmap.live.sockets.limits import Limits
from liqmap.live.sockets.rest import CallFailed, Rest
from liqmap.live.status import MarketStatus
from liqmap.schema import LiveError, one_line

SILENCE_S = 30.0
MOST_PATIENCE = 32
"""A quiet market's connection is given up after at most so many times ``silence_s``."""

MOST_BEFORE = 1_000
"""Messages that wait for the first one of the market, at most."""

Hear = Callable[[int, bytes], None]
"""Given the local time, ns since the epoch, and a message, one line without its end."""

_ANY = asyncio.FIRST_COMPLETED


class Stream:
    """One market, kept up until it is cancelled.

    Parameters
    ----------
    hear : is called with each message as it came (newlines in it are spaces), on the thread of the event
        loop: it must be quick, and not raise. What comes before the first message of the market, such as
        answers to a subscription, waits for that: of a market that is refused nothing is heard.
    status : is kept up to date.
    url : another host, ``ws://HOST:PORT``, for every address of the venue.
    proxy : an HTTP proxy, ``http://HOST:PORT``. session : of aiohttp; by default the stream has its own.
    silence_s : seconds without depth or trades after which a connection is given up. A market that is so
        quiet by itself is left alone for longer and longer, as long as its heartbeats are answered.
    rng : jitter of the back-off.
    """

    def __init__(
        self,
        feed: Feed,
        hear: Hear,
        status: MarketStatus,
        *,
        url: str | None = None,
        proxy: str | None = None,
        session: Any = None,
        silence_s: float = SILENCE_S,
        rng: random.Random | None = None,
        limits: Limits | None = None,
    ) -> None:
        moved("wss://host", url)
        self.feed, self.status = feed, status
        self._hear, self._url, self._proxy, self._session = hear, url, proxy, session
        self._silence_s, self._limits = silence_s, limits or Limits()
        rng = rng or random.Random()
        self._backoff = Backoff(self._limits.backoff_s, self._limits.longest_s, rng)
        self._rest_backoff = Backoff(self._limits.backoff_s, self._limits.longest_s, rng)
        self._clock = Clock()
        self._handover: Handover[Connection] | None = None
        self._heard_of: Connection | None = None
        self._last: Hashable = None
        self._before: list[Line] = []
        self._begun = False
        self._patience, self._was_live = 1, False
        self._switched = asyncio.Event()

    async def run(self) -> NoReturn:
        """Listen, and begin again whenever a connection ends, until it is cancelled.

        Raises
        ------
        LiveError : aiohttp is not installed, or the venue refuses the market before it gave anything of it.
        """
        try:
            if isinstance(self.feed, CcxtFeed):
                await self._library(self.feed)
            elif isinstance(self.feed, DirectFeed):
                await self._direct(self.feed)
            raise TypeError(f"expected a feed, got {self.feed!r}")
        finally:
            self.status.state = "stopped"

    async def _direct(self, feed: DirectFeed) -> NoReturn:
        """Listen to the venue itself."""
        _check_installed()
        async with AsyncExitStack() as stack:
            way = await self._way(stack)
            clock = asyncio.create_task(self._keep_clock(feed, way))
            try:
                await self._again(lambda: self._listen(feed, way))
            finally:
                await _end(clock)

    async def _library(self, feed: CcxtFeed) -> NoReturn:
        """Listen to what ccxt hands out."""
        listening = partial(
            listen_by_ccxt, feed, self._give_now, self._url, self._proxy, self._limits, self._silence_s
        )
        await self._again(listening)

    async def _again(self, listen: Callable[[], Awaitable[str]]) -> NoReturn:
        """Listen, which says why it ended, and begin again after a while."""
        loop = asyncio.get_running_loop()
        while True:
            self.status.state = "connecting"
            begun = loop.time()
            why = await listen()
            if loop.time() - begun >= self._limits.steady_s:
                self._backoff.reset()
            self.status.state, self.status.error = "waiting", one_line(why, 300)
            self.status.reconnects += 1
            await asyncio.sleep(self._backoff.next())

    async def _way(self, stack: AsyncExitStack) -> Way:
        import aiohttp

        session = self._session
        if session is None:
            session = await stack.enter_async_context(aiohttp.ClientSession(trust_env=self._url is None))
        rest = Rest(session, self._proxy, self._limits.open_s, self._limits.retries)
        return Way(session, self._proxy, lambda address: moved(address, self._url), rest)

    async def _listen(self, feed: DirectFeed, way: Way) -> str:
        """Listen to one connection, and to those that take its place as planned; why the last one ended."""
        self._handover = None
        self._heard_of = current = self._connection(feed, way)
        task = asyncio.create_task(current.run())
        try:
            pause = feed.lifetime_s
            while True:
                await _until(task, current.ends_soon, pause)
                if task.done():
                    return self._reason(task, current)
                taken = await self._replace(feed, way, current, task)
                pause = feed.lifetime_s if taken else self._limits.again_after_s
                current, task = taken or (current, task)
        finally:
            await _end(task)

    async def _replace(
        self, feed: DirectFeed, way: Way, old: Connection, old_task: asyncio.Task[NoReturn]
    ) -> tuple[Connection, asyncio.Task[NoReturn]] | None:
        """Let a new connection take the place of the old one; None where it could not be made."""
        new = self._connection(feed, way)
        new.waiting = True
        self._switched.clear()
        self._handover = handover = Handover(old, new, self._last if old.listener.known else None)
        task = asyncio.create_task(new.run())
        switched = asyncio.create_task(self._switched.wait())
        limits = self._limits
        try:
            await asyncio.wait({task, old_task, switched}, timeout=limits.handover_s, return_when=_ANY)
            if task.done() or not (handover.may_force or handover.done or old_task.done()):
                self.status.error = self._failure(task, new)
                self._handover = None
                await _end(task)
                return None
            if not handover.done:
                for line in handover.force():
                    self._give(line)
            if handover.joined:
                new.listener.follow(old.listener)
            self._heard_of, new.waiting = new, False
            new.wake()
            await asyncio.wait({old_task, task}, timeout=limits.linger_s, return_when=_ANY)
        except asyncio.CancelledError:
            await _end(task)
            raise
        finally:
            await _end(switched)
        await _end(old_task)
        self._handover = None
        return new, task

    def _connection(self, feed: DirectFeed, way: Way) -> Connection:
        return Connection(feed, way, self, self._limits, self._silence_s, self._patience, self._rest_backoff)

    def _failure(self, task: asyncio.Task[NoReturn], new: Connection) -> str:
        """Why no connection could take the place of another, in a line."""
        why = self._reason(task, new) if task.done() else "it sent nothing of the book"
        return one_line(f"no second connection: {why}", 300)

    def _reason(self, task: asyncio.Task[NoReturn], connection: Connection) -> str:
        """Why a connection ended.

        Raises
        ------
        LiveError : the venue refused the market, and never gave it.
        """
        if connection.updates:
            self._patience = 1
        elif connection.was_silent:
            self._patience = min(2 * self._patience, MOST_PATIENCE)
        error = task.exception()
        if isinstance(error, Lost):
            return str(error)
        if not isinstance(error, Refused):
            assert error is not None
            raise error
        if error.lasting and not self._was_live:
            self.status.error = f"refused: {error}"
            raise LiveError(
                where=self.feed.market,
                expected="a market that the venue has",
                got=f"the answer {str(error)!r}",
                remedy="Check venue, symbol and feed: symbols are spelled as the venue spells them",
            )
        return f"refused: {error}"

    # what a connection tells

    def take(self, connection: Connection, ns: int, line: bytes, heard: Heard) -> None:
        """A message came."""
        if self._handover is None:
            self._give(Line(ns, line, heard))
            return
        for one in self._handover.take(connection, Line(ns, line, heard)):
            self._give(one)
        if self._handover.done or self._handover.must_force:
            self._switched.set()

    def silent(self, connection: Connection) -> None:
        """Nothing came for a while."""
        if connection is self._heard_of:
            self.status.state = "silent"

    def clock(self, sample_ms: float) -> None:
        """A round trip was made."""
        self._clock.add(sample_ms)
        self.status.clock_offset_ms = self._clock.offset_ms

    def _give_now(self, text: bytes, heard: Heard) -> None:
        """Hear a line that is made now."""
        self._give(Line(time_ns(), text, heard))

    def _give(self, line: Line) -> None:
        """Hear a message."""
        ns, text, heard = line
        status = self.status
        status.messages += 1
        status.bytes += len(text)
        status.last_ns = ns
        if heard.kind in ("depth", "trades"):
            status.state = "live"
            self._was_live = True
            if heard.ts_ms is not None:
                status.lag_ms = ns / 1e6 - heard.ts_ms - (status.clock_offset_ms or 0.0)
            if heard.position is not None:
                self._last = heard.position
            if heard.checked is not None:
                status.checksums += 1
                status.verified += heard.checked
        if heard.broken:
            status.gaps += 1
            status.error = heard.broken
        if self._begun:
            self._hear(ns, text)
        else:
            self._begin(line)

    def _begin(self, line: Line) -> None:
        """Keep back what comes before the first message of the market; then hear it all."""
        self._before.append(line)
        self._begun = self._was_live or bool(line.heard.broken) or len(self._before) >= MOST_BEFORE
        if self._begun:
            for one in self._before:
                self._hear(one.ns, one.text)
            self._before.clear()

    async def _keep_clock(self, feed: DirectFeed, way: Way) -> None:
        """Measure the venue's clock now and then, where it can be asked for."""
        if feed.time_url is None:
            return
        url, limits = way.place(feed.time_url), self._limits
        rest = Rest(way.session, self._proxy, limits.open_s, retries=0)
        ask = partial(rest.get, url, self._rest_backoff)
        while True:
            with suppress(CallFailed):
                for _ in range(limits.clock_samples):
                    sample = await round_trip(ask, feed.time_ms)
                    if sample is not None:
                        self.clock(sample)
            await asyncio.sleep(limits.clock_s)


async def _until(task: asyncio.Task[Any], event: asyncio.Event, seconds: float | None) -> None:
    """Wait for a task, an event, or the time."""
    waiting = asyncio.create_task(event.wait())
    try:
        await asyncio.wait({task, waiting}, timeout=seconds, return_when=_ANY)
    finally:
        await _end(waiting)
    event.clear()


async def _end(task: asyncio.Task[Any]) -> None:
    """Cancel a task and wait for its end."""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _check_installed() -> None:
    if find_spec("aiohttp") is None:
        raise LiveError(
            where="live", expected="the package aiohttp", remedy="Run: pip install 'liqmap[live]'"
        )

"""A stream without a socket: what is said to it is heard, when the test says so."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

from liqmap.live.market import Market
from liqmap.live.recorder import Recorder
from liqmap.live.status import MarketStatus

BTC = Market("bybit", "BTCUSDT")


class Fake:
    """A stream that says what it is told to. ``feed`` has what recorders look at."""

    class feed:  # noqa: N801
        snapshot_url: str | None = None

    def __init__(self, market: Market, hear: Callable[[int, bytes], None], status: MarketStatus) -> None:
        self.market, self.hear, self.status = market, hear, status
        self.ended = False

    def say(self, *lines: tuple[int, bytes]) -> None:
        for ns, message in lines:
            self.status.messages += 1
            self.status.last_ns = ns
            self.hear(ns, message)

    async def run(self) -> None:
        self.status.state = "live"
        try:
            await asyncio.Event().wait()
        finally:
            self.ended = True


class Streams:
    """Makes them; ``begun(n)`` waits for the n-th."""

    def __init__(self, kind: type[Fake] = Fake) -> None:
        self.made: list[Fake] = []
        self._kind, self._changed = kind, asyncio.Condition()

    def __call__(self, market: Market, hear: Callable[[int, bytes], None], status: MarketStatus) -> Any:
        self.made.append(self._kind(market, hear, status))
        return self.made[-1]

    async def begun(self, count: int) -> Fake:
        await until(lambda: len(self.made) >= count)
        return self.made[count - 1]


async def until(done: Callable[[], Any]) -> None:
    """Until something is so; no longer than the test may last."""
    async with asyncio.timeout(20):
        while not done():
            await asyncio.sleep(0.005)


@contextlib.asynccontextmanager
async def recording(
    store: Path, streams: Streams, markets: tuple[Market, ...] = (BTC,), **options: Any
) -> AsyncIterator[Recorder]:
    """A recorder that runs, and is stopped at the end."""
    recorder = Recorder(store, markets, connect=streams, **({"flush_s": 0.02} | options))
    stop = asyncio.Event()
    running: Awaitable[None] = asyncio.ensure_future(recorder.run(stop))
    try:
        await streams.begun(len(markets))
        yield recorder
    finally:
        stop.set()
        await running

"""A stream that is listened to until something was heard."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any

from liqmap.live.feeds import Feed
from liqmap.live.sockets import Limits, Stream
from liqmap.live.status import MarketStatus

QUICK = Limits(
    open_s=2.0,
    snapshot_s=0.2,
    again_s=0.01,
    backoff_s=0.01,
    longest_s=0.02,
    steady_s=30.0,
    quiet_s=0.05,
    handover_s=0.5,
    linger_s=0.05,
    again_after_s=0.05,
    retries=2,
    clock_s=30.0,
)


class Ear:
    """What was heard, a line each; ``times`` are their local ones."""

    def __init__(self, feed: Feed) -> None:
        self.lines: list[bytes] = []
        self.times: list[int] = []
        self.status = MarketStatus(feed.market)
        self._until: Callable[[Ear], bool] = lambda ear: False
        self._done = asyncio.Event()

    def hear(self, ns: int, line: bytes) -> None:
        self.lines.append(line)
        self.times.append(ns)
        if self._until(self):
            self._done.set()

    @property
    def last(self) -> str:
        return self.lines[-1].decode("utf-8", "replace")

    @property
    def texts(self) -> list[str]:
        return [line.decode("utf-8", "replace") for line in self.lines]


async def listen(
    feed: Feed, url: str, until: Callable[[Ear], bool], limits: Limits = QUICK, **options: Any
) -> Ear:
    """Listen until what was heard is enough; what the stream raises is raised."""
    ear = Ear(feed)
    ear._until = until
    stream = Stream(feed, ear.hear, ear.status, url=url, rng=random.Random(0), limits=limits, **options)
    running = asyncio.ensure_future(stream.run())
    waiting = asyncio.ensure_future(ear._done.wait())
    try:
        async with asyncio.timeout(20):
            await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if running.done():
            running.result()
    finally:
        for task in (running, waiting):
            task.cancel()
        await asyncio.gather(running, waiting, return_exceptions=True)
    return ear

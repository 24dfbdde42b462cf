"""What listens to a market: one stream after another, and which raw file its messages go to.

From time to time a second stream comes up, with which a new raw file begins; the one before is ended once
both are heard, so that nothing is missing between two files.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from liqmap.live.market import Market
from liqmap.live.recorder.raw_log import line_of, lost_line
from liqmap.live.recorder.recording import Recording
from liqmap.live.status import MarketStatus

READY_S = 60.0
"""How long a second stream may take to come up, when a new file begins."""

OVERLAP_S = 1.0
"""How long both streams are heard then."""

AGAIN_S = 60.0
"""Until a new file is tried again."""


class Stream(Protocol):
    """What keeps a market up (`liqmap.live.sockets.Stream`)."""

    status: MarketStatus

    def run(self) -> Awaitable[Any]:
        """Until it is cancelled."""


Connect = Callable[[Market, Callable[[int, bytes], None], MarketStatus], Stream]
"""Makes the stream of a market: (market, what it calls with each message, its counters)."""


class Files(Protocol):
    """Where what is heard goes; called on the thread of the event loop.

    Attributes
    ----------
    most_pending : bytes of a raw file that may wait for the disk; what comes then is dropped, and told.
    """

    market: Market
    connect: Connect
    status: MarketStatus
    most_pending: int

    def begin(self, ns: int, ready: Callable[[], None]) -> Recording:
        """A new raw file from a local time (ns) on; ``ready`` is called with its first rows of depth."""

    def close(self, recording: Recording) -> None:
        """Nothing more comes to a raw file."""

    def drop(self) -> None:
        """A message could not be kept."""


async def listen(files: Files, roll_s: float, stop: asyncio.Event) -> None:
    """Hear one stream, and every ``roll_s`` seconds another, until ``stop`` is set.

    Raises
    ------
    LiveError : the venue refuses the market.
    """
    current = Hearing(files, files.status)
    stopped = asyncio.ensure_future(stop.wait())
    roll_at = current.begun_at + roll_s
    try:
        while True:
            left = max(roll_at - asyncio.get_running_loop().time(), 0)
            await asyncio.wait({stopped, current.task}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            if current.task.done():
                await current.stop()
                current.task.result()
                return
            if stopped.done():
                return
            current, done = await _roll(files, current, stopped)
            wait = roll_s if done else min(AGAIN_S, roll_s)
            roll_at = asyncio.get_running_loop().time() + wait
    finally:
        stopped.cancel()
        await current.stop()


class Hearing:
    """A stream, and the recording that its messages go to; a new one where messages alone tell no book."""

    def __init__(self, files: Files, status: MarketStatus) -> None:
        self._files = files
        self.recording: Recording | None = None
        self.ready = asyncio.Event()
        self.begun_at = asyncio.get_running_loop().time()
        self._dropped = self._last_ns = self._reconnects = 0
        self.stream = files.connect(files.market, self.hear, status)
        feed = getattr(self.stream, "feed", None)
        self._anew = getattr(feed, "snapshot_url", None) is not None
        self.task = asyncio.ensure_future(self.stream.run())

    def hear(self, ns: int, message: bytes) -> None:
        """A message, on the thread of the event loop."""
        ns = self._last_ns = max(ns, self._last_ns)
        recording = self.recording
        if recording is None or (self._anew and self._is_new() and recording.begun):
            recording = self._begin(ns)
        line = line_of(ns, message)
        if recording.pending_bytes + len(line) > self._files.most_pending:
            self._dropped += 1
            self._files.drop()
            return
        self._tell_dropped()
        recording.hear(line)

    def _tell_dropped(self) -> None:
        """Say in the raw file that messages are missing here."""
        if self._dropped and self.recording is not None:
            self.recording.hear(lost_line(self._last_ns, self._dropped, "there was no room for them"))
            self._dropped = 0

    def take_over(self, own: MarketStatus, status: MarketStatus) -> None:
        """Write the counters of the market from here on, in place of its own."""
        status.state, status.lag_ms, status.error = own.state, own.lag_ms, own.error
        status.reconnects += own.reconnects
        self.stream.status, self._reconnects = status, status.reconnects

    def _is_new(self) -> bool:
        """Whether the stream has connected again."""
        count = self.stream.status.reconnects
        new, self._reconnects = count != self._reconnects, count
        return new

    def _begin(self, ns: int) -> Recording:
        self._end()
        self._is_new()
        self.recording = self._files.begin(ns, self.ready.set)
        return self.recording

    async def stop(self) -> None:
        """Hear nothing more."""
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        self._end()

    def _end(self) -> None:
        if self.recording is not None:
            self._tell_dropped()
            self._files.close(self.recording)


async def _roll(files: Files, current: Hearing, stopped: asyncio.Future[Any]) -> tuple[Hearing, bool]:
    """Begin a new file with a stream of its own, and end the one before once both are heard."""
    if current.recording is None or not current.recording.begun:
        return current, True
    status = MarketStatus(files.market)
    new = Hearing(files, status)
    ready = asyncio.ensure_future(new.ready.wait())
    waited = {ready, stopped, new.task, current.task}
    try:
        await asyncio.wait(waited, timeout=READY_S, return_when=asyncio.FIRST_COMPLETED)
        if not ready.done():
            await new.stop()
            return current, False
        await asyncio.wait({stopped, current.task}, timeout=OVERLAP_S, return_when=asyncio.FIRST_COMPLETED)
        await current.stop()
        new.take_over(status, files.status)
        return new, True
    except asyncio.CancelledError:
        await new.stop()
        raise
    finally:
        ready.cancel()

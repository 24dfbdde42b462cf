"""One market recorded: what is heard into raw files, one after the other, and these into the store."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from liqmap.ingestion.places import bare
from liqmap.ingestion.report import GapRow
from liqmap.live.market import Market
from liqmap.live.recorder.folder import raw_files, recover
from liqmap.live.recorder.hearing import Connect, listen
from liqmap.live.recorder.recording import Recording
from liqmap.live.recorder.relay import Missing, Place, Relay
from liqmap.live.recorder.report import RecordReport
from liqmap.live.status import MarketStatus
from liqmap.schema import LiqmapError, Meta, one_line
from liqmap.store import Unreachable
from liqmap.store.listing import list_parts

log = logging.getLogger("liqmap.live")

MOST_PENDING = 64 * 1024 * 1024
"""Bytes of a market that may wait for the disk; what comes then is dropped, and told."""

STEP_S = 0.5
"""A step of the local clock that is told."""

Receive = Callable[[Market, str, pa.RecordBatch, Meta], None]
"""What rows are given to as they come: (market, table, rows, what is known of the table)."""


@dataclass
class Times:
    """Seconds: between flushes, and from one raw file to the next."""

    flush_s: float = 2.0
    roll_s: float = 3600.0


class MarketRecorder:
    """Records until it is stopped. Everything but `flush` runs on the thread of the event loop.

    Attributes
    ----------
    status : counters of the market. report : what came of its files. trouble : what is wrong with the disk.
    """

    def __init__(
        self,
        market: Market,
        folder: Path,
        store: Path,
        connect: Connect,
        times: Times,
        pool: Executor,
        report: RecordReport,
        receive: Receive | None = None,
        most_pending: int = MOST_PENDING,
        status: MarketStatus | None = None,
    ) -> None:
        self.market, self.connect, self.most_pending = market, connect, most_pending
        self.status = status or MarketStatus(market)
        self.trouble = ""
        self._folder, self._store, self._times, self._pool = folder, store, times, pool
        self._report, self._receive = report, receive
        report.statuses[market] = self.status
        report.dropped[market] = report.raw_bytes[market] = 0
        self._relay = Relay(self._give if receive is not None else None, missing=self._missing)
        self._queue: list[Recording] = []
        self._closing: set[int] = set()
        self._ended: set[int] = set()
        self._recovered = False
        self._left: list[Path] = []
        self._done_bytes = 0
        self._passed: Recording | None = None
        self._lock, self._at_work = threading.Lock(), threading.Lock()
        self._wake = asyncio.Event()
        self._clock = time.time() - time.monotonic()

    # what hears calls

    def begin(self, ns: int, ready: Callable[[], None]) -> Recording:
        """A new raw file, behind those that are not finished."""
        loop = asyncio.get_running_loop()

        def on_depth() -> None:
            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(ready)

        recording = Recording(self.market, self._folder, ns, self._store, self._relay.take, on_depth)
        with self._lock:
            self._queue.append(recording)
        self._pass_on()
        return recording

    def _pass_on(self) -> None:
        """Give the rows of the first file that is still heard to who watches."""
        with self._lock:
            if not self._recovered or (self._passed is not None and id(self._passed) not in self._ended):
                return
            heard = [recording for recording in self._queue if id(recording) not in self._ended]
            if heard and heard[0] is not self._passed:
                self._passed = heard[0]
                self._relay.switch(heard[0])

    def close(self, recording: Recording) -> None:
        """Nothing more comes to a raw file: the next flush finishes it."""
        self._closing.add(id(recording))
        self._wake.set()

    def drop(self) -> None:
        """A message could not be kept."""
        self._report.dropped[self.market] += 1

    # the life of a market

    async def run(self, stop: asyncio.Event) -> None:
        """Record until ``stop`` is set, or the venue refuses the market; what was heard is then kept.

        Raises
        ------
        LiveError : the venue refuses it.
        """
        loop = asyncio.get_running_loop()
        self._left = raw_files(self._folder)
        recovering = loop.run_in_executor(self._pool, self._recover)
        working = [asyncio.ensure_future(self._keep_writing()), asyncio.ensure_future(self._keep_flushing())]
        try:
            await listen(self, self._times.roll_s, stop)
        finally:
            await asyncio.gather(recovering, return_exceptions=True)
            for task in working:
                task.cancel()
            await asyncio.gather(*working, return_exceptions=True)
            await loop.run_in_executor(self._pool, self.finish)
            self.status.state = "stopped"

    async def _keep_writing(self) -> None:
        """Put what was heard on the disk, whatever the store takes."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self._times.flush_s)
            await asyncio.shield(loop.run_in_executor(self._pool, self.write))

    async def _keep_flushing(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._times.flush_s):
                    await self._wake.wait()
            self._wake.clear()
            self._check_clock()
            await asyncio.shield(loop.run_in_executor(self._pool, self.flush))

    # on threads of the pool

    def write(self) -> None:
        """Put what was heard on the disk; `flush` tells what is wrong with that."""
        for recording in list(self._queue):
            with suppress(OSError):
                recording.write()

    def flush(self) -> None:
        """Put what was heard on the disk, and what was read of it into the store, file after file."""
        with self._at_work:  # a flush that was given up goes on
            try:
                self._flush()
            except (OSError, LiqmapError) as error:
                self._say(error)
            else:
                self._say(None)
            self._count_bytes()

    def _count_bytes(self) -> None:
        """Bytes of raw files, those that are not finished included."""
        written = sum(recording.bytes_written for recording in list(self._queue))
        self._report.raw_bytes[self.market] = self._done_bytes + written

    def _flush(self, force: bool = False) -> None:
        while self._queue:
            first, *others = self._queue
            for recording in others:
                recording.write()
            if not self._recovered:
                first.write()
                return
            if id(first) not in self._closing:
                self._flush_into_store(first)
                return
            first.end_reading()
            self._ended.add(id(first))
            self._pass_on()
            try:
                self._report.dropped[self.market] += first.finish(force)
            except LiqmapError as error:
                if _may_pass(error) and not force:
                    raise
                self._report.fail(error, first.path)
            self._let_go(first)

    def _flush_into_store(self, recording: Recording) -> None:
        try:
            recording.flush()
        except LiqmapError as error:
            if not _may_pass(error):
                recording.give_up()
            raise

    def _let_go(self, recording: Recording) -> None:
        """A file is finished."""
        self._done_bytes += recording.bytes_written
        self._report.add(recording.report)
        if recording.error:
            self._report.notes.append(recording.error)
        with self._lock:
            self._queue.remove(recording)
            self._ended &= {id(other) for other in (*self._queue, self._passed)}  # ids are used again
        self._closing.discard(id(recording))
        pa.default_memory_pool().release_unused()  # what its parts took to be joined

    def finish(self) -> None:
        """The last flush: what the disk does not take is lost; what the store lacks, the next start adds."""
        with self._at_work:
            self._finish()

    def _finish(self) -> None:
        if not self._recovered:
            self._recover()
        self._closing = {id(recording) for recording in self._queue}
        self.write()
        while self._queue:
            first = self._queue[0]
            try:
                self._flush(force=True)
            except OSError as error:
                self._say(error)
                self._report.fail(LiqmapError(one_line(str(error), 300)), first.path)
                self._let_go(first)
        self._count_bytes()

    def _recover(self) -> None:
        """What a recorder that died left; then the store gets what is recorded now."""
        try:
            self._report.add(recover(self._left, self.market, self._store))
            self._relay.last = self._last_place()
        except (OSError, LiqmapError) as error:
            self._say(error)
            self._report.notes.append(one_line(str(error), 300))
        with self._lock:
            self._recovered = True
        self._pass_on()

    def _last_place(self) -> Place | None:
        """Where the store's depth of the market ends."""
        if not self._store.is_dir():
            return None
        every = list_parts(self._store, "depth", self.market.venue, None)
        parts = [part for part in every if self._is_ours(part.meta)]
        if not parts:
            return None
        last = max(parts, key=lambda part: part.facts.last_ts).facts
        return Place(last.last_ts, last.last_seq)

    def _is_ours(self, meta: Meta) -> bool:
        feed = self.market.feed
        return bare(meta.symbol) == bare(self.market.symbol) and feed in (None, meta.feed)

    # what is told

    def _say(self, error: Exception | None) -> None:
        """What is wrong with the disk, in one line; nothing any more where it is right again."""
        said = "" if error is None else one_line(str(error), 300)
        if isinstance(error, OSError):
            why = error.strerror or error
            said = f"{self._folder}: expected room for raw files, got {why}; what is heard waits in memory"
        if said and said != self.trouble:
            log.warning("%s: %s", self.market, said)
        if said or self.status.error == self.trouble:
            self.status.error = said
        self.trouble = said

    def _give(self, kind: str, rows: pa.RecordBatch, meta: Meta) -> None:
        assert self._receive is not None
        self._receive(self.market, kind, rows, meta)

    def _missing(self, gap: Missing) -> None:
        """Messages are missing between two files."""
        self.status.gaps += 1
        self._report.lost.append(
            GapRow(
                line=None,
                after=gap.before.ts,
                until=gap.after.ts,
                seq_after=gap.before.seq,
                seq_until=gap.after.seq,
                missing=None,
                reason="not recorded",
                path=str(self._folder),
                venue=self.market.venue,
                symbol=self.market.symbol,
                feed=self.market.feed,
            )
        )

    def _check_clock(self) -> None:
        """Tell a step of the local clock."""
        now = time.time() - time.monotonic()
        step, self._clock = now - self._clock, now
        if abs(step) > STEP_S:
            self._report.notes.append(f"{self.market}: the local clock was set by {step:+.3f} s")
            log.warning("%s: the local clock was set by %+.3f s", self.market, step)


def _may_pass(error: LiqmapError) -> bool:
    """Whether what the system says against writing may pass, as a full disk does."""
    return isinstance(error.__cause__, OSError) or isinstance(error, Unreachable)

"""Many markets recorded side by side, until they are stopped."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from liqmap.live.market import Market
from liqmap.live.recorder.folder import folder_of, owned, raw_folder
from liqmap.live.recorder.hearing import Connect
from liqmap.live.recorder.market_recorder import MarketRecorder, Receive, Times
from liqmap.live.recorder.report import RecordReport
from liqmap.live.status import MarketStatus
from liqmap.schema import LiqmapError, LiveError
from liqmap.store import folder_to_write

MOST_THREADS = 32

SHOW_S = 0.5
"""Between two calls of ``show``."""


class Recorder:
    """Markets recorded as they are heard: raw files, and the store by the readers of archives.

    Parameters
    ----------
    store : directory, or address on object storage; made if it is not there.
    markets : each once.
    raw : where the raw files go; default: ``raw`` in the store.
    flush_s : seconds between two flushes: so much is missing after a loss of power, at most.
    roll_s : seconds from one raw file to the next, each of which begins with a fresh snapshot.
    url, proxy : another host for every address of the venues, and an HTTP proxy.
    receive : called with ``(market, kind, rows, meta)`` for rows as they come, before they are in the store,
        on the thread of the reader; what one raw file and the next both have comes once.
    connect : makes the stream of a market; default: that of `liqmap.live.sockets`.

    Raises
    ------
    LiveError : no market, one twice, or times that are not above 0.
    StoreError : the store is an address that cannot be written.

    Attributes
    ----------
    statuses : the counters of each market, kept up to date. report : what came of the files so far.
    """

    def __init__(
        self,
        store: str | os.PathLike[str],
        markets: Sequence[Market],
        *,
        raw: str | os.PathLike[str] | None = None,
        flush_s: float = 2.0,
        roll_s: float = 3600.0,
        url: str | None = None,
        proxy: str | None = None,
        receive: Receive | None = None,
        connect: Connect | None = None,
    ) -> None:
        _check(markets, flush_s, roll_s)
        self.markets = tuple(markets)
        self.raw = raw_folder(store, raw)
        self.store = Path(folder_to_write(store))
        self.report = RecordReport()
        self.statuses: dict[Market, MarketStatus] = {m: MarketStatus(m) for m in self.markets}
        self._times = Times(flush_s, roll_s)
        self._connect = connect or _sockets(url, proxy)
        self._receive = receive

    def __repr__(self) -> str:
        return f"<Recorder: {', '.join(map(str, self.markets))} into {self.store}>"

    async def run(self, stop: asyncio.Event | None = None) -> None:
        """Record until ``stop`` is set, this is cancelled, or no market is left; then all is on the disk.

        Raises
        ------
        LiveError : another process records one of the markets into the same folder.
        """
        stop = stop or asyncio.Event()
        with ExitStack() as stack:
            pool = stack.enter_context(ThreadPoolExecutor(min(3 * len(self.markets) + 2, MOST_THREADS)))
            folders = {market: folder_of(self.raw, market) for market in self.markets}
            for folder in folders.values():
                stack.enter_context(owned(folder))
            tasks = []
            for market, folder in folders.items():
                one = MarketRecorder(
                    market,
                    folder,
                    self.store,
                    self._connect,
                    self._times,
                    pool,
                    self.report,
                    self._receive,
                    status=self.statuses[market],
                )
                tasks.append(asyncio.ensure_future(self._one(one, stop)))
            try:
                await asyncio.gather(*tasks)
            except asyncio.CancelledError:
                stop.set()
                await asyncio.gather(*tasks, return_exceptions=True)
                raise

    async def _one(self, recorder: MarketRecorder, stop: asyncio.Event) -> None:
        """One market: what goes wrong with it leaves the others alone."""
        try:
            await recorder.run(stop)
        except LiqmapError as error:
            self._failed(recorder.market, error)
        except Exception as error:
            self._failed(
                recorder.market, LiveError(f"{type(error).__name__}: {error}", where=recorder.market)
            )

    def _failed(self, market: Market, error: LiqmapError) -> None:
        says_so = error.where.casefold().startswith(str(market).casefold())
        self.report.fail(error, "" if says_so else market)
        self.statuses[market].state, self.statuses[market].error = "stopped", self.report.errors[-1]


def record(
    markets: Market | str | Sequence[Market | str],
    store: str | os.PathLike[str],
    *,
    seconds: float | None = None,
    show: Callable[[Recorder], None] | None = None,
    **options: Any,
) -> RecordReport:
    """Record markets until SIGTERM, SIGINT (Ctrl-C) or the end of the time given; then all is on the disk.

    Parameters
    ----------
    markets : `Market`, or ``venue:SYMBOL`` or ``venue:SYMBOL:feed``; one or several.
    store : directory, or address on object storage; made if it is not there.
    seconds : how long; None: until it is stopped.
    show : called twice a second with the `Recorder`, to show its ``statuses``.
    options : as `Recorder`.

    Returns
    -------
    What came of each raw file and of each market.

    Raises
    ------
    LiveError : as `Recorder`, and as `Recorder.run`.
    """
    several = [markets] if isinstance(markets, Market | str) else markets
    named = [Market.parse(market) if isinstance(market, str) else market for market in several]
    recorder = Recorder(store, named, **options)
    asyncio.run(_until_stopped(recorder, seconds, show))
    return recorder.report


async def _until_stopped(
    recorder: Recorder, seconds: float | None, show: Callable[[Recorder], None] | None
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    if seconds is not None:
        loop.call_later(seconds, stop.set)
    with _signals(stop):
        running = asyncio.ensure_future(recorder.run(stop))
        while show is not None and not running.done():
            show(recorder)
            await asyncio.wait({running}, timeout=SHOW_S)
        await running


@contextmanager
def _signals(stop: asyncio.Event) -> Iterator[None]:
    """SIGTERM and SIGINT end the recording, in order."""
    loop = asyncio.get_running_loop()
    before = {}
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, stop.set)
        except (NotImplementedError, RuntimeError, ValueError):  # Windows; or not the main thread
            with suppress(ValueError):
                before[number] = signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            if number in before:
                signal.signal(number, before[number])
            elif sys.platform != "win32":
                with suppress(RuntimeError, ValueError):
                    loop.remove_signal_handler(number)


def _sockets(url: str | None, proxy: str | None) -> Connect:
    def connect(market: Market, hear: Callable[[int, bytes], None], status: MarketStatus) -> Any:
        from liqmap.live.feeds.registry import feed_of
        from liqmap.live.sockets import Stream

        return Stream(feed_of(market), hear, status, url=url, proxy=proxy)

    return connect


def _check(markets: Sequence[Market], flush_s: float, roll_s: float) -> None:
    if not markets or len(set(markets)) < len(markets):
        raise LiveError(
            argument="markets",
            expected="markets such as bybit:BTCUSDT, each once",
            got=", ".join(map(str, markets)) or "none",
        )
    folders = [(market.venue, market.symbol) for market in markets]
    if len(set(folders)) < len(folders):
        raise LiveError(
            argument="markets",
            expected="one feed of each symbol",
            got=", ".join(map(str, markets)),
            remedy="Record the deeper one; a session can read it as a shallower",
        )
    for name, value in (("flush_s", flush_s), ("roll_s", roll_s)):
        if not value > 0:
            raise LiveError(argument=name, expected="seconds above 0", got=repr(value))

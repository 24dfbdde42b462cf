"""Recordings of an exchange in a box that has faults: each exchange and its recorder, many at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from liqmap.live.feeds import feed_of
from liqmap.live.market import Market
from liqmap.live.play import Exchange, Fault
from liqmap.live.recorder import Recorder
from liqmap.live.recorder.report import RecordReport
from liqmap.live.sockets import Stream
from liqmap.live.sockets.limits import Limits
from liqmap.schema import Capture

SPEED = 20.0
"""Times the recording's: faults that last real seconds end well before the recording does."""

SILENCE_S = 2.5
"""Without a word for so long a connection is given up. No silence of random faults lasts as long."""

STALL_S = 0.8
"""A machine that stands still for so long makes a silence of its own: then the recording is made anew."""

ATTEMPTS = 4

LIMITS = Limits(
    open_s=5.0, snapshot_s=0.5, again_s=0.02, backoff_s=0.05, longest_s=0.2, quiet_s=0.3, clock_samples=1
)
"""A recorder that waits for nothing long."""

AT_ONCE = 6
"""Exchanges that are served at a time."""

IDLE_S = 0.15
"""So long nothing more comes once all was sent."""


@dataclass(frozen=True)
class Served:
    """A recording as a venue serves it. venue : as `Exchange` takes it; market : as the recorder does; levels
    : of a side that are subscribed, None where it is the whole book."""

    source: Any
    venue: str
    market: Market
    levels: int | None


@dataclass(frozen=True)
class Outcome:
    """What came of one.

    opened : for each connection after the first, the number of the last message of the book that was played
    before. messages : of the book. stalled : how long the event loop stood still, s, at most. silence_s : how
    long the recorder waited for a word.
    """

    served: Served
    faults: tuple[Fault, ...]
    struck: list[tuple[Fault, int]]
    opened: list[int]
    messages: int
    truth: Capture
    store: Path
    report: RecordReport
    stalled: float
    silence_s: float


Script = Sequence[Fault | str]


async def rehearse(
    served: Served, scripts: Sequence[Script], folder: Path, silence_s: float = SILENCE_S
) -> list[Outcome]:
    """Record it once for each script, into stores below ``folder``."""
    return await rehearse_all([(served, script) for script in scripts], folder, silence_s)


async def rehearse_all(
    rehearsals: Sequence[tuple[Served, Script]], folder: Path, silence_s: float = SILENCE_S
) -> list[Outcome]:
    """As `rehearse`, of any markets."""
    free = asyncio.Semaphore(AT_ONCE)

    async def one(number: int, served: Served, script: Script) -> Outcome:
        async with free:
            for attempt in range(ATTEMPTS):
                store = folder / f"store-{number}-{attempt}"
                outcome = await record_one(served, script, store, silence_s)
                if outcome.stalled < STALL_S:
                    break
            return outcome

    return list(await asyncio.gather(*(one(k, *rehearsal) for k, rehearsal in enumerate(rehearsals))))


async def record_one(served: Served, script: Sequence[Fault | str], store: Path, silence_s: float) -> Outcome:
    """Serve and record, to the end of what is served."""
    exchange = Exchange(served.source, served.venue, SPEED, faults=script, wait_for=2)
    opened = _noted(exchange, served.market.symbol)

    def connect(market: Market, hear: Any, status: Any) -> Stream:
        options = {"url": exchange.url, "silence_s": silence_s, "limits": LIMITS}
        return Stream(feed_of(market), hear, status, **options)

    lags = [0.0]
    watching = asyncio.ensure_future(_measure(lags))
    async with exchange:
        recorder = Recorder(store, [served.market], flush_s=0.5, connect=connect)
        stop = asyncio.Event()
        running = asyncio.ensure_future(recorder.run(stop))
        ended = asyncio.ensure_future(exchange.done.wait())
        await asyncio.wait({running, ended}, return_when=asyncio.FIRST_COMPLETED)
        assert ended.done(), recorder.report.errors
        opened = opened[1:]
        await _heard_all(recorder, served.market)
        stop.set()
        await running
    watching.cancel()
    (played,) = exchange.markets.values()
    return Outcome(
        served, tuple(exchange.faults), [(fault, number) for fault, _, number in exchange.struck],
        opened, played.tape.numbers, exchange.truth[served.market.symbol], store, recorder.report,
        max(lags), silence_s,
    )  # fmt: skip


async def _measure(lags: list[float]) -> None:
    """Note how late the event loop is."""
    loop = asyncio.get_running_loop()
    while True:
        begun = loop.time()
        await asyncio.sleep(0.02)
        lags.append(loop.time() - begun - 0.02)


async def _heard_all(recorder: Recorder, market: Market) -> None:
    """Until the recorder hears nothing any more."""
    before = -1
    while (count := recorder.statuses[market].messages) != before:
        before = count
        await asyncio.sleep(IDLE_S)


def _noted(exchange: Exchange, symbol: str) -> list[int]:
    """Grows by the number of the last message that was played, with each connection that is opened."""
    protocol, numbers = exchange._protocol, list[int]()
    accept = protocol.opened

    def opened(connection: Any, streams: str) -> None:
        numbers.append(exchange.markets[symbol].number)
        accept(connection, streams)

    protocol.opened = opened  # type: ignore[method-assign]
    return numbers

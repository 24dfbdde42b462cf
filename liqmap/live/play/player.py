"""The recording as it runs: each message at its time, to every stream that tells it, past the faults."""

from __future__ import annotations

import asyncio
import heapq
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from liqmap.live.play.channel import Parcel, Played
from liqmap.live.play.clock import Clock
from liqmap.live.play.connection import Connection
from liqmap.live.play.delivery import Delivery
from liqmap.live.play.faults import Fault, Placed
from liqmap.live.play.tape import Step
from liqmap.live.play.venues.venue import Venue
from liqmap.schema import SNAPSHOT

PAUSE = 10**9
"""ns of the recording between its end and its beginning anew."""

AT_ONCE = 16
"""Messages after which others get a turn, where the clock does not wait."""


class Player:
    """Plays markets on a clock to connections, by way of ``put``.

    Attributes
    ----------
    struck : faults that have happened: each with its market and the message before which it did.
    """

    def __init__(
        self,
        markets: Mapping[str, Played],
        clock: Clock,
        venue: Venue,
        connections: Sequence[Connection],
        put: Callable[[Parcel], None],
    ) -> None:
        self.struck: list[tuple[Fault, str, int]] = []
        self._markets, self._clock, self._venue = markets, clock, venue
        self._connections, self._put = connections, put
        self._delivery = Delivery(put)

    async def play(self) -> None:
        """All messages, until nothing more waits for any client."""
        self._clock.start()
        for count, (played, step) in enumerate(self._steps()):
            ts = step.ts + played.shift
            await self._late(ts)
            await self._clock.until(ts)
            if math.isinf(self._clock.speed):
                await self._slowest()
            elif count % AT_ONCE == 0:
                await asyncio.sleep(0)
            if step.kind == "depth":
                await self._depth(played, step)
            else:
                self._other(played, step)
        await self._late(math.inf)
        await asyncio.gather(*(c.flushed() for c in self._connections if not c.ended))

    def begin_anew(self) -> None:
        """The service restarts; times and ids go on, without further faults."""
        begin = min(played.tape.begin for played in self._markets.values())
        end = max(played.tape.end for played in self._markets.values())
        for played in self._markets.values():
            played.begin_anew(end - begin + PAUSE)
            self._venue.restart(played, True, 0.2)

    def _steps(self) -> Iterator[tuple[Played, Step]]:
        """The messages of all markets in time."""

        def of(played: Played) -> Iterator[tuple[int, Played, Step]]:
            return ((step.ts, played, step) for step in played.tape.steps)

        for _, played, step in heapq.merge(*map(of, self._markets.values()), key=lambda found: found[0]):
            yield played, step

    async def _late(self, until: float) -> None:
        """The messages that a fault made late, as far as they are due by then."""
        while (due := self._delivery.next_late) < until:
            await self._clock.until(int(due))
            self._delivery.give_late(due)

    async def _depth(self, played: Played, step: Step) -> None:
        """A message of a book."""
        faults = [f for f in played.faults if step.number and f.first <= step.number <= f.last]
        for fault in faults:
            self._strike(played, fault, step)
        levels = played.play(step)
        for channel in list(played.channels.values()):
            if channel.kind == "depth":
                for told in channel.tell(step, levels):
                    parcel = Parcel(told, channel, step.number, list(channel.subscribers))
                    self._delivery.give(parcel, step.ts + played.shift, faults)
        if step.event == SNAPSHOT:
            await self._venue.known(played)

    def _other(self, played: Played, step: Step) -> None:
        """Trades, or best prices."""
        for channel in list(played.channels.values()):
            if channel.kind == step.kind:
                for told in channel.tell(step, []):
                    self._put(Parcel(told, channel, 0, list(channel.subscribers)))

    def _strike(self, played: Played, fault: Placed, step: Step) -> None:
        """Do what a fault does to connections, before its message."""
        kind, seconds = fault.fault.kind, fault.fault.duration
        begins = step.number == fault.first
        if begins:
            self.struck.append((fault.fault, played.symbol, step.number))
        if begins and kind.startswith("restart"):
            self._venue.restart(played, kind == "restart-empty", seconds)
        for connection in played.clients:
            if kind == "drop" and begins:
                connection.drop("drop")
            elif kind == "silence" and begins:
                connection.silent_until = time.monotonic() + seconds
            elif kind == "drip":
                connection.pace = seconds if step.number < fault.last else 0.0

    async def _slowest(self) -> None:
        """Until little waits for each client."""
        for connection in self._connections:
            if not connection.ended:
                await connection.drained()
        await asyncio.sleep(0)

"""An exchange in a box: recorded markets served by a venue's own protocol, on one clock."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from importlib.util import find_spec
from typing import Literal, Self

from liqmap.live.play.channel import Channel, Parcel, Played, Told
from liqmap.live.play.clock import Clock
from liqmap.live.play.connection import Connection, Label, Sent
from liqmap.live.play.faults import Fault, placed
from liqmap.live.play.player import Player
from liqmap.live.play.server import Server
from liqmap.live.play.source import Source, tapes_of
from liqmap.live.play.tape import Tape
from liqmap.live.play.venues import VENUES
from liqmap.live.play.venues.venue import Venue, check_sizes, family
from liqmap.schema import Capture, LiqmapError

Ending = Literal["stay", "close", "loop"]

SETTLE_S = 0.5
"""Real seconds without a further subscription after which the first ones are taken to be all."""


class Exchange:
    """Recorded markets, served on one host and port over WebSocket and HTTP.

    Parameters
    ----------
    source : a raw file, a store, a `Session`, a `Capture`, or a list of them (files of depth and of trades).
    venue : ``bybit``, ``binance`` or ``kraken``; a market of another venue is translated, as its derivative
        unless it is spot. ``bybit-spot``, ``binance-futures`` and ``binance-delivery`` say which.
    speed : times that of the recording. ``inf``: as fast as the slowest client reads; then no client is too
        slow.
    port, host : to listen on; 0 takes a free port.
    faults : what goes wrong, `Fault` or its text such as ``"drop@100"``.
    market, feed : which of several, as `tapes_of` takes them.
    wait_for : subscriptions (a stream of a market each) before the clock starts, so that a recording is
        whole. None: the first one, and those that follow within `SETTLE_S`. 0: at once.
    ending : ``stay``: all connections stay open, and silent; ``close``: they are closed; ``loop``: the
        service begins anew, with times and ids that go on.

    Attributes
    ----------
    markets : by symbol as the venue writes it. venues : the venue's id of each, as Tardis has it.
    done : set once all was sent (of a loop, the first time).

    Raises
    ------
    LiqmapError : nothing to play, a venue or fault that there is not, one that counts sizes in another unit,
        aiohttp is missing.

    Examples
    --------
    >>> async with Exchange("2024-08-08_BTCUSDT_ob200.data.zip", "bybit", speed=10) as exchange:
    ...     print(exchange.url)
    ...     await exchange.done.wait()
    """

    def __init__(
        self,
        source: Source | Sequence[Source],
        venue: str,
        speed: float = 1.0,
        port: int = 0,
        faults: Iterable[Fault | str] = (),
        host: str = "127.0.0.1",
        *,
        market: str | Sequence[str] = (),
        feed: str | None = None,
        wait_for: int | None = None,
        ending: Ending = "stay",
    ) -> None:
        if find_spec("aiohttp") is None:
            raise LiqmapError(
                where="play",
                expected="the package aiohttp",
                got="none",
                remedy="Run: pip install 'liqmap[live]'",
            )
        if venue not in VENUES:
            raise LiqmapError(argument="venue", expected=f"one of {', '.join(VENUES)}", got=repr(venue))
        if not speed > 0:
            raise LiqmapError(argument="speed", expected="a number above 0, or inf", got=repr(speed))
        if ending not in ("stay", "close", "loop"):
            raise LiqmapError(argument="ending", expected="one of stay, close, loop", got=repr(ending))
        self.venue = venue
        self.wait_for, self.ending = wait_for, ending
        tapes = tapes_of(source, [market] if isinstance(market, str) else market, feed)
        self._protocol: Venue = VENUES[venue](self)
        self._server = Server(host, port, self._protocol, self._left)
        self.faults = [Fault.parse(fault) if isinstance(fault, str) else fault for fault in faults]
        self._check_faults(tapes)
        self.markets: dict[str, Played] = {}
        self.venues: dict[str, str] = {}
        for tape in tapes:
            own, symbol = self._protocol.market(tape, venue)
            if symbol in self.markets:
                raise LiqmapError(argument="market", expected=f"one market named {symbol}", got="two")
            check_sizes(tape, own, symbol)
            counted = self._protocol.family != family(tape.venue)
            self.markets[symbol] = Played(tape, symbol, placed(self.faults, tape), counted)
            self.venues[symbol] = own
        self.begin = min(tape.begin for tape in tapes)
        self.end = max(tape.end for tape in tapes)
        self.clock = Clock(self.begin, speed)
        self._player = Player(self.markets, self.clock, self._protocol, self.connections, self._put)
        self.done = asyncio.Event()
        self._finished = threading.Event()
        self._subscribed = 0
        self._go = asyncio.Event()
        self._settled: asyncio.TimerHandle | None = None
        self.failure: BaseException | None = None

    # ------------------------------------------------------------------ what users ask

    @property
    def url(self) -> str:
        """Of its WebSockets, without a path."""
        return f"ws://{self._server.place}"

    @property
    def rest_url(self) -> str:
        """Of what is asked over HTTP."""
        return f"http://{self._server.place}"

    @property
    def paths(self) -> tuple[str, ...]:
        """Of the WebSockets on which there is something."""
        return self._protocol.paths()

    @property
    def host(self) -> str:
        """Where it listens."""
        return self._server.host

    @property
    def port(self) -> int:
        """Where it listens: before it does, as it was asked for."""
        return self._server.port

    @property
    def connections(self) -> list[Connection]:
        """All that ever were."""
        return self._server.connections

    @property
    def sent(self) -> deque[Sent]:
        """The last messages that were sent, when and to whom."""
        return self._server.sent

    @property
    def count(self) -> int:
        """How many were sent."""
        return self._server.count

    @property
    def truth(self) -> dict[str, Capture]:
        """What was really so, whatever faults there are: the tables of each market as they were recorded."""
        found = {}
        for symbol, played in self.markets.items():
            tape = played.tape
            found[symbol] = Capture(tape.depth, tape.trades, quotes=tape.quotes, meta=tape.meta)
        return found

    @property
    def struck(self) -> list[tuple[Fault, str, int]]:
        """Faults that have happened: each with its market and the message before which it did."""
        return self._player.struck

    def wait(self, timeout: float | None = None) -> bool:
        """From another thread: until all was sent. False where it took longer than ``timeout``, s."""
        finished = self._finished.wait(timeout)
        if self.failure is not None:
            raise self.failure
        return finished

    @contextlib.contextmanager
    def running(self) -> Iterator[Self]:
        """Serve from a thread of its own, for code that is not asynchronous."""
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, name="liqmap-play", daemon=True)
        thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self.__aenter__(), loop).result()
            try:
                yield self
            finally:
                asyncio.run_coroutine_threadsafe(self.__aexit__(), loop).result()
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    async def __aenter__(self) -> Self:
        await self._server.open()
        self._server.start(self._play())
        if self.wait_for == 0:
            self._go.set()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._settled is not None:
            self._settled.cancel()
        await self._server.close()

    # ------------------------------------------------------------------ what venues ask

    def subscribe(self, connection: Connection, channel: Channel, snapshot: bool = True) -> None:
        """Let a client hear a channel from now on, first the book as it stands unless it wants no
        ``snapshot``."""
        if channel.name in connection.channels:
            return
        connection.channels[channel.name] = channel
        if snapshot and (channel.kind != "depth" or channel.played.book.known):
            for told in channel.beginning(connection):
                self._put(Parcel(told, channel, 0, [connection]))
        channel.subscribers.append(connection)
        self._subscribed += 1
        if self._go.is_set():
            return
        if self.wait_for is not None:
            if self._subscribed >= self.wait_for:
                self._go.set()
            return
        if self._settled is not None:
            self._settled.cancel()
        self._settled = asyncio.get_running_loop().call_later(SETTLE_S, self._go.set)

    def unsubscribe(self, connection: Connection, name: str) -> None:
        """Let a client hear a channel no more."""
        channel = connection.channels.pop(name, None)
        if channel is not None:
            channel.subscribers.remove(connection)

    def send(self, channel: Channel, told: Told, number: int, to: Iterable[Connection]) -> None:
        """Send a message of a channel, spared by faults."""
        self._put(Parcel(told, channel, number, list(to)))

    def close_all(self, code: int, words: str) -> None:
        """Close every connection once what waits for it is sent."""
        self._server.close_all(code, words)

    def refuse(self, seconds: float) -> None:
        """Take no connection for so many real seconds."""
        self._server.refuse(seconds)

    def _left(self, connection: Connection) -> None:
        """A client has gone."""
        for name in list(connection.channels):
            self.unsubscribe(connection, name)

    def _put(self, parcel: Parcel) -> None:
        """Give a message to the connections that it is for, as far as they are there."""
        told, channel, number, to = parcel
        label = Label(channel.played.symbol, channel.name, number, told.seq)
        for connection in to:
            connection.send(told.text, label)

    # ------------------------------------------------------------------ the recording

    async def _play(self) -> None:
        try:
            await self._go.wait()
            await self._player.play()
            while self.ending == "loop":
                self._finish()
                self._player.begin_anew()
                await self._player.play()
            if self.ending == "close":
                self.close_all(1000, "the recording ends")
        except Exception as error:
            self.failure = error
            raise
        finally:
            self._finish()

    def _finish(self) -> None:
        """Say that all was sent."""
        self.done.set()
        self._finished.set()

    def _check_faults(self, tapes: list[Tape]) -> None:
        """That each can happen here."""
        symbols = [tape.symbol for tape in tapes]
        for fault in self.faults:
            if fault.kind == "checksum" and not self._protocol.checksums:
                raise LiqmapError(
                    argument="faults",
                    expected="a venue with checksums, kraken",
                    got=f"{fault} of {self.venue}",
                )
            if fault.symbol is not None and fault.symbol not in symbols:
                expected = f"a market of {', '.join(symbols)}"
                raise LiqmapError(argument="faults", expected=expected, got=str(fault))

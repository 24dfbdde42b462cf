"""`live`: listen to markets, record them, and look at them while they grow."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa

from liqmap.card import card, lines
from liqmap.card import table as html_table
from liqmap.carry import Duration, nanoseconds
from liqmap.live.follow.listening import Listening, Recording
from liqmap.live.follow.session import LiveSession
from liqmap.live.follow.store_follower import StoreFollower
from liqmap.live.market import Market
from liqmap.live.recorder.status_table import COLUMNS, StatusRow, StatusTable
from liqmap.schema import LiqmapError, LiveError, Meta, SessionError
from liqmap.session.instants import Instant, instant
from liqmap.store import folder_to_write

if TYPE_CHECKING:
    import pandas as pd

LONGEST_WAIT_S = 30 * 86_400.0
"""Where a session is waited for without an end."""


def live(
    venue: str,
    symbols: str | Sequence[str],
    store: str | os.PathLike[str] | None = None,
    *,
    feed: str | None = None,
    start: Instant | None = None,
    look_back: Duration = "24h",
    record: bool = True,
    raw: str | os.PathLike[str] | None = None,
    url: str | None = None,
    proxy: str | None = None,
    timeout: Duration = "30s",
) -> Live:
    """Listen to markets of a venue.

        with lm.live("bybit", ["BTCUSDT"], store="data/live") as live:
            session = live.session("BTCUSDT")
            lm.heatmap(session)

    Parameters
    ----------
    symbols : one or several, as the venue writes them.
    store : where they are recorded; default: a temporary folder, which goes when this ends.
    feed : depth to subscribe to, such as ``ob200``; default: the deepest that is told in full.
    start : sessions begin here, of what the store has already; default: with the first message heard.
    look_back : how far before their start they look back, as `Store.session`.
    record : False: follow what another process records into ``store``, without a connection of our own.
    raw : folder of the messages as they came; default: ``raw`` in the store.
    url : a host to take in place of the venue's, such as one of ``liqmap play``.
    timeout : how long `Live.session` waits for a first message.

    Returns
    -------
    A context manager: it listens from ``with`` on until that ends, and keeps all that was heard.

    Raises
    ------
    LiveError : no symbol, or one twice; ``record=False`` without a store.
    """
    names = [symbols] if isinstance(symbols, str) else list(symbols)
    markets = [Market(venue, symbol, feed) for symbol in names]
    if not markets or len(set(names)) < len(names):
        got = ", ".join(names) or "none"
        raise LiveError(argument="symbols", expected="symbols of the venue, each once", got=got)
    if store is None and not record:
        raise LiveError(
            argument="store",
            expected="the store that another process records into",
            got="none",
            remedy="Name it, or leave out record=False",
        )
    begin = instant(start, "start", (0, time.time_ns()))
    how: dict[str, Any] = {"raw": raw, "url": url, "proxy": proxy} if record else {}
    return Live(markets, store, record, begin, nanoseconds(look_back, "look_back"), timeout, how)


class Live:
    """Markets that are listened to: a context manager, made by `live`."""

    def __init__(
        self,
        markets: Sequence[Market],
        store: str | os.PathLike[str] | None,
        record: bool,
        start: int | None,
        look_back: int | None,
        timeout: Duration,
        how: dict[str, Any],
    ) -> None:
        self.markets = tuple(markets)
        self._given, self._record, self._how = store, record, how
        self._start, self._look_back, self._timeout = start, look_back, timeout
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._path: Path | None = None
        self._listening: Listening | None = None
        self._sessions: dict[Market, LiveSession] = {}
        self._table = StatusTable()
        self._changed = threading.Condition()
        self._failures: dict[Market, BaseException] = {}

    # ------------------------------------------------------------------ beginning and end

    def __enter__(self) -> Self:
        if self._listening is not None:
            raise LiveError(
                where=repr(self), expected="one `with`", got="another", remedy="Call lm.live again"
            )
        store = self._given
        if store is None:
            self._folder = tempfile.TemporaryDirectory(prefix="liqmap-live-")
            store = self._folder.name
        try:
            if self._record:
                self._listening = recording = Recording(
                    store, self.markets, self._receive, self._ended, **self._how
                )
                self._path = recording.path
            else:
                self._path = Path(folder_to_write(store))
                self._listening = StoreFollower(self._path, self.markets, self._stored, self._ended)
            self._listening.start()
        except BaseException:
            self._clean()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._listening is not None
        try:
            self._listening.stop()
        finally:
            for session in list(self._sessions.values()):
                session.close()
            self._clean()

    def _clean(self) -> None:
        if self._folder is not None:
            self._folder.cleanup()

    def _ended(self) -> None:
        """Nothing more comes."""
        for session in list(self._sessions.values()):
            session.close()
        with self._changed:
            self._changed.notify_all()

    # ------------------------------------------------------------------ what comes

    def _receive(self, market: Market, kind: str, rows: pa.RecordBatch, meta: Meta) -> None:
        self._give(market, meta, lambda session: session.take(kind, rows, meta))

    def _stored(self, market: Market, depth: pa.Table | None, meta: Meta) -> None:
        self._give(market, meta, lambda session: session.take_stored(depth, meta))

    def _give(self, market: Market, meta: Meta, take: Callable[[LiveSession], None]) -> None:
        """Let a session grow; one that cannot go on does not keep others, or the recorder, from it."""
        if market in self._failures:
            return
        session = self._sessions.get(market)
        if session is None:
            session = self._open(market, meta)
        try:
            take(session)
        except LiqmapError as error:
            self._failures[market] = error
            session.close()
        with self._changed:
            self._changed.notify_all()

    def _open(self, market: Market, meta: Meta) -> LiveSession:
        assert self._path is not None
        assert self._listening is not None
        session = LiveSession(self._path, meta.venue, meta.symbol, market.feed, self._start, self._look_back)
        session.status = self._listening.statuses[market]
        self._sessions[market] = session
        return session

    # ------------------------------------------------------------------ what users ask

    def session(self, symbol: str, timeout: Duration = None) -> LiveSession:
        """The session of a market, once its first message is there.

        Parameters
        ----------
        timeout : how long to wait for that; None: as `live` was told.

        Raises
        ------
        SessionError : not one of the symbols; nothing came in time, with what is known of the feed.
        LiveError : the venue refuses the market, or it cannot be recorded.
        """
        market = next((m for m in self.markets if m.symbol == symbol), None)
        if market is None:
            known = ", ".join(m.symbol for m in self.markets)
            raise SessionError(argument="symbol", expected=f"one of {known}", got=repr(symbol))
        if self._listening is None:
            raise SessionError(where=repr(self), expected="`with` around it", got="none")
        wait = nanoseconds(self._timeout if timeout is None else timeout, "timeout")
        with self._changed:
            self._changed.wait_for(
                lambda: self._there(market) or self._fault(market) is not None,
                LONGEST_WAIT_S if wait is None else wait / 1e9,
            )
        if self._there(market):
            return self._sessions[market]
        fault = self._fault(market)
        if isinstance(fault, LiqmapError):
            raise fault
        status = self._listening.statuses[market]
        said = f", {status.error}" if status.error else ""
        got = f"none so far: {status.state}, {status.messages:,} messages{said}"
        raise SessionError(where=str(market), expected="a message of its depth", got=got) from fault

    def _there(self, market: Market) -> bool:
        return market in self._sessions and self._sessions[market].last > 0

    def _fault(self, market: Market) -> BaseException | None:
        """Why no more of a market will come; None where it may."""
        assert self._listening is not None
        status, failure = self._listening.statuses[market], self._listening.failure
        if market in self._failures:
            return self._failures[market]
        if failure is None and status.state == "stopped":
            return LiveError(where=market, expected="a market that is told", got=status.error or "nothing")
        return failure

    @property
    def status(self) -> pd.DataFrame:
        """A row a market: ``market``, ``state``, ``per_second`` (messages), ``messages``, ``lag_ms`` and
        ``age_s`` of the last one, ``gaps``, ``reconnects``, ``checksums``, of which so many ``verified``,
        ``error``."""
        import pandas as pd

        rows = [row.to_dict() for row in self._rows()]
        return pd.DataFrame(rows).drop(columns=["written", "dropped"])

    def _rows(self) -> list[StatusRow]:
        return [] if self._listening is None else self._table.rows(self._listening.statuses)

    def __repr__(self) -> str:
        return f"<liqmap.Live {', '.join(map(str, self.markets))}>"

    def _facts(self) -> list[tuple[str, str]]:
        return [("store", str(self._given or "temporary")), ("markets", str(len(self.markets)))]

    def __str__(self) -> str:
        rows = [" ".join(row.cells[:-1]) for row in self._rows()]
        return "\n".join([lines("liqmap.Live", self._facts()), *rows])

    def _repr_html_(self) -> str:
        rows = html_table(COLUMNS[:-1], [row.cells[:-1] for row in self._rows()])
        return card("Live", ", ".join(map(str, self.markets)), self._facts(), rows)

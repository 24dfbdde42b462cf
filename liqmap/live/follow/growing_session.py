"""How a session grows: what comes is kept until the store has it, and feeds its replays."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from liqmap.live.follow.listeners import Listeners
from liqmap.live.follow.opening import end_of, has_tables, open_growing, parts_so_far, read_to
from liqmap.live.follow.so_far import TradesSoFar
from liqmap.live.follow.tail import Row, Tail, last_row
from liqmap.schema import EVENTS, GAP, Meta, ReplayError, SessionError, codes, common_tick, int64
from liqmap.schema.arguments import whole_number
from liqmap.session import Session
from liqmap.spans import Growing, Spans
from liqmap.store import DAY, Part

MANY = 50_000
"""Rows after which those that the store has by now are let go of."""

TOLD = ("depth", "trades", "orders", "quotes")
"""Tables of a session."""


class GrowingSession(Session):
    """What `LiveSession` takes, and the spans that come of it: replays that go on with each message, one a
    depth limit that was asked for, and of each table the rows that the store may not have yet.
    """

    version: int = 0
    last: int = 0
    closed: bool = False
    error: str = ""
    fed: Row | None = None

    def __init__(
        self,
        path: Path,
        venue: str,
        symbol: str,
        feed: str | None = None,
        start: int | None = None,
        look_back: int | None = DAY,
    ) -> None:
        super().__init__(path, venue, symbol, feed, start, None, look_back, (0, 0))
        self._lock = threading.RLock()
        self._heard = threading.Condition(self._lock)
        self._listeners = Listeners(f"liqmap live {venue} {symbol}")
        self._tails = {kind: Tail(kind) for kind in TOLD}
        self._untrimmed, self._in_store = 0, False
        self._growing: dict[int | None, Growing] = {}
        self._metas: dict[str, Meta] = {}
        self._trades: TradesSoFar | None = None

    # ------------------------------------------------------------------ growth

    def take(self, kind: str, rows: pa.RecordBatch, meta: Meta) -> None:
        """Rows of a table as they come, from any thread; ``meta`` as it is known by now.

        Rows go into the store after they came here, if they do.

        Raises
        ------
        ReplayError : depth that cannot be replayed. Nothing of it has been taken then.
        """
        if kind not in self._tails or not rows.num_rows:
            return
        with self._lock:
            tail = self._tails[kind]
            tail.add(rows)
            self._metas.setdefault(kind, meta)
            if kind == "depth":
                try:
                    self._grow(pa.Table.from_batches([rows]), meta)
                except ReplayError:
                    tail.drop_last()
                    raise
            elif kind == "trades" and self._trades and not self._trades.add(rows, meta.tick_size):
                self._trades = None
            self._untrimmed += rows.num_rows
            if self._untrimmed > MANY:
                self._let_go()
            self._news()

    def take_stored(self, depth: pa.Table | None, meta: Meta) -> None:
        """Rows of depth that another process wrote into the store, after those of before (`fed`); None: of
        other tables. With the first ones all is taken that the store has.

        Raises
        ------
        ReplayError : as `take`.
        """
        with self._lock:
            self._in_store = True
            if depth is None:
                self._metas.setdefault("trades", meta)
                self._trades = None
            elif self._growing:
                self._grow(depth, meta)
            else:
                self._begin(meta, int(int64(depth["ts"])[0]))
                self._metas["depth"] = meta
            self._news()

    def on_grown(self, call: Callable[[], None]) -> Callable[[], None]:
        """Call it after growth, and once after `close`, on a thread of this session's.

        Growth that comes while it runs becomes one more call. Returns what ends the subscription.
        """
        return self._listeners.add(call)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the first message of depth; False where none came in so many seconds, or until `close`."""
        with self._lock:
            self._heard.wait_for(lambda: self.last > 0 or self.closed, timeout)
            return self.last > 0

    def close(self, error: str = "") -> None:
        """Nothing more will come: what there is can be looked at as before."""
        with self._lock:
            if not self.closed:
                self.closed, self.error = True, error
                self._news()
                self._listeners.close()

    def _news(self) -> None:
        self.version += 1
        self._heard.notify_all()
        self._listeners.tell()

    def _grow(self, depth: pa.Table, meta: Meta) -> None:
        """Feed rows, or begin with them; anew where a price says that ticks are finer than was known."""
        ts = int64(depth["ts"])
        (messages,) = np.nonzero(codes(depth["event"], EVENTS) != GAP)
        if not self._growing and not len(messages):
            return  # of before this session
        if self._is_known(meta):
            for growing in self._growing.values():
                growing.feed(depth)
        else:
            self._begin(meta, int(ts[messages[0]]) if len(messages) else self.last)
        self._metas["depth"] = meta
        if not self._in_store or self.last < int(ts[-1]):
            self.fed = last_row(depth)
            self.last = int(ts[-1])
            self._available = self._available[0], self.last

    def _is_known(self, meta: Meta) -> bool:
        """Whether the replays at work are those of such rows."""
        if None not in self._growing:
            return False
        was, told = self._growing[None].meta, self._metas["depth"]
        if meta.tick_size is not None and was.tick_size is not None:
            finer = common_tick([was.tick_size, meta.tick_size]) != was.tick_size
        else:
            finer = meta.tick_size != was.tick_size
        return not finer and (meta.depth_limit, meta.window_policy) == (told.depth_limit, told.window_policy)

    def _begin(self, meta: Meta, first: int) -> None:
        """Replay what the store has, and what was heard since; ``first``: of the first message heard, ns."""
        feed = meta.feed if self.feed is None else self.feed
        start = first if self.start is None else self.start
        parts = parts_so_far(self.path, meta)
        grown = {limit: self._open(limit, parts, meta, start) for limit in self._growing or (None,)}
        self.venue, self.symbol, self.feed = meta.venue, meta.symbol, feed
        self.start, self._growing = start, grown
        if self._in_store and (fed := read_to(parts)) is not None:
            self.fed, self.last = fed, fed[0]
        if not self._available[0]:
            own = [p.facts.first_ts for p in parts if p.facts.last_ts >= start]
            self._available = max(start, min([first, *own])), self.last or first
        self._available = self._available[0], max(self._available[1], self.last)

    def _open(self, limit: int | None, parts: list[Part], meta: Meta, start: int) -> Growing:
        return open_growing(self.path, parts, meta, start, self._look_back, self._tails["depth"], limit)

    def _let_go(self) -> None:
        """Forget rows that the store has by now."""
        self._untrimmed = 0
        for kind, tail in self._tails.items():
            if len(tail):
                tail.keep(self._unstored(kind))

    def _unstored(self, kind: str) -> pa.Table:
        """Rows that were heard and are not in the store."""
        tail = self._tails[kind]
        if kind == "depth":
            return tail.after(end_of(parts_so_far(self.path, self._metas[kind])))
        return tail.not_in(partial(super()._read, kind)) if has_tables(self.path) else tail.table()

    # ------------------------------------------------------------------ the book through time

    def spans(self, depth_limit: int | None = None) -> Spans:
        """Spans and window so far, as `Session.spans`: the same object until more has come.

        Raises
        ------
        SessionError : no message yet.
        """
        if depth_limit is not None:
            depth_limit = whole_number(depth_limit, "depth_limit", error=ReplayError)
        with self._lock:
            growing = self._growing.get(depth_limit)
            if growing is None:
                if not self.last or self.start is None:
                    raise self._nothing()
                meta = self._metas["depth"]
                if self._in_store:  # which may have more by now: all begin anew
                    self._growing[depth_limit] = self._growing[None]
                    self._begin(meta, self.start)
                else:
                    parts = parts_so_far(self.path, meta)
                    self._growing[depth_limit] = self._open(depth_limit, parts, meta, self.start)
                growing = self._growing[depth_limit]
        return growing.spans()

    def _nothing(self) -> SessionError:
        return SessionError(
            where=repr(self), expected="a message", got="none yet", remedy="session.wait() waits for it"
        )

    @property
    def meta(self) -> Meta:
        """What the session is about; ``tick_size`` is the finest so far."""
        growing = self._growing.get(None)
        if growing is None:
            raise self._nothing()
        return growing.meta

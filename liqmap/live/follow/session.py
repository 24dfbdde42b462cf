"""`LiveSession`: a session whose spans grow."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from liqmap.analytics.quality.trust import HEADS, Trust, trust_of
from liqmap.card import lines, moments
from liqmap.live.follow.listeners import Listeners
from liqmap.live.follow.opening import end_of, has_tables, open_growing, parts_so_far, read_to
from liqmap.live.follow.tail import Row, Tail, last_row
from liqmap.live.status import MarketStatus
from liqmap.schema import (
    EVENTS,
    GAP,
    TABLES,
    Meta,
    ReplayError,
    SessionError,
    codes,
    common_tick,
    int64,
)
from liqmap.schema.arguments import whole_number
from liqmap.session import Session
from liqmap.session.instants import Instant, instant, spell
from liqmap.session.shown_prices import price_range as shown_prices
from liqmap.session.trust import claims
from liqmap.spans import Growing, Spans
from liqmap.store import DAY, Part

if TYPE_CHECKING:
    import pandas as pd

MANY = 50_000
"""Rows after which those that the store has by now are let go of."""

TOLD = ("depth", "trades", "orders", "quotes")
"""Tables of a session."""


class LiveSession(Session):
    """One market from a time on, as far as it has been heard; made by `lm.live`.

    It is a `Session` that grows: `time_range` ends with the newest message, and each call tells what is known
    as it is made. Of any thread; what one call returns does not change afterwards. What was heard and is not
    in the store yet is in memory.

    Attributes
    ----------
    version : rises with everything that comes. last : ns of the newest message of depth; 0 before it.
    closed : nothing more will come. error : why, if it was not asked for: a line. status : how its feed does.
    fed : the last row of depth that was taken.
    """

    version: int = 0
    last: int = 0
    closed: bool = False
    status: MarketStatus | None = None
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
        self._shown: tuple[Spans, tuple[float, float]] | None = None

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

    # ------------------------------------------------------------------ tables

    def _read(self, kind: str, start: int | None) -> pa.Table:
        """What the store has, and what was heard since."""
        with self._lock:  # first of all: what the store gets from now on is in both
            tail, meta = self._tails[kind].copy(), self._metas.get(kind)
        of_store = super()._read
        stored = of_store(kind, start) if has_tables(self.path) else TABLES[kind].empty_table()
        if meta is None or not len(tail):
            return stored
        if stored.num_rows:
            meta = Meta.from_metadata(stored.schema.metadata).merge(meta)
        if kind == "depth":
            rest = tail.after(last_row(stored) or end_of(parts_so_far(self.path, meta)))
        else:
            rest = tail.not_in(lambda begin: of_store(kind, begin)) if has_tables(self.path) else tail.table()
        if start is not None:
            rest = rest.filter(pa.array(int64(rest["ts"]) >= start))
        both = [stored.replace_schema_metadata(None), rest]
        return _in_order(kind, both).replace_schema_metadata(meta.to_metadata())

    def _unwritten(self) -> Mapping[str, Callable[[], pa.Table]]:
        return {kind: partial(self._read, kind, self.start) for kind in TOLD if len(self._tails[kind])}

    def _trusted(self) -> Trust:
        """`trust` as of now: of a raw file that still grows nothing is kept yet, it is unverifiable."""
        feed, back = self._deepest(), self.start
        if back is not None and self._look_back is not None:
            back -= self._look_back
        heads = self._read("depth", back).select(HEADS)
        market = (self.venue, self.symbol, feed)
        told = claims(self.path, market, self.meta.window_policy) if has_tables(self.path) else []
        return trust_of([heads], told, *self._within())

    def sel(self, start: Instant | None = None, end: Instant | None = None) -> Session:
        """A part of what the store has of the session by now, [start, end), which does not grow.

        Raises
        ------
        SessionError : nothing of the session lies there, or the store does not have it yet.
        """
        with self._lock:
            stop = instant(end, "end", self._available, ends=True)
            stored = end_of(parts_so_far(self.path, self.meta))
            if stored is None or (stop is not None and stored[0] < stop <= self.last):
                raise SessionError(
                    where=repr(self),
                    expected=f"an end up to {spell(stored[0])}" if stored else "messages in the store",
                    got="none yet" if stop is None else spell(stop),
                    remedy="Take it in a moment, or a grid with time_range",
                )
            held = Session(
                self.path, self.venue, self.symbol, self.feed, self.start, None, self._look_back,
                (self._available[0], stored[0]),
            )  # fmt: skip
        return held.sel(start, end)

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

    @property
    def _price_range(self) -> tuple[float, float]:
        spans = self.spans()
        shown = self._shown
        if shown is None or shown[0] is not spans:
            found = shown_prices(spans, *self._within())
            if found is None:
                raise SessionError(where=repr(self), expected="levels", got="an empty book")
            shown = self._shown = spans, found
        return shown[1]

    def book(self, t: Instant | None = None) -> pd.DataFrame:
        """The book at an instant, as `Session.book`; None: at the newest message.

        From that on everything is carried, with the age 0 where the message confirmed it.
        """
        return super().book(np.datetime64(self.last, "ns") if t is None else t)

    # ------------------------------------------------------------------ as an object

    def __reduce__(self) -> tuple[Any, ...]:
        raise SessionError(
            where=repr(self),
            expected="a session that stands in a store",
            got="one that grows",
            remedy="Send session.sel(), which is what the store has of it, or session.spans()",
        )

    def __copy__(self) -> LiveSession:
        """Itself: there is one growth of it."""
        return self

    def __repr__(self) -> str:
        market = " ".join(word for word in (self.venue, self.symbol, self.feed) if word)
        if not self.last:
            return f"<liqmap.LiveSession {market}: nothing heard yet>"
        begin, end = map(spell, self._available)
        return f"<liqmap.LiveSession {market}: {begin} to {end} UTC{', closed' if self.closed else ''}>"

    def __str__(self) -> str:
        return lines(f"liqmap.LiveSession {self._name}", self._facts())

    def _facts(self) -> list[tuple[str, str]]:
        if not self.last:
            return [("time", "nothing heard yet"), ("store", str(self.path))]
        spans, (low, high) = self.spans(), self.price_range
        return [
            ("time", moments(*self._available)),
            ("prices", f"{low:,.10g} to {high:,.10g}"),
            ("store", str(self.path)),
            ("spans", f"{len(spans):,}"),
            ("tick", f"{spans.tick_size:g}"),
            ("size unit", spans.meta.size_unit),
            ("grows", f"no more: {self.error or 'closed'}" if self.closed else "with each message"),
        ]

    def _small(self) -> bool:
        return bool(self.last)


def _in_order(kind: str, both: list[pa.Table]) -> pa.Table:
    """Two tables in one, of other tables than depth by time."""
    table = pa.concat_tables([t for t in both if t.num_rows] or both[:1]).unify_dictionaries()
    ts = int64(table["ts"])
    if kind == "depth" or not (np.diff(ts) < 0).any():
        return table
    return table.take(pa.array(np.argsort(ts, kind="stable")))

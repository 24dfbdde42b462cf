"""`LiveSession`: a session whose spans grow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from liqmap.analytics.flow.trades import Trades, unchanging
from liqmap.analytics.quality.trust import HEADS, Trust, trust_of
from liqmap.card import lines, moments
from liqmap.live.follow.growing_session import TOLD, GrowingSession
from liqmap.live.follow.opening import end_of, has_tables, parts_so_far
from liqmap.live.follow.so_far import TradesSoFar
from liqmap.live.follow.tail import Tail, last_row
from liqmap.live.status import MarketStatus
from liqmap.schema import TABLES, Meta, SessionError, int64
from liqmap.session import Session
from liqmap.session.instants import Instant, instant, spell
from liqmap.session.shown_prices import price_range as shown_prices
from liqmap.session.trust import claims
from liqmap.spans import Spans

if TYPE_CHECKING:
    import pandas as pd


class LiveSession(GrowingSession):
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

    status: MarketStatus | None = None
    _shown: tuple[Spans, tuple[float, float]] | None = None
    _traded_of: pa.Table | None = None

    # ------------------------------------------------------------------ tables

    def _read(self, kind: str, start: int | None) -> pa.Table:
        """What the store has, and what was heard since: of trades from the start only what is new is read."""
        if kind != "trades" or start is None or start != self.start:
            return self._read_anew(kind, start)
        with self._lock:
            if self._trades and self._trades.table is not None:
                return self._trades.whole()
            reading = self._trades = TradesSoFar(start)
            tail = self._tails[kind].copy()
        table = self._read_anew(kind, start, tail)
        with self._lock:
            if not table.num_rows:  # nor has it metadata
                self._trades = None
                return table
            reading.begin(table)
            return reading.whole()

    def _read_anew(self, kind: str, start: int | None, tail: Tail | None = None) -> pa.Table:
        """The same, of the store as it is; ``tail``: what was heard, default: until now."""
        with self._lock:  # first of all: what the store gets from now on is in both
            tail = self._tails[kind].copy() if tail is None else tail
            meta = self._metas.get(kind)
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

    def traded(self) -> Trades:
        """`trades` as arrays by time, as of now: the same ones until more have come."""
        table = self.trades()
        with self._lock:
            if self._traded is None or self._traded_of is not table:
                self._traded, self._traded_of = unchanging(table), table
            return self._traded

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

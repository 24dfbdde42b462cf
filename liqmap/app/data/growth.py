"""`Growth`: what a live market has grown by, made once for all who look at it."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary, ref

import numpy as np
import pyarrow as pa

from liqmap.analytics.flow.trades import Traded, Trades
from liqmap.app.data.silence import Silence
from liqmap.browser.growth import Growing
from liqmap.browser.market import sizes_by_rank
from liqmap.browser.pack import DAY, Packed, pack
from liqmap.render.frames.frame import instant_ns
from liqmap.render.marks.overlays import Trades as Marks
from liqmap.session.shown_prices import price_range
from liqmap.spans import Spans

log = logging.getLogger("liqmap.app")

LEAST_S, REST = 0.05, 2.0
"""From one update to the next: at least so long, and so many times as long as the last one took to make."""

TRADES_REST = 10.0
"""Trades are read anew at the earliest so many times as long after the last time as that took."""

KEPT = 400
"""Updates that are kept: a page that is further behind is told all anew."""

HEARTBEAT_S = 1.0
"""A page that asks for news is answered after so long at the latest, if only to say that there are none."""

IDLE_S = 15.0
"""Nobody has asked for so long: nothing more is made until somebody does."""

SIZES_S, SIZES_PART = 5.0, 0.1
"""Sizes that scales of colour are cut from are looked at anew when a session has become longer by such a part
of what it was, and not sooner than after so many seconds: colours that change all the time tell nothing."""


@dataclass(frozen=True)
class Seen:
    """A live market as of one update.

    number : of the update, from 0. since : that from which `sizes` hold.
    prices : lowest and highest of the session, as its pictures show it.
    """

    number: int
    spans: Spans
    table: pa.Table
    trades: Trades
    begin: int
    last: int
    prices: tuple[float, float]
    sizes: dict[str, list[float]]
    since: int


class News(NamedTuple):
    """What a page is told: updates after the one that it has, and how it goes on.

    packs : None where a page has to be told all anew.
    """

    seen: Seen
    packs: list[Packed] | None
    silence: float


class Waiting(NamedTuple):
    """Who waits for an update after one, and until when; work that makes the answer."""

    number: int
    until: float
    work: Callable[[], Any]
    future: Future[Any]


class Growth:
    """Updates of a live session, each made once; for several threads.

    Updates are made in a thread as long as pages ask for them. A page asks for what has come since the update
    that it has, and asks again when it has taken that: a slow one so gets more at a time, and never a queue.
    """

    def __init__(self, session: Any) -> None:
        self._session = ref(session)
        self._lock, self._working, self._packing = threading.Lock(), threading.Lock(), threading.Lock()
        self._news = threading.Event()
        self._packs: deque[Packed] = deque(maxlen=KEPT)
        self._waiting: list[Waiting] = []
        self._thread: threading.Thread | None = None
        self._asked = 0.0
        self._whole: tuple[Packed, Seen] | None = None
        self._rows, self._last_trade = 0, ()
        self._read_next, self._is_late = 0.0, False
        self.silence = Silence(session)
        spans, table = session.spans(), session.trades()
        begin, last = (instant_ns(t) for t in session.time_range)
        trades = self._trades(table, None)
        self._growing = Growing(spans, _marks(trades), begin // DAY * DAY)
        seen = Seen(0, spans, table, trades, begin, max(last, spans.last), (0.0, 1.0), {}, 0)
        self._seen = self._measured(seen)

    @property
    def seen(self) -> Seen:
        """The last update; if nobody has asked for any for a while, the next one is being made."""
        self._wake()
        return self._seen

    def opening(self) -> tuple[Packed, Seen]:
        """All there is, packed once for all pages that open within some updates, and what was seen then."""
        self._wake()
        with self._packing:
            if self._whole is None or self._seen.number - self._whole[1].number >= KEPT // 4:
                with self._working:
                    moment, seen = self._growing.now, self._seen
                self._whole = pack(moment.content, self._growing.base), seen
            return self._whole

    def news(self, number: int) -> News:
        """What has come since an update."""
        with self._lock:
            seen, packs = self._seen, list(self._packs)
        behind = seen.number - number
        known = 0 <= behind <= len(packs)
        return News(seen, packs[len(packs) - behind :] if known else None, self.silence.seconds)

    def when_newer(self, number: int, work: Callable[[], Any]) -> Future[Any]:
        """Does work once there is a later update than this one, or after `HEARTBEAT_S`."""
        future: Future[Any] = Future()
        with self._lock:
            self._waiting.append(Waiting(number, time.monotonic() + HEARTBEAT_S, work, future))
        self._wake()
        self._answer()
        return future

    def update(self) -> Seen:
        """Make an update of what has come, if anything has."""
        session = self._session()
        if session is None:
            return self._seen
        with self._working:
            before, spans = self._seen, session.spans()
            table = self._table(session, before.table)
            if spans is before.spans and len(table) == len(before.table):
                return before
            trades = self._trades(table, before.trades)
            pack = self._growing.grow(spans, _marks(trades))
            last = max(spans.last, instant_ns(session.time_range[1]))
            now = replace(
                before, number=before.number + 1, spans=spans, table=table, trades=trades, last=last
            )
            if self._is_due(now):
                now = self._measured(now)
            with self._lock:
                self._packs.append(pack)
                self._seen = now
            return now

    # ------------------------------------------------------------------ the thread

    def _wake(self) -> None:
        """Have updates made from now on."""
        with self._lock:
            self._asked = time.monotonic()
            if self._thread is None and (session := self._session()) is not None:
                self._news.set()
                self._stop = session.on_grown(self._news.set)
                self._thread = threading.Thread(target=self._run, name="liqmap-growth", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while not self._is_idle():
            took = 0.0
            if self._news.wait(HEARTBEAT_S / 4) or self._is_late:
                self._news.clear()
                began = time.monotonic()
                try:
                    self.update()
                except Exception:
                    log.exception("a live market cannot be shown further")
                took = time.monotonic() - began
            self._answer()
            if took:
                time.sleep(max(LEAST_S - took, REST * took))

    def _is_idle(self) -> bool:
        """Whether nobody wants updates any more; then this thread ends."""
        with self._lock:
            if time.monotonic() - self._asked <= IDLE_S and self._session() is not None:
                return False
            self._stop()
            self._thread = None
            return True

    def _answer(self) -> None:
        """Answer those for whom there is something, and those who have waited for long enough."""
        now = time.monotonic()
        with self._lock:
            due = [one for one in self._waiting if one.number != self._seen.number or one.until <= now]
            self._waiting = [one for one in self._waiting if one not in due]
        for _, _, work, future in due:
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(work())
            except Exception as error:
                future.set_exception(error)

    # ------------------------------------------------------------------ parts of an update

    def _table(self, session: Any, before: pa.Table) -> pa.Table:
        """The trades, or those of a moment ago: a session may have to read them from its store."""
        began = time.monotonic()
        self._is_late = began < self._read_next
        if self._is_late:
            return before
        table = session.trades()
        took = time.monotonic() - began
        self._read_next = began + took + TRADES_REST * took
        return table

    def _trades(self, table: pa.Table, before: Trades | None) -> Trades:
        """Trades by time: those before, and the rows that the table has more."""
        if before is None or not self._goes_on(table):
            found = Trades.of(table)
        else:
            new = Trades.of(table.slice(self._rows))
            if not len(new):
                return before
            if len(before) and new.time[0] < before.time[-1]:
                found = Trades.of(table)
            else:
                found = Trades(*(np.concatenate(both) for both in zip(_columns(before), _columns(new))))
        self._rows, self._last_trade = len(table), _trade(table, len(table) - 1)
        return found

    def _goes_on(self, table: pa.Table) -> bool:
        """Whether a table of trades begins with the one before: a late trade may have come in between."""
        return len(table) >= self._rows and _trade(table, self._rows - 1) == self._last_trade

    def _is_due(self, now: Seen) -> bool:
        """Whether sizes and prices of the session are to be looked at anew."""
        long_enough = time.monotonic() - self._measured_at >= SIZES_S
        return long_enough and now.last - self._measured_to >= SIZES_PART * (self._measured_to - now.begin)

    def _measured(self, seen: Seen) -> Seen:
        """With the prices and sizes of the session as of now."""
        self._measured_at, self._measured_to = time.monotonic(), seen.last
        prices = price_range(seen.spans, seen.begin, seen.last)
        if prices is None:
            return seen
        return replace(seen, prices=prices, sizes=sizes_by_rank(_Still(seen, prices)), since=seen.number)


class _Still(Traded):
    """A market as it was seen, with other prices."""

    def __init__(self, seen: Seen, prices: tuple[float, float]) -> None:
        self._seen, self.price_range = seen, prices
        self.time_range = np.datetime64(seen.begin, "ns"), np.datetime64(max(seen.last, seen.begin + 1), "ns")

    def spans(self, depth_limit: int | None = None) -> Spans:
        return self._seen.spans

    def trades(self) -> pa.Table:
        return self._seen.table


def _trade(table: pa.Table, row: int) -> tuple[Any, ...]:
    """A trade by its time and id; of no row nothing."""
    return () if row < 0 else (table["ts"][row].value, table["id"][row].as_py())


def _columns(trades: Trades) -> tuple[np.ndarray, ...]:
    return trades.time, trades.price, trades.size, trades.aggressor


def _marks(trades: Trades) -> Marks:
    return Marks(*_columns(trades))


_GROWTHS: WeakKeyDictionary[Any, Growth] = WeakKeyDictionary()
_MAKING = threading.Lock()


def growth_of(session: Any) -> Growth:
    """The updates of a session, the same for all who look at it."""
    with _MAKING:
        if session not in _GROWTHS:
            _GROWTHS[session] = Growth(session)
        return _GROWTHS[session]

"""Alerts of a market as far as it has come: what was found is kept, and only later instants are looked at.

Of a market that grows the instants count that its messages have passed, of measures of trades those that a
trade has passed as well: so what is said of an instant stays. A look costs what is new, of measures of trades
all of the session; these are looked at seldom enough to take no more than a tenth of the time.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from threading import Lock
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from liqmap.analytics.alerts import Alert, Condition, Crossings
from liqmap.analytics.book.events.hits import prints_of
from liqmap.render.frames.frame import instant_ns
from liqmap.render.frames.market import Market
from liqmap.render.marks.traded import traded
from liqmap.schema import SessionError
from liqmap.session.sampling import known_values
from liqmap.spans import Spans
from liqmap.spans.grown import drop_ended

REARM = 10 * 10**9
"""ns that a condition is known not to hold before it may give another alert, as `Session.alerts` has it."""

MOST = 200_000
"""Instants of a session that a condition is looked at: two days of seconds."""

REST = 10.0
"""Measures of trades of a market that grows are looked at anew after so many times as long as that took."""


class Fired(NamedTuple):
    """What is known of a condition.

    alerts : by time. known : the largest share of what the measure looks at that was known at any instant;
        less than all of it at every instant is no value, and so never an alert.
    """

    condition: Condition
    alerts: list[Alert]
    known: float


def fired_in(market: Market, conditions: Sequence[Condition], until: int | None = None) -> list[Fired]:
    """The alerts of each condition in a market so far; of one that is played, up to its time.

    Raises
    ------
    SessionError : so many instants that nobody waits for them.
    """
    whole = getattr(market, "whole", market)  # a view of a session tells of all of it
    played = [t for t in (until, getattr(market, "until", None)) if t is not None]
    now = min([*played, whole.spans().last])
    found = []
    for watch in (_watch_of(whole, one) for one in conditions):
        watch.look(whole)
        alerts = [one.as_of(now) for one in watch.found if one.time <= now]
        found.append(Fired(watch.condition, alerts, watch.known))
    return found


class Watch:
    """One condition in one market, for several threads."""

    def __init__(self, condition: Condition) -> None:
        self.condition, self.known = condition, 0.0
        self.found: tuple[Alert, ...] = ()
        self._crossings = Crossings(condition.holds, -(-REARM // condition.every))
        self._lock = Lock()
        self._next: int | None = None  # the multiple of the step that is looked at next
        self._rested = 0.0

    def look(self, market: Market) -> None:
        """Take in what the market has come to since. While another thread does, what was found before stands;
        the first time it is waited for.

        Raises
        ------
        SessionError : see `fired_in`.
        """
        if not self._lock.acquire(blocking=self._next is None):
            return
        try:
            self._look(market)
        finally:
            self._lock.release()

    def _look(self, market: Market) -> None:
        spans, step, now = market.spans(), self.condition.every, time.monotonic()
        first, stop = self._next, _final(market, spans, self.condition) // step + 1
        if first is None:
            first = -(-max(instant_ns(market.time_range[0]), spans.begin) // step)
        if stop <= first or now < self._rested:
            return
        if self._next is None and stop - first > MOST:
            raise SessionError(
                argument="alerts",
                expected=f"at most {MOST:,} instants of a session",
                got=f"{stop - first:,}: {self.condition.words}",
                remedy="Say more after it, such as every 10s",
            )
        self._take(market, spans, np.arange(first, stop, dtype=np.int64) * step)
        self._next = stop
        if self.condition.of_trades and _grows(market):
            self._rested = time.monotonic() + REST * (time.monotonic() - now)

    def _take(self, market: Market, spans: Spans, times: np.ndarray) -> None:
        measure, step = self.condition.measure, self.condition.every
        prints = prints_of(market.trades(), spans) if self.condition.of_trades else None
        part = spans if self.condition.of_trades else _from(spans, int(times[0]) - step - 1)
        value, share = known_values(part, times, measure, prints, step)
        self.known = max(self.known, float(share.max(initial=0.0)))
        if self._crossings.feed(times, value):
            self.found = tuple(self._crossings.alerts)


def _from(spans: Spans, since: int) -> Spans:
    """Spans that say the same from an instant on; the fewer, the later that is."""
    if since <= spans.begin:
        return spans
    young = spans.parts[-1] if spans.parts else spans
    if young.since is not None and young.since <= since:
        return young
    return drop_ended(spans, since)


def _grows(market: Any) -> bool:
    """Whether more may come."""
    return hasattr(market, "on_grown") and not getattr(market, "closed", False)


def _final(market: Market, spans: Spans, condition: Condition) -> int:
    """The last instant of which all is known, ns."""
    if not _grows(market):
        return min(spans.last, instant_ns(market.time_range[1]))
    if not condition.of_trades:
        return spans.last
    trades = traded(market)
    return min(spans.last, int(trades.time[-1])) if len(trades) else 0


_WATCHES: WeakKeyDictionary[Any, dict[Condition, Watch]] = WeakKeyDictionary()
_MAKING = Lock()

KEPT = 64
"""Conditions that are kept of a market, those asked for last."""


def _watch_of(market: Market, condition: Condition) -> Watch:
    """The same for all who look at a market: of one that grows, for all of its visitors."""
    with _MAKING:
        kept = _WATCHES.setdefault(getattr(market, "growth", market), {})
        watch = kept.pop(condition, None) or Watch(condition)
        kept[condition] = watch
        while len(kept) > KEPT:
            del kept[next(iter(kept))]
        return watch

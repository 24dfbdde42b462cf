"""What a session says at instants: the methods that sample it (see `sampling`)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal, overload

import numpy as np

from liqmap.analytics.alerts import Crossings, conditions_of, table_of
from liqmap.analytics.book.events.hits import prints_of
from liqmap.carry import Duration, spell
from liqmap.fill.snapshots import instants, step_of
from liqmap.schema import SessionError
from liqmap.schema.arguments import whole_number
from liqmap.schema.times import instants as read_instants
from liqmap.session import sampling
from liqmap.session.instants import Instant
from liqmap.spans import Spans

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


MOST_VALUES = 150_000_000
"""Numbers of one table: 1.2 GB."""


class Sampled(ABC):
    """What has spans over a range of time."""

    @abstractmethod
    def spans(self, depth_limit: int | None = None) -> Spans:
        """Spans of the range."""

    @abstractmethod
    def _within(self) -> tuple[int, int]:
        """First and last instant of the range, ns."""

    @abstractmethod
    def book(self, t: Instant) -> pd.DataFrame:
        """The book at an instant."""

    def alerts(
        self, conditions: str | Iterable[str], every: Duration = "1s", rearm: Duration = "10s"
    ) -> pd.DataFrame:
        """When conditions on measures came to hold: a row an alert.

        Parameters
        ----------
        conditions : one or several, such as ``"imbalance@5 > 0.6"``: a measure that `sample` takes, one of
            ``>``, ``>=``, ``<``, ``<=``, and a number in the unit of the measure. ``"ofi@1 < -50 every 10s"``
            says itself how often it is looked at.
        every : distance of the instants of those that do not say it.
        rearm : a condition gives no other alert before it was known not to hold for so long, at every
            instant that is known: what flickers about its threshold is one alert.

        Returns
        -------
        ``ts`` (UTC, the instant from which on it was known to hold), ``measure``, ``condition``, ``value``
        then, ``until`` (UTC, the first of the instants known not to hold after which it was armed again; NaT
        while that is not known). By the law of causality a session cut at t has the same alerts up to t. An
        instant at which not all is known that the measure looks at fires nothing, ends nothing, arms nothing;
        ``attrs["known"]`` says of each condition the largest share that was known at any.

        Raises
        ------
        SessionError : no such measure, sign or number, no instant in the range, or too many.
        """
        wanted, wait = conditions_of(conditions, step_of(every, "every")), step_of(rearm, "rearm")
        spans = self.spans()
        prints = prints_of(self, spans) if any(one.of_trades for one in wanted) else None
        found, known = [], {}
        for one in wanted:
            times = self._times(spell(one.every), 3)
            value, share = sampling.known_values(spans, times, one.measure, prints, one.every)
            crossings = Crossings(one.holds, -(-wait // one.every))
            crossings.feed(times, value)
            found.append((one, crossings.alerts))
            known[one.words] = float(share.max())
        return table_of(found, known)

    def _times(self, every: Duration, values: int) -> np.ndarray:
        """(K,) int64 ns, the multiples of a duration since the epoch that lie in the range.

        Parameters
        ----------
        values : numbers that are found for each.
        """
        (begin, end), step = self._within(), step_of(every, "every")
        count = (end - begin) // step + 1
        if count * values > MOST_VALUES:
            raise SessionError(
                argument="every",
                expected=f"at most {MOST_VALUES:,} numbers",
                got=f"{values:,} at each of {count:,} instants",
                remedy="Take fewer, or sample a part of the session: session.sel(start, end)",
            )
        times = instants(begin, end, step)
        if not len(times):
            raise SessionError(argument="every", expected="a multiple in the range", got=repr(every))
        return times

    @overload
    def sample(
        self, every: Duration = ..., measures: Sequence[str] = ..., as_xarray: Literal[False] = ...
    ) -> pd.DataFrame: ...

    @overload
    def sample(
        self, every: Duration = ..., measures: Sequence[str] = ..., *, as_xarray: Literal[True]
    ) -> xr.Dataset: ...

    def sample(
        self,
        every: Duration = "1s",
        measures: Sequence[str] = ("mid", "spread"),
        as_xarray: bool = False,
    ) -> pd.DataFrame | xr.Dataset:
        """Measures of the observed book at regular instants: a row per instant.

        Parameters
        ----------
        every : distance of the instants, which are its multiples since the epoch.
        measures : ``bid``, ``ask``, ``mid``, ``weighted_mid``, ``spread``, ``spread_bps``; and, of the 5 best
            levels a side or of what lies within 10 bps of the mid, ``imbalance@5``, ``depth@10bps``,
            ``bid_depth@5``, ``pressure@10bps`` and so on; and, of the interval from the instant before,
            ``ofi@1``, ``added@5``, ``pulled@10bps`` and so on. Their formulas stand in
            `liqmap.analytics.book.measures` and `measures_over`, which take more, and in `docs/book.md`.
        as_xarray : a Dataset over ``time`` (UTC) with the units of the measures, in place of a frame.

        Returns
        -------
        ``ts`` (UTC), a column per measure, and ``known``: the share of what the measures look at that is
        known, 0 to 1, the least of them. A row tells of the instant before ``ts``: nothing that came at
        ``ts`` or later is in it, so that it may stand beside what happens from then on. Carried sizes are
        left out. Of an interval that is not over at the last message, or whose trades are not known where a
        measure needs them, there is no value.

        Raises
        ------
        SessionError : no such measure, no instant in the range, or too many; a session without depth.
        """
        if isinstance(measures, str) or not isinstance(measures, Iterable):
            raise SessionError(argument="measures", expected="a list of names", got=repr(measures))
        names = list(measures)
        needs = sampling.needs_trades(names)
        spans, times = self.spans(), self._times(every, len(names) + 2)
        prints = prints_of(self, spans) if needs else None
        found = sampling.sample(spans, times, names, prints, step_of(every, "every"))
        return sampling.dataset(found, self.spans().meta) if as_xarray else found

    @overload
    def levels(self, every: Duration = ..., count: int = ..., wide: Literal[False] = ...) -> xr.Dataset: ...

    @overload
    def levels(self, every: Duration = ..., count: int = ..., *, wide: Literal[True]) -> pd.DataFrame: ...

    def levels(
        self, every: Duration = "1s", count: int = 20, wide: bool = False
    ) -> xr.Dataset | pd.DataFrame:
        """The best observed levels at regular instants, as they stood in the instant before each.

        Parameters
        ----------
        every : distance of the instants, which are its multiples since the epoch.
        count : levels a side.
        wide : a frame with a row per instant, columns ``asks[0].price``, ``asks[0].amount``,
            ``bids[0].price`` and so on, as Tardis writes ``book_snapshot_N``; without it a Dataset.

        Returns
        -------
        ``price`` and ``size`` (side, level, time), NaN where there is no such level; level 0 is the best.

        Raises
        ------
        SessionError : no instant in the range; a session without depth.
        """
        count = whole_number(count, "count")
        found = sampling.levels(self.spans(), self._times(every, 4 * count), count)
        return sampling.wide(found) if wide else found

    def books(self, times: Iterable[Instant]) -> pd.DataFrame:
        """The book at several instants, one below the other: ``ts`` (UTC), and the columns of `book`.

        Raises
        ------
        SessionError : an instant that is not in the session.
        """
        import pandas as pd

        found = read_instants(times, "times", SessionError, self._within())
        at = pd.DatetimeIndex(found.view("datetime64[ns]"), tz="UTC")
        frames = [self.book(t).assign(ts=t) for t in at]
        if not frames:
            raise SessionError(argument="times", expected="one time or more", got="none")
        books = pd.concat(frames, ignore_index=True)
        return books[["ts", *(name for name in books if name != "ts")]]

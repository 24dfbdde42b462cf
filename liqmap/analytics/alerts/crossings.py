"""`Crossings`: when a condition on a sampled measure began to hold, and until when it did.

It is fed values at rising instants, in any pieces, and what it says of an instant never changes when more
come. An alert is the first instant at which the condition is known to hold while armed. It is over, and armed
again, when after that the condition was known not to hold at ``calm`` instants without holding between them:
so a value that flickers about its threshold is one alert. NaN, a value that is not known, counts for
nothing: it fires nothing, ends nothing and arms nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

OPEN = -1
"""Instead of a time: not yet."""


class Alert(NamedTuple):
    """One time that a condition came to hold.

    time : ns, the instant at which it was known to. value : of the measure, then.
    until : ns, the first instant from which on it was known not to hold, all of the calm; `OPEN`: not yet.
    settled : ns, the instant at which that was known; `OPEN`: not yet.
    """

    time: int
    value: float
    until: int = OPEN
    settled: int = OPEN

    def as_of(self, now: int) -> Alert:
        """What was known of it by an instant that is not before it."""
        return self if self.settled <= now else self._replace(until=OPEN, settled=OPEN)


class Crossings:
    """Alerts of one condition so far.

    Parameters
    ----------
    holds : says of (N,) known values whether the condition holds, (N,) bool.
    calm : instants known not to hold after which it is armed again, at least 1.
    """

    def __init__(self, holds: Callable[[np.ndarray], np.ndarray], calm: int = 1) -> None:
        self._holds, self.calm = holds, max(calm, 1)
        self.alerts: list[Alert] = []
        self._quiet: list[int] = []  # instants since it last held, while an alert is not over

    def feed(self, time: np.ndarray, value: np.ndarray) -> list[Alert]:
        """Take the values at the next instants; gives the alerts that are new, or over since.

        Parameters
        ----------
        time : (N,) int64 ns, rising, and after those of before. value : (N,) float64, NaN where not known.

        Notes
        -----
        With h the known values' answers and r the runs of equal ones, an alert begins with each run of True
        that no alert is before, or that follows on a run of False of ``calm`` instants or more.
        """
        known = np.flatnonzero(~np.isnan(value))
        is_on = bool(self.alerts) and self.alerts[-1].settled == OPEN
        tail = [self.alerts[-1].time, *self._quiet] if is_on else []
        at = np.concatenate([np.array(tail, np.int64), time[known]])
        was = np.concatenate([np.full(len(tail), np.nan), value[known]])
        on = np.zeros(len(at) + 2, np.int8)
        on[1 : 1 + len(tail)] = [1, *[0] * len(self._quiet)] if is_on else []
        on[1 + len(tail) : -1] = self._holds(value[known])
        begin, end = (np.flatnonzero(np.diff(on) == way) for way in (1, -1))  # runs of True, [begin, end)
        if not len(begin):
            return []
        quiet = np.append(begin[1:], len(at)) - end  # instants of the run of False after each
        last = quiet >= self.calm
        first = np.append(True, last[:-1])
        return self._take(at, was, begin[first], _ends(end, quiet, last, first), is_on)

    def _take(
        self, at: np.ndarray, was: np.ndarray, begin: np.ndarray, ends: list[tuple[int, bool]], is_on: bool
    ) -> list[Alert]:
        """Note alerts that begin at some places; ``ends``: where the last run of each ends, and whether for
        good."""
        fresh = []
        for k, (place, (end, is_over)) in enumerate(zip(begin.tolist(), ends)):
            over = (int(at[end]), int(at[end + self.calm - 1])) if is_over else (OPEN, OPEN)
            if k == 0 and is_on:
                before = self.alerts.pop()
                one = Alert(before.time, before.value, *over)
                if is_over:
                    fresh.append(one)
            else:
                one = Alert(int(at[place]), float(was[place]), *over)
                fresh.append(one)
            self.alerts.append(one)
        end, is_over = ends[-1]
        self._quiet = [] if is_over else at[end:].tolist()
        return fresh


def _ends(end: np.ndarray, quiet: np.ndarray, last: np.ndarray, first: np.ndarray) -> list[tuple[int, bool]]:
    """Of each alert where its last run of True ends, and whether it is over then."""
    closing = np.append(np.flatnonzero(first)[1:] - 1, len(end) - 1)
    return [(int(end[k]), bool(last[k])) for k in closing]

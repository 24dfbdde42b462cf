"""Alerts as the app lists them: the latest first, in words; of a play up to its time."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

import numpy as np

from liqmap.analytics.alerts import Alert, Condition
from liqmap.app.data.data import Data
from liqmap.app.state.clock import words as clock
from liqmap.render.frames import words as labels
from liqmap.render.marks.alerted import Fired
from liqmap.session.sampling import WHOLE

OPEN_END = 2**63 - 2
"""A time after all others, ns."""

MOST = 200
"""Alerts that are listed."""


class Row(NamedTuple):
    """An alert in the list. place : of its condition. time : ns."""

    place: int
    time: int
    clock: str
    condition: str
    value: str
    held: str

    @property
    def key(self) -> str:
        """Names it, also when others have come."""
        return f"{self.place}:{self.time}"


class Listed(NamedTuple):
    """rows : at most `MOST` of ``total``. notes : what is to be said of conditions that are never known."""

    rows: list[Row]
    total: int
    notes: list[str]


def counts(found: list[Fired], data: Data) -> tuple[int, ...]:
    """How many alerts of each condition are known by now, and of how many that they are over: what `listed`
    says is the same as long as these are."""
    now = data.played_to()
    at = OPEN_END if now is None else now
    return tuple(bisect_right(one.alerts, at, key=of) for one in found for of in (lambda a: a.time, _settled))


def _settled(alert: Alert) -> int:
    return alert.settled if alert.settled >= 0 else OPEN_END + 1


def listed(found: list[Fired], data: Data) -> Listed:
    """What is known by now, the play's time where one is played."""
    now, zone = data.played_to(), data.state.time_zone
    alerts = [
        (place, one if now is None else one.as_of(now), each.condition)
        for place, each in enumerate(found)
        for one in each.alerts
        if now is None or one.time <= now
    ]
    alerts.sort(key=lambda row: (row[1].time, -row[0]), reverse=True)
    rows = [_row(*one, zone) for one in alerts[:MOST]]
    return Listed(rows, len(alerts), [_note(one) for one in found if not one.alerts and one.known < WHOLE])


def _row(place: int, alert: Alert, condition: Condition, zone: str) -> Row:
    held = "not over" if alert.until < 0 else f"for {labels.duration(alert.until - alert.time)}"
    at = clock(np.datetime64(alert.time, "ns"), zone)[11:]
    return Row(place, alert.time, at, condition.words, labels.exact(alert.value), held)


def _note(one: Fired) -> str:
    """Of a measure that is never known, why there is no alert."""
    return f"{one.condition.measure}: never known in full, at most {100 * one.known:.0f} %"

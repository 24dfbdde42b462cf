"""Archives that have some months in one file: who comes first takes the month for all its days.

Bybit numbers the spot trades of each file from 1, so a month and its days cannot be told to be the same: a
store gets the one or the others.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from liqmap.archives.catalogue import Place, Wanted


class Months:
    """What one fetch took of each month; days of one month take turns."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._turns: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._taken: defaultdict[str, set[str]] = defaultdict(set)

    @contextmanager
    def turn(self, day: Wanted) -> Iterator[None]:
        """Alone with the month of a day; at once where the archive has no months."""
        month = _month(day)
        if month is None:
            yield
            return
        with self._lock:
            turn = self._turns[month.path]
        with turn:
            yield

    def took(self, day: Wanted, place: Place) -> None:
        """Remember what was taken for a day."""
        if (month := _month(day)) is not None:
            self._taken[month.path].add(place.name)

    def has(self, day: Wanted) -> Place | None:
        """The month of a day, if it was taken."""
        month = _month(day)
        return month if month is not None and month.name in self._taken[month.path] else None

    def days_of(self, day: Wanted, ingested: set[str]) -> str | None:
        """A file of a single day of the same month, taken now or before; None where there are no months."""
        month = _month(day)
        if month is None:
            return None
        begin = day.places[0].name.removesuffix(f"{day.date:%d}.csv.gz")
        return min((n for n in self._taken[month.path] | ingested if n.startswith(begin)), default=None)


def _month(day: Wanted) -> Place | None:
    return next((place for place in day.places if place.month), None)

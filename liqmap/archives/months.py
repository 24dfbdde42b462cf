"""Archives that have some months in one file: the first to come downloads the month for all its days.

Bybit numbers the spot trades of each file from 1, so a month and its days cannot be known to be the same: a
store gets the one or the others.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from liqmap.archives.catalogue import Place, Wanted


class Months:
    """What one fetch got of each month; days of one month come one after the other."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._got: defaultdict[str, set[str]] = defaultdict(set)

    @contextmanager
    def locked(self, day: Wanted) -> Iterator[None]:
        """Alone with the month of a day; at once where the archive has no months."""
        month = _month(day)
        if month is None:
            yield
            return
        with self._lock:
            lock = self._locks[month.path]
        with lock:
            yield

    def remember(self, day: Wanted, place: Place) -> None:
        """Remember what was got for a day."""
        if (month := _month(day)) is not None:
            self._got[month.path].add(place.name)

    def has(self, day: Wanted) -> Place | None:
        """The month of a day, if it was got."""
        month = _month(day)
        return month if month is not None and month.name in self._got[month.path] else None

    def days_of(self, day: Wanted, ingested: set[str]) -> str | None:
        """A file of a single day of the same month, got now or before; None where there are no months."""
        month = _month(day)
        if month is None:
            return None
        begin = day.places[0].name.removesuffix(f"{day.date:%d}.csv.gz")
        return min((n for n in self._got[month.path] | ingested if n.startswith(begin)), default=None)


def _month(day: Wanted) -> Place | None:
    return next((place for place in day.places if place.month), None)

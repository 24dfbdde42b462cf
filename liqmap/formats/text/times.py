"""Times as files have them, since 1970 in units that their size tells.

Only those of 2000 to 2099 are taken: one outside is in another unit, such as seconds where ms are expected,
or no time at all.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

import numpy as np

EARLIEST, LATEST = 946_684_800, 4_102_444_800
"""2000 and 2100, seconds."""

EARLIEST_MS, LATEST_MS = EARLIEST * 1_000, LATEST * 1_000 - 1
"""The first and the last ms of them. In us the first is later than any in ms."""

EARLIEST_NS, LATEST_NS = EARLIEST * 10**9, LATEST * 10**9

_UNITS = {12: 1_000_000, 13: 1_000_000, 15: 1_000, 16: 1_000, 18: 1, 19: 1}
"""ns of a ms, us, ns, by the digits of a time in them."""


class Units:
    """The units of the times of one file, and the ``usual`` one of its format, where it has one."""

    def __init__(self, usual: str | None = None) -> None:
        self._usual = usual
        self._found: set[str] = set()

    def see(self, **units: np.ndarray) -> None:
        """Which times are in which unit: ``see(us=mask, ms=~mask)``."""
        self._found |= {unit for unit, mask in units.items() if mask.any()}

    def notes(self, name: str) -> list[str]:
        """A sentence on the units of a file; none where it has no times, or all of them in the usual one."""
        found = [unit for unit in ("s", "ms", "us") if unit in self._found]
        return [f"{name}: times are in {' and '.join(found)}"] if found and found != [self._usual] else []


def is_micro(times: np.ndarray) -> np.ndarray:
    """Which of these times, in ms or us, are in us."""
    return times >= 1_000 * EARLIEST_MS


def to_ns(times: np.ndarray) -> np.ndarray:
    """Times in ms or us as ns."""
    return np.where(is_micro(times), times * 1_000, times * 1_000_000)


def are_times(times: np.ndarray) -> bool:
    """Whether all of these are times in ms or us."""
    ms = np.where(is_micro(times), times // 1_000, times)
    return bool(((ms >= EARLIEST_MS) & (ms <= LATEST_MS)).all())


def local_time(digits: bytes | None) -> int | None:
    """A local time in ms, us or ns as ns; 0 where there is none, None where it is none of these."""
    if digits is None:
        return 0
    unit = _UNITS.get(len(digits))
    found = int(digits) * unit if unit else 0
    return found if EARLIEST_NS <= found < LATEST_NS else None


_SECONDS = re.compile(r"(\d{9,10})(?:\.(\d{1,9}))?", re.ASCII)
_ISO = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:Z|\+00:00)", re.ASCII)


def seconds_to_ns(text: object) -> int | None:
    """Seconds with decimals, ``1618678133.365913``, as ns, exactly; None if they are none of 2000 to 2099."""
    found = _SECONDS.fullmatch(text) if isinstance(text, str) else None
    return None if found is None else _whole_and_part(int(found[1]), found[2])


def iso_to_ns(text: object) -> int | None:
    """A time in UTC, ``2023-10-06T17:35:55.440295Z``, as ns, exactly; None if it is none of 2000 to 2099."""
    found = _ISO.fullmatch(text) if isinstance(text, str) else None
    whole = None if found is None else _iso_seconds(found[1])
    return None if whole is None or found is None else _whole_and_part(whole, found[2])


def _whole_and_part(seconds: int, decimals: str | None) -> int | None:
    ns = seconds * 10**9 + (int(decimals.ljust(9, "0")) if decimals else 0)
    return ns if EARLIEST_NS <= ns < LATEST_NS else None


@lru_cache(1024)
def _iso_seconds(text: str) -> int | None:
    try:
        return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())
    except ValueError:
        return None

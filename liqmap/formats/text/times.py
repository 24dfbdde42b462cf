"""Times as files have them, since 1970 in units that their size tells.

Only those of 2000 to 2099 are taken: one outside is in another unit, such as seconds where ms are expected,
or no time at all.
"""

from __future__ import annotations

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

"""One reading of times, wherever users give one: text, Timestamps, datetimes, dates, datetime64, whole ms.

What has no zone is UTC. Integers are ms since 1970; seconds, us and ns are told by their size and refused, as
is text that leaves the year, the month or the day to be guessed.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from liqmap.schema.errors import GridError, LiqmapError, SessionError
from liqmap.schema.ranges import two

if TYPE_CHECKING:
    import pandas as pd

Instant: TypeAlias = "str | int | pd.Timestamp | datetime | date | np.datetime64"
"""A time as users write it: ``"2025-11-28 14:00"``, ms since 1970, or any of the usual objects; UTC where it
says no zone."""

TimeRange: TypeAlias = "tuple[Instant | None, Instant | None] | Sequence[Instant | None]"
"""Begin and end, the end not included; None is the session's own."""

DAY = 86_400 * 10**9
SECOND = 10**9

EXPECTED = "a time such as '2025-11-28 14:00' or ms since 1970"

# Sizes of today's times by unit are far apart: s 1e9, ms 1e12, us 1e15, ns 1e18.
_SECONDS, _MS, _US, _NS = 10**9, 10**10, 10**14, 10**17
_OLDEST_MS = 10**11
"""Of integers that may be ns too: ms from 1973 on. Below, nobody can say which."""

_CLOCK = re.compile(r"\s*(\d{1,2}):(\d\d)(?::(\d\d)(\.\d{1,9})?)?\s*(?:Z|UTC)?\s*", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"\s*\d{4}(?:[-/.]\d{1,2}(?:[-/.]\d{1,2}(?:[T ].*)?)?|\d{4}(?:[T ].*)?)?\s*")


def instant(
    t: Any,
    name: str,
    within: tuple[int, int] | None = None,
    *,
    ends: bool = False,
    error: type[LiqmapError] = SessionError,
) -> int | None:
    """An instant as ns since the epoch, UTC; None for None.

    Parameters
    ----------
    name : the argument, for the error.
    within : first and last instant (ns) of what the time is about: ``"23:55"`` is of its day.
    ends : whether the instant ends a range: ``"00:00"`` is then the midnight after the last day.
    error : what is raised.

    Raises
    ------
    LiqmapError : not a time, a time of no certain day, or a number in another unit than ms.
    """
    if t is None:
        return None
    if getattr(t, "ndim", None) == 0 and getattr(t, "dtype", None) is not None:  # of xarray and numpy
        t = np.asarray(t)[()]
    elif hasattr(t, "as_py"):  # a scalar of Arrow
        t = t.as_py()
    if isinstance(t, str):
        text = t.strip()
        if text.isdecimal() and len(text) > 8:  # '20251128' is a day
            return _milliseconds(int(text), t, name, error)
        if clock := _CLOCK.fullmatch(text):
            return _of_day(clock, t, name, within, ends, error)
        found = _parsed(text)
    elif isinstance(t, (int, np.integer, float, np.floating)) and not isinstance(t, bool):
        return _milliseconds(t, t, name, error)
    else:
        found = _nanoseconds(t) if isinstance(t, (date, np.datetime64)) else None
    if found is None:
        raise error(argument=name, expected=EXPECTED, got=f"{t!r:.80}")
    return found


def interval(
    given: Any,
    name: str,
    within: tuple[int, int],
    known: tuple[int, int] | None = None,
    error: type[LiqmapError] = GridError,
) -> tuple[int, int]:
    """Begin and end (ns) of a range as users give it; None in it is an end of ``within``.

    Parameters
    ----------
    within : first and last instant (ns) of the session: a time of day is of its days.
    known : first and last of what there is, where that is more.

    Raises
    ------
    LiqmapError : not two times that rise, or times that do not meet what there is: says that.
    """
    ends = two(given)
    if ends is None:
        raise error(argument=name, expected="two times, (begin, end)", got=f"{given!r:.80}")
    first, last = within
    begin = instant(ends[0], name, within, error=error)
    end = instant(ends[1], name, within, ends=True, error=error)
    begin, end = first if begin is None else begin, last if end is None else end
    there = f"{spell(first)} to {spell(last)}"
    if begin >= end:
        got = f"{spell(begin)} to {spell(end)}"
        raise error(argument=name, expected=f"two times that rise, of {there}", got=got)
    first, last = known or within
    if begin > last or end <= first:
        expected = f"a time range with data (within {spell(first)} to {spell(last)})"
        raise error(argument=name, expected=expected, got=f"{spell(begin)} to {spell(end)}")
    return begin, end


def instants(
    times: Any, name: str, error: type[LiqmapError] = GridError, within: tuple[int, int] | None = None
) -> np.ndarray:
    """Times as int64 ns, UTC: of any sequence of what `instant` takes, of ms, or of ns.

    ``within`` is what they are about, as of `instant`. Integers are ms or ns by their size, from 1973 on;
    other sizes are refused, as they may be of any unit.

    Raises
    ------
    LiqmapError : not times, a missing one, or none that ns can hold.
    """
    kind = getattr(getattr(times, "dtype", None), "kind", "")
    if kind == "M" and getattr(times.dtype, "tz", None) is not None:
        import pandas as pd

        times = pd.DatetimeIndex(times).tz_convert("UTC").tz_localize(None)
    try:
        array = np.asarray(times)
    except (TypeError, ValueError):  # of unequal lengths
        raise error(argument=name, expected="times in UTC", got=f"{times!r:.60}") from None
    if array.dtype.kind in "iuf" and array.ndim:
        return _counted(array, name, error)
    if array.dtype.kind != "M":
        if array.ndim != 1:
            raise error(argument=name, expected="times in UTC", got=f"{times!r:.60}")
        each = (instant(_present(t, name, error), name, within, error=error) for t in array.tolist())
        return np.fromiter(each, np.int64, len(array))
    if np.isnat(array).any():
        raise error(argument=name, expected="times", got="NaT")
    if (np.abs(array.astype("datetime64[s]").astype(np.int64)) > 9 * SECOND).any():
        raise error(
            argument=name, expected="times between 1685 and 2255, which nanoseconds can hold", got="others"
        )
    return array.astype("datetime64[ns]").astype(np.int64)


def day_of(given: Any, name: str, error: type[LiqmapError] = SessionError) -> str:
    """The UTC day of a time, as text: ``2025-11-28``.

    Raises
    ------
    LiqmapError : not a time of a certain day.
    """
    try:
        found = instant(given, name, error=error)
    except LiqmapError as wrong:
        raise error(
            argument=name, expected="a date such as 2025-11-28", got=wrong.got, remedy=wrong.remedy
        ) from None
    if found is None:
        raise error(argument=name, expected="a date such as 2025-11-28", got="None")
    return spell(found)[:10]


def spell(ns: int) -> str:
    """An instant as text, UTC, to the second."""
    return str(np.datetime64(ns, "ns"))[:19].replace("T", " ")


def _present(t: Any, name: str, error: type[LiqmapError]) -> Any:
    if t is None:
        raise error(argument=name, expected="times", got="None")
    return t


def _milliseconds(number: Any, given: Any, name: str, error: type[LiqmapError]) -> int:
    """Whole ms since 1970 as ns.

    Raises
    ------
    LiqmapError : of another unit by their size, or not whole.
    """
    size = abs(float(number))
    for low, high, unit in ((_SECONDS, _MS, "s"), (_US, _NS, "us"), (_NS, 10**20, "ns")):
        if low <= size < high:
            raise error(
                argument=name,
                expected=EXPECTED,
                got=f"{given!r}, {unit} since 1970 by its size",
                remedy=f"Pass pd.Timestamp({given!s}, unit='{unit}')",
            )
    if not (size < _US and float(number).is_integer()):
        raise error(argument=name, expected=EXPECTED, got=repr(given))
    return int(number) * 10**6


def _counted(array: np.ndarray, name: str, error: type[LiqmapError]) -> np.ndarray:
    """Numbers as ns: all of them ms, or all of them ns."""
    sizes = np.abs(array.astype(np.float64))
    if not len(array) or ((sizes >= _NS) & (sizes < 9.2e18)).all():
        return array.astype(np.int64)
    if ((sizes >= _OLDEST_MS) & (sizes < _US)).all() and not (array.dtype.kind == "f" and (array % 1).any()):
        return array.astype(np.int64) * 10**6
    worst = array.ravel()[int(np.argmax((sizes < _OLDEST_MS) | (sizes >= _US)))]
    size = abs(float(worst))
    unit = "s" if _SECONDS <= size < _MS else "us" if _US <= size < _NS else ""
    raise error(
        argument=name,
        expected="times; of integers ms since 1970, from 1973 on, or ns",
        got=f"{worst!s}" + (f", {unit} since 1970 by its size" if unit else ""),
        remedy=f"Pass pd.to_datetime({name}, unit={repr(unit) if unit else '...'})",
    )


def _of_day(
    clock: re.Match[str],
    given: str,
    name: str,
    within: tuple[int, int] | None,
    ends: bool,
    error: type[LiqmapError],
) -> int:
    """A time of day on the one day that can be meant."""
    hour, minute, second = (int(part or 0) for part in clock.groups()[:3])
    ns = int((clock[4] or ".0")[1:].ljust(9, "0"))
    if hour > 24 or minute > 59 or second > 59 or (hour == 24 and (minute or second or ns or not ends)):
        raise error(argument=name, expected=EXPECTED, got=repr(given))
    if within is None:
        raise error(argument=name, expected=EXPECTED, got=f"{given!r}, a time of no day")
    time = (hour * 3600 + minute * 60 + second) * SECOND + ns
    if ends and time == 0:
        time = DAY
    first, last = within
    days = range(first // DAY, last // DAY + 1)
    meant = [day * DAY + time for day in days]
    if len(meant) > 1:
        meant = [t for t in meant if first <= t <= last]
    if len(meant) != 1:
        raise error(
            argument=name,
            expected=f"a time with its day, as there are {spell(first)} to {spell(last)}",
            got=f"{given!r}, of {'several days' if meant else 'none of them'}",
        )
    return meant[0]


def _parsed(text: str) -> int | None:
    """Text that leaves nothing of its day to be guessed, as ns; else None."""
    if _YEAR_FIRST.fullmatch(text):
        return _nanoseconds(text)
    from dateutil import parser  # pandas brings it

    readings: set[datetime] = set()
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # of zones that it does not know
        try:
            for default in (datetime(2000, 1, 1), datetime(2001, 2, 2)):
                readings |= {parser.parse(text, default=default, dayfirst=first) for first in (True, False)}
        except (ValueError, OverflowError, TypeError, Warning):
            return None
    return _nanoseconds(readings.pop()) if len(readings) == 1 else None


def _nanoseconds(t: Any) -> int | None:
    """What pandas takes for a time, as ns; None where it does not, or ns cannot hold it."""
    import pandas as pd

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            stamp: Any = pd.Timestamp(t)
            if stamp is pd.NaT:
                return None
            stamp = stamp.tz_convert("UTC").tz_localize(None) if stamp.tzinfo is not None else stamp
            return int(stamp.as_unit("ns").value)
    except (ValueError, TypeError, OverflowError, Warning):
        return None

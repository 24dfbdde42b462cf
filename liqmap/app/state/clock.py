"""Times as people type them, and as they read them in a zone."""

from __future__ import annotations

import re
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from liqmap.render.frames import words as labels
from liqmap.render.frames.frame import instant_ns
from liqmap.schema import LiqmapError

ZONES = ("UTC", "America/New_York", "America/Chicago", "Europe/London", "Europe/Berlin", "Asia/Dubai",
         "Asia/Singapore", "Asia/Hong_Kong", "Asia/Tokyo", "Australia/Sydney")  # fmt: skip
"""Zones on offer; a link may name any other."""

CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?")

LONGEST = 60
"""Characters of a time."""

FIELD = "jump to"
"""Where people type a time; errors name it."""

Times = tuple[np.datetime64, np.datetime64]


def find_time(text: str, zone: str, within: Times, near: np.datetime64) -> np.datetime64:
    """The instant that a text names: ``14:30``, ``14:30:05.250``, or a day with or without a time.

    Parameters
    ----------
    zone : the zone of a text that names none itself.
    within : first and last instant there are, UTC.
    near : of a time of day that comes more than once, the one nearest to this.

    Raises
    ------
    LiqmapError : no time, or none within.
    """
    import pandas as pd

    text = text.strip()
    try:
        if len(text) > LONGEST or not text.isprintable():
            raise ValueError("no time has so many characters")
        if CLOCK.fullmatch(text):
            begin, end = (in_zone(t, zone) for t in within)
            days = pd.date_range(begin.date(), end.date(), freq="D")
            found = [_utc(pd.Timestamp(f"{day.date()} {text}"), zone) for day in days]
        else:
            found = [_utc(pd.Timestamp(text), zone)]
    except (ValueError, TypeError, OverflowError):
        raise LiqmapError(
            where=FIELD, expected="a time such as 14:30 or 2025-11-28 14:30", got=f"{text!r:.60}"
        ) from None
    inside = [t for t in found if within[0] <= t <= within[1]]
    if not inside:
        first, last = (words(t, zone) for t in within)
        raise LiqmapError(where=FIELD, expected=f"a time from {first} to {last} {zone}", got=text)
    return min(inside, key=lambda t: abs(t - near))


def in_zone(t: np.datetime64, zone: str) -> Any:
    """An instant as a Timestamp of a zone."""
    import pandas as pd

    return pd.Timestamp(t).tz_localize("UTC").tz_convert(ZoneInfo(zone))


def words(t: np.datetime64, zone: str) -> str:
    """An instant to the second as the clocks of a zone show it."""
    return labels.moment(instant_ns(t), zone)[:19]


def range_words(begin: np.datetime64, end: np.datetime64, zone: str) -> str:
    """A time range, as pictures say it."""
    return labels.span_words(begin, end, zone)


def _utc(stamp: Any, zone: str) -> np.datetime64:
    """As UTC, without a zone; of a time that the clocks pass twice or not at all, one that they pass."""
    import pandas as pd

    if stamp is pd.NaT:
        raise ValueError("not a time")
    if stamp.tzinfo is None:
        stamp = stamp.tz_localize(ZoneInfo(zone), ambiguous=True, nonexistent="shift_forward")
    return np.datetime64(stamp.tz_convert("UTC").tz_localize(None).as_unit("ns").value, "ns")

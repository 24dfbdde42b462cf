"""Instants and ranges as users write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from liqmap.schema import SessionError

if TYPE_CHECKING:
    import pandas as pd

Instant: TypeAlias = "str | int | pd.Timestamp | np.datetime64 | None"


def instant(t: Instant, name: str) -> int | None:
    """An instant as ns since the epoch, UTC: from text, Timestamp, datetime64, or whole ms.

    Raises
    ------
    SessionError : not a time.
    """
    if t is None:
        return None
    import pandas as pd

    if isinstance(t, str) and t.isdecimal() and len(t) > 8:  # '20251128' is a day
        t = int(t)
    try:
        if isinstance(t, (int, np.integer)):
            stamp = pd.Timestamp(int(t), unit="ms")
        elif isinstance(t, (float, np.floating)):  # pandas would take it for ns
            stamp = pd.Timestamp(int(t), unit="ms") if float(t).is_integer() else pd.NaT
        else:
            stamp = pd.Timestamp(t)
        if stamp is not pd.NaT:
            stamp = stamp.tz_convert("UTC").tz_localize(None) if stamp.tzinfo is not None else stamp
            return int(stamp.as_unit("ns").value)
    except (ValueError, TypeError, OverflowError):
        pass
    raise SessionError(
        argument=name, expected="a time such as '2025-11-28 14:00' or ms since 1970", got=repr(t)
    )


def spell(ns: int) -> str:
    """An instant as text, UTC, to the second."""
    return str(np.datetime64(ns, "ns"))[:19].replace("T", " ")

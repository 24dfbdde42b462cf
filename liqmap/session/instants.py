"""Instants and ranges as users write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from liqmap.schema import SessionError

if TYPE_CHECKING:
    import pandas as pd

Instant: TypeAlias = "str | int | pd.Timestamp | np.datetime64 | None"


def instant(t: Instant, name: str) -> int | None:
    """An instant as ns since the epoch, UTC: from text, Timestamp, datetime64, or int ms.

    Raises
    ------
    SessionError : not a time.
    """
    if t is None:
        return None
    import pandas as pd

    try:
        if isinstance(t, (int, np.integer)):
            return int(t) * 10**6
        stamp = pd.Timestamp(t)
    except (ValueError, TypeError):
        stamp = pd.NaT
    if stamp is pd.NaT:
        raise SessionError(f"{name}: expected a time such as '2025-11-28 14:00' or ms since 1970, got {t!r}")
    if stamp.tzinfo is not None:
        stamp = stamp.tz_convert("UTC").tz_localize(None)
    return int(stamp.as_unit("ns").value)


def spell(ns: int) -> str:
    """An instant as text, UTC, to the second."""
    return str(np.datetime64(ns, "ns"))[:19].replace("T", " ")

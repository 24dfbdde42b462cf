"""Where sums begin: with the session, at every so many hours, or at a time."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import numpy as np

from liqmap.analytics.flow.trades import Trades
from liqmap.carry import nanoseconds
from liqmap.schema import GridError
from liqmap.schema.times import instant

_TIME = re.compile(r".*\d:\d|\s*\d{4}[-/.]?\d\d")
"""What text must begin with to be a time, such as 14:30 or 2024-08-08; other text is a duration."""


def begins_of(trades: Trades, anchor: Any) -> np.ndarray:
    """(A,) int64 ns, rising: where sums begin anew. Trades before the first are in none.

    Parameters
    ----------
    anchor : ``"session"``, the first trade; a duration, its multiples since the epoch; or a time, UTC.

    Raises
    ------
    GridError : none of these, or a duration that is not above zero.
    """
    if isinstance(anchor, str) and anchor.strip().lower() == "session":
        return trades.time[:1].copy()
    if isinstance(anchor, (timedelta, np.timedelta64)) or (
        isinstance(anchor, str) and not _TIME.match(anchor)
    ):
        step = nanoseconds(anchor, "anchor")
        if step is None or step <= 0:
            expected = "'session', a duration such as '1D', or a time"
            raise GridError(argument="anchor", expected=expected, got=repr(anchor))
        return np.unique(trades.time // step * step)
    within = (int(trades.time[0]), int(trades.time[-1])) if len(trades) else None
    begin = instant(anchor, "anchor", within, error=GridError)
    if begin is None:
        expected = "'session', a duration such as '1D', or a time"
        raise GridError(argument="anchor", expected=expected, got=repr(anchor))
    return np.array([begin], np.int64)

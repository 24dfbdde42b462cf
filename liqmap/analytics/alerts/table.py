"""Alerts of several conditions as a frame."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from liqmap.analytics.alerts.condition import Condition
from liqmap.analytics.alerts.crossings import OPEN, Alert

if TYPE_CHECKING:
    import pandas as pd


def table_of(
    found: Iterable[tuple[Condition, list[Alert]]], known: dict[str, float] | None = None
) -> pd.DataFrame:
    """A row an alert, by time and then as the conditions were given: ts, measure, condition, value, until.

    Parameters
    ----------
    known : by condition, the largest share of what it looks at that was known at any instant; in ``attrs``.
    """
    import pandas as pd

    rows = [(one, alert) for one, alerts in found for alert in alerts]
    rows.sort(key=lambda row: row[1].time)  # which is stable
    frame = pd.DataFrame(
        {
            "ts": _times([alert.time for _, alert in rows]),
            "measure": pd.Series([one.measure for one, _ in rows], dtype="str"),
            "condition": pd.Series([one.words for one, _ in rows], dtype="str"),
            "value": np.array([alert.value for _, alert in rows], np.float64),
            "until": _times([alert.until for _, alert in rows]),
        }
    )
    frame.attrs["known"] = known or {}
    return frame


def _times(ns: list[int]) -> pd.DatetimeIndex:
    """Instants, NaT for `OPEN`."""
    import pandas as pd

    column = np.array(ns, np.int64).view("datetime64[ns]")
    column[np.array(ns, np.int64) == OPEN] = np.datetime64("NaT")
    return pd.DatetimeIndex(column, tz="UTC")

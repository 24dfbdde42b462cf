"""The gaps of a depth table, as users look them up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from liqmap.schema import EVENTS, GAP, codes, int64

if TYPE_CHECKING:
    import pandas as pd


def find_gaps(depth: pa.Table, since: int) -> pd.DataFrame:
    """A row per gap that ends after ``since`` (ns): after, until, seq_after, seq_until.

    Between two messages gap rows say no more than one of them.
    """
    import pandas as pd

    ts, seq = int64(depth["ts"]), int64(depth["seq"], null=-1)
    lost = codes(depth["event"], EVENTS) == GAP
    begins = np.flatnonzero(lost & ~np.append(False, lost[:-1]))
    messages = np.append(np.flatnonzero(~lost), len(lost))
    ends = messages[np.searchsorted(messages, begins)]
    there = ends < len(lost)
    until = np.where(there, np.append(ts, 0)[ends], np.iinfo(np.int64).min)  # NaT
    seq_until = pd.array(np.append(seq, 0)[ends], dtype="Int64")
    seq_until[~there] = pd.NA
    frame = pd.DataFrame(
        {
            "after": pd.DatetimeIndex(ts[begins].view("datetime64[ns]")).tz_localize("UTC"),
            "until": pd.DatetimeIndex(until.view("datetime64[ns]")).tz_localize("UTC"),
            "seq_after": seq[begins],
            "seq_until": seq_until,
        }
    )
    return frame[~there | (until > since)].reset_index(drop=True)

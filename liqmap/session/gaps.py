"""The gaps of a depth table, as users look them up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from liqmap.schema import EVENTS, GAP, SNAPSHOT, Meta, codes, int64

if TYPE_CHECKING:
    import pandas as pd


def find_gaps(depth: pa.Table, since: int) -> pd.DataFrame:
    """A row per gap that ends after ``since`` (ns): after, until, seq_after, seq_until.

    Between two messages gap rows say no more than one of them. Under the policy ``truncate`` a gap goes on to
    the next snapshot, and updates in it stand for themselves.
    """
    import pandas as pd

    ts, seq = int64(depth["ts"]), int64(depth["seq"], null=-1)
    event = codes(depth["event"], EVENTS)
    lost = event == GAP
    ending = event == SNAPSHOT if _goes_on(depth) else ~lost
    turns = np.maximum.accumulate(np.where(lost | ending, np.arange(len(lost)), -1)) if len(lost) else lost
    open_before = np.append(False, (turns >= 0) & lost[turns])[:-1]
    begins = np.flatnonzero(lost & ~open_before)
    messages = np.append(np.flatnonzero(ending), len(lost))
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


def _goes_on(depth: pa.Table) -> bool:
    """Whether updates end no gap."""
    return Meta.from_metadata(depth.schema.metadata).window_policy == "truncate"

"""Cumulative delta: what aggressors bought less what they sold, since an anchor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from liqmap.analytics.flow.anchors import begins_of
from liqmap.analytics.flow.bars import utc
from liqmap.analytics.flow.kernels.records import Running
from liqmap.analytics.flow.kernels.running import run_delta
from liqmap.analytics.flow.source import trades_of
from liqmap.analytics.flow.trades import Traded, Trades

if TYPE_CHECKING:
    import pandas as pd


class CumulativeDelta(NamedTuple):
    """After all trades of each time (K times): (K,) int64 ns, and base units.

    delta : of the trades of that time; cumulative : its sum since the anchor; unsigned : volume since the
        anchor whose aggressor is not known.
    """

    time: np.ndarray
    delta: np.ndarray
    cumulative: np.ndarray
    unsigned: np.ndarray


def cumulative_delta(trades: Traded | Any, anchor: Any = "session") -> pd.DataFrame:
    """Cumulative delta (CVD): what aggressors bought less what they sold, since an anchor.

    Parameters
    ----------
    trades : a `Session`, or a table of trades (see `bars`).
    anchor : where the sum begins: ``"session"``, with the first trade; a duration such as ``"1D"``, anew at
        each of its multiples since the epoch, UTC; or a time, UTC, before which nothing counts.

    Returns
    -------
    A row per distinct time of trades, as it is after all trades of that time: ``ts`` (UTC); ``delta``, of the
    trades of that time; ``cumulative_delta``; ``unsigned``, the volume since the anchor whose aggressor is
    not known: the true sum is at most so far away. The market's size unit.

    Raises
    ------
    GridError : another anchor.
    SchemaError : no trades (see `bars`).

    Notes
    -----
    ``cumulative_delta(t) = sum of s_i q_i over trades with anchor <= t_i <= t``, s = 1 where the aggressor
    bought, -1 where it sold, 0 where it is not known. Sizes of at most 12 decimals are added exactly.
    """
    import pandas as pd

    found = trades_of(trades)
    sums = cumulative_delta_of(found, begins_of(found, anchor))
    columns = {"delta": sums.delta, "cumulative_delta": sums.cumulative, "unsigned": sums.unsigned}
    return pd.DataFrame({"ts": utc(sums.time), **columns}, copy=False)


def cumulative_delta_of(trades: Trades, begins: np.ndarray) -> CumulativeDelta:
    """Cumulative delta that begins anew with the first trade at or after each of ``begins``, ns, rising."""
    out = Running.empty(len(trades))
    return CumulativeDelta(*out.until(run_delta(trades.columns, begins, trades.amounts.per_unit, out)))

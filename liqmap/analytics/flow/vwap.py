"""The volume-weighted average price since an anchor, and bands about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from liqmap.analytics.flow.anchors import begins_of
from liqmap.analytics.flow.bars import utc
from liqmap.analytics.flow.kernels.records import Running
from liqmap.analytics.flow.kernels.running import run_mean
from liqmap.analytics.flow.source import trades_of
from liqmap.analytics.flow.trades import Traded, Trades
from liqmap.schema import GridError
from liqmap.schema.arguments import is_number

if TYPE_CHECKING:
    import pandas as pd


class Vwap(NamedTuple):
    """After all trades of each time (K times): (K,) int64 ns; quote currency, NaN while nothing traded.

    deviation : the volume-weighted standard deviation of prices about ``vwap``.
    """

    time: np.ndarray
    vwap: np.ndarray
    deviation: np.ndarray


def vwap(trades: Traded | Any, anchor: Any = "session", bands: Sequence[float] = (1.0, 2.0)) -> pd.DataFrame:
    """Volume-weighted average price since an anchor, with bands of so many standard deviations.

    Parameters
    ----------
    trades : a `Session`, or a table of trades (see `bars`).
    anchor : where the sums begin: ``"session"``, a duration or a time (see `cumulative_delta`).
    bands : distances from it, in standard deviations; above zero.

    Returns
    -------
    A row per distinct time of trades, as it is after all trades of that time: ``ts`` (UTC), ``vwap``,
    ``deviation``, and for each band b ``lower_b`` and ``upper_b`` (``lower_1``, ``upper_2.5``): quote
    currency, NaN until something of a size above zero traded.

    Raises
    ------
    GridError : another anchor, or bands that are no numbers above zero.
    SchemaError : no trades (see `bars`).

    Notes
    -----
    Over trades i with ``anchor <= t_i <= t``::

        vwap      = sum p_i q_i / sum q_i
        deviation = sqrt(sum q_i (p_i - vwap)**2 / sum q_i)
        lower_b, upper_b = vwap -+ b deviation

    The deviation is that of all prices so far about the average of now, weighted by volume: no sample
    correction, no bars between, no deviation of the average itself. Computed by the updates of West (1979),
    Updating mean and variance estimates, CACM 22(9), so that equal prices give exactly 0.
    Source of the average: Berkowitz, Logue and Noser (1988), The total cost of transactions on the NYSE.
    """
    import pandas as pd

    distances = _distances(bands)
    found = trades_of(trades)
    line = vwap_of(found, begins_of(found, anchor))
    columns = {"vwap": line.vwap, "deviation": line.deviation}
    for b in distances:
        columns[f"lower_{b:g}"] = line.vwap - b * line.deviation
        columns[f"upper_{b:g}"] = line.vwap + b * line.deviation
    return pd.DataFrame({"ts": utc(line.time), **columns}, copy=False)


def vwap_of(trades: Trades, begins: np.ndarray) -> Vwap:
    """VWAP that begins anew with the first trade at or after each of ``begins`` (see `begins_of`)."""
    out = Running.empty(len(trades))
    found = out.until(run_mean(trades.columns, begins, out))
    return Vwap(found.time, found.first, found.second)


def _distances(bands: Any) -> list[float]:
    """Bands, checked."""
    given = list(bands) if isinstance(bands, (Sequence, np.ndarray)) and not isinstance(bands, str) else None
    if given is None or not all(is_number(b) and 0 < b < np.inf for b in given):
        raise GridError(argument="bands", expected="numbers above zero, such as (1, 2)", got=f"{bands!r:.60}")
    return [float(b) for b in given]

"""What a flow moves the price by: slopes of the change of the mid against order-flow imbalance and trades."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from liqmap.analytics.book.order_flow import edges_of, mid_before, order_flow_imbalance
from liqmap.analytics.book.regress import lines
from liqmap.analytics.book.source import market_of
from liqmap.analytics.flow.source import trades_of
from liqmap.analytics.flow.trades import UNSIGNED
from liqmap.carry import Duration
from liqmap.fill.snapshots import step_of
from liqmap.schema import GridError, SessionError

if TYPE_CHECKING:
    import pandas as pd


def price_impact(
    source: Any, every: Duration = "10s", window: Duration = "30min", levels: int = 1
) -> pd.DataFrame:
    """How far order-flow imbalance moves the mid, window by window.

    Parameters
    ----------
    source : a `Session`, or spans.
    every : length of the intervals of `order_flow_imbalance`.
    window : length of the windows, which begin at its multiples since the epoch; each has a line of its own.
    levels : best levels whose imbalance (``ofi``) is taken.

    Returns
    -------
    A row per window [ts, ts + window): ``ts`` (UTC); ``slope``, ticks a unit of size, and its
    ``standard_error``; ``intercept``, ticks; ``r2``; ``intervals``, how many points the line has; ``depth``,
    their mean of (best bid size + best ask size) / 2. NaN with fewer than 3 intervals, or none of them apart.

    Raises
    ------
    GridError : an interval that is not above zero, or longer than the window.

    Notes
    -----
    ``mid_change / tick = intercept + slope * ofi + error``, least squares over the intervals of the window in
    which nothing of the band was unknown. The source finds ``slope = c / depth**exponent`` with an exponent
    near 1: of log(slope) against log(depth) over windows. The tick is the market's, ``spans.tick_size``.

    Source: Cont, Kukanov, Stoikov (2014), The price impact of order book events, Journal of Financial
    Econometrics 12(1).
    """
    found = order_flow_imbalance(source, every, levels)
    spans = market_of(source).spans
    whole = found["known"].to_numpy() >= 1 - 1e-9
    change = np.where(whole, found["mid_change"].to_numpy() / spans.tick_size, np.nan)
    return _by_window(found, "ofi", change, step_of(every, "every"), window)


def kyle_lambda(
    source: Any, every: Duration = "1min", window: Duration | None = None, trades: Any = None
) -> pd.DataFrame:
    """Kyle's lambda: how far the volume that aggressors bought net moves the mid, by window.

    Parameters
    ----------
    source : a `Session`, or spans with ``trades`` beside them.
    every : length of the intervals, which end at its multiples since the epoch.
    window : length of the windows, which begin at its multiples since the epoch. None: one window of all.
    trades : a table of trades, or what has them, instead of the session's own. Every trade counts.

    Returns
    -------
    A row per window [ts, ts + window), or of all from ``ts`` on: ``ts`` (UTC); ``slope``, Kyle's lambda,
    quote currency a unit of size, and its ``standard_error``; ``intercept``, quote currency; ``r2``;
    ``intervals``; ``unsigned``, the share of the volume whose aggressor is not known, which is in no net
    volume. NaN with fewer than 3 intervals, or none of them apart.

    Raises
    ------
    SessionError : no trades. GridError : an interval that is not above zero, or longer than the window.

    Notes
    -----
    ``mid(ts) - mid(ts - every) = intercept + lambda * sum(sign * size) + error`` over the trades of
    [ts - every, ts), sign 1 where the aggressor bought and -1 where it sold; mids in the instant before.

    Source: Kyle (1985), Continuous auctions and insider trading, Econometrica 53(6), where lambda is that of
    the market maker's price rule; estimated here as a regression, as in Hasbrouck (2007), Empirical market
    microstructure, chapter 8.
    """
    import pandas as pd

    market, step = market_of(source, trades), step_of(every, "every")
    if market.trades is None or not len(traded := trades_of(market.trades)):
        raise SessionError(argument="trades", expected="trades of the market", got="none")
    edges = edges_of(market, step, 5)
    k = np.searchsorted(edges, traded.time, side="right") - 1
    inside = (k >= 0) & (k < len(edges) - 1)

    def total(sizes: np.ndarray) -> np.ndarray:
        return np.bincount(k[inside], sizes[inside], len(edges) - 1)

    volume, unsigned = total(traded.size), total(np.where(traded.aggressor == UNSIGNED, traded.size, 0.0))
    ts = pd.DatetimeIndex(edges[1:].view("datetime64[ns]"), tz="UTC")
    frame = pd.DataFrame({"ts": ts, "net": total(traded.signed)})
    found = _by_window(frame, "net", np.diff(mid_before(market.spans, edges)), step, window)
    starts = edges[:-1] if window is None else edges[:-1] // step_of(window, "window")
    place = np.zeros(len(starts), np.int64) if window is None else starts - starts[0]
    whole = np.bincount(place, volume)
    shares = np.divide(np.bincount(place, unsigned), whole, out=np.full(len(whole), np.nan), where=whole > 0)
    return found.assign(unsigned=shares)


def _by_window(
    frame: pd.DataFrame, flow: str, change: np.ndarray, step: int, window: Duration | None
) -> pd.DataFrame:
    """A line a window, of ``change`` against a column; rows are intervals that end at ``ts``."""
    import pandas as pd

    begins = frame["ts"].astype("int64").to_numpy() - step
    length = int(begins[-1] - begins[0]) + step if window is None else step_of(window, "window")
    if length < step:
        raise GridError(argument="window", expected="at least an interval", got=repr(window))
    first = int(begins[0]) if window is None else int(begins[0] // length * length)
    which = (begins - first) // length
    windows = int(which[-1]) + 1
    found = lines(frame[flow].to_numpy(float), change, which, windows)
    ts = pd.DatetimeIndex((first + np.arange(windows) * length).view("datetime64[ns]"), tz="UTC")
    columns = {
        "slope": found.slope, "standard_error": found.standard_error, "intercept": found.intercept,
        "r2": found.r2, "intervals": found.count,
    }  # fmt: skip
    if "depth" in frame:
        there = ~(np.isnan(change) | frame["depth"].isna().to_numpy())
        sums = np.bincount(which[there], frame["depth"].to_numpy()[there], windows)
        count = np.bincount(which[there], minlength=windows)
        columns["depth"] = np.divide(sums, count, out=np.full(windows, np.nan), where=count > 0)
    return pd.DataFrame({"ts": ts} | columns)

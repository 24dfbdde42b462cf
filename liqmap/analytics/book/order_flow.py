"""Order-flow imbalance: what moved the best prices, by level, with the change of the mid beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from liqmap.analytics.book.books import Band
from liqmap.analytics.book.events.flows import flows_of, mean_over
from liqmap.analytics.book.events.rank_flows import rank_flows
from liqmap.analytics.book.source import Market, market_of
from liqmap.carry import Duration
from liqmap.fill.snapshots import instants, step_of
from liqmap.schema import GridError
from liqmap.schema.arguments import whole_number
from liqmap.spans import Spans, touch

if TYPE_CHECKING:
    import pandas as pd

MOST = 10_000_000


def order_flow_imbalance(source: Any, every: Duration = "10s", levels: int = 1) -> pd.DataFrame:
    """Order-flow imbalance of regular intervals, by level.

    Parameters
    ----------
    source : a `Session`, or spans.
    every : length of the intervals, which end at its multiples since the epoch, UTC.
    levels : ranks, the best of each side first.

    Returns
    -------
    A row per interval [ts - every, ts): ``ts`` (UTC). In the market's size unit: ``ofi``, of the best
    ``levels`` together (the measure ``ofi@levels``), and ``ofi_1, ofi_2, ...``, of each rank. Beside them
    ``mid``, in the instant before ``ts``, and ``mid_change``, from the instant before the interval, quote
    currency; ``depth``, the mean over the time of (best bid size + best ask size) / 2; ``known``, the share
    of the levels that was known, over the time. NaN where nothing was, and in an interval that is not over.

    Raises
    ------
    GridError : an interval that is not above zero, too many, fewer than one level.

    Notes
    -----
    With P, q the price and size of the m-th best bid before a message and P', q' after it, it gained::

        dW_m = q'      if P' > P
               q' - q  if P' = P
               -q      if P' < P

    and likewise the m-th best ask dV_m, better being lower; ``ofi_m = sum dW_m - dV_m`` over the messages of
    the interval. Messages of one time count as one. A rank moves when a better level comes or goes, so the
    ``ofi_m`` of deeper ranks are regressors, not sizes to be summed: ``ofi`` counts each change of size at a
    price among the best ``levels`` before and after its message once. For one level all are the same, but at
    the message before a gap, which only ``ofi`` counts. Levels that the window left or reached are no orders:
    they are in no change of size, and a rank that was not known before or after a message gains nothing.

    Source: Cont, Kukanov, Stoikov (2014), The price impact of order book events, Journal of Financial
    Econometrics 12(1); by rank: Xu, Gould, Howison (2019), Multi-level order-flow imbalance in a limit order
    book, Market Microstructure and Liquidity 4(3-4).
    """
    import pandas as pd

    levels = whole_number(levels, "levels")
    market, step = market_of(source), step_of(every, "every")
    edges = edges_of(market, step, levels + 5)
    spans = market.spans
    (flow,) = flows_of(spans, edges, [Band(levels)], None)
    ranks = rank_flows(spans, edges, levels)
    there = (flow.known > 0) & (edges[1:] <= spans.last)
    mid = mid_before(spans, edges)
    columns = {"ofi": flow.change[0] - flow.change[1]}
    columns |= {f"ofi_{m + 1}": ranks[0, m] - ranks[1, m] for m in range(levels)}
    columns |= {"mid": mid[1:], "mid_change": np.diff(mid), "depth": touch_depth(spans, edges)}
    frame = pd.DataFrame({name: np.where(there, values, np.nan) for name, values in columns.items()})
    frame.insert(0, "ts", pd.DatetimeIndex(edges[1:].view("datetime64[ns]"), tz="UTC"))
    return frame.assign(known=np.where(there, flow.known, 0.0))


def edges_of(market: Market, step: int, values: int) -> np.ndarray:
    """(K + 1,) edges of whole intervals that lie in what is asked about, ns.

    Raises
    ------
    GridError : too many numbers.
    """
    count = (market.end - market.begin) // step
    if count * values > MOST:
        raise GridError(
            argument="every",
            expected=f"at most {MOST:,} numbers",
            got=f"{count * values:,}",
            remedy="Take longer intervals, or a part of the session: session.sel(start, end)",
        )
    edges = instants(market.begin, market.end, step)
    if len(edges) < 2:
        raise GridError(argument="every", expected="an interval that lies in the session", got=f"{step:,} ns")
    return edges


def mid_before(spans: Spans, times: np.ndarray) -> np.ndarray:
    """(K,) mid in the instant before each time, quote currency; NaN where a side is not observed."""
    bid, ask = (best_before(spans, n, times)[0] * spans.tick_size for n in (0, 1))
    return (bid + ask) / 2


def best_before(spans: Spans, number: int, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(K,) best tick and its size in the instant before each time; NaN where the side is not observed."""
    start, tick, size = touch(spans, number)
    k = np.searchsorted(start, times, side="left") - 1
    there = (k >= 0) & (np.append(size, 0.0)[k] > 0) & (times <= spans.last)
    return np.where(there, np.append(tick, 0)[k], np.nan), np.where(there, np.append(size, 0)[k], np.nan)


def touch_depth(spans: Spans, edges: np.ndarray) -> np.ndarray:
    """(K,) mean over the time of each interval of (best bid size + best ask size) / 2."""
    sides = [touch(spans, n) for n in (0, 1)]
    at = np.union1d(sides[0][0], sides[1][0])
    sizes = [np.append(0.0, size)[np.searchsorted(start, at, side="right")] for start, _, size in sides]
    both = (sizes[0] > 0) & (sizes[1] > 0)
    total = mean_over(at, np.where(both, (sizes[0] + sizes[1]) / 2, 0.0), spans.last, edges)
    time = mean_over(at, both.astype(float), spans.last, edges)
    return np.divide(total, time, out=np.full(len(total), np.nan), where=time > 0)
